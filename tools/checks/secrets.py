"""No key, token, password, private host, package registry or path of somebody's machine is committed.

The patterns are put together from parts, so that this file does not find itself. A line that must hold something which
only looks like a secret says `no secret: <why>` in a comment.
"""

import re

from checks import Finding, Tree

SKIPPED = (".csv", ".png", ".parquet", ".gz", ".ico", ".woff2", ".zip")
MAX_BYTES = 2 << 20
EXEMPTION = "no secret:"


def words(*groups: tuple) -> str:
    return "|".join(re.escape(".".join(group)) for group in groups)


REGISTRIES = words(("npmjs", "org"), ("npmjs", "com"), ("pypi", "org"), ("pythonhosted", "org"), ("crates", "io"),
                   ("debian", "org"), ("golang", "org"), ("maven", "org"), ("docker", "io"), ("ghcr", "io"))
HOMES = "|".join(("home", "Users"))

PATTERNS = [
    (r"-----BEGIN (?:[A-Z]+ )*PRIVATE " + "KEY", "a private key"),
    (r"\b(?:AK" + r"IA|AS" + r"IA)[0-9A-Z]{16}\b", "a cloud access key"),
    (r"\bgh[pousr]" + r"_[A-Za-z0-9]{30,}|\bgithub" + r"_pat_\w{30,}|\bglp" + r"at-[\w-]{20,}", "a code host's token"),
    (r"\bxox[abprs]" + r"-[A-Za-z0-9-]{10,}", "a chat token"),
    (r"\bsk" + r"[-_](?:live[-_]|test[-_]|proj[-_])?[A-Za-z0-9]{24,}", "a service's secret key"),
    (r"\bey" + r"J[A-Za-z0-9_-]{10,}\.ey" + r"J[A-Za-z0-9_-]{10,}\.", "a signed token"),
    (r"\b\d{8,10}:" + r"AA[\w-]{30,}", "a bot's token"),
    (r"(?i)\b(?:api[_-]?key|secret|token|passw(?:or)?d|passphrase)[\"']?\s*[:=]\s*[\"'][A-Za-z0-9+/_.~-]{16,}[\"']",
     "a secret written out"),
    (r"\b[a-z][a-z0-9+]*://[^/\s:@\"'<>{}$]+:[^/\s:@\"'<>{}$]+@", "an address with a password"),
    (r"(?<![\d.])(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d{1,3}\.\d{1,3}(?![\d.])", "a private address"),
    (r"\b[a-z0-9-]+\.(?:intern" + r"al|co" + r"rp|intra" + r"net|l" + r"an)\b(?![\w(])", "a private host"),
    (rf"(?:{REGISTRIES})\b", "a package registry's host: go through the package client's own configuration"),
    (rf"(?<![\w.~$}}])/(?:{HOMES})/[A-Za-z][\w.-]*/|(?<![\w.~$}}/])/(?:ro" + r"ot|wo" + r"rk)/[\w.]", "a path of somebody's machine"),
]


def check(tree: Tree) -> list:
    findings = []
    patterns = [(re.compile(pattern), what) for pattern, what in PATTERNS]
    for name in tree.files:
        path = tree.root / name
        if name.endswith(SKIPPED) or path.stat().st_size > MAX_BYTES:
            continue
        for number, line in enumerate(tree.text(name).splitlines(), 1):
            if EXEMPTION in line:
                continue
            for pattern, what in patterns:
                if pattern.search(line):
                    findings.append(Finding(name, number, f"looks like {what}: take it out, or say `{EXEMPTION} <why>`"))
    return findings
