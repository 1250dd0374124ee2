"""./dev format: formats C++ files in place: all of them, or those named."""

from checks import Tree
from checks.format import FORMATTER
from common import ROOT, Failure, main, run


def work(arguments: list) -> None:
    names = arguments or Tree(ROOT).cpp()
    if names and run([FORMATTER, "-i", *names]).returncode != 0:
        raise Failure("clang-format failed: see its message above")


if __name__ == "__main__":
    main(work)
