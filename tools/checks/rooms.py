"""The table in src/rooms.txt against the real includes: a room includes only the rooms in its row."""

import re
from pathlib import Path
from typing import NamedTuple

from checks import Finding, Tree

TABLE = "src/rooms.txt"


class Room(NamedTuple):
    name: str
    uses: list
    holds: str


def read_rooms(root: Path) -> list:
    rooms = []
    for line in (root / TABLE).read_text().splitlines():
        if re.match("[a-z]", line):
            name, uses, holds = (field.strip() for field in line.split("|", 2))
            names = [room.name for room in rooms] if uses == "*" else [] if uses == "-" else uses.split()
            rooms.append(Room(name, names, holds))
    return rooms


def check_table(rooms: list, tree: Tree) -> list:
    findings = []
    known = set()
    for room in rooms:
        for used in room.uses:
            if used not in known:
                findings.append(Finding(TABLE, 0, f"room {room.name} uses {used}, which is not above it: rooms are "
                                                  "listed lowest first, so that there are no cycles"))
        known.add(room.name)
    folders = {name.split("/")[1] for name in tree.files if re.match(r"src/[^/]+/", name)}
    for folder in sorted(folders - known):
        findings.append(Finding(TABLE, 0, f"the folder src/{folder} has no row: add one, or move its files"))
    return findings


def check_includes(rooms: list, tree: Tree) -> list:
    findings = []
    uses = {room.name: {room.name, *room.uses} for room in rooms}
    for name in tree.cpp():
        parts = name.split("/")
        if parts[0] != "src" or len(parts) < 3 or parts[1] not in uses:
            continue
        room = parts[1]
        for line, path, quoted in tree.includes(name):
            if not quoted:
                continue
            used = path.split("/")[0]
            if used not in uses:
                findings.append(Finding(name, line, f'write "{path}" from src/, beginning with its room'))
            elif used not in uses[room]:
                findings.append(Finding(name, line, f"room {room} may not include room {used}: see {TABLE}"))
            elif used != room and "/detail/" in path:
                findings.append(Finding(name, line, f"{path} is private to room {used}: include a public header"))
    return findings


def check_cycles(tree: Tree) -> list:
    """Headers that include each other; each cycle is told once."""
    graph = {name: [f"src/{path}" for _, path, quoted in tree.includes(name) if quoted] for name in tree.named(".hpp")}
    findings = []
    done = set()

    def visit(name: str, trail: list) -> None:
        if name in trail:
            cycle = [*trail[trail.index(name):], name]
            findings.append(Finding(name, 0, f"headers include each other: {' -> '.join(cycle)}"))
        elif name in graph and name not in done:
            for used in graph[name]:
                visit(used, [*trail, name])
            done.add(name)

    for name in graph:
        visit(name, [])
    return findings


def check(tree: Tree) -> list:
    rooms = read_rooms(tree.root)
    return check_table(rooms, tree) + check_includes(rooms, tree) + check_cycles(tree)
