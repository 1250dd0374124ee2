"""`argosy limits` with the real program."""

import json
import pathlib
import unittest

from program import Home


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = Home()
        cls.addClassCleanup(cls.home.remove)
        cls.home.run("init")

    def write(self, name, text, folder="."):
        path = pathlib.Path(self.home.temporary) / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def limits(self, *arguments, **options):
        return self.home.run("limits", *arguments, **options)

    def test_the_shipped_profiles(self):
        listed = json.loads(self.limits("list", "--json").stdout)
        names = {item["name"]: item["prop_firm"] for item in listed["items"]}
        self.assertLessEqual({"backtest": False, "careful": False, "prop_50k": True}.items(), names.items())
        self.assertEqual(listed["meta"]["count"], len(names))
        for name in names:
            shown = json.loads(self.limits("show", name, "--json").stdout)
            self.assertEqual(shown["name"], name)
            self.assertEqual(shown["not_set"], [])
            self.assertIn("fine, every limit is set", self.limits("check", name).stdout)
        backtest = json.loads(self.limits("show", "backtest", "--json").stdout)
        self.assertEqual(set(backtest["limits"].values()) | set(backtest["circuit_breaker"].values()), {"unlimited"})
        self.assertIsNone(backtest["prop_firm"])
        self.assertIn("price_collar", self.limits("show", "careful").stdout)

    def test_a_file_names_only_what_differs(self):
        self.write("base.yaml", "name: base\nextends: careful\nlimits: {max_order_value: 99}\n", "limits")
        path = self.write("mine.yaml", "name: mine\nextends: base.yaml\nlimits: {price_collar: 1%}\n", "limits")
        shown = json.loads(self.limits("show", path, "--json").stdout)
        self.assertEqual(shown["limits"]["price_collar"], "1%")
        self.assertEqual(shown["limits"]["max_order_value"], "99")
        self.assertEqual(shown["limits"]["max_drawdown"], "15%")
        self.assertEqual(shown["day"], {"zone": "America/New_York", "starts": "00:00"})

    def test_the_home_comes_first(self):
        self.write("tiny.yaml", "name: tiny\nextends: backtest\n", "home/limits")
        self.assertEqual(json.loads(self.limits("show", "tiny", "--json").stdout)["name"], "tiny")
        self.assertIn("tiny", self.limits("list").stdout)

    def test_what_is_not_set_is_said(self):
        path = self.write("little.yaml", "name: little\nlimits: {max_order_value: 100}\n")
        checked = json.loads(self.limits("check", path, "--json").stdout)
        self.assertIn("limits.messages", checked["not_set"])
        self.assertIn("circuit_breaker.cool_down", checked["not_set"])
        self.assertNotIn("limits.max_order_value", checked["not_set"])
        self.assertIsNone(json.loads(self.limits("show", path, "--json").stdout)["limits"]["messages"])
        text = self.limits("check", path).stdout
        self.assertIn("every order that opens a position is refused", text)
        self.assertIn("limits.messages", text)

    def test_mistakes_have_their_place(self):
        path = self.write("bad.yaml", "name: bad\nlimits:\n  price_colar: 5%\n")
        done = self.limits("check", path, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"{path}:3:3", done.stderr)
        self.assertIn('Did you mean "price_collar"?', done.stderr)
        done = self.limits("show", "carefull", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn('Did you mean "careful"?', done.stderr)
        one = self.write("one.yaml", "name: one\nextends: two.yaml\n")
        self.write("two.yaml", "name: two\nextends: one.yaml\n")
        done = self.limits("check", one, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("extend each other in a circle", done.stderr)


if __name__ == "__main__":
    unittest.main()
