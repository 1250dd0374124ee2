"""./dev generate: rewrites what the documents hold that is made from the sources.

A part lies between `<!-- generated: NAME -->` and `<!-- end of generated: NAME -->`; what is around it is written by hand.
Whole pages are printed by the release program, when it is built; tests/integration/test_reference.py compares them.
"""

import re
import subprocess
from pathlib import Path
from typing import Callable, NamedTuple, Optional

from checks.rooms import read_rooms
from common import ROOT, Failure, main, say


class Region(NamedTuple):
    document: str
    name: str
    make: Callable[[Path], str]


def room_table(root: Path) -> str:
    rooms = read_rooms(root)
    lines = ["| room | holds | may use |", "|---|---|---|"]
    for room in rooms:
        above = [other.name for other in rooms[:rooms.index(room)]]
        uses = "every room above" if room.uses and room.uses == above and len(above) > 3 else ", ".join(room.uses) or "-"
        lines.append(f"| `{room.name}/` | {room.holds} | {uses} |")
    return "\n".join(lines)


def fault_table(root: Path) -> str:
    rows = re.findall(r'\{Fault::\w+, (\d+), "([^"]*)",\s*"([^"]*)"\}', (root / "src/simulation/fault.cpp").read_text())
    return "\n".join(["| | fault | what is done |", "|---|---|---|", *(f"| F{number} | {name} | {what} |" for number, name, what in rows)])


REGIONS = [Region("ARCHITECTURE.md", "rooms", room_table), Region("docs/concepts/simulation.md", "faults", fault_table)]
# Pages that the program prints.
PAGES = {
    "docs/reference/formulas.md": ["formula", "list", "--markdown"],
    "docs/reference/configuration.md": ["config", "reference"],
    "docs/reference/trading.md": ["config", "reference", "--trading"],
    "docs/reference/trading.schema.json": ["config", "schema"],
    "docs/reference/strategy.schema.json": ["strategy", "schema"],
}


def replace_region(text: str, name: str, content: str) -> Optional[str]:
    """The text with one part replaced; None when it has no such part."""
    opening = f"<!-- generated: {name} -->\n"
    closing = f"<!-- end of generated: {name} -->"
    start = text.find(opening)
    end = text.find(closing, start)
    if start < 0 or end < 0:
        return None
    return text[:start + len(opening)] + content + "\n" + text[end:]


def work(arguments: list) -> None:
    if arguments:
        raise Failure("./dev generate takes no arguments")
    for region in REGIONS:
        path = ROOT / region.document
        text = path.read_text()
        wanted = replace_region(text, region.name, region.make(ROOT))
        if wanted is None:
            raise Failure(f"{region.document} has no generated part `{region.name}`")
        if wanted != text:
            path.write_text(wanted)
            say(f"wrote {region.document}: {region.name}")
    program = ROOT / "build" / "release" / "argosy"
    if not program.exists():
        say("the pages that the program prints are left as they are: ./dev build makes it")
        return
    for page, arguments_of_page in PAGES.items():
        wanted = subprocess.run([program, *arguments_of_page], check=True, capture_output=True, text=True).stdout
        path = ROOT / page
        if not path.exists() or path.read_text() != wanted:
            path.write_text(wanted)
            say(f"wrote {page}")


if __name__ == "__main__":
    main(work)
