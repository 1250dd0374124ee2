"""./dev build: sets up, then configures and builds presets with CMake, Ninja and ccache, and with release the dashboard."""

import argparse
import os
import shutil
from pathlib import Path

from common import PRESETS, ROOT, Failure, Stopwatch, build_folder, cores, main, run, say, write_timings
from setup import setup
from web import build_web


def environment() -> dict:
    # Paths below the project are hashed relative to it, so that a second clone finds what the first compiled.
    # The sloppiness is what ccache asks for where headers are precompiled.
    return {"CCACHE_BASEDIR": str(ROOT), "CCACHE_NOHASHDIR": "1", "CCACHE_SLOPPINESS": "pch_defines,time_macros",
            **os.environ}


def configured_for_here(folder: Path) -> bool:
    cache = folder / "CMakeCache.txt"
    return (folder / "build.ninja").exists() and f"CMAKE_HOME_DIRECTORY:INTERNAL={ROOT}\n" in cache.read_text()


def fail_build(preset: str, step: str) -> None:
    free = shutil.disk_usage(ROOT).free
    if free < 200 << 20:
        raise Failure(f"{step} of preset {preset} failed, and the disk is full ({free >> 20} MB free): make room and "
                      "run it again")
    raise Failure(f"{step} of preset {preset} failed: the first error above tells where. After changing "
                  f"tools/apt-packages.txt or CMake files it may help to remove {build_folder(preset).relative_to(ROOT)}")


def configure(preset: str) -> None:
    folder = build_folder(preset)
    if configured_for_here(folder):
        return
    shutil.rmtree(folder, ignore_errors=True)
    result = run(["cmake", "--preset", preset], env=environment(), capture_output=True, text=True)
    if result.returncode != 0:
        say(result.stdout + result.stderr)
        fail_build(preset, "configuring")


def compile_timings(folder: Path) -> list:
    """Seconds and name of what the last build made, from Ninja's log."""
    log = folder / ".ninja_log"
    timings = []
    for line in log.read_text().splitlines()[1:]:
        fields = line.split("\t")
        timings.append(((int(fields[1]) - int(fields[0])) / 1000, f"{folder.name}: {fields[3]}"))
    return timings


def link_program() -> None:
    program = ROOT / "build" / "release" / "argosy"
    link = ROOT / "argosy"
    if program.exists() and not (link.is_symlink() and os.readlink(link) == "build/release/argosy"):
        link.unlink(missing_ok=True)
        link.symlink_to("build/release/argosy")


def build(presets: list) -> None:
    for preset in presets:
        configure(preset)
        if run(["cmake", "--build", "--preset", preset, "--", "-j", str(cores())], env=environment()).returncode != 0:
            fail_build(preset, "building")
    folders = dict.fromkeys(build_folder(preset) for preset in presets)
    timings = [timing for folder in folders for timing in compile_timings(folder)]
    link_program()
    if "release" in presets:
        watch = Stopwatch()
        build_web()
        timings.append((watch.seconds(), "the dashboard"))
    write_timings("build", timings)


def work(arguments: list) -> None:
    parser = argparse.ArgumentParser(prog="./dev build", description=__doc__)
    parser.add_argument("--preset", action="append", choices=PRESETS, help="release (default), debug, tsan or planted; repeatable")
    options = parser.parse_args(arguments)
    setup()
    build(options.preset or ["release"])


if __name__ == "__main__":
    main(work)
