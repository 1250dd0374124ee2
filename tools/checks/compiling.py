"""What the checks that compile share: each file's compiler flags, a cache of what was found clean, parallel work."""

import concurrent.futures
import hashlib
import json
import os
import shlex
import subprocess
import time
from pathlib import Path
from typing import Callable, Optional

from checks import Tree

DATABASE = "build/release/compile_commands.json"


class CompileCommands:
    """Flags by file, from the release preset's compilation database; paths are relative to the root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.flags = {}
        for entry in json.loads((root / DATABASE).read_text()):
            arguments = shlex.split(entry["command"])
            if "ccache" in Path(arguments[0]).name:
                arguments = arguments[1:]
            name = os.path.relpath(entry["file"], root)
            self.flags[name] = self._without_files(arguments[1:])

    @staticmethod
    def _without_files(arguments: list) -> list:
        flags = []
        skip = 0
        for argument in arguments:
            if skip:
                skip -= 1
            elif argument in ("-o", "-c", "-MF", "-MT", "-Xclang"):  # -Xclang: precompiled headers
                skip = 1
            elif argument != "-MD":
                flags.append(argument)
        return flags

    def for_header(self, name: str) -> list:
        """The flags of a source beside the header, for it sees the third-party headers that its room sees."""
        folder = os.path.dirname(name)
        while folder:
            for source, flags in self.flags.items():
                if source.startswith(folder + "/"):
                    return flags
            folder = os.path.dirname(folder)
        return next(iter(self.flags.values()), [])


def fingerprint(tree: Tree, name: str, *settings: str) -> str:
    """Changes when the file, one of the project's headers it includes, or a setting changes."""
    digest = hashlib.sha256()
    for setting in settings:
        digest.update(setting.replace(str(tree.root), "ROOT").encode() + b"\0")
    for part in [name, *sorted(tree.project_headers(name))]:
        digest.update(part.encode() + b"\0" + tree.text(part).encode() + b"\0")
    return digest.hexdigest()


class CleanCache:
    """Remembers what was found clean, by fingerprint, beyond one clone and one run."""

    MAX_AGE_DAYS = 60

    def __init__(self, folder: Optional[Path] = None) -> None:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        self.folder = folder or base / "argosy-check"
        self.folder.mkdir(parents=True, exist_ok=True)
        oldest = time.time() - self.MAX_AGE_DAYS * 86400
        for path in self.folder.iterdir():
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)

    def __contains__(self, key: str) -> bool:
        path = self.folder / key
        if path.exists():
            os.utime(path)
            return True
        return False

    def add(self, key: str) -> None:
        (self.folder / key).touch()


def tool_version(tool: str) -> str:
    return subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout


def in_parallel(work: Callable, items: list, timings: list, seconds: float = float("inf")) -> tuple:
    """Runs work(item) on all cores: results by item, and the items not begun before the time was over."""
    started = time.monotonic()

    def one(item):
        begun = time.monotonic()
        if begun - started > seconds:
            return None, True
        result = work(item)
        timings.append((time.monotonic() - begun, str(item)))
        return result, False

    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        results = list(pool.map(one, items))
    done = {item: result for item, (result, late) in zip(items, results) if not late}
    left = [item for item, (_, late) in zip(items, results) if late]
    return done, left
