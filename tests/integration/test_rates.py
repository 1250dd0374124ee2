"""Exchange rates with the real program: imported, set, shown with source and age."""

import unittest

from program import HomeTest


class Rates(HomeTest):
    def test_import_list_show(self):
        path = self.folder / "ecb.csv"
        path.write_text("date,base,quote,rate\n2013-02-27,EUR,USD,1.3120\n2013-02-28,EUR,USD,1.3129\n"
                        "2013-02-28,USD,KRW,1083.5\n")
        self.assertIn("3 added", self.home.run("rate", "import", path).stdout)
        self.assertIn("3 unchanged", self.home.run("rate", "import", path).stdout)
        items = {item["base"]: item for item in self.json("rate", "list")["items"]}
        self.assertEqual((items["EUR"]["rate"], items["EUR"]["source"], items["EUR"]["is_stale"]), ("1.3129", "ecb.csv", True))
        self.assertEqual(items["EUR"]["time"], "2013-03-01T00:00:00Z")
        self.assertGreater(items["EUR"]["age_seconds"], 3e8)
        self.assertEqual(len(self.json("rate", "list", "--all")["items"]), 3)
        self.assertIn("stale", self.home.run("rate", "show", "EUR/USD").stdout)
        self.assertEqual(self.json("rate", "set", "EUR/USD", "1.0825")["is_stale"], False)
        shown = self.home.run("rate", "show", "USD/EUR").stdout
        self.assertIn("1 EUR is 1.0825 USD, from by hand", shown)
        self.home.run("rate", "set", "USD/KRW", "1400", "--source", "bank")
        cross = self.json("rate", "show", "EUR/KRW")
        self.assertEqual((cross["rate"], cross["source"]), ("1515.5", "by hand, bank"))

    def test_bad_input(self):
        self.home.run("rate", "set", "EUR/USD", "1.08")
        self.refused('Did you mean "EUR"?', "rate", "show", "EUX/USD")
        self.refused("no pair", "rate", "show", "euro")
        self.refused("not above zero", "rate", "set", "EUR/USD", "0")
        self.refused("1,08", "rate", "set", "EUR/USD", "1,08")
        path = self.folder / "bad.csv"
        path.write_text("date,base,quote,rate\n2013-02-27,EUR,USD,1.3\n2013-02-28,EUR,EUR,1\n")
        self.refused("bad.csv:3", "rate", "import", path)
        self.assertEqual(len(self.json("rate", "list", "--all")["items"]), 1)

    def test_help_has_an_example(self):
        for command in ("rate import", "rate list", "rate show", "rate set"):
            self.assertIn("argosy " + command, self.home.run(*command.split(), "--help").stdout, command)


if __name__ == "__main__":
    unittest.main()
