"""clang-tidy on what changed, most recently first, and on a tenth of the rest by turn.

What changed: on a branch the files since its merge base with main, on main those of its last twenty commits, and in
both what is not committed. A changed header is looked at through one source that includes it. Files found clean are
remembered until they, a header of theirs or .clang-tidy change. After its time is over the check names what is left.
"""

import hashlib
import re
import subprocess

from checks import Finding, Tree
from checks.compiling import CleanCache, CompileCommands, fingerprint, in_parallel, tool_version

TIDY = "clang-tidy-19"
COMMITS_ON_MAIN = 20
TURNS = 10


def git(tree: Tree, *arguments: str) -> str:
    """Git's answer; empty when there is none, as to a question about a branch that does not exist."""
    result = subprocess.run(["git", *arguments], cwd=tree.root, capture_output=True, text=True)
    return result.stdout if result.returncode == 0 else ""


def changed_files(tree: Tree) -> list:
    """Names, the most recently changed first."""
    status = git(tree, "status", "--porcelain", "--untracked-files=all")
    names = [line[3:].split(" -> ")[-1] for line in status.splitlines()]
    head = git(tree, "rev-parse", "HEAD").strip()
    main = (git(tree, "rev-parse", "--verify", "-q", "main") or git(tree, "rev-parse", "--verify", "-q", "origin/main")).strip()
    base = git(tree, "merge-base", "HEAD", main).strip() if main else ""
    if not base or base == head:
        commits = [f"-{COMMITS_ON_MAIN}", "HEAD"]
    else:
        commits = [f"{base}..HEAD"]
    names += git(tree, "log", "--format=", "--name-only", *commits).splitlines()
    return list(dict.fromkeys(name for name in names if name in set(tree.files)))


def source_for(tree: Tree, header: str, sources: list) -> str:
    """The source through which a header is looked at: its own, else the first that includes it; empty when none does."""
    stem = header.removesuffix(".hpp")
    own = [name for name in (f"{stem}.cpp", f"{stem}_test.cpp") if name in sources]
    return next(iter(own or (name for name in sources if header in tree.project_headers(name))), "")


def turn_of(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % TURNS


def choose(tree: Tree, sources: list, everything: bool) -> list:
    """The sources to look at now, in order."""
    chosen = []
    for name in changed_files(tree):
        source = source_for(tree, name, sources) if name.endswith(".hpp") else name
        if source in sources:
            chosen.append(source)
    turn = int(git(tree, "rev-list", "--count", "HEAD").strip() or 0) % TURNS
    chosen += [name for name in sources if everything or turn_of(name) == turn]
    return list(dict.fromkeys(chosen))


def tidy_one(tree: Tree, name: str, flags: list) -> list:
    result = subprocess.run([TIDY, "--quiet", name, "--", *flags], cwd=tree.root, capture_output=True, text=True,
                            stdin=subprocess.DEVNULL)
    found = re.findall(r"^(\S+?):(\d+):\d+: (?:error|warning): (.*)$", result.stdout, re.M)
    findings = [Finding(path.removeprefix(f"{tree.root}/"), int(line), text) for path, line, text in found]
    if result.returncode != 0 and not findings:
        findings = [Finding(name, 0, (result.stdout + result.stderr).strip()[-400:])]
    return findings


def check(tree: Tree, timings: list, cache: CleanCache, commands: CompileCommands, seconds: float = float("inf"),
          everything: bool = False) -> list:
    sources = [name for name in tree.named(".cpp") if name in commands.flags]
    settings = (tool_version(TIDY), tree.text(".clang-tidy"))
    keys = {}
    for name in choose(tree, sources, everything):
        key = fingerprint(tree, name, "tidy", *settings, " ".join(commands.flags[name]))
        if key not in cache:
            keys[name] = key

    def look_at(name: str) -> list:
        findings = tidy_one(tree, name, commands.flags[name])
        if not findings:
            cache.add(keys[name])
        return findings

    done, left = in_parallel(look_at, list(keys), timings, seconds)
    if left:
        print(f"  tidy: its {seconds:.0f} s are over; {len(left)} files are left for the next turn: {' '.join(left)}")
    return list(dict.fromkeys(finding for findings in done.values() for finding in findings))
