"""What is generated into the documents is what the sources say now: `./dev generate` rewrites it."""

from checks import Finding, Tree
from generate import REGIONS, replace_region


def check(tree: Tree) -> list:
    findings = []
    for region in REGIONS:
        if region.document not in tree.files:
            findings.append(Finding(region.document, 0, f"is missing, and should hold the generated part `{region.name}`"))
            continue
        text = tree.text(region.document)
        wanted = replace_region(text, region.name, region.make(tree.root))
        if wanted is None:
            findings.append(Finding(region.document, 0, f"has no generated part `{region.name}`: see tools/generate.py"))
        elif wanted != text:
            findings.append(Finding(region.document, 0, f"its part `{region.name}` is out of date: run ./dev generate"))
    return findings
