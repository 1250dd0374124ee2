"""./dev screenshots: a picture of every page of the dashboard, at three widths, light and dark, in build/screenshots."""

import argparse

from build import build
from common import ROOT, Failure, main, run, say
from setup import setup
from web import WEB, environment, node

FOLDER = ROOT / "build" / "screenshots"


def work(arguments: list) -> None:
    parser = argparse.ArgumentParser(prog="./dev screenshots", description=__doc__)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="only these: overview, services, ... (default: all)")
    options = parser.parse_args(arguments)
    setup()
    build(["release"])
    FOLDER.mkdir(parents=True, exist_ok=True)
    if run([node(), WEB / "e2e" / "screenshots.mjs", FOLDER, *options.pages], cwd=WEB, env=environment()).returncode != 0:
        raise Failure("the pictures could not be made: the message above says why")
    say(f"screenshots: {FOLDER}")


if __name__ == "__main__":
    main(work)
