"""Strategies in the ledger with the real program: checked before they are saved, every version kept."""

import json
import sqlite3
import unittest

from program import ROOT, HomeTest


class StoredStrategies(HomeTest):
    SAMPLE = ROOT / "samples" / "strategies" / "golden_cross.yaml"

    def test_versions(self):
        first = self.json("strategy", "save", self.SAMPLE)
        self.assertEqual((first["version"], first["is_new"]), (1, True))
        name = first["name"]
        self.assertEqual(self.json("strategy", "save", self.SAMPLE)["is_new"], False)
        changed = self.folder / "mine.yaml"
        changed.write_text(self.SAMPLE.read_text() + "# changed\n")
        self.assertEqual(self.json("strategy", "save", changed)["version"], 2)
        self.assertEqual(self.home.run("strategy", "show", name, "--version", "1").stdout, self.SAMPLE.read_text())
        self.assertEqual(self.json("strategy", "show", name)["text"], changed.read_text())
        self.refused("has no version 3", "strategy", "show", name, "--version", "3")
        self.json("strategy", "save", changed, "--name", "other")
        self.json("strategy", "save", changed, "--name", "third")
        order = self.json("strategy", "order", "third", "--place", "1")["items"]
        self.assertEqual([(s["name"], s["custom_order"]) for s in order], [("third", 1), (name, 2), ("other", 3)])
        self.assertEqual(self.json("strategy", "remove", "other")["removed"], ["other"])
        self.assertEqual([s["name"] for s in self.json("strategy", "list")["items"]], ["third", name])

    def test_bad_input(self):
        name = self.json("strategy", "save", self.SAMPLE)["name"]
        bad = self.folder / "bad.yaml"
        bad.write_text(self.SAMPLE.read_text().replace("buy:", "bye:"))
        self.refused('"bye"', "strategy", "save", bad)
        self.refused("Did you mean", "strategy", "show", name[:-1] + "x")
        self.refused("cannot name", "strategy", "save", self.SAMPLE, "--name", "probability")
        self.refused("cannot name", "strategy", "save", self.SAMPLE, "--name", "a/b")
        self.refused("there is no stored strategy", "strategy", "remove", "nothing")
        with sqlite3.connect(self.folder / "ledger.db") as database:
            before = database.execute("SELECT count(*) FROM strategies").fetchall()
        self.assertEqual(before, [(1,)])
        self.home.run("service", "create", "--symbol", "AAPL", "--balance", "1000", "--name", "apple")
        with sqlite3.connect(self.folder / "ledger.db") as database:
            database.execute("UPDATE trading_services SET strategy = ?", (name,))
        self.refused("service 1 (apple) decides by", "strategy", "remove", name, code=1)

    def test_what_was_meant_is_said(self):
        self.json("strategy", "save", self.SAMPLE, "--name", "my cross")
        # Stored ones first; what is not stored is told from what is nowhere.
        for name, message in (("my cros", 'Did you mean "my cross"?'),
                              ("golden_cros", 'no stored strategy "golden_cros". Did you mean "golden_cross"?'),
                              ("golden_cross", "golden_cross is a file, not stored: "),
                              ("probabilty", 'Did you mean "probability"?'),
                              ("hybrid", "hybrid is built in, not stored")):
            for command in (["show", name], ["remove", name], ["order", name, "--place", "1"]):
                self.refused(message, "strategy", *command)
        self.home.run("service", "create", "--symbol", "AAPL", "--balance", "1000", "--name", "apple")
        for name, meant in (("my cros", "my cross"), ("golden_cros", "golden_cross"), ("probabilty", "probability"),
                            ("hybird", "hybrid")):
            message = f'there are no strategies called "{name}". Did you mean "{meant}"?'
            self.refused(message, "service", "create", "--symbol", "MSFT", "--balance", "1000", "--strategy", name)
            self.refused(message, "service", "set", "apple", "--strategy", name)
        self.assertEqual(len(self.json("service", "list")["items"]), 1)

    def test_the_audit_log_names_each_change(self):
        name = self.json("strategy", "save", self.SAMPLE)["name"]
        self.json("strategy", "save", self.SAMPLE)  # is so already
        self.json("strategy", "save", self.SAMPLE, "--name", "other")
        self.json("strategy", "order", "other", "--place", "1")
        self.refused("Did you mean", "strategy", "remove", "othr")
        self.json("strategy", "remove", "other")
        with sqlite3.connect(self.folder / "ledger.db") as database:
            rows = database.execute("SELECT actor, action, subject, before, after FROM audit_log "
                                    "WHERE action LIKE 'strategy.%' ORDER BY seq").fetchall()
        self.assertEqual([row[:3] for row in rows], [("admin", "strategy." + what, subject) for what, subject in
                                                     (("save", name), ("save", "other"), ("order", "other"),
                                                      ("remove", "other"))])
        self.assertEqual(json.loads(rows[0][4])["text"], self.SAMPLE.read_text())
        self.assertEqual(rows[2][3:], ('{"place":2}', '{"place":1}'))
        self.assertEqual((json.loads(rows[3][3])["name"], rows[3][4]), ("other", ""))
        self.home.run("db", "verify")
        with sqlite3.connect(self.folder / "ledger.db") as database:
            database.execute("UPDATE audit_log SET subject = 'mine' WHERE action = 'strategy.remove'")
        done = self.home.run("db", "verify", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("audit_log: row", done.stdout + done.stderr)

    def test_help_has_an_example(self):
        for command in ("strategy save", "strategy list", "strategy show", "strategy remove", "strategy order"):
            self.assertIn("argosy " + command, self.home.run(*command.split(), "--help").stdout, command)


if __name__ == "__main__":
    unittest.main()
