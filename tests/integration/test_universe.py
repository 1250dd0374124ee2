"""Formulas over several symbols, through the program."""

import csv
import unittest

from program import Home


class Universe(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = Home()
        cls.home.run("init")

    @classmethod
    def tearDownClass(cls):
        cls.home.remove()

    def rows(self, *arguments: str) -> list:
        return list(csv.DictReader(self.home.run("formula", "eval", *arguments).stdout.splitlines()))

    def test_ranks_of_a_day_are_shared_out(self):
        rows = self.rows("cs_rank(mean(close,20)/close)", "--universe", "all")
        self.assertEqual(list(rows[0]), ["time", "symbol", "value"])
        day = {row["symbol"]: float(row["value"]) for row in rows if row["time"] == "2013-03-01"}
        self.assertEqual(sorted(day.values()), [0.2, 0.4, 0.6, 0.8, 1.0])
        means = {symbol: [row for row in self.rows("mean(close,20)/close", "--symbol", symbol)][-1]["value"] for symbol in day}
        self.assertEqual(sorted(day, key=day.get), sorted(means, key=lambda symbol: float(means[symbol])))
        self.assertEqual([row["time"] for row in rows], sorted(row["time"] for row in rows))

    def test_members_only(self):
        self.home.run("data", "universe", "set", "pair", "IBM", "--from", "2000-01-01")
        self.home.run("data", "universe", "set", "pair", "AAPL", "--from", "2005-01-01", "--to", "2005-12-31")
        rows = self.rows("cs_rank(close)", "--universe", "pair")
        count = {}
        for row in rows:
            count.setdefault(row["time"], []).append(row["symbol"])
        self.assertEqual(count["2004-12-31"], ["IBM"])
        self.assertEqual(count["2005-01-03"], ["AAPL", "IBM"])
        self.assertEqual(count["2006-01-03"], ["IBM"])

    def test_weeks_are_seen_when_they_are_over(self):
        rows = self.rows("week=on(\"1w\", close)", "close=close", "--symbol", "IBM", "--from", "2012-01-01", "--to", "2012-04-30")
        by_day = {row["time"]: row for row in rows}
        self.assertEqual(by_day["2012-01-12"]["week"], by_day["2012-01-06"]["close"])
        self.assertEqual(by_day["2012-01-13"]["week"], by_day["2012-01-13"]["close"])
        # Good Friday, 6 April 2012, was closed: the week was over on Thursday.
        self.assertEqual(by_day["2012-04-05"]["week"], by_day["2012-04-05"]["close"])

    def test_another_symbol(self):
        rows = self.rows("of(\"IBM\", close)", "--symbol", "FB")
        ibm = {row["time"]: row["value"] for row in self.rows("close", "--symbol", "IBM")}
        self.assertTrue(rows)
        self.assertTrue(all(row["value"] == ibm[row["time"]] for row in rows))

    def test_bar_by_bar_gives_the_same_bytes(self):
        for formula in ("cs_rank(mean(close,20)/close)", "on(\"1w\", sma(close, 5)) / of(\"IBM\", close)",
                        "cs_zscore(roc(close, 20)) + on(\"1mo\", rsi(close, 3))"):
            arguments = ("formula", "eval", formula, "--universe", "all", "--from", "2011-06-01")
            self.assertEqual(self.home.run(*arguments).stdout, self.home.run(*arguments, "--stream").stdout, formula)

    def test_says_what_is_missing(self):
        for arguments, words in (
                (("cs_rank(close)", "--symbol", "IBM"), "--universe all"),
                (("close",), "--symbol"),
                (("close", "--universe", "none"), "no symbol"),
                (("--set", "alpha15", "--symbol", "IBM"), "alpha158"),
                (("of(\"NONE\", close)", "--symbol", "IBM"), "no bars"),
                (("on(\"1d\", close)", "--symbol", "IBM"), "longer"),
                (("ahead(close, 1)", "--symbol", "IBM"), "only the label")):
            with self.subTest(arguments=arguments):
                done = self.home.run("formula", "eval", *arguments, check=False)
                self.assertIn(done.returncode, (1, 2))
                self.assertIn(words, done.stderr)


if __name__ == "__main__":
    unittest.main()
