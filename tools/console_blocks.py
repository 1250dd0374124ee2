"""Runs the fenced blocks marked `console` in README.md and docs/guides, so that what they show stays true.

In a block a line that begins with `$ ` is a command; a line ending in a backslash goes on in the next. The lines up to
the next command are its expected output: none given, any will do; `...` stands for any text within a line and, alone
on a line, for any run of lines. A command that fails makes its block fail. Every block runs in a folder of its own,
with the release program on the PATH, an ARGOSY_HOME that does not exist yet, and `samples/` beside it.
"""

import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from common import ROOT

COMMAND_TIMEOUT_S = 300


class Step(NamedTuple):
    command: str
    expected: list  # lines; empty: any output


class Block(NamedTuple):
    name: str  # file:line
    steps: list


def documents(root: Path = ROOT) -> list:
    return [path for path in [root / "README.md", *sorted((root / "docs" / "guides").glob("**/*.md"))] if path.exists()]


def read_blocks(path: Path, root: Path = ROOT) -> list:
    blocks = []
    steps = None
    continued = False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if steps is None:
            if re.fullmatch(r"```console\s*", line):
                steps = []
                blocks.append(Block(f"{path.relative_to(root)}:{number}", steps))
        elif line.startswith("```"):
            steps = None
        elif line.startswith("$ "):
            steps.append(Step(line[2:], []))
            continued = line.endswith("\\")
        elif continued:
            steps[-1] = Step(steps[-1].command + "\n" + line, [])
            continued = line.endswith("\\")
        elif steps:
            steps[-1].expected.append(line)
    return blocks


def matches(expected: list, output: str) -> bool:
    pattern = ""
    for line in expected:
        if line.strip() == "...":
            pattern += r"(?:[^\n]*\n)*"
        else:
            pattern += ".*".join(re.escape(part) for part in line.rstrip().split("...")) + r"[ \t]*\n"
    return re.fullmatch(pattern, output if output.endswith("\n") or not output else output + "\n") is not None


def run_block(block: Block, program_folder: Path, samples: Path = ROOT / "samples") -> str:
    """Runs a block; the empty string when all went as written, else what did not."""
    with tempfile.TemporaryDirectory(prefix="argosy-console-") as folder:
        if samples.exists():
            (Path(folder) / "samples").symlink_to(samples)
        environment = {**os.environ, "PATH": f"{program_folder}:{os.environ['PATH']}",
                       "ARGOSY_HOME": f"{folder}/home", "HOME": folder, "LC_ALL": "C.UTF-8"}
        for step in block.steps:
            try:
                result = subprocess.run(["bash", "-c", step.command], cwd=folder, env=environment, text=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        timeout=COMMAND_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                return f"$ {step.command}\nran longer than {COMMAND_TIMEOUT_S} s"
            if result.returncode != 0:
                return f"$ {step.command}\n{result.stdout}exit code {result.returncode}"
            if step.expected and not matches(step.expected, result.stdout):
                expected = "\n".join(step.expected)
                return f"$ {step.command}\n--- the document shows\n{expected}\n--- the program printed\n{result.stdout}"
    return ""
