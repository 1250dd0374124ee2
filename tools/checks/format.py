"""C++ files look as clang-format and .clang-format say."""

import re
import subprocess

from checks import Finding, Tree
from checks.compiling import in_parallel

FORMATTER = "clang-format-19"


def check_one(tree: Tree, name: str) -> list:
    result = subprocess.run([FORMATTER, "--dry-run", name], cwd=tree.root, capture_output=True, text=True)
    lines = re.findall(rf"^{re.escape(name)}:(\d+):", result.stderr, re.M)
    if lines:
        return [Finding(name, int(lines[0]), "is not formatted: run ./dev format")]
    return [Finding(name, 0, result.stderr.strip())] if result.returncode else []


def check(tree: Tree) -> list:
    done, _ = in_parallel(lambda name: check_one(tree, name), tree.cpp(), [])
    return [finding for findings in done.values() for finding in findings]
