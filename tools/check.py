"""./dev check: the project's own rules. Each is a module in tools/checks/ with a test in tests/tools/."""

import argparse

from build import configure
from checks import Tree, calls, format, generated, headers, includes, lengths, links, rooms, secrets, tidy, web
from checks.compiling import CleanCache, CompileCommands
from common import ROOT, Stopwatch, main, say, write_timings
from setup import setup

TIDY_SECONDS = 150  # of the six minutes that CI gives to all checks
SHOWN = 50  # findings a check


def work(arguments: list) -> int:
    timings = []
    plain = {"format": format, "rooms": rooms, "includes": includes, "calls": calls, "secrets": secrets,
             "links": links, "lengths": lengths, "generated": generated, "web": web}
    names = [*plain, "headers", "tidy"]
    parser = argparse.ArgumentParser(prog="./dev check", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these: {' '.join(names)}")
    parser.add_argument("--all", action="store_true", help="tidy every file, however long it takes")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in names]:
        parser.error(f"there is no check {unknown[0]}; there are: {' '.join(names)}")
    chosen = options.names or names
    setup()
    commands = cache = None
    if "headers" in chosen or "tidy" in chosen:
        configure("release")
        commands, cache = CompileCommands(ROOT), CleanCache()
    tree = Tree(ROOT)
    failed = False
    for name in chosen:
        watch = Stopwatch()
        if name == "headers":
            findings = headers.check(tree, timings, cache, commands)
        elif name == "tidy":
            seconds = float("inf") if options.all else TIDY_SECONDS
            findings = tidy.check(tree, timings, cache, commands, seconds, options.all)
        else:
            findings = plain[name].check(tree)
        timings.append((watch.seconds(), f"check {name}"))
        errors = [finding for finding in findings if not finding.text.startswith("warning:")]
        failed = failed or bool(errors)
        say(f"{name:10} {watch.seconds():6.1f} s  {f'{len(errors)} findings' if errors else 'ok'}")
        for finding in findings[:SHOWN]:
            say(f"  {finding}")
        if len(findings) > SHOWN:
            say(f"  and {len(findings) - SHOWN} more")
    write_timings("check", timings)
    return 1 if failed else 0


if __name__ == "__main__":
    main(work)
