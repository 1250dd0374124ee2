"""The rules that ./dev check enforces, one module each; every one has a test in tests/tools that plants a violation."""

import re
import subprocess
from pathlib import Path
from typing import NamedTuple


class Finding(NamedTuple):
    path: str
    line: int  # 0: the whole file
    text: str  # what is wrong and what to do

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}" if self.line else f"{self.path}: {self.text}"


class Tree:
    """The files under a root that are, or could be, committed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        listing = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=root, check=True,
                                 capture_output=True, text=True).stdout
        names = sorted({name for name in listing.split("\0") if name})
        self.files = [name for name in names if (root / name).is_file() and not (root / name).is_symlink()]
        self._texts = {}

    def named(self, *suffixes: str) -> list:
        return [name for name in self.files if name.endswith(suffixes)]

    def cpp(self) -> list:
        return self.named(".cpp", ".hpp")

    def text(self, name: str) -> str:
        if name not in self._texts:
            self._texts[name] = (self.root / name).read_text(errors="replace")
        return self._texts[name]

    def includes(self, name: str) -> list:
        """(line, path, quoted) of each #include."""
        pattern = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
        found = []
        for number, line in enumerate(self.text(name).splitlines(), 1):
            if match := pattern.match(line):
                found.append((number, match[2], match[1] == '"'))
        return found

    def project_headers(self, name: str) -> set:
        """All of the project's own headers that a file includes, directly or not; itself is left out."""
        seen = set()
        waiting = [name]
        while waiting:
            for _, path, _ in self.includes(waiting.pop()):
                for candidate in (f"src/{path}", path):
                    if candidate not in seen and (self.root / candidate).is_file():
                        seen.add(candidate)
                        waiting.append(candidate)
        seen.discard(name)
        return seen


def code_only(text: str) -> str:
    """C++ text with comments and the contents of literals blanked, lines kept."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"'
                         r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'", re.S)
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
