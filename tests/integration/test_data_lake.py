"""The program `argosy init` and `argosy data ...` against bad input, full disks, kills and rivals.

ARGOSY names the program. Run: ARGOSY=build/release/argosy python3 -m unittest discover -s tests/integration
"""

import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = os.path.abspath(os.environ.get("ARGOSY", "build/release/argosy"))
SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "samples" / "bars"
HEADER = "date,open,high,low,close,volume\n"


def daily(year, count, price=10):
    """`count` lines of plausible bars from the first of January on, one a calendar day."""
    start = int(time.mktime((year, 1, 1, 12, 0, 0, 0, 0, 0)))
    lines = []
    for i in range(count):
        day = time.strftime("%Y-%m-%d", time.localtime(start + i * 86400))
        close = price + (i % 7) * 0.01
        lines.append(f"{day},{price:.2f},{price + 1:.2f},{price - 1:.2f},{close:.2f},{1000 + i % 5}\n")
    return HEADER + "".join(lines)


class DataTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="argosy-test-"))
        self.home = self.folder / "home"
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def argosy(self, *arguments, code=0, home=None, **options):
        result = subprocess.run([PROGRAM, *map(str, arguments), "--home", str(home or self.home)],
                                capture_output=True, text=True, timeout=300, **options)
        if code is not None:
            self.assertEqual(result.returncode, code, f"{arguments}\n{result.stdout}\n{result.stderr}")
        return result

    def init(self, *arguments):
        return self.argosy("init", *arguments)

    def list(self):
        return json.loads(self.argosy("data", "list", "--json").stdout)["items"]

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def bars(self, symbol):
        return {item["symbol"]: item for item in self.list()}.get(symbol)


class Commands(DataTest):
    def test_no_home_says_init(self):
        result = self.argosy("data", "list", code=2)
        self.assertIn("argosy init", result.stderr)

    def test_init_twice_is_harmless(self):
        self.init()
        before = self.list()
        self.assertEqual([(b["symbol"], b["rows"]) for b in before],
                         [("AAPL", 3270), ("FB", 196), ("GOOG", 2148), ("IBM", 3270), ("MSFT", 3270)])
        self.assertEqual({len(b["hash"]) for b in before}, {64})
        again = self.init()
        self.assertIn("already", again.stdout)
        self.assertEqual(self.list(), before)

    def test_import_twice_changes_nothing(self):
        self.init()
        before = self.list()
        result = self.argosy("data", "import", SAMPLES / "IBM.csv", "--symbol", "IBM", "--timeframe", "1d", "--json")
        item = json.loads(result.stdout)["items"][0]
        self.assertEqual((item["unchanged"], item["added"], item["changed"]), (3270, 0, 0))
        self.assertEqual(self.list(), before)

    def test_export_and_import_come_back_to_the_same_hash(self):
        self.init()
        for suffix in ("csv", "parquet"):
            out = self.folder / f"all.{suffix}"
            self.argosy("data", "export", "all", "--out", out)
            other = self.folder / f"home-{suffix}"
            self.argosy("init", "--no-samples", home=other)
            self.argosy("data", "import", out, "--timeframe", "1d", home=other)
            listed = json.loads(self.argosy("data", "list", "--json", home=other).stdout)["items"]
            self.assertEqual([b["hash"] for b in listed], [b["hash"] for b in self.list()])

    def test_tables(self):
        self.init()
        self.argosy("data", "instrument", "set", "ZZZ", "--exchange", "XNAS", "--name", "Last, Inc.", "--tick", "0.05")
        names = {i["symbol"]: i for i in json.loads(self.argosy("data", "instrument", "list", "--json").stdout)["items"]}
        self.assertEqual((names["ZZZ"]["name"], names["ZZZ"]["tick"]), ("Last, Inc.", "0.05"))
        self.argosy("data", "instrument", "set", "ZZZ", "--exchange", "NOWHERE", code=2)
        self.argosy("data", "universe", "set", "tech", "AAPL", "--from", "2000-01-03", "--to", "2010-01-01")
        members = json.loads(self.argosy("data", "universe", "list", "tech", "--date", "2005-01-01", "--json").stdout)["items"]
        self.assertEqual([m["symbol"] for m in members], ["AAPL"])
        self.assertEqual(json.loads(self.argosy("data", "universe", "list", "tech", "--date", "2011-01-01", "--json").stdout)["items"], [])
        self.assertEqual(len(json.loads(self.argosy("data", "universe", "list", "all", "--json").stdout)["items"]), 5)
        self.assertIn("unchanged", self.argosy("data", "actions", "import", SAMPLES / "actions.csv").stdout)
        self.assertIn("2012-08-09", self.argosy("data", "actions", "show", "AAPL").stdout)
        self.assertIn("Apple", self.argosy("data", "show", "AAPL").stdout)
        self.argosy("data", "remove", "FB")
        self.assertIsNone(self.bars("FB"))
        self.argosy("data", "check")

    def test_sql(self):
        self.init()
        rows = json.loads(self.argosy("data", "sql", "SELECT symbol, count(*) AS n FROM bars_1d GROUP BY symbol ORDER BY symbol", "--json").stdout)
        self.assertEqual(rows["items"][0], {"symbol": "AAPL", "n": 3270})
        self.argosy("data", "sql", "DROP VIEW bars_1d", code=2)

    def test_help_has_an_example(self):
        for command in ("init", "data import", "data list", "data show", "data check", "data export", "data remove", "data compact",
                        "data sql", "data instrument set", "data universe set", "data actions import", "data simulate"):
            result = subprocess.run([PROGRAM, *command.split(), "--help"], capture_output=True, text=True)
            self.assertEqual(result.returncode, 0)
            self.assertIn("argosy " + command, result.stdout, command)


class BadInput(DataTest):
    def setUp(self):
        super().setUp()
        self.init("--no-samples")

    def imported(self, text, *arguments, code=0):
        return self.argosy("data", "import", self.file("F.csv", text), "--symbol", "F", "--timeframe", "1d", *arguments, code=code)

    def test_missing_file(self):
        result = self.argosy("data", "import", self.folder / "none.csv", "--symbol", "F", "--timeframe", "1d", code=2)
        self.assertIn("none.csv", result.stderr)

    def test_wrong_header(self):
        result = self.imported("a,b,c\n1,2,3\n", code=2)
        self.assertIn("a, b, c", result.stderr)

    def test_half_a_line(self):
        text = daily(2020, 5)
        result = self.imported(text[:-15])
        self.assertIn("F.csv:6", result.stdout)
        self.assertIn("cut", result.stdout)
        self.assertEqual(self.bars("F")["rows"], 4)

    def test_dates_out_of_order(self):
        lines = daily(2020, 5).splitlines(keepends=True)
        result = self.imported(HEADER + "".join(reversed(lines[1:])))
        self.assertIn("sorted", result.stdout)
        self.assertEqual(self.bars("F")["rows"], 5)

    def test_every_line_bad(self):
        result = self.imported(HEADER + "x,1,1,1,1,1\ny,1,1,1,1,1\n", code=2)
        self.assertIn("F.csv:2", result.stderr)
        self.assertEqual(self.list(), [])

    def test_unknown_symbol_timeframe_exchange(self):
        self.imported(daily(2020, 5))
        self.argosy("data", "show", "G", code=2)
        self.assertIn("F", self.argosy("data", "export", "FF", code=2).stderr)
        self.assertIn("1d", self.argosy("data", "export", "F", "--timeframe", "1h", code=2).stderr)
        for arguments in (["--timeframe", "7x"], ["--timeframe", "1d", "--exchange", "XMRS"]):
            self.argosy("data", "import", self.folder / "F.csv", "--symbol", "F", *arguments, code=2)

    def test_parquet_cut_in_half(self):
        self.imported(daily(2020, 300))
        part = next((self.home / "lake/bars").rglob("*.parquet"))
        whole = part.read_bytes()
        part.write_bytes(whole[: len(whole) // 2])
        result = self.argosy("data", "export", "F", code=1)
        self.assertIn(part.name, result.stderr)
        result = self.argosy("data", "check", code=1)
        self.assertIn(part.name, result.stdout)
        self.assertIn("import", result.stdout)
        self.argosy("data", "remove", "F")
        self.imported(daily(2020, 300))
        self.argosy("data", "check")

    def test_manifest_cut_in_half(self):
        self.imported(daily(2020, 300))
        manifest = self.home / "lake/manifest"
        whole = manifest.read_text()
        manifest.write_text(whole[: len(whole) // 2])
        for command in ("list", "check"):
            result = self.argosy("data", command, code=1)
            self.assertIn("lake/manifest", result.stderr)
            self.assertIn("backup", result.stderr)
        manifest.write_text(whole)
        self.argosy("data", "check")

    def test_file_size_limit(self):
        """A disk that is full, as far as one process can tell."""
        self.imported(daily(2019, 300))
        before = self.list()
        path = self.file("big.csv", daily(2000, 5000))

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

        result = self.argosy("data", "import", path, "--symbol", "G", "--timeframe", "1d", code=1, preexec_fn=limit, restore_signals=False)
        self.assertIn("space", result.stderr.lower())
        self.assertEqual(self.list(), before)
        self.argosy("data", "check")

    def test_full_disk(self):
        mounted = self.folder / "small"
        mounted.mkdir()
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(mounted)], capture_output=True, text=True)
        if made.returncode != 0:
            self.skipTest("mounting a tmpfs is not allowed here: " + made.stderr.strip())
        self.addCleanup(subprocess.run, ["umount", str(mounted)])
        home = mounted / "home"
        self.argosy("init", "--no-samples", home=home)
        self.argosy("data", "import", self.file("a.csv", daily(2019, 100)), "--symbol", "A", "--timeframe", "1d", home=home)
        before = self.argosy("data", "list", "--json", home=home).stdout
        filler = mounted / "filler"
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass
        os.truncate(filler, filler.stat().st_size - 16 * 1024)
        result = self.argosy("data", "import", self.file("b.csv", daily(1990, 11000)), "--symbol", "B", "--timeframe", "1d", code=1, home=home)
        self.assertIn("space", result.stderr.lower())
        self.assertEqual(self.argosy("data", "list", "--json", home=home).stdout, before)
        self.argosy("data", "check", home=home)

    def test_read_only_home(self):
        self.imported(daily(2020, 5))
        target = self.folder / "readonly"
        target.mkdir()
        made = subprocess.run(["mount", "--bind", str(self.home), str(target)], capture_output=True, text=True)
        if made.returncode == 0:
            self.addCleanup(subprocess.run, ["umount", str(target)])
            subprocess.run(["mount", "-o", "remount,ro,bind", str(target)], check=True)
            run = {}
        elif os.geteuid() == 0 and shutil.which("setpriv"):
            target = self.home
            for path in (self.folder, *self.folder.rglob("*")):
                path.chmod(0o755 if path.is_dir() else 0o644)
            run = {"user": 65534, "group": 65534, "extra_groups": []}
        elif os.geteuid() != 0:
            target = self.home
            for path in self.home.rglob("*"):
                path.chmod(0o555 if path.is_dir() else 0o444)
            run = {}
        else:
            self.skipTest("neither a bind mount nor another user is possible here: " + made.stderr.strip())
        self.assertIn("F", self.argosy("data", "list", home=target, **run).stdout)
        self.argosy("data", "export", "F", home=target, **run)
        result = self.argosy("data", "import", self.folder / "F.csv", "--symbol", "G", "--timeframe", "1d", code=1, home=target, **run)
        self.assertRegex(result.stderr.lower(), "permission|read-only")


class Rivals(DataTest):
    def setUp(self):
        super().setUp()
        self.init("--no-samples")

    def start(self, name, symbol):
        return subprocess.Popen([PROGRAM, "data", "import", str(name), "--symbol", symbol, "--timeframe", "1d", "--home", str(self.home)],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def test_killed_anywhere(self):
        path = self.file("F.csv", daily(1990, 9000))
        self.argosy("data", "import", self.file("base.csv", daily(2000, 500)), "--symbol", "BASE", "--timeframe", "1d")
        base = self.bars("BASE")
        started = time.monotonic()
        full = self.start(path, "WHOLE")
        full.wait()
        duration = time.monotonic() - started
        points = 25
        killed = 0
        for point in range(points):
            process = self.start(path, f"F{point}")
            time.sleep(duration * point / points)
            process.kill()
            killed += process.wait() == -signal.SIGKILL
            process.stdout.close()
            process.stderr.close()
            listed = self.bars(f"F{point}")
            self.assertIn(listed["rows"] if listed else 0, (0, 9000))
            self.assertEqual(self.bars("BASE"), base)
        self.assertGreater(killed, points // 2)
        self.argosy("data", "check")
        for point in range(0, points, 6):
            self.argosy("data", "import", path, "--symbol", f"F{point}", "--timeframe", "1d")
            self.assertEqual(self.bars(f"F{point}")["hash"], self.bars("WHOLE")["hash"])
        self.argosy("data", "compact")
        self.argosy("data", "check")
        self.assertEqual(self.bars("F0")["hash"], self.bars("WHOLE")["hash"])
        full.stdout.close()
        full.stderr.close()

    def test_two_importers_and_a_reader(self):
        path = self.file("F.csv", daily(1990, 9000))
        importers = [self.start(path, f"S{i}") for i in range(4)]
        reads = 0
        while any(process.poll() is None for process in importers):
            for item in self.list():
                self.assertEqual(item["rows"], 9000)
            reads += 1
        for process in importers:
            out, err = process.communicate()
            self.assertEqual(process.returncode, 0, out + err)
        self.assertGreater(reads, 0)
        self.assertEqual(len({item["hash"] for item in self.list()}), 1)
        self.assertEqual(len(self.list()), 4)


if __name__ == "__main__":
    if not os.access(PROGRAM, os.X_OK):
        sys.exit(f"{PROGRAM} is no program: set ARGOSY")
    unittest.main()
