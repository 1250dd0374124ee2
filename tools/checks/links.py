"""Relative links in the documents lead to files, and their anchors to headings."""

import posixpath
import re
from urllib.parse import unquote

from checks import Finding, Tree

LINK = re.compile(r"!?\[[^\]\n]*\]\(\s*<?([^)>\s]+)>?(?:\s+\"[^\"]*\")?\s*\)|^\[[^\]]+\]:\s*(\S+)", re.M)


def prose(text: str) -> str:
    """Markdown with code and HTML comments blanked, lines kept."""
    blank = lambda match: re.sub(r"[^\n]", " ", match[0])
    text = re.sub(r"^(```|~~~).*?^\1[^\n]*$", blank, text, flags=re.S | re.M)
    text = re.sub(r"<!--.*?-->", blank, text, flags=re.S)
    return re.sub(r"`[^`\n]*`", blank, text)


def anchors(text: str) -> set:
    """The anchors of a document's headings, made the way code hosts make them."""
    found = set()
    outside_code = re.sub(r"^(```|~~~).*?^\1[^\n]*$", "", text, flags=re.S | re.M)
    for heading in re.findall(r"^#{1,6}\s+(.+?)\s*#*$", outside_code, re.M):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        anchor = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        count = 0
        name = anchor
        while name in found:
            count += 1
            name = f"{anchor}-{count}"
        found.add(name)
    found.update(re.findall(r"<a\s+(?:id|name)=\"([^\"]+)\"", text))
    return found


def check(tree: Tree) -> list:
    findings = []
    for name in tree.named(".md"):
        text = prose(tree.text(name))
        for match in LINK.finditer(text):
            target = unquote(match[1] or match[2])
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            line = text.count("\n", 0, match.start()) + 1
            path, _, anchor = target.partition("#")
            linked = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
            if path.startswith("/") or linked.startswith(".."):
                findings.append(Finding(name, line, f"{target} leads out of the project: link relative to this file"))
            elif not (tree.root / linked).exists():
                findings.append(Finding(name, line, f"{target} leads to {linked}, which does not exist"))
            elif anchor and linked.endswith(".md") and anchor not in anchors(tree.text(linked)):
                findings.append(Finding(name, line, f"{linked} has no heading for the anchor #{anchor}"))
    return findings
