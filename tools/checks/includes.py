"""Heavy third-party headers are included by few .cpp files, listed in tools/restricted-includes.txt, and by no header."""

import re

from checks import Finding, Tree

LIST = "tools/restricted-includes.txt"


def read_list(text: str) -> list:
    """(pattern, files) of each line `pattern | file file ...` (a blank before the bar)."""
    rules = []
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            pattern, _, files = line.partition(" |")
            rules.append((re.compile(pattern.strip()), files.split()))
    return rules


def check(tree: Tree) -> list:
    findings = []
    rules = read_list(tree.text(LIST))
    for _, files in rules:
        for name in files:
            if name not in tree.files:
                findings.append(Finding(LIST, 0, f"{name} is listed but does not exist: take it out"))
            elif name.endswith(".hpp"):
                findings.append(Finding(LIST, 0, f"{name} is a header: only .cpp files may be listed"))
    for name in tree.cpp():
        for line, path, _ in tree.includes(name):
            for pattern, files in rules:
                if pattern.match(path) and name not in files:
                    findings.append(Finding(name, line, f"<{path}> is kept to few files: use the room's own header in "
                                                        f"its place, or list this .cpp file in {LIST}"))
    return findings
