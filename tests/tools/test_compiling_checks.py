"""The checks that compile: headers alone, and clang-tidy with its choice of files, its cache and its time."""

import json
import os
import time

from planted import ROOT, PlantedTest, git

from checks import headers, tidy
from checks.compiling import CleanCache, CompileCommands, fingerprint, in_parallel


class CompilingTest(PlantedTest):
    def setUp(self) -> None:
        super().setUp()
        (self.root / ".clang-tidy").write_text((ROOT / ".clang-tidy").read_text())
        self.write(".gitignore", "/build/\n/cache/\n")

    def commands(self, *sources: str) -> CompileCommands:
        entries = [{"directory": str(self.root / "build/release"), "file": str(self.root / source),
                    "command": f"ccache clang++-19 -std=c++23 -I{self.root}/src -o x.o -c {self.root / source}"}
                   for source in sources]
        self.write("build/release/compile_commands.json", json.dumps(entries))
        return CompileCommands(self.root)

    def cache(self) -> CleanCache:
        return CleanCache(self.root / "cache")


class HeadersTest(CompilingTest):
    def check(self, *sources: str) -> list:
        return headers.check(self.tree(), [], self.cache(), self.commands(*sources))

    def test_header_that_lacks_an_include(self) -> None:
        self.write("src/core/a.cpp", "")
        self.write("src/core/name.hpp", "#pragma once\nstd::string name();\n")
        self.assert_found(self.check("src/core/a.cpp"), "src/core/name.hpp", 2, "is compiled alone")

    def test_header_that_is_complete(self) -> None:
        self.write("src/core/a.cpp", "")
        self.write("src/core/name.hpp", "#pragma once\n#include <string>\nstd::string name();\n")
        self.assert_clean(self.check("src/core/a.cpp"))

    def test_dirty_header_is_not_remembered_as_clean(self) -> None:
        self.write("src/core/a.cpp", "")
        self.write("src/core/name.hpp", "#pragma once\nstd::string name();\n")
        self.assertEqual(1, len(self.check("src/core/a.cpp")))
        self.assertEqual(1, len(self.check("src/core/a.cpp")))


class TidyTest(CompilingTest):
    BAD = "int* Pointer() { return 0; }\n"
    GOOD = "int* pointer() { return nullptr; }\n"

    def check(self, *sources: str, **options) -> list:
        self.timings = []
        return tidy.check(self.tree(), self.timings, self.cache(), self.commands(*sources), **options)

    def test_violations_are_found_and_clean_files_pass(self) -> None:
        self.write("src/a.cpp", self.BAD)
        findings = self.check("src/a.cpp")
        self.assert_found(findings, "src/a.cpp", 1, "readability-identifier-naming")
        self.assert_found(findings, "src/a.cpp", 1, "modernize-use-nullptr")
        self.write("src/a.cpp", self.GOOD)
        self.assert_clean(self.check("src/a.cpp"))

    def test_violation_in_a_header_is_found_through_a_source(self) -> None:
        self.write("src/core/a.hpp", "#pragma once\ninline " + self.GOOD)
        self.write("src/core/b.cpp", '#include "core/a.hpp"\nint b() { return *pointer(); }\n')
        self.commit()
        self.write("src/core/a.hpp", "#pragma once\ninline " + self.BAD + self.GOOD)
        self.assert_found(self.check("src/core/b.cpp"), "src/core/a.hpp", 2, "readability-identifier-naming")

    def test_clean_file_is_remembered_until_it_or_its_header_changes(self) -> None:
        self.write("src/core/a.hpp", "#pragma once\ninline " + self.GOOD)
        self.write("src/core/a.cpp", '#include "core/a.hpp"\n')
        self.check("src/core/a.cpp")
        self.assertEqual(1, len(self.timings))
        self.check("src/core/a.cpp")
        self.assertEqual(0, len(self.timings))
        self.write("src/core/a.hpp", "#pragma once\ninline " + self.GOOD + "// changed\n")
        self.check("src/core/a.cpp")
        self.assertEqual(1, len(self.timings))

    def test_file_with_findings_is_not_remembered(self) -> None:
        self.write("src/a.cpp", self.BAD)
        self.assertTrue(self.check("src/a.cpp"))
        self.assertTrue(self.check("src/a.cpp"))

    def test_over_its_time_it_leaves_the_rest(self) -> None:
        self.write("src/a.cpp", self.BAD)
        self.assert_clean(self.check("src/a.cpp", seconds=-1))

    def test_choice_on_main_and_on_a_branch(self) -> None:
        sources = [f"src/{letter}.cpp" for letter in "abcdefghijklmnopqrst"]
        for source in sources:
            self.write(source, self.GOOD)
        self.commit()
        for number in range(tidy.COMMITS_ON_MAIN):
            self.write("notes.txt", str(number))
            self.commit()
        turn = (tidy.COMMITS_ON_MAIN + 1) % tidy.TURNS
        by_turn = [name for name in sources if tidy.turn_of(name) == turn]
        self.assertEqual(by_turn, tidy.choose(self.tree(), sources, False))
        self.assertEqual(sources, sorted(tidy.choose(self.tree(), sources, True)))
        git(self.root, "checkout", "-q", "-b", "topic")
        self.write("src/a.cpp", self.GOOD + "\n")
        self.commit()
        self.write("src/b.cpp", self.GOOD + "\n")
        self.assertEqual(["src/b.cpp", "src/a.cpp"], tidy.choose(self.tree(), sources, False)[:2])

    def test_all_turns_together_are_everything(self) -> None:
        names = [f"src/{number}.cpp" for number in range(300)]
        self.assertEqual(set(range(tidy.TURNS)), {tidy.turn_of(name) for name in names})


class SharedTest(CompilingTest):
    def test_flags_without_files(self) -> None:
        commands = self.commands("src/core/a.cpp")
        self.assertEqual(["-std=c++23", f"-I{self.root}/src"], commands.flags["src/core/a.cpp"])
        self.assertEqual(commands.flags["src/core/a.cpp"], commands.for_header("src/core/detail/b.hpp"))

    def test_fingerprint_does_not_depend_on_the_clone(self) -> None:
        self.write("src/a.cpp", "int a;\n")
        self.assertEqual(fingerprint(self.tree(), "src/a.cpp", "-Ix"), fingerprint(self.tree(), "src/a.cpp", "-Ix"))
        self.assertNotEqual(fingerprint(self.tree(), "src/a.cpp", "-Ix"), fingerprint(self.tree(), "src/a.cpp", "-Iy"))

    def test_cache_forgets_what_is_old(self) -> None:
        cache = self.cache()
        cache.add("old")
        long_ago = time.time() - (CleanCache.MAX_AGE_DAYS + 1) * 86400
        os.utime(self.root / "cache" / "old", (long_ago, long_ago))
        self.assertNotIn("old", self.cache())

    def test_parallel_work_keeps_order(self) -> None:
        timings = []
        done, left = in_parallel(lambda item: item * 2, [3, 1, 2], timings)
        self.assertEqual([(3, 6), (1, 2), (2, 4)], list(done.items()))
        self.assertEqual(([], 3), (left, len(timings)))
