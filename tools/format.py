"""./dev format: formats C++ files and the dashboard's sources in place: all of them, or those named."""

from checks import Tree
from checks.format import FORMATTER
from common import ROOT, Failure, main, run
from web import WEB, environment, tool


def work(arguments: list) -> None:
    names = arguments or Tree(ROOT).cpp()
    cpp = [name for name in names if name.endswith((".cpp", ".hpp"))]
    web = [ROOT / name for name in arguments if not name.endswith((".cpp", ".hpp"))] if arguments else ["."]
    if cpp and run([FORMATTER, "-i", *cpp]).returncode != 0:
        raise Failure("clang-format failed: see its message above")
    # Before the first ./dev build its packages are not there.
    if web and (WEB / "node_modules").exists():
        command = [*tool("prettier", "bin/prettier.cjs"), "--write", "--ignore-unknown", "--log-level", "warn", *web]
        if run(command, cwd=WEB, env=environment()).returncode != 0:
            raise Failure("prettier failed: see its message above")


if __name__ == "__main__":
    main(work)
