"""Stored backtests with the real program: every one is kept, can be repeated to the last unit, and compared with another."""

import concurrent.futures
import json
import os
import pathlib
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
import unittest

from program import ROOT, Home

STRATEGIES = ROOT / "samples" / "strategies"
CROSS = str(STRATEGIES / "golden_cross.yaml")
DONCHIAN = str(STRATEGIES / "donchian_breakout.yaml")


class Runs(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)
        self.home.run("init")

    def json(self, *arguments, **options):
        return json.loads(self.home.run(*arguments, "--json", **options).stdout)

    def backtest(self, *arguments):
        return self.json("backtest", *arguments)["run"]

    def sql(self, text):
        with sqlite3.connect(f"{self.home.folder}/runs.db") as database:
            return database.execute(text).fetchall()

    def test_every_backtest_is_stored(self):
        self.assertEqual(self.json("run", "list")["items"], [])
        self.assertIn("No runs", self.home.run("run", "list").stdout)
        result = self.json("backtest", CROSS, "--symbol", "AAPL", "--set", "fast=20", "--cash", "5000")
        run = result["run"]
        self.assertRegex(run, r"^1-[0-9a-f]{6}$")
        self.assertTrue(result["result_hash"].startswith(run[2:]))
        shown = self.json("run", "show", "last", "--trades")
        self.assertEqual(shown["run"], run)
        headline = {key: result[key] for key in shown["statistics"]}
        self.assertEqual(shown["statistics"] | {"run": run}, headline, "as it was printed")
        self.assertEqual(shown["strategy_text"], pathlib.Path(CROSS).read_text())
        self.assertEqual(shown["configuration"]["options"]["set"], ["fast=20"])
        self.assertEqual(shown["configuration"]["options"]["cash"], "5000")
        version = subprocess.run([self.home.program, "--version"], capture_output=True, text=True).stdout
        self.assertEqual(version, f"argosy {shown['code_version']}\n")
        self.assertEqual(sum(trade["outcome"] == "closed" for trade in shown["trades"]), result["trades"])
        self.assertEqual(set(shown["trades"][0]), set(
            "number symbol side outcome entry_reason entry_signal last_signal decisions entry_time entry_price quantity "
            "exit_reason exit_signal exit_time exit_price fees profit dividends note".split()))
        self.assertIsNone(self.json("backtest", CROSS, "--symbol", "AAPL", "--no-store")["run"])
        self.assertEqual(len(self.json("run", "list")["items"]), 1)
        text = self.home.run("run", "show", "last", "--trades").stdout
        self.assertIn("fast=20", text)
        self.assertIn("sell_signal", text)

    def test_list_is_filtered_and_limited(self):
        first = self.backtest(CROSS, "--symbol", "AAPL")
        second = self.backtest(DONCHIAN, "--symbol", "AAPL,IBM")
        third = self.backtest(CROSS, "--symbol", "IBM")
        listed = lambda *options: [item["run_id"] for item in self.json("run", "list", *options)["items"]]
        self.assertEqual(listed(), [third, second, first])
        self.assertEqual(listed("--symbol", "IBM"), [third, second])
        self.assertEqual(listed("--strategy", "golden_cross"), [third, first])
        self.assertEqual(listed("--limit", "1"), [third])
        self.assertIn("1 of 3 runs", self.home.run("run", "list", "--limit", "1").stdout)
        self.home.run("run", "remove", "2", "last", "3")
        self.assertEqual(listed(), [first])
        self.assertEqual(self.sql("SELECT DISTINCT run_id FROM run_trades"), [(first,)])
        for arguments, code, message in [(("show", "9"), 2, 'no run "9"'), (("remove", "1", "9"), 2, 'no run "9"'),
                                         (("list", "--limit", "-1"), 2, "--limit"), (("repeat", "x"), 2, 'no run "x"'),
                                         (("compare", "1", "x"), 2, 'no run "x"')]:
            failed = self.home.run("run", *arguments, check=False)
            self.assertEqual(failed.returncode, code, failed.stderr)
            self.assertIn(message, failed.stderr)
        self.assertEqual(listed(), [first], "all or none are removed")

    def test_repeat_needs_nothing_but_what_was_stored(self):
        """Strategy, names, fees and limits in files of its own, which are gone when it is repeated."""
        folder = pathlib.Path(self.home.temporary) / "mine"
        folder.mkdir()
        (folder / "names.yaml").write_text("name: names\nlet:\n  slow_line: sma(close, 100)\n")
        (folder / "fees.yaml").write_text("name: mine\ncurrency: USD\nitems:\n  - {name: commission, percent: 0.3}\n  - include: us_regulatory\n")
        (folder / "limits.yaml").write_text("name: mine\nextends: backtest\nlimits: {max_order_value: 50000}\n")
        strategy = folder / "x.yaml"
        strategy.write_text("name: x\nlet_files: [names.yaml]\nparams: {fast: 20}\nfees: fees.yaml\n"
                            "buy: cross_above(sma(close, fast), slow_line)\nsell: cross_below(sma(close, fast), slow_line)\n"
                            "size: {percent: 40}\n")
        options = [str(strategy), "--symbol", "AAPL,IBM", "--set", "fast=30", "--limits", str(folder / "limits.yaml"),
                   "--slippage", "percent:0.02", "--latency", "bars:1", "--from", "2001-01-02", "--to", "2010-12-31"]
        run = self.backtest(*options)
        shutil.rmtree(folder)
        repeated = self.json("run", "repeat", "last")
        self.assertEqual((repeated["run"], repeated["same"], repeated["differences"]), (run, True, []))
        self.assertEqual(len(self.json("run", "list")["items"]), 1, "a repetition is no new run")
        named = self.backtest(DONCHIAN, "--symbol", "AAPL", "--fees", "ibkr_fixed")
        self.assertIn("fees/us_regulatory", self.json("run", "show", named)["configuration"]["files"]["names"])
        self.assertTrue(self.json("run", "repeat", named)["same"])

    def test_repeat_says_what_changed(self):
        self.backtest(CROSS, "--symbol", "AAPL")
        self.sql("UPDATE runs SET code_version = '0.0.1'")
        older = self.json("run", "repeat", "last")
        self.assertTrue(older["same"], "another version that gives the same is the same")
        self.assertEqual([each["what"] for each in older["differences"]], ["code"])
        csv = pathlib.Path(self.home.temporary) / "more.csv"
        rows = self.home.run("data", "export", "AAPL", "--out", str(csv), check=False)
        self.assertEqual(rows.returncode, 0, rows.stderr)
        lines = csv.read_text().splitlines()
        cells = lines[1000].split(",")
        header = lines[0].split(",")
        at = header.index("volume")
        cells[at] = str(float(cells[at]) + 1)
        csv.write_text("\n".join([lines[0], ",".join(cells)]) + "\n")
        imported = self.home.run("data", "import", str(csv), "--symbol", "AAPL", "--exchange", "XNAS", "--timeframe", "1d",
                                 check=False)
        self.assertEqual(imported.returncode, 0, imported.stderr)
        changed = self.home.run("run", "repeat", "last", "--json", check=False)
        found = json.loads(changed.stdout)
        self.assertIn("data", [each["what"] for each in found["differences"]])
        self.assertEqual(changed.returncode, 0 if found["same"] else 1)
        self.sql("UPDATE runs SET result_hash = 'aa' || substr(result_hash, 3)")
        other = self.home.run("run", "repeat", "last", check=False)
        self.assertEqual(other.returncode, 1)
        self.assertIn("another result", other.stdout)
        self.sql("UPDATE runs SET configuration = replace(configuration, '\"AAPL\"', '\"GONE\"')")
        gone = self.home.run("run", "repeat", "last", check=False)
        self.assertEqual(gone.returncode, 1)
        self.assertIn("cannot be repeated", gone.stderr)

    def test_compare_explains_every_difference(self):
        base = self.backtest(DONCHIAN, "--symbol", "AAPL,IBM,MSFT")
        for options, cause, setting in [
            (["--slippage", "fixed:0.01"], "price", "slippage"), (["--fees", "ibkr_fixed"], "fee", "fee_schedule"),
            (["--latency", "bars:1"], "timing", "latency"), (["--cash", "50000"], "size", "initial_cash"),
            (["--set", "exit=10"], "signal", "set"), (["--limits", str(self.limits())], "risk", "limits"),
            (["--from", "2005-01-03"], "data", "from"),
        ]:
            with self.subTest(cause):
                other = self.backtest(DONCHIAN, "--symbol", "AAPL,IBM,MSFT", *options)
                found = self.json("run", "compare", base, other)
                self.assertEqual((found["a"], found["b"], found["same"]), (base, other, False))
                self.assertIn(setting, [each["name"] for each in found["configuration"]])
                self.assertGreater(found["causes"][cause], 0, found["causes"])
                self.assertEqual(max(found["causes"], key=found["causes"].get), cause, found["causes"])
                self.assertEqual(sum(found["causes"].values()), len(found["differences"]))
                trades = found["trades"]
                self.assertEqual(trades["a"] + trades["b"] - trades["matched"], trades["same"] + trades["different"])
                for each in found["differences"]:
                    self.assertTrue(each["text"])
                    if each["follows"] is not None:
                        self.assertEqual(found["differences"][each["follows"]]["cause"], each["cause"])
                self.assertIn(cause, self.home.run("run", "compare", base, other).stdout)
        same = self.json("run", "compare", base, base)
        self.assertEqual((same["same"], same["differences"], same["configuration"]), (True, [], []))
        self.assertEqual([each["name"] for each in same["headline"]][:2], ["final_equity", "total_return"])

    def limits(self):
        path = pathlib.Path(self.home.temporary) / "small.yaml"
        path.write_text("name: small\nextends: backtest\nlimits: {max_order_value: 5000}\n")
        return path

    def test_compare_of_other_symbols_and_strategies(self):
        first = self.backtest(CROSS, "--symbol", "AAPL")
        second = self.backtest(CROSS, "--symbol", "IBM")
        found = self.json("run", "compare", first, second)
        self.assertIn("no symbol in common", found["note"])
        self.assertEqual(found["causes"]["data"], len(found["differences"]))
        third = self.backtest(str(STRATEGIES / "breakout.yaml"), "--symbol", "AAPL")
        self.assertIn("different strategies", self.home.run("run", "compare", first, third).stdout)

    def test_a_home_that_cannot_be_written_is_a_warning(self):
        """A folder where the file should be; a file that is no database; no space."""
        path = pathlib.Path(self.home.folder) / "runs.db"
        path.mkdir()
        self.warned(lambda: self.home.run("backtest", CROSS, "--symbol", "AAPL", "--json"))
        path.rmdir()
        path.write_text("no database")
        self.warned(lambda: self.home.run("backtest", CROSS, "--symbol", "AAPL", "--json"))
        self.assertEqual(path.read_text(), "no database", "it is left as it is")
        path.unlink()
        small = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
        self.warned(lambda: self.home.run("backtest", CROSS, "--symbol", "AAPL", "--json", preexec_fn=small))
        self.assertRegex(self.backtest(CROSS, "--symbol", "AAPL"), "^1-")

    def warned(self, run):
        done = run()
        self.assertIn("warning: the run is not stored", done.stderr)
        result = json.loads(done.stdout)
        self.assertIsNone(result["run"])
        self.assertEqual(result["trades"], 6)

    def test_two_processes_at_once(self):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            runs = list(pool.map(lambda _: self.backtest(DONCHIAN, "--symbol", "AAPL,IBM"), range(12)))
        self.assertEqual(len(set(runs)), 12)
        self.assertEqual(sorted(int(run.split("-")[0]) for run in runs), list(range(1, 13)))
        self.assertTrue(self.json("db", "verify")["ok"])

    def test_a_kill_leaves_whole_runs(self):
        self.backtest(DONCHIAN, "--symbol", "AAPL,IBM,MSFT")
        killed = 0
        for round in range(12):
            process = subprocess.Popen([self.home.program, "backtest", DONCHIAN, "--symbol", "AAPL,IBM,MSFT", "--home",
                                        self.home.folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.03 + 0.008 * round)
            if process.poll() is None:
                killed += 1
                os.kill(process.pid, signal.SIGKILL)
            process.wait()
            self.assertTrue(self.json("db", "verify")["ok"])
        self.assertGreater(killed, 2)
        self.backtest(DONCHIAN, "--symbol", "AAPL,IBM,MSFT")
        counts = self.sql("SELECT r.run_id, count(*) FROM runs r JOIN run_trades USING (run_id) GROUP BY 1")
        self.assertEqual(len({count for _, count in counts}), 1, counts)


if __name__ == "__main__":
    unittest.main()
