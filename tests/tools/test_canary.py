"""The canary: tidy, the sanitizers and the compiler cache are really on in the presets, not only named there."""

import os
import shlex
import subprocess
import tempfile
import unittest
from pathlib import Path

from planted import ROOT

import build  # noqa: E402  (found through planted)

OBJECT = "tests/support/CMakeFiles/argosy_test_main.dir/test_main.cpp.o"  # every source shares its flags

USE_AFTER_FREE = "#include <cstdlib>\nint main(int argc, char**) { int* p = new int(argc); delete p; return *p; }\n"
OVERFLOW = "#include <climits>\nint main(int argc, char**) { int big = INT_MAX; return (big + argc) == 0 ? 1 : 0; }\n"
RACE = ("#include <thread>\nint shared = 0;\nint main() { std::thread other([] { shared = 1; });\n"
        "  shared = 2; other.join(); return shared == 0 ? 1 : 0; }\n")
HARMLESS = "int main() { return 0; }\n"


class CanaryTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="argosy-canary-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def compile_command(self, preset: str) -> list:
        """The very command by which the preset compiles one of its sources, launcher and all, without the files."""
        folder = ROOT / "build" / preset
        if not (folder / "build.ninja").exists():
            self.fail(f"build/{preset} is not configured: run ./dev build --preset {preset}")
        listing = subprocess.run(["ninja", "-C", folder, "-t", "commands", OBJECT], capture_output=True, text=True)
        self.assertEqual(0, listing.returncode, listing.stderr)
        arguments = shlex.split(listing.stdout.splitlines()[-1])
        return arguments[:arguments.index("-MD")]

    def build(self, preset: str, code: str) -> Path:
        source = self.folder / "planted.cpp"
        source.write_text(code)
        program = self.folder / "planted"
        # Nothing warns here, for a warning would be an error; the link takes lld as the presets do.
        command = [*self.compile_command(preset), "-w", "-fuse-ld=lld-19", "-o", str(program), str(source)]
        result = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "CCACHE_DISABLE": "1"})
        self.assertEqual(0, result.returncode, result.stderr)
        return program

    def complaint(self, preset: str, code: str) -> str:
        result = subprocess.run([self.build(preset, code)], capture_output=True, text=True)
        return result.stderr if result.returncode != 0 else ""

    def test_address_sanitizer(self) -> None:
        self.assertIn("heap-use-after-free", self.complaint("debug", USE_AFTER_FREE))

    def test_undefined_behaviour_sanitizer(self) -> None:
        self.assertIn("signed integer overflow", self.complaint("debug", OVERFLOW))

    def test_thread_sanitizer(self) -> None:
        self.assertIn("data race", self.complaint("tsan", RACE))

    def test_harmless_program_passes(self) -> None:
        for preset in ("debug", "tsan"):
            self.assertEqual("", self.complaint(preset, HARMLESS))

    def test_release_program_has_no_sanitizer(self) -> None:
        self.assertNotIn("-fsanitize", " ".join(self.compile_command("release")))

    def test_floating_point_is_not_contracted(self) -> None:
        for preset in ("release", "debug"):
            self.assertIn("-ffp-contract=off", self.compile_command(preset))

    def test_tidy_finds_a_planted_mistake(self) -> None:
        source = self.folder / "planted.cpp"
        source.write_text("#include <utility>\n#include <vector>\nstd::size_t f(std::vector<int> a) {\n"
                          "  std::vector<int> b = std::move(a);\n  return a.size() + b.size();\n}\n")
        command = ["clang-tidy-19", "--quiet", f"--config-file={ROOT / '.clang-tidy'}", source, "--", "-std=c++23"]
        result = subprocess.run(command, capture_output=True, text=True)
        self.assertNotEqual(0, result.returncode)
        self.assertIn("bugprone-use-after-move", result.stdout)

    def test_warning_is_an_error(self) -> None:
        source = self.folder / "planted.cpp"
        source.write_text("int narrow(long long wide) { return wide; }\n")
        command = [*self.compile_command("release"), "-c", "-o", str(self.folder / "planted.o"), str(source)]
        result = subprocess.run(command, capture_output=True, text=True)
        self.assertNotEqual(0, result.returncode)
        self.assertIn("-Wshorten-64-to-32", result.stderr)

    def test_second_compilation_hits_the_cache(self) -> None:
        source = self.folder / "planted.cpp"
        source.write_text(HARMLESS)
        environment = {**build.environment(), "CCACHE_DIR": str(self.folder / "cache")}
        environment.pop("CCACHE_DISABLE", None)
        command = [*self.compile_command("release"), "-c", "-o", str(self.folder / "planted.o"), str(source)]
        for _ in range(2):
            subprocess.run(command, check=True, env=environment, cwd=self.folder)
        statistics = subprocess.run(["ccache", "--print-stats"], check=True, capture_output=True, text=True, env=environment)
        counts = dict(line.split("\t") for line in statistics.stdout.splitlines())
        self.assertEqual(1, int(counts["direct_cache_hit"]) + int(counts["preprocessed_cache_hit"]))


if __name__ == "__main__":
    unittest.main()
