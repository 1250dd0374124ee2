"""Files stay short enough to be read: over 600 lines is a warning, over 900 an error."""

from checks import Finding, Tree

WARN_LINES = 600
FAIL_LINES = 900
SUFFIXES = (".cpp", ".hpp", ".py", ".sh", ".cmake", ".ts", ".tsx", ".mjs", ".css", "/dev", "/run")


def check(tree: Tree) -> list:
    findings = []
    for name in tree.named(*SUFFIXES):
        lines = tree.text(name).count("\n")
        if lines > FAIL_LINES:
            findings.append(Finding(name, 0, f"has {lines} lines, at most {FAIL_LINES} are allowed: split it by what its parts do"))
        elif lines > WARN_LINES:
            findings.append(Finding(name, 0, f"warning: has {lines} lines; think of splitting it before {FAIL_LINES}"))
    return findings
