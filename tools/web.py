"""Builds the dashboard in web/ into build/web, from which `argosy serve` serves it.

Each step looks first whether there is anything to do: packages by the lock file, types by the API's own document, the
rest by all that goes into it. What is built takes the place of what was there in one step, and only when its first load
is within its budget.
"""

import gzip
import hashlib
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

from common import ROOT, Failure, run, say
from setup import client_output, npm_command

WEB = ROOT / "web"
OUTPUT = ROOT / "build" / "web"
DOCUMENT = ROOT / "build" / "openapi.json"
WORK = ROOT / "build" / "web-work"  # what is made on the way
FIRST_LOAD_MOST = 300_000  # bytes, compressed
PACKED = (".html", ".js", ".css", ".json", ".svg", ".webmanifest", ".txt")
PACKED_FROM = 256  # bytes
# What is written by the build, or plays no part in it.
NO_INPUT = ("node_modules", "e2e", "README.md", "schema.d.ts")


def node() -> Path:
    return npm_command()[0]


def tool(package: str, script: str) -> list:
    return [node(), WEB / "node_modules" / package / script]


def checked(what: str, command: list, **options) -> str:
    result = run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **{"cwd": WEB, **options})
    if result.returncode != 0:
        raise Failure(f"{what} of the dashboard failed:\n{result.stdout.strip()}")
    return result.stdout


def digest(*parts: bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()


def write_if_other(path: Path, text: str) -> bool:
    if path.exists() and path.read_text() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return True


def install_packages(web: Path = WEB) -> bool:
    """web/node_modules as the lock file has it; what is there besides goes. No script of a package is run."""
    wanted = digest((web / "package-lock.json").read_bytes(), str(node()).encode())
    stamp = web / "node_modules" / ".argosy-stamp"
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    say("npm: the packages of the dashboard")
    client_output("npm", [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=web,
                  env=environment())
    stamp.write_text(wanted)
    return True


def environment() -> dict:
    """Programs of packages find the same Node, whatever else the machine has."""
    return {**os.environ, "PATH": f"{node().parent}:{os.environ['PATH']}", "NO_COLOR": "1"}


def make_types(program: Path) -> None:
    """src/api/schema.d.ts from what the program says of its own API, so that the two cannot drift."""
    document = checked("the API's document", [program, "api", "openapi"], cwd=ROOT)
    types = WEB / "src" / "api" / "schema.d.ts"
    if not write_if_other(DOCUMENT, document) and types.exists():
        return
    types.parent.mkdir(parents=True, exist_ok=True)
    types.unlink(missing_ok=True)
    checked("making types", [*tool("openapi-typescript", "bin/cli.js"), DOCUMENT, "-o", types])


def inputs(web: Path = WEB) -> list:
    found = []
    for path in sorted(web.rglob("*")):
        parts = path.relative_to(web).parts
        if path.is_file() and not any(part in NO_INPUT for part in parts) and not parts[-1].endswith((".test.ts", ".test.tsx")):
            found.append(path)
    return found


def digest_of_inputs(web: Path = WEB, document: Path = DOCUMENT) -> str:
    parts = [Path(__file__).read_bytes(), document.read_bytes()]
    for path in inputs(web):
        parts += [str(path.relative_to(web)).encode(), path.read_bytes()]
    return digest(*parts)


def pack(folder: Path) -> None:
    """Leaves `NAME.gz` beside what is worth it; the same bytes each time."""
    for path in sorted(folder.rglob("*")):
        if path.suffix not in PACKED or path.stat().st_size < PACKED_FROM:
            continue
        packed = gzip.compress(path.read_bytes(), 9, mtime=0)
        if len(packed) < path.stat().st_size:
            path.with_name(path.name + ".gz").write_bytes(packed)


class Page(HTMLParser):
    """What a page loads before anything of it runs, and what its policy would keep from running."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads = []
        self.refused = []
        self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        given = dict(attributes)
        self.inside = tag if tag in ("script", "style") and "src" not in given else ""
        relation = (given.get("rel") or "").split()
        if tag == "script" and "src" in given:
            self.loads.append(given["src"])
        if tag == "link" and {"stylesheet", "modulepreload"} & set(relation):
            self.loads.append(given.get("href") or "")
        self.refused += [f"{tag} has {name}" for name in given if name == "style" or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        if self.inside and data.strip():
            self.refused.append(f"a {self.inside} stands in it")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""


def loaded_size(path: Path) -> int:
    """Bytes that go over the line."""
    packed = path.with_name(path.name + ".gz")
    return (packed if packed.exists() else path).stat().st_size


def first_load(folder: Path) -> list:
    """(name, bytes) of what a browser needs to show the first page."""
    index = folder / "index.html"
    page = Page(index.read_text())
    if page.refused:
        raise Failure(f"index.html of the dashboard would be kept from running by its policy: {', '.join(page.refused)}")
    sizes = [("index.html", loaded_size(index))]
    for name in dict.fromkeys(page.loads):
        if not re.fullmatch(r"/[\w./-]+", name) or not (folder / name[1:]).is_file():
            raise Failure(f"index.html of the dashboard loads {name}, which is no file of its own")
        sizes.append((name[1:], loaded_size(folder / name[1:])))
    return sizes


def check_budget(folder: Path, most: int = FIRST_LOAD_MOST) -> str:
    """What is to be said of the sizes; a Failure when the first load is over its budget."""
    sizes = first_load(folder)
    total = sum(size for _, size in sizes)
    lines = [f"  {size / 1000:8.1f} kB  {name}" for name, size in sorted(sizes, key=lambda each: -each[1])]
    if total >= most:
        raise Failure("\n".join([f"the first load of the dashboard is {total / 1000:.1f} kB, compressed; its budget is "
                                 f"{most / 1000:.0f} kB. Load what the first page does not need when it is needed:", *lines]))
    names = {name for name, _ in sizes}
    later = [path for path in folder.rglob("*.js") if str(path.relative_to(folder)) not in names]
    lines += [f"  {loaded_size(path) / 1000:8.1f} kB  {path.relative_to(folder)} (when needed)"
              for path in sorted(later, key=loaded_size, reverse=True)[:6]]
    return "\n".join([f"web: first load {total / 1000:.1f} kB of {most / 1000:.0f} kB, compressed", *lines])


def replace_folder(made: Path, place: Path) -> None:
    old = place.with_name(place.name + "-old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    made.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def build_web(program: Path = ROOT / "build" / "release" / "argosy") -> bool:
    """True when there was something to do."""
    install_packages()
    make_types(program)
    stamp = WORK / "stamp"
    wanted = digest_of_inputs()
    if stamp.exists() and stamp.read_text() == wanted and (OUTPUT / "index.html").exists():
        return False
    checked("checking the types", [*tool("typescript", "bin/tsc"), "--noEmit"], env=environment())
    made = WORK / "dist"
    WORK.mkdir(parents=True, exist_ok=True)
    checked("bundling", [*tool("vite", "bin/vite.js"), "build", "--outDir", made, "--emptyOutDir", "--logLevel", "warn"],
            env=environment())
    pack(made)
    say(check_budget(made))
    replace_folder(made, OUTPUT)
    stamp.write_text(wanted)
    return True
