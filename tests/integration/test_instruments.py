"""Instruments and stocks with the real program: the ledger owns them, the lake's copies follow, and prices are served."""

import csv
import io
import json
import shutil
import sqlite3
import unittest

from program import Home, HomeTest


class InstrumentTest(HomeTest):
    def rows(self, query):
        with sqlite3.connect(self.folder / "ledger.db") as database:
            return database.execute(query).fetchall()

    def copy(self, symbol):
        """What the lake has of an instrument."""
        return self.json("data", "show", symbol)["instrument"]


class Instruments(InstrumentTest):
    def test_a_change_shows_everywhere(self):
        shown = self.json("stock", "set", "AAPL", "--name", "Apple, of Cupertino", "--description", "Telephones")
        self.assertEqual((shown["name"], shown["description"]), ("Apple, of Cupertino", "Telephones"))
        self.assertEqual(self.copy("AAPL")["name"], "Apple, of Cupertino")
        self.home.run("data", "instrument", "set", "AAPL", "--tick", "0.05")
        self.assertEqual(self.json("stock", "show", "AAPL")["tick"], "0.05")
        self.assertEqual(self.copy("AAPL")["tick"], "0.05")
        self.assertEqual(self.json("stock", "show", "AAPL")["name"], "Apple, of Cupertino")
        path = self.folder / "instruments.csv"
        path.write_text("symbol,sector,is_active\nAAPL,Toys,false\nNEW,Toys,true\n")
        self.assertIn("1 added, 1 changed", self.home.run("data", "instrument", "import", path).stdout)
        self.assertEqual(self.rows("SELECT symbol FROM stocks WHERE sector = 'Toys' ORDER BY symbol"), [("AAPL",), ("NEW",)])
        self.assertEqual([s["symbol"] for s in self.json("stock", "list", "--sector", "Toys", "--active")["items"]], ["NEW"])
        self.assertIn("1 unchanged", self.home.run("data", "instrument", "import",
                                                   self.file("again.csv", "symbol,sector\nAAPL,Toys\n")).stdout)
        self.assertFalse((self.folder / "instruments.pending").exists())

    def test_each_change_is_in_the_audit_log(self):
        first = self.rows("SELECT count(*) FROM audit_log WHERE action LIKE 'instrument.%'")[0][0]
        self.assertEqual(first, len(self.rows("SELECT * FROM instruments")), "init added each")
        self.home.run("stock", "set", "AAPL", "--sector", "Toys")
        self.home.run("stock", "set", "AAPL", "--sector", "Toys")  # is so already
        self.home.run("data", "instrument", "set", "NEW", "--exchange", "XNYS")
        self.home.run("rate", "set", "EUR/USD", "1.08", "--time", "2024-01-02T12:00:00Z")
        self.home.run("rate", "set", "EUR/USD", "1.09", "--time", "2024-01-02T12:00:00Z")
        rows = self.rows(f"SELECT actor, action, subject, before, after FROM audit_log WHERE action LIKE 'rate.%' OR "
                         f"action LIKE 'instrument.%' ORDER BY seq LIMIT -1 OFFSET {first}")
        self.assertEqual([row[:3] for row in rows], [("admin", "instrument.set", "AAPL"), ("admin", "instrument.add", "NEW"),
                                                     ("admin", "rate.add", "EUR/USD"), ("admin", "rate.set", "EUR/USD")])
        before, after = json.loads(rows[0][3]), json.loads(rows[0][4])
        self.assertEqual({key for key in after if after[key] != before[key]}, {"sector", "updated_at"})
        self.assertEqual(rows[1][3], "")
        self.assertEqual([json.loads(rows[3][i])["rate"] for i in (3, 4)], ["1.08", "1.09"])
        self.assertTrue(self.json("db", "verify")["ok"])

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def test_imports_tell_the_ledger_and_ask_it(self):
        bars = self.file("n.csv", "date,open,high,low,close,volume\n2024-01-02,1,2,1,2,10\n")
        self.home.run("data", "import", bars, "--symbol", "FRESH", "--timeframe", "1d", "--exchange", "XNYS")
        self.assertEqual(self.rows("SELECT exchange FROM instruments WHERE symbol = 'FRESH'"), [("XNYS",)])
        # Of the demo market, and known to the ledger alone before.
        self.home.run("data", "import", bars, "--symbol", "NVDA", "--timeframe", "1d")
        self.assertEqual(self.copy("NVDA")["exchange"], "XNAS")
        self.home.run("data", "simulate", "--symbols", "2", "--days", "5", "--universe", "S")
        self.assertEqual(len(self.rows("SELECT * FROM instruments WHERE symbol LIKE 'S000%'")), 2)
        # Bars go, what is known of the instrument stays.
        self.home.run("data", "remove", "FRESH")
        self.assertEqual(self.json("stock", "show", "FRESH")["exchange"], "XNYS")

    def test_what_was_cut_off_is_mended_by_whoever_opens_the_lake(self):
        shutil.copytree(self.folder / "lake", self.folder / "before")
        self.home.run("stock", "set", "AAPL", "--name", "Apple after")
        self.home.run("data", "instrument", "set", "NEW", "--exchange", "XNAS")
        # As a crash leaves it: the ledger has both, the lake none, the file stands.
        shutil.rmtree(self.folder / "lake")
        (self.folder / "before").rename(self.folder / "lake")
        (self.folder / "instruments.pending").write_text("AAPL\nNEW\n")
        self.assertEqual(self.copy("AAPL")["name"], "Apple after")
        self.assertEqual(self.copy("NEW")["exchange"], "XNAS")
        self.assertFalse((self.folder / "instruments.pending").exists())

    def test_a_home_of_before_is_taken_over(self):
        # The lake was the master, the ledger had what was copied once.
        with sqlite3.connect(self.folder / "ledger.db") as database:
            database.execute("UPDATE instruments SET updated_at = 0, name = 'old'")
        stocks = {s["symbol"]: s for s in self.json("stock", "list")["items"]}
        self.assertEqual(stocks["AAPL"]["name"], "Apple Inc.")
        self.assertEqual(stocks["NVDA"]["name"], "old")
        self.assertEqual(self.rows("SELECT count(*) FROM instruments WHERE updated_at = 0"), [(0,)])

    def test_one_that_is_not_active_gets_no_service(self):
        self.home.run("service", "create", "--symbol", "AAPL", "--balance", "1000", "--name", "first")
        self.home.run("stock", "set", "AAPL", "--is-active", "false")
        self.refused("AAPL is not active", "service", "create", "--symbol", "AAPL", "--balance", "1000", code=1)
        self.assertEqual(self.json("service", "pause", "first")["state"], "PAUSED")
        self.home.run("stock", "set", "AAPL", "--is-active", "true")
        self.home.run("service", "create", "--symbol", "AAPL", "--balance", "1000")

    def test_bad_input(self):
        self.refused('Did you mean "AAPL"?', "stock", "show", "APPL")
        self.refused('Did you mean "AAPL"?', "stock", "set", "APPL", "--name", "x")
        self.refused("nothing to set", "stock", "set", "AAPL")
        self.refused("is_active", "stock", "set", "AAPL", "--is-active", "perhaps")
        self.refused("name", "stock", "set", "AAPL", "--name", "x" * 201)
        self.refused("XMRS", "data", "instrument", "set", "AAPL", "--exchange", "XMRS")
        self.refused("currency", "data", "instrument", "set", "AAPL", "--currency", "usd")
        self.home.run("service", "create", "--symbol", "AAPL", "--balance", "1000")
        self.refused("cannot become EUR", "data", "instrument", "set", "AAPL", "--currency", "EUR", code=1)
        self.assertEqual(self.json("stock", "show", "AAPL")["currency"], "USD")


class Prices(InstrumentTest):
    def test_daily(self):
        page = self.json("stock", "prices", "AAPL", "--last", "2")
        self.assertEqual(page["meta"], {"symbol": "AAPL", "count": 2, "total": 3270})
        [stock] = [s for s in self.json("stock", "list")["items"] if s["symbol"] == "AAPL"]
        self.assertEqual(page["items"][1], {
            "stock_id": stock["id"], "price_date": "2013-03-01", "open_price": "438", "high_price": "438.1799",
            "low_price": "429.98", "close_price": "430.47", "adj_close": "430.47", "volume": 19730300.0,
            "source": "HISTORICAL"})
        # Of an export of adjusted bars.
        text = self.home.run("data", "export", "AAPL", "--adjusted", "--from", "2005-02-25", "--to", "2005-03-02").stdout
        adjusted = [row["close"] for row in csv.DictReader(io.StringIO(text))]
        shown = self.home.run("stock", "prices", "AAPL", "--from", "2005-02-25", "--to", "2005-03-02", "--csv").stdout
        rows = list(csv.DictReader(io.StringIO(shown)))
        self.assertEqual([row["adj_close"] for row in rows], adjusted)
        self.assertNotEqual(rows[0]["adj_close"], rows[0]["close_price"])

    def test_pages_cover_the_range_once(self):
        dates = []
        begin = "2012-01-01"
        while begin:
            page = self.json("stock", "prices", "IBM", "--from", begin, "--to", "2012-12-31", "--limit", "100")
            dates += [row["price_date"] for row in page["items"]]
            begin = page["meta"].get("next")
        self.assertEqual(len(dates), 250)
        self.assertEqual(dates, sorted(set(dates)))

    def test_intraday(self):
        self.home.run("data", "simulate", "--symbols", "1", "--days", "2", "--timeframe", "1m", "--seed", "3")
        minutes = self.json("stock", "prices", "S0001", "--interval", "1")["items"]
        fives = self.json("stock", "prices", "S0001", "--interval", "5")["items"]
        first = minutes[:5]
        self.assertEqual(fives[0]["timestamp"], first[0]["timestamp"])
        self.assertEqual((fives[0]["interval"], fives[0]["source"]), (5, "SIMULATED"))
        self.assertEqual((fives[0]["open_price"], fives[0]["close_price"]), (first[0]["open_price"], first[4]["close_price"]))
        self.assertEqual(float(fives[0]["high_price"]), max(float(row["high_price"]) for row in first))
        self.assertEqual(fives[0]["volume"], sum(row["volume"] for row in first))
        self.assertEqual(len(self.json("stock", "prices", "S0001", "--interval", "60")["items"]), 14)

    def test_bad_input(self):
        self.refused('Did you mean "AAPL"?', "stock", "prices", "APPL")
        self.refused("no intervals of 7 minutes", "stock", "prices", "AAPL", "--interval", "7")
        self.refused("no bars of AAPL", "stock", "prices", "AAPL", "--interval", "5")
        self.refused("there are no 1d bars", "stock", "prices", "AAPL", "--from", "2020-01-01")
        self.refused("lies after", "stock", "prices", "AAPL", "--from", "2012-01-01", "--to", "2011-01-01")
        self.assertNotEqual(self.home.run("stock", "prices", "AAPL", "--limit", "0", check=False).returncode, 0)


class Help(unittest.TestCase):
    def test_has_an_example(self):
        home = Home()
        self.addCleanup(home.remove)
        for command in ("stock list", "stock show", "stock set", "stock prices", "data instrument list",
                        "data instrument set", "data instrument import"):
            text = home.run(*command.split(), "--help").stdout
            self.assertIn("argosy " + command, text, command)


if __name__ == "__main__":
    unittest.main()
