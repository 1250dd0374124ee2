"""`argosy health` with the real program: what runs, what is gone, and what is there but says nothing."""

import json
import signal
import sqlite3
import time
import unittest

from program import HomeTest, Serves


class Health(Serves, HomeTest):
    def health(self):
        done = self.home.run("health", "--json", check=False)
        return done.returncode, json.loads(done.stdout)

    def test_a_process_that_says_nothing_is_not_called_gone(self):
        self.assertEqual(self.health(), (1, {"state": "not running", "reasons": []}))
        self.home.run("service", "create", "--symbol", "AAPL", "--balance", "1000")
        process = self.start("--speed", "600")
        self.wait_for(lambda: self.health()[1]["state"] == "healthy" and self.orders())
        code, report = self.health()
        self.assertEqual(code, 0)
        facts = report["facts"]
        self.assertGreater(facts["commit_p99_ms"], 0)
        self.assertLess(abs(facts["clock_set_ms"]), 1000)
        # As a process that hangs, or whose disk is full.
        process.send_signal(signal.SIGSTOP)
        time.sleep(6)
        code, report = self.health()
        text = self.home.run("health", check=False).stdout
        process.send_signal(signal.SIGCONT)
        self.assertEqual((code, report["state"]), (1, "silent"))
        self.assertRegex(report["reasons"][0]["text"],
                         rf"^argosy serve \(.*process {process.pid}\) holds the ledger, but its heartbeat is \d+ s old")
        self.assertEqual(report["last"]["state"], "healthy")
        self.assertTrue(text.startswith("silent\n  argosy serve"), text)
        self.wait_for(lambda: self.health()[1]["state"] != "silent")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=30), 0)
        time.sleep(5.5)
        self.assertEqual(self.health()[1]["state"], "not running")

    def orders(self):
        with sqlite3.connect(self.folder / "ledger.db") as database:
            return database.execute("SELECT count(*) FROM orders").fetchone()[0]


if __name__ == "__main__":
    unittest.main()
