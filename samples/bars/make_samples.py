#!/usr/bin/env python3
"""Makes the sample bars beside this script from the file named on the command line.

    python3 make_samples.py stocks.csv.gz

The file is `_data/stocks.csv.gz` of the package bokeh_sampledata 2026.1 (PyPI). Writes one file a symbol, actions.csv
and instruments.csv. Prices are copied as they are written there, raw; splits and dividends are found by comparing the
raw close with the adjusted close, which that source makes so that

    adjusted(t) / adjusted(t - 1) = (close(t) * ratio + dividend) / close(t - 1)

with the ratio of a split and the dividend of an ex-date t. So with r the left side over close(t) / close(t - 1), the
day's dividend is (r / ratio - 1) * close(t) for each new share.
"""

import csv
import gzip
import hashlib
import sys
from fractions import Fraction
from pathlib import Path

SHA256 = "5abadf99b2d394f920120a27de6f0df129859d71d4cfb0bf661bcc99446ab1fd"
COLUMNS = ["Open", "High", "Low", "Close", "Volume"]
# Exchanges, names and sectors as they were in the years of the bars.
INSTRUMENTS = {
    "AAPL": ("XNAS", "USD", "Apple Inc.", "Information Technology"),
    "FB": ("XNAS", "USD", "Facebook, Inc.", "Information Technology"),
    "GOOG": ("XNAS", "USD", "Google Inc.", "Information Technology"),
    "IBM": ("XNYS", "USD", "International Business Machines Corporation", "Information Technology"),
    "MSFT": ("XNAS", "USD", "Microsoft Corporation", "Information Technology"),
}
# The adjusted close has about 13 good digits: what it says of a dividend is exact to far less than this.
TOLERANCE = Fraction(1, 100_000)
CENT = Fraction(1, 100)


def split_ratio(r: Fraction) -> Fraction:
    """The nearest whole split of 3:2 or more; 1 when the day has none (no dividend comes near a third of the price)."""
    if r < Fraction(4, 3):
        return Fraction(1)
    return Fraction(round(r * 2), 2)


def find_actions(rows: list[dict[str, str]]) -> list[tuple[str, str, str, str, str]]:
    """(ex_date, kind, numerator, denominator, amount) of one symbol, in order."""
    actions = []
    for before, row in zip(rows, rows[1:]):
        close_change = Fraction(row["Close"]) / Fraction(before["Close"])
        r = Fraction(row["Adj Close"]) / Fraction(before["Adj Close"]) / close_change
        ratio = split_ratio(r)
        if ratio != 1:
            actions.append((row["Date"], "split", str(ratio.numerator), str(ratio.denominator), "0"))
        dividend = (r / ratio - 1) * Fraction(row["Close"])
        cents = round(dividend / CENT)
        if abs(dividend - cents * CENT) > TOLERANCE or cents < 0:
            raise SystemExit(f"{row['Ticker']} {row['Date']}: no dividend of whole cents, but {float(dividend)}")
        if cents:
            actions.append((row["Date"], "dividend", "1", "1", f"{cents // 100}.{cents % 100:02}"))
    return actions


def write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", newline="", encoding="ascii") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    data = Path(sys.argv[1]).read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise SystemExit(f"{sys.argv[1]} is not the expected file: its SHA-256 should be {SHA256}")
    by_symbol: dict[str, list[dict[str, str]]] = {symbol: [] for symbol in INSTRUMENTS}
    for row in csv.DictReader(gzip.decompress(data).decode("ascii").splitlines()):
        by_symbol[row["Ticker"]].append(row)

    folder = Path(__file__).parent
    actions = []
    for symbol, rows in by_symbol.items():
        bars = [[row["Date"], *(row[column] for column in COLUMNS)] for row in rows]
        write(folder / f"{symbol}.csv", ["date", *(column.lower() for column in COLUMNS)], bars)
        actions += [[symbol, *action] for action in find_actions(rows)]
    write(folder / "actions.csv", ["symbol", "ex_date", "kind", "numerator", "denominator", "amount"], actions)
    instruments = [[symbol, *rest] for symbol, rest in INSTRUMENTS.items()]
    write(folder / "instruments.csv", ["symbol", "exchange", "currency", "name", "sector"], instruments)


if __name__ == "__main__":
    main()
