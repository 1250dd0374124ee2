"""The real program, started by tests. ARGOSY names it; otherwise the release build is taken."""

import os
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("ARGOSY", str(ROOT / "build" / "release" / "argosy"))


class Home:
    """A fresh home in a temporary folder, and the program that works in it."""

    def __init__(self):
        self.program = PROGRAM
        self.temporary = tempfile.mkdtemp(prefix="argosy-test-")
        self.folder = f"{self.temporary}/home"

    def remove(self):
        shutil.rmtree(self.temporary, ignore_errors=True)

    def run(self, *arguments, check=True, **options):
        """Runs `argosy ARGUMENTS --home ...`; with check, a failure raises with what was written."""
        command = [self.program, *map(str, arguments), "--home", self.folder]
        done = subprocess.run(command, capture_output=True, text=True, **options)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done
