"""A home that traded, backed up and brought back: the ledger and the paper broker's books still agree."""

import json
import pathlib
import signal
import sqlite3
import time
import unittest

from program import Home, HomeTest, Serves


class Restored(Serves, HomeTest):
    SYMBOLS = ("AAPL", "MSFT", "NVDA", "TSLA", "META")

    def setUp(self):
        super().setUp()
        for symbol in self.SYMBOLS:
            self.json("service", "create", "--symbol", symbol, "--balance", "10000", "--interval-seconds", "5")

    @staticmethod
    def query(folder, database, sql):
        connection = sqlite3.connect(f"file:{folder}/{database}?mode=ro", uri=True)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def rows(self, statement):
        return self.query(self.home.folder, "ledger.db", statement)

    def rests(self):
        """No service trades any more, and no order is open: the ledger and the venue are one."""
        for service in range(1, len(self.SYMBOLS) + 1):
            self.home.run("service", "pause", service, check=False)
        return not self.open_here()

    def test_what_was_traded_goes_on_in_another_home(self):
        process = self.start("--speed", "240")
        self.wait_for(lambda: self.query(self.folder, "ledger.db", "SELECT count(*) FROM fills")[0][0] >= 8)
        backups = [self.json("backup", f"{self.home.temporary}/backups/")["backup"] for _ in range(4)]
        time.sleep(2)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=30), 0)
        for backup in backups:
            # The broker's copy knows of no order that the ledger's does not, and of every fill that it has.
            ours = {row[0] for row in self.query(backup, "ledger.db", "SELECT client_order_id FROM orders")}
            theirs = {row[0] for row in self.query(backup, "paper.db", "SELECT client_order_id FROM paper_orders")}
            self.assertLessEqual(theirs, ours)
            filled = dict(self.query(backup, "paper.db", "SELECT client_order_id, filled FROM paper_orders"))
            for order, quantity in self.query(backup, "ledger.db", "SELECT client_order_id, sum(fills.quantity) FROM "
                                              "fills JOIN orders USING (order_id) GROUP BY 1"):
                self.assertLessEqual(quantity, filled[order])
        other = Home()
        self.addCleanup(other.remove)
        other.run("init")
        files = json.loads(other.run("restore", backups[-1], "--json").stdout)["files"]
        self.assertIn("paper.db", [each["name"] for each in files if each["restored"]])
        before = self.query(other.folder, "ledger.db", "SELECT count(*) FROM fills")[0][0]
        # Each account is compared with the broker's some seconds after the start, twice before anything is blocked.
        self.home = other
        self.serve_until(lambda: self.fills() > before and self.rests(), "--speed", 240)
        other.run("db", "verify")
        told = self.query(other.folder, "ledger.db", "SELECT subject, text FROM outbox WHERE severity <> 'info'")
        self.assertEqual(told, [])
        self.assertGreater(self.query(other.folder, "ledger.db", "SELECT count(*) FROM fills")[0][0], before)
        self.assertEqual(self.query(other.folder, "ledger.db", "SELECT i.symbol, p.quantity FROM positions p JOIN instruments i "
                                    "USING (instrument_id) WHERE p.quantity <> 0 ORDER BY 1"),
                         self.query(other.folder, "paper.db", "SELECT symbol, quantity FROM paper_holdings WHERE quantity <> 0 "
                                    "ORDER BY 1"))

    def test_what_is_there_is_set_aside(self):
        self.home.run("serve", "--for", "2", "--speed", "240")
        backup = self.json("backup", f"{self.home.temporary}/backup")["backup"]
        self.home.run("serve", "--for", "1", "--speed", "240")
        done = {each["name"]: each for each in self.json("restore", backup)["files"]}
        aside = pathlib.Path(done["paper.db"]["set_aside"])
        self.assertTrue(aside.name.startswith("paper.db.before-"))
        self.assertGreaterEqual(self.query(aside.parent, aside.name, "SELECT count(*) FROM paper_orders"),
                                self.query(self.folder, "paper.db", "SELECT count(*) FROM paper_orders"))
        self.home.run("db", "verify")


if __name__ == "__main__":
    unittest.main()
