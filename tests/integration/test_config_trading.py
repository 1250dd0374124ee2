"""`argosy config` with the real program: the sample, its mistakes, its schema."""

import json
import pathlib
import re
import unittest

from program import ROOT, Home

SAMPLE = ROOT / "samples" / "config" / "trading.yaml"


class TradingConfig(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = Home()
        cls.addClassCleanup(cls.home.remove)
        cls.home.run("init", "--no-samples")
        cls.lines = SAMPLE.read_text().split("\n")

    def check(self, lines):
        path = pathlib.Path(self.home.temporary) / "mutated.yaml"
        path.write_text("\n".join(lines))
        return self.home.run("config", "check", path, check=False)

    def settings(self):
        """(line, indent, key, value) of every line that sets something."""
        for number, line in enumerate(self.lines):
            found = re.fullmatch(r"( +)([a-z_]+):(?: (.*))?", line)
            if found:
                yield number, found[1], found[2], found[3] or ""

    def test_the_sample_is_right(self):
        self.assertIn("fine", self.home.run("config", "check", SAMPLE).stdout)
        self.assertTrue(json.loads(self.home.run("config", "check", SAMPLE, "--json").stdout)["ok"])

    def test_show_has_both_files(self):
        shown = json.loads(self.home.run("config", "show", "--json").stdout)
        self.assertIn("duckdb_threads", shown["data"])
        trading = shown["trading"]
        self.assertEqual(trading["hard_limits"]["limits"]["max_order_value"], "25000")
        self.assertEqual(trading["brokers"]["paper"]["client_ids"], "on")
        self.assertEqual(len(shown["files"]), 2)
        # What is printed for people reads back.
        text = self.home.run("config", "show").stdout
        own = pathlib.Path(self.home.folder) / "trading.yaml"
        kept = own.read_text() if own.exists() else None
        own.write_text(text[text.index("# Where rows are kept"):])
        self.assertEqual(json.loads(self.home.run("config", "show", "--json").stdout)["trading"], trading)
        if kept is None:
            own.unlink()
        else:
            own.write_text(kept)

    def test_every_mistake_is_refused_with_its_place_or_is_none(self):
        mutations = []
        for number, indent, key, value in self.settings():
            typo = key[0] + "zz" + key[1:]
            mutations.append((number, [f"{indent}{typo}: {value}"], typo, number + 1))
            if value:
                mutations.append((number, [self.lines[number]] * 2, key, number + 2))
            if re.fullmatch(r"[0-9.]+", value):
                mutations.append((number, [f"{indent}{key}: -99999999999"], key, number + 1))
                mutations.append((number, [f"{indent}{key}: many"], key, number + 1))
        self.assertGreaterEqual(len(mutations), 200)
        for number, replacement, key, place in mutations:
            done = self.check(self.lines[:number] + replacement + self.lines[number + 1:])
            with self.subTest(replacement=replacement):
                self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                self.assertIn(f"mutated.yaml:{place}:", done.stderr)
                self.assertIn(key, done.stderr)

    def test_a_limit_that_is_missing_is_named(self):
        start = self.lines.index("hard_limits:")
        end = self.lines.index("market_hours:")
        for number in range(start, end):
            found = re.fullmatch(r"    ([a-z_]+): .*", self.lines[number])
            if found:
                done = self.check(self.lines[:number] + self.lines[number + 1:])
                self.assertEqual(done.returncode, 2)
                self.assertRegex(done.stderr, rf"the limit hard_limits\.[a-z_.]*{found[1]} is not set")

    def test_what_reads_well_must_mean_something(self):
        for old, new, key in [("fees: ibkr_fixed", "fees: ibkr_fixd", "brokers.paper.fees"),
                              ("slippage: percent:0.01", "slippage: some", "brokers.paper.slippage"),
                              ("market: market", "market: markt", "feed.market")]:
            text = SAMPLE.read_text()
            self.assertIn(old, text)
            done = self.check(text.replace(old, new).split("\n"))
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertRegex(done.stderr, rf"mutated\.yaml:\d+:\d+: {key}")

    def test_the_schema_has_every_key(self):
        # test_reference.py compares the page with what the program prints.
        text = (ROOT / "docs" / "reference" / "trading.schema.json").read_text()
        schema = json.loads(text)
        self.assertFalse(schema["additionalProperties"])
        for _, _, key, _ in self.settings():
            self.assertIn(f'"{key}"', text)


if __name__ == "__main__":
    unittest.main()
