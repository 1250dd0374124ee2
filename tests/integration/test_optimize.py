"""Searches with the real program: the same seed gives the same trials, also after a kill, and bad input is answered."""

import json
import os
import signal
import sqlite3
import subprocess
import time
import unittest

from program import ROOT, Home

STRATEGIES = ROOT / "samples" / "strategies"
CROSS = STRATEGIES / "golden_cross.yaml"


def answer(done):
    return json.loads(done.stdout)


class Optimize(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = Home()
        cls.addClassCleanup(cls.home.remove)
        cls.home.run("init")

    def optimize(self, *arguments, home=None, **options):
        return (home or self.home).run("optimize", *arguments, **options)

    def test_tpe_with_asha_is_stored_and_found_again(self):
        arguments = [CROSS, "--symbol", "AAPL", "--trials", "200", "--sampler", "tpe", "--pruner", "asha",
                     "--objective", "sharpe", "--seed", "7", "--json"]
        first = answer(self.optimize(*arguments))
        self.assertEqual(len(first["trials"]), 200)
        study = first["study"]
        self.assertEqual(study["complete"] + study["pruned"] + study["infeasible"] + study["failed"], 200)
        self.assertGreater(study["pruned"], 50)
        self.assertGreater(study["complete"], 5)
        self.assertEqual(study["kernel"], 200, "this strategy is one of the kernel's")
        best = first["best"]
        complete = [t["values"]["sharpe"] for t in first["trials"] if t["state"] == "complete"]
        self.assertEqual(best["values"]["sharpe"], max(complete))
        self.assertEqual(best["backtest"]["sharpe"], best["values"]["sharpe"])
        again = answer(self.optimize(*arguments))
        self.assertEqual(again["study"]["stored_before"], 200)
        self.assertEqual(again["result_hash"], first["result_hash"])
        arguments[arguments.index("--seed") + 1] = "8"
        self.assertNotEqual(answer(self.optimize(*arguments))["result_hash"], first["result_hash"])

    def test_a_grid_tries_everything_once(self):
        result = answer(self.optimize(CROSS, "--symbol", "AAPL", "--grid", "--memory", "512M", "--json"))
        settings = {(t["parameters"]["fast"], t["parameters"]["slow"]) for t in result["trials"]}
        self.assertEqual(settings, {(fast, slow) for fast in range(5, 101, 5) for slow in range(50, 301, 10)})
        two = answer(self.optimize(CROSS, "--symbol", "AAPL", "--grid", "--workers", "2", "--no-store", "--json"))
        self.assertEqual(two["result_hash"], result["result_hash"])
        luck = result["overfitting"]
        self.assertTrue(0 < luck["pbo"] < 1)
        self.assertTrue(1 < luck["effective_trials"] < len(settings))
        # The best setting alone gives what the search says of it.
        chosen = result["best"]["parameters"]
        alone = answer(self.home.run("backtest", CROSS, "--symbol", "AAPL", "--set", f"fast={chosen['fast']}", "--set",
                                     f"slow={chosen['slow']}", "--json"))
        self.assertEqual(alone["result_hash"], result["best"]["backtest"]["result_hash"])

    def test_walk_forward_has_a_page_and_trades_what_it_had_not_seen(self):
        report = f"{self.home.temporary}/wf.html"
        result = answer(self.optimize(CROSS, "--symbol", "AAPL", "--walk-forward", "3y/1y", "--report", report, "--json"))
        windows = result["walk_forward"]["windows"]
        self.assertEqual(windows[0]["train_from"], "2000-03-03")
        self.assertEqual(windows[0]["test_from"], "2003-03-03")
        for before, after in zip(windows, windows[1:]):
            self.assertLess(before["test_to"], after["test_from"])
            self.assertLess(after["train_to"], after["test_from"])
        product = 1.0
        for window in windows:
            product *= 1 + window["test_return"]
        outside = result["walk_forward"]["out_of_sample"]
        self.assertAlmostEqual(product - 1, outside["total_return"], 6)
        with open(report, encoding="utf-8") as file:
            page = file.read()
        self.assertIn("Out of sample", page)
        self.assertNotIn("<script", page)

    def test_cross_validation(self):
        result = answer(self.optimize(CROSS, "--symbol", "AAPL", "--sampler", "sobol", "--trials", "64", "--cv", "cpcv",
                                      "--cv-groups", "6", "--json"))
        validated = result["cross_validation"]
        self.assertEqual((validated["splits"], len(validated["path_sharpes"])), (15, 5))
        self.assertLess(validated["mean_sharpe"], validated["train_sharpe"])

    def test_two_objectives_give_a_front(self):
        result = answer(self.optimize(CROSS, "--symbol", "AAPL", "--objective", "sharpe", "--objective", "max_drawdown",
                                      "--trials", "80", "--seed", "3", "--json"))
        values = {t["number"]: (t["values"]["sharpe"], -t["values"]["max_drawdown"]) for t in result["trials"]
                  if t["state"] == "complete"}
        for number in result["front"]:
            for other in values.values():
                dominated = all(a >= b for a, b in zip(other, values[number])) and other != values[number]
                self.assertFalse(dominated, f"trial {number}")

    def test_constraints(self):
        result = answer(self.optimize(CROSS, "--symbol", "AAPL", "--grid", "--constraint", "trades >= 20",
                                      "--constraint", "max_drawdown <= 50%", "--json"))
        self.assertGreaterEqual(result["best"]["backtest"]["trades"], 20)
        self.assertLessEqual(result["best"]["backtest"]["max_drawdown"], 0.5)
        self.assertGreater(result["study"]["infeasible"], 0)

    def test_symbols_as_a_budget(self):
        result = answer(self.optimize(STRATEGIES / "breakout.yaml", "--symbol", "AAPL,IBM,MSFT", "--budget", "symbols",
                                      "--pruner", "successive_halving", "--trials", "18", "--json"))
        self.assertEqual(result["study"]["most"], 3)
        self.assertGreater(result["study"]["pruned"], 0)
        self.assertIsNotNone(result["study"]["why_core"])

    def test_a_killed_search_goes_on_to_the_same_end(self):
        trials = 1000
        arguments = ["optimize", str(STRATEGIES / "macd_atr.yaml"), "--symbol", "AAPL,IBM,MSFT", "--trials", str(trials),
                     "--seed", "5", "--json"]
        whole = answer(self.home.run(*arguments))
        stored = 0
        for _ in range(5):
            other = Home()
            self.addCleanup(other.remove)
            other.run("init")
            process = subprocess.Popen([other.program, *arguments, "--home", other.folder], stdout=subprocess.DEVNULL,
                                       start_new_session=True)
            until = time.monotonic() + 60
            while process.poll() is None and stored == 0 and time.monotonic() < until:
                time.sleep(0.02)
                stored = self.count_trials(other)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            stored = self.count_trials(other)
            if 0 < stored < trials:
                break
            stored = 0
        self.assertTrue(0 < stored < trials, "the search was killed while it ran")
        resumed = answer(other.run(*arguments))
        self.assertEqual(resumed["study"]["stored_before"], stored)
        self.assertEqual(resumed["result_hash"], whole["result_hash"])
        self.assertEqual([t["parameters"] for t in resumed["trials"]], [t["parameters"] for t in whole["trials"]])

    def count_trials(self, home):
        try:
            with sqlite3.connect(f"file:{home.folder}/runs.db?mode=ro", uri=True, timeout=5) as database:
                return database.execute("SELECT count(*) FROM trials").fetchone()[0]
        except sqlite3.OperationalError:  # not made yet
            return 0

    def test_bad_input_is_answered(self):
        space = f"{self.home.temporary}/space.yaml"

        def error(*arguments, text=None):
            if text is not None:
                with open(space, "w", encoding="utf-8") as file:
                    file.write(text)
                arguments = ("--space", space, *arguments)
            done = self.optimize(CROSS, "--symbol", "AAPL", *arguments, check=False)
            self.assertIn(done.returncode, (1, 2), done.stdout + done.stderr)
            self.assertNotIn("Traceback", done.stderr)
            return done.stderr

        self.assertIn("empty", error(text="{}\n"))
        self.assertIn('no parameter "speed"', error(text="speed: {range: [1, 5]}\n"))
        self.assertIn("zero trials", error("--trials", "0"))
        self.assertIn("20y", error("--walk-forward", "20y/1y"))
        self.assertIn("memory", error("--memory", "100K"))
        self.assertIn("--memory", error("--memory", "much"))
        self.assertIn("Did you mean", error("--objective", "sharp"))
        self.assertIn("trades >= 30", error("--constraint", "trades"))
        self.assertIn("cma_es", error("--sampler", "cma_es"))
        self.assertIn("sortino", error("--cv", "cpcv", "--objective", "profit_factor", "--trials", "20"))
        no_range = f"{self.home.temporary}/no_range.yaml"
        with open(no_range, "w", encoding="utf-8") as file:
            file.write("name: plain\nbuy: close > 1\n")
        done = self.optimize(no_range, "--symbol", "AAPL", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("range", done.stderr)

    def test_a_study_of_another_strategy_is_refused(self):
        self.optimize(CROSS, "--symbol", "AAPL", "--trials", "5", "--study", "mine")
        for arguments in ([STRATEGIES / "breakout.yaml", "--symbol", "AAPL"], [CROSS, "--symbol", "IBM"],
                          [CROSS, "--symbol", "AAPL", "--seed", "2"], [CROSS, "--symbol", "AAPL", "--fees", "ibkr_fixed"]):
            done = self.optimize(*arguments, "--trials", "5", "--study", "mine", check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn('the study "mine" is another one', done.stderr)
        listed = answer(self.home.run("study", "list", "--json"))["items"]
        self.assertEqual([s["trials"] for s in listed if s["name"] == "mine"], [5])
        shown = answer(self.home.run("study", "show", "mine", "--trials", "--json"))
        self.assertEqual([t["number"] for t in shown["trials"]], list(range(5)))
        more = answer(self.optimize(CROSS, "--symbol", "AAPL", "--trials", "9", "--study", "mine", "--json"))
        self.assertEqual((more["study"]["stored_before"], len(more["trials"])), (5, 9))
        self.home.run("study", "remove", "mine")
        self.assertEqual(self.home.run("study", "show", "mine", check=False).returncode, 2)


if __name__ == "__main__":
    unittest.main()
