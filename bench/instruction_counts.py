"""Instructions a row of ten formulas, counted by callgrind: the same number on every machine, however busy it is.

    python3 bench/instruction_counts.py             # fails where a count is more than 15 % above the stored one
    python3 bench/instruction_counts.py --update    # stores the counts

Needs the release build and valgrind. `./dev test` runs it.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROGRAM = ROOT / "build" / "release" / "bench" / "formula_counts"
STORED = ROOT / "bench" / "instruction_counts.txt"
ALLOWED = 0.15
HEADER = "# Instructions a row, by bench/instruction_counts.py, which also writes this file (--update).\n"


def count() -> dict:
    """Instructions a row by "batch FORMULA" or "streaming FORMULA"."""
    with tempfile.TemporaryDirectory() as folder:
        dumps = pathlib.Path(folder) / "out"
        run = subprocess.run(["valgrind", "--tool=callgrind", "--collect-atstart=no", "--toggle-collect=counted",
                              "--dump-after=counted", f"--callgrind-out-file={dumps}", PROGRAM], capture_output=True, text=True)
        if run.returncode != 0:
            raise SystemExit(f"callgrind failed:\n{run.stderr}")
        counts = {}
        for number, line in enumerate(run.stdout.splitlines(), 1):
            rows, name = line.split(" ", 1)
            total = re.search(r"^totals: (\d+)", pathlib.Path(f"{dumps}.{number}").read_text(), re.M)
            counts[name] = int(total.group(1)) / int(rows)
    return counts


def read(text: str) -> dict:
    return {name: float(value) for value, name in re.findall(r"^ *([\d.]+) (\w.*)$", text, re.M)}


def written(counts: dict) -> str:
    return HEADER + "".join(f"{value:9.1f} {name}\n" for name, value in counts.items())


def worse(before: dict, now: dict) -> list:
    """The names whose count grew beyond what is allowed, is new, or is gone."""
    return [name for name in {**before, **now} if name not in before or name not in now or
            now[name] > before[name] * (1 + ALLOWED)]


def main() -> int:
    now = count()
    if "--update" in sys.argv[1:]:
        STORED.write_text(written(now))
    before = read(STORED.read_text())
    for name, value in now.items():
        change = f"{100 * (value / before[name] - 1):+6.1f} %" if name in before else "not stored"
        print(f"{value:9.1f} {change:>10}  {name}")
    failed = worse(before, now)
    for name in failed:
        print(f"{name}: {now.get(name, 0):.1f} instructions a row, stored {before.get(name, 0):.1f}, at most "
              f"{100 * ALLOWED:.0f} % more are allowed; when it is meant: python3 bench/instruction_counts.py --update")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
