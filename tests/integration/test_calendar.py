"""Sessions of exchanges, through the program."""

import json
import unittest

from program import Home


class Calendar(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = Home()

    @classmethod
    def tearDownClass(cls):
        cls.home.remove()

    def sessions(self, exchange: str, first: str, last: str) -> dict:
        done = self.home.run("data", "calendar", exchange, "--from", first, "--to", last, "--json")
        return json.loads(done.stdout)

    def test_needs_no_home(self):
        items = json.loads(self.home.run("data", "calendar", "--json").stdout)["items"]
        self.assertEqual([item["exchange"] for item in items], ["24/7", "XETR", "XKRX", "XLON", "XNAS", "XNYS"])
        self.assertIn("Asia/Seoul", self.home.run("data", "calendar").stdout)

    def test_a_week_with_a_half_day(self):
        found = self.sessions("LSE", "2026-12-23", "2026-12-29")
        self.assertEqual(found["meta"], {"count": 3, "exchange": "XLON", "time_zone": "Europe/London"})
        self.assertEqual([item["date"] for item in found["items"]], ["2026-12-23", "2026-12-24", "2026-12-29"])
        self.assertEqual(found["items"][1], {"date": "2026-12-24", "open": "2026-12-24T08:00:00Z",
                                             "close": "2026-12-24T12:30:00Z", "late_open": False, "early_close": True,
                                             "forecast": False})

    def test_people_see_the_clock_of_the_exchange_and_what_is_unusual(self):
        lines = self.home.run("data", "calendar", "XKRX", "--from", "2026-11-18", "--to", "2026-11-20").stdout.splitlines()
        self.assertEqual(lines[0].split(), ["date", "open", "close", "utc_open", "utc_close", "note"])
        self.assertEqual(lines[2].split(), ["2026-11-19", "10:00", "16:30", "2026-11-19T01:00:00Z",
                                            "2026-11-19T07:30:00Z", "late", "open"])
        self.assertEqual(len(lines), 4)

    def test_later_years_are_a_forecast(self):
        found = self.sessions("XETR", "2027-12-29", "2028-01-03")["items"]
        self.assertEqual([(item["date"], item["forecast"]) for item in found],
                         [("2027-12-29", False), ("2027-12-30", False), ("2028-01-03", True)])
        text = self.home.run("data", "calendar", "XETR", "--from", "2027-12-29", "--to", "2028-01-03").stdout
        self.assertIn("early close", text)
        self.assertIn("After 2027 this is a forecast", text)
        text = self.home.run("data", "calendar", "XKRX", "--from", "2003-01-02", "--to", "2003-01-03").stdout
        self.assertIn("Before 2005", text)

    def test_thirty_days_from_today_when_nothing_is_said(self):
        text = self.home.run("data", "calendar", "24/7").stdout
        self.assertEqual(len(text.splitlines()), 1 + 31)

    def test_says_what_is_wrong(self):
        for arguments, words in ((("XMARS",), "there are 24/7, XETR, XKRX, XLON, XNAS, XNYS"),
                                 (("XNYS", "--from", "2026-02-30"), "2026-02-30"),
                                 (("XNYS", "--from", "2026-02-03", "--to", "2026-02-02"), "before")):
            with self.subTest(arguments=arguments):
                done = self.home.run("data", "calendar", *arguments, check=False)
                self.assertEqual(done.returncode, 2)
                self.assertIn(words, done.stderr)
        weekend = self.home.run("data", "calendar", "XNYS", "--from", "2026-02-07", "--to", "2026-02-08").stdout
        self.assertEqual(weekend, "XNYS has no session from 2026-02-07 to 2026-02-08\n")


if __name__ == "__main__":
    unittest.main()
