"""Small trees to plant violations in."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from checks import Tree  # noqa: E402  (found through the line above)

ROOT = Path(__file__).resolve().parents[2]
ROOMS = "core | - | the base\nmarket | core | bars\ncli | * | commands\n"


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


class PlantedTest(unittest.TestCase):
    """A test with a repository of its own in a temporary folder."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="argosy-planted-")
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve()
        git(self.root, "init", "-q", "-b", "main")

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def commit(self, message: str = "change") -> None:
        git(self.root, "add", ".")
        git(self.root, "commit", "-q", "-m", message)

    def tree(self) -> Tree:
        return Tree(self.root)

    def assert_clean(self, findings: list) -> None:
        self.assertEqual([], [str(finding) for finding in findings])

    def assert_found(self, findings: list, path: str, line: int, text: str) -> None:
        shown = "\n".join(str(finding) for finding in findings)
        self.assertTrue(any(finding.path == path and finding.line == line and text in finding.text
                            for finding in findings), f"wanted {path}:{line}: ...{text}..., found:\n{shown}")
