"""The dashboard's sources are laid out as prettier does, and their types hold."""

import re
import subprocess
from pathlib import Path

from checks import Finding, Tree
from common import ROOT, run
from web import environment, tool

FOLDER = "web"


def layout(web: Path) -> list:
    """Files that prettier would write otherwise."""
    result = run([*tool("prettier", "bin/prettier.cjs"), "--list-different", "."], cwd=web, env=environment(),
                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    findings = [Finding(f"{FOLDER}/{name}", 0, "is not laid out as prettier does: run ./dev format") for name in result.stdout.splitlines()]
    for file, line, text in re.findall(r"^\[error\] (\S+): (?:SyntaxError: )?.*\((\d+):\d+\)()", result.stderr, re.M):
        findings.append(Finding(f"{FOLDER}/{file}", int(line), text or "cannot be read: see what is wrong in its syntax"))
    if result.returncode != 0 and not findings:
        findings.append(Finding(FOLDER, 0, f"prettier failed: {result.stderr.strip()[-500:]}"))
    return findings


def types(web: Path) -> list:
    result = run([*tool("typescript", "bin/tsc"), "--noEmit", "--pretty", "false"], cwd=web, env=environment(),
                 stdout=subprocess.PIPE, text=True)
    found = re.findall(r"^([^\s(]+)\((\d+),\d+\): error (.*)$", result.stdout, re.M)
    findings = [Finding(f"{FOLDER}/{file}", int(line), text) for file, line, text in found]
    if result.returncode != 0 and not findings:
        findings.append(Finding(FOLDER, 0, f"tsc failed: {result.stdout.strip()[-500:]}"))
    return findings


def check(tree: Tree) -> list:
    web = tree.root / FOLDER
    if not tree.named(f"{FOLDER}/package.json"):
        return []
    if not (ROOT / FOLDER / "node_modules").exists() or not (web / "src" / "api" / "schema.d.ts").exists():
        return [Finding(FOLDER, 0, "its packages or the types of the API are not made yet: run ./dev build")]
    return layout(web) + types(web)
