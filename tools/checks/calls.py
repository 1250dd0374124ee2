"""Time, threads, processes, sockets, randomness and the environment are reached through ports: only core, net and cli touch them.

Tests are left alone: they may start a thread or read the environment to set their scene.
"""

import re

from checks import Finding, Tree, code_only

ALLOWED_ROOMS = ("core", "net", "cli")
FORBIDDEN = [
    (r"\bstd::(jthread|thread|async)\b(?!::hardware_concurrency)", "starts a thread: use the executor port of core/executor.hpp"),
    (r"(?<![\w.>])(?:::)?v?fork\s*\(|\b(?:posix_spawnp?|execv[pe]*|waitpid|waitid|popen)\s*\(",
     "starts or awaits a process: use the port of core/child_process.hpp"),
    (r"\b(sleep_for|sleep_until|usleep|nanosleep)\b|(?<![\w.>])sleep\s*\(", "sleeps: use a timer of the executor port"),
    (r"::now\s*\(|\bclock_gettime\b|\bgettimeofday\b|(?<![\w.>])(?:std::|::)?time\s*\(\s*(?:nullptr|NULL|0|&)",
     "reads the clock: take a Clock (core/clock.hpp)"),
    (r"(?<![\w.>])(?:::)?socket\s*\(|\bboost::asio\b|\bsys/socket\.h\b", "opens a socket: use a port of net/"),
    (r"\brandom_device\b|(?<![\w.>])s?rand\s*\(|\bgetrandom\b", "is not repeatable: use the generator of core/rng.hpp"),
    (r"\b(?:secure_)?getenv\b", "reads the environment: take a setting from the configuration"),
]


def is_test(name: str) -> bool:
    """A test, or what tests share (test_hub.hpp)."""
    return name.endswith("_test.cpp") or (name.startswith("test_") and name.endswith(".hpp"))


def check(tree: Tree) -> list:
    findings = []
    patterns = [(re.compile(pattern), advice) for pattern, advice in FORBIDDEN]
    for name in tree.cpp():
        parts = name.split("/")
        if parts[0] != "src" or parts[1] in ALLOWED_ROOMS or is_test(parts[-1]):
            continue
        for number, line in enumerate(code_only(tree.text(name)).splitlines(), 1):
            for pattern, advice in patterns:
                if match := pattern.search(line):
                    findings.append(Finding(name, number, f"`{match[0].strip()}` {advice}"))
    return findings
