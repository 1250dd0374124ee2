"""Every header compiles alone, without precompiled headers: it includes all that it uses."""

import re
import subprocess

from checks import Finding, Tree
from checks.compiling import CleanCache, CompileCommands, fingerprint, in_parallel, tool_version

COMPILER = "clang++-19"


def compile_alone(tree: Tree, name: str, flags: list) -> list:
    command = [COMPILER, *flags, "-Wno-pragma-once-outside-header", "-fsyntax-only", "-x", "c++", name]
    result = subprocess.run(command, cwd=tree.root, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if result.returncode == 0:
        return []
    errors = re.findall(r"^(\S+?):(\d+):\d+: (?:fatal )?error: (.*)$", result.stderr, re.M)[:3]
    return [Finding(path, int(line), f"{text} (when {name} is compiled alone: include what it uses)")
            for path, line, text in errors] or [Finding(name, 0, result.stderr.strip()[-400:])]


def check(tree: Tree, timings: list, cache: CleanCache, commands: CompileCommands) -> list:
    keys = {}
    version = tool_version(COMPILER)
    for name in tree.named(".hpp"):
        key = fingerprint(tree, name, "header", version, " ".join(commands.for_header(name)))
        if key not in cache:
            keys[name] = key
    work = lambda name: compile_alone(tree, name, commands.for_header(name))
    done, _ = in_parallel(work, list(keys), timings)
    for name, findings in done.items():
        if not findings:
            cache.add(keys[name])
    return [finding for findings in done.values() for finding in findings]
