"""`argosy data simulate`: a market of random numbers into the lake, and as a stream."""

import csv
import json
import time
import unittest

from program import Home


class Simulate(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)

    def init(self):
        self.home.run("init", "--no-samples")

    def simulate(self, *arguments, **options):
        return self.home.run("data", "simulate", *arguments, **options)

    def report(self, *arguments):
        return json.loads(self.simulate(*arguments, "--json").stdout)

    def test_universe_is_there_for_formulas_and_checks(self):
        self.init()
        report = self.report("--universe", "U20", "--symbols", "20", "--days", "300", "--seed", "7")
        self.assertEqual((report["added"], report["unchanged"], report["first"]), (6000, 0, "2015-01-02"))
        listed = json.loads(self.home.run("data", "list", "--json").stdout)["items"]
        self.assertEqual([item["symbol"] for item in listed], [f"S{i:04}" for i in range(1, 21)])
        self.assertEqual({item["rows"] for item in listed}, {300})
        members = json.loads(self.home.run("data", "universe", "list", "U20", "--json").stdout)["items"]
        self.assertEqual(len(members), 20)
        self.assertIn("seed 7", self.home.run("data", "show", "S0001").stdout)
        self.assertEqual(self.home.run("data", "sql", "SELECT DISTINCT source FROM bars_1d").stdout.split(), ["source", "SIMULATED"])
        self.home.run("data", "check")
        rows = list(csv.DictReader(self.home.run("formula", "eval", "cs_rank(close)", "--universe", "U20").stdout.splitlines()))
        self.assertEqual(len(rows), 6000)

    def test_twice_is_harmless_and_other_markets_are_refused(self):
        self.init()
        self.report("--symbols", "3", "--days", "30")
        before = self.home.run("data", "list", "--json").stdout
        self.assertEqual(self.report("--symbols", "3", "--days", "30")["unchanged"], 90)
        self.assertEqual(self.home.run("data", "list", "--json").stdout, before)
        done = self.simulate("--symbols", "3", "--days", "30", "--seed", "9", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--replace", done.stderr)
        self.assertEqual(self.home.run("data", "list", "--json").stdout, before)
        self.assertEqual(self.report("--symbols", "3", "--days", "30", "--seed", "9", "--replace")["replaced"], 3)

    def test_minutes_make_up_the_days(self):
        self.init()
        self.simulate("--days", "4", "--start", "2015-11-24")
        self.simulate("--days", "4", "--start", "2015-11-24", "--timeframe", "1m")
        days = self.home.run("data", "sql", "SELECT high, low, volume FROM bars_1d ORDER BY date").stdout.split("\n")
        minutes = self.home.run("data", "sql", "SELECT max(high) AS high, min(low) AS low, sum(volume) AS volume FROM bars_1m "
                                "GROUP BY time::DATE ORDER BY time::DATE").stdout.split("\n")
        self.assertEqual([line.split() for line in days], [line.split() for line in minutes])
        counts = self.home.run("data", "sql", "SELECT count(*) AS n FROM bars_1m GROUP BY time::DATE ORDER BY time::DATE").stdout
        self.assertEqual(counts.split(), ["n", "390", "390", "210", "390"])

    def test_stream_gives_the_stored_bars(self):
        self.init()
        asked = ("--symbols", "2", "--days", "2", "--timeframe", "1h")
        self.simulate(*asked)
        events = [json.loads(line) for line in self.simulate(*asked, "--stream").stdout.splitlines()]
        self.assertEqual([event["at"] for event in events], sorted(event["at"] for event in events))
        lines = [event for event in events if event["type"] == "bar"]
        for symbol in ("S0001", "S0002"):
            exported = list(csv.DictReader(self.home.run("data", "export", symbol, "--timeframe", "1h").stdout.splitlines()))
            streamed = [line for line in lines if line["symbol"] == symbol]
            self.assertEqual([(b["time"], b["open"], b["high"], b["low"], b["close"], str(b["volume"])) for b in streamed],
                             [(b["time"], b["open"], b["high"], b["low"], b["close"], b["volume"]) for b in exported])
        quotes = [json.loads(line) for line in self.simulate(*asked, "--stream", "--quotes").stdout.splitlines()]
        self.assertEqual(sum(line["type"] == "quote" for line in quotes), 4 * len(lines))
        self.assertEqual([line for line in quotes if line["type"] == "bar"], lines)

    def test_stream_takes_its_time(self):
        asked = ("--days", "1", "--timeframe", "1h", "--stream")
        at_once = self.simulate(*asked).stdout
        started = time.monotonic()
        # From the first quote to the end of the last hour: 23,400 seconds.
        self.assertEqual(self.simulate(*asked, "--speed", "23400").stdout, at_once)
        self.assertGreaterEqual(time.monotonic() - started, 0.99)

    def test_says_what_is_wrong(self):
        self.init()
        for arguments, words in (
                (("--symbols", "0"), "at least 1"),
                (("--symbols", "many"), "not an integer"),
                (("--symbols", "100000"), "at most"),
                (("--symbols", "10000", "--days", "25000"), "fewer"),
                (("--days", "-1"), "at least 1"),
                (("--timeframe", "1w"), "1d"),
                (("--timeframe", "7m"), "7m"),
                (("--exchange", "XMRS"), "there are"),
                (("--start", "tomorrow"), "tomorrow"),
                (("--start", "1900-01-01"), "1970"),
                (("--volatility", "0"), "at least"),
                (("--correlation", "1"), "0.95"),
                (("--prefix", "a b"), "ticker symbol"),
                (("--universe", "all"), "built in"),
                (("--universe", "a b"), "letters"),
                (("--stream", "--speed", "-1"), "--speed")):
            with self.subTest(arguments=arguments):
                done = self.simulate(*arguments, check=False)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(words, done.stderr)
        self.assertEqual(json.loads(self.home.run("data", "list", "--json").stdout)["items"], [])
        self.assertEqual(self.simulate("--speed", "2", check=False).returncode, 2)

    def test_without_a_home_it_says_init(self):
        done = self.simulate(check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("argosy init", done.stderr)


if __name__ == "__main__":
    unittest.main()
