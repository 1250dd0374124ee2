"""argosy serve, the real program: it trades, takes requests, ends when it is told, and survives being killed."""

import json
import os
import pathlib
import random
import signal
import sqlite3
import time
import unittest

from program import Home, Serves

KILLS = int(os.environ.get("ARGOSY_KILLS", "8"))


class Serving(Serves, unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)
        self.home.run("init")

    def json(self, *arguments, **options):
        return json.loads(self.home.run(*arguments, "--json", **options).stdout)

    def create(self, symbol, *arguments):
        return self.json("service", "create", "--symbol", symbol, "--balance", 10000, *arguments)

    def is_running(self):
        return self.home.run("health", check=False).returncode == 0

    def orders(self):
        return self.json("order", "list")["items"]

    def verify(self):
        return self.home.run("db", "verify")

    def rows(self, statement):
        return self.query("ledger.db", statement)

    def query(self, database, sql):
        connection = sqlite3.connect(f"file:{self.home.folder}/{database}?mode=ro", uri=True)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()


class Trades(Serving):
    def test_the_first_minutes(self):
        self.create("AAPL")
        self.assertIn("fills", self.serve_until(self.fills, "--speed", 240))
        orders = self.orders()
        filled = [order for order in orders if order["state"] == "filled"]
        self.assertTrue(filled, orders)
        for field in ("client_order_id", "broker_order_id", "side", "quantity", "filled_quantity"):
            self.assertTrue(filled[0][field], field)
        self.verify()

    def test_requests_are_taken_while_it_runs(self):
        self.create("AAPL")
        process = self.start("--speed", 60)
        self.wait_for(self.is_running)
        started = time.monotonic()
        self.home.run("service", "pause", 1)
        self.assertLess(time.monotonic() - started, 2)  # most of it is the program's own start
        self.assertEqual(self.json("service", "show", 1)["state"], "PAUSED")
        number = self.create("NVDA")["service_id"]
        self.wait_for(lambda: any(order["service_id"] == number for order in self.orders()))
        self.home.run("portfolio", "fund", 5000)
        self.home.run("risk", "kill", "--reason", "a test")
        before = len(self.orders())
        time.sleep(1)
        self.assertEqual(len(self.orders()), before)
        second = self.home.run("serve", "--for", 1, check=False)
        self.assertEqual(second.returncode, 1)
        self.assertIn("holds the ledger", second.stderr)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=10), 0, process.stderr.read())
        self.assertFalse([order for order in self.orders() if order["state"] in ("submitted", "unknown")])
        self.verify()


class Survives(Serving):
    def test_being_killed(self):
        """The number of kills is ARGOSY_KILLS where that is set."""
        for symbol in ("AAPL", "MSFT", "NVDA", "TSLA", "META"):
            self.create(symbol, "--interval-seconds", 5)
        randomness = random.Random(7)
        for kill in range(KILLS):
            process = self.start("--speed", 240)
            time.sleep(randomness.uniform(0.2, 1.6))
            process.kill()
            process.wait()
            self.verify()
            twice = self.query("paper.db", "SELECT client_order_id FROM paper_orders GROUP BY client_order_id "
                                           "HAVING count(*) > 1") if kill else []
            self.assertEqual(twice, [])
        before = self.fills()
        self.assertGreater(before, 0)
        # An order that was on its way is asked for some seconds before anything is traded.
        self.serve_until(lambda: self.fills() > before, "--speed", 240)
        self.verify()
        self.agrees_with_the_venue()


if __name__ == "__main__":
    unittest.main()
