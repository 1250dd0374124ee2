"""`argosy portfolio show --report`: one page, without scripts, that says what the ledger says."""

import json
import re
import unittest

from program import HomeTest, Serves


class Report(Serves, HomeTest):
    def page(self):
        path = self.folder / "portfolio.html"
        done = self.home.run("portfolio", "show", "--report", path)
        self.assertIn(f"report: {path}", done.stdout)
        return path.read_text()

    def has_sold(self):
        return any(float(service["total_gain_loss"]) for service in self.json("portfolio", "show")["services"])

    def test_a_portfolio_that_traded(self):
        for symbol in ("AAPL", "NVDA"):
            self.json("service", "create", "--symbol", symbol, "--balance", "10000", "--interval-seconds", "5",
                      "--name", f"<{symbol}> & co")
        self.serve_until(self.has_sold, "--speed", 1200)
        page = self.page()
        for title in ("Equity", "Profit and loss of each day", "Holdings", "Services", "Last transactions"):
            self.assertIn(f"<h2>{title}</h2>", page)
        self.assertNotIn("<script", page)
        self.assertNotIn("<AAPL>", page)
        self.assertIn("&lt;AAPL&gt; &amp; co", page)
        # What the figures and the charts show is what the ledger has.
        shown = json.loads(self.home.run("portfolio", "show", "--json").stdout)
        gains = sum(float(service["total_gain_loss"]) for service in shown["services"])
        self.assertIn(f"Worth {float(shown['equity']):,.2f} USD, with 2 of 2 services active", page)
        self.assertIn(f"{gains:+,.2f}".replace("-", "\u2212"), page)
        for holding in shown["holdings"]:
            self.assertIn(f"{float(holding['value']):,.2f}", page)
        # Nothing was put in since the start: the days add up to what was gained in all.
        total = re.search(r"since the day before: (\S+) in \d+ days?\.", page).group(1)
        self.assertAlmostEqual(float(total.replace("\u2212", "-").replace(",", "")), float(shown["equity"]) - 100000,
                               delta=0.02)

    def test_one_that_never_traded(self):
        page = self.page()
        for text in ("Worth 100,000.00 USD", "Nothing is held.", "There is none.", "None yet.", "Nothing to draw"):
            self.assertIn(text, page)

    def test_what_cannot_be_written_is_an_error(self):
        self.refused("/nowhere", "portfolio", "show", "--report", "/nowhere/p.html")


if __name__ == "__main__":
    unittest.main()
