"""The checks that read sources: each finds what is planted, and passes a clean tree."""

import subprocess

from planted import ROOMS, PlantedTest

from checks import calls, code_only, format, includes, lengths, rooms


class RoomsTest(PlantedTest):
    def setUp(self) -> None:
        super().setUp()
        self.write("src/rooms.txt", ROOMS)
        self.write("src/core/time.hpp", "#pragma once\n#include <chrono>\n")
        self.write("src/market/bar.hpp", '#pragma once\n#include "core/time.hpp"\n')

    def test_clean_tree_passes(self) -> None:
        self.write("src/cli/main.cpp", '#include "market/bar.hpp"\n#include "cli/detail/table.hpp"\n')
        self.assert_clean(rooms.check(self.tree()))

    def test_room_that_is_not_in_the_row(self) -> None:
        self.write("src/core/log.cpp", '#include "core/time.hpp"\n#include "market/bar.hpp"\n')
        self.assert_found(rooms.check(self.tree()), "src/core/log.cpp", 2, "may not include room market")

    def test_private_part_of_another_room(self) -> None:
        self.write("src/market/bar.cpp", '#include "core/detail/clock.hpp"\n')
        self.assert_found(rooms.check(self.tree()), "src/market/bar.cpp", 1, "private to room core")

    def test_include_that_does_not_begin_with_a_room(self) -> None:
        self.write("src/market/bar.cpp", '#include "bar.hpp"\n')
        self.assert_found(rooms.check(self.tree()), "src/market/bar.cpp", 1, "beginning with its room")

    def test_headers_that_include_each_other(self) -> None:
        self.write("src/core/a.hpp", '#include "core/b.hpp"\n')
        self.write("src/core/b.hpp", '#include "core/a.hpp"\n')
        self.assert_found(rooms.check(self.tree()), "src/core/a.hpp", 0, "include each other")

    def test_row_that_uses_a_room_below_it(self) -> None:
        self.write("src/rooms.txt", ROOMS.replace("core | -", "core | market"))
        self.assert_found(rooms.check(self.tree()), "src/rooms.txt", 0, "lowest first")

    def test_folder_without_a_row(self) -> None:
        self.write("src/attic/old.cpp", "")
        self.assert_found(rooms.check(self.tree()), "src/rooms.txt", 0, "src/attic has no row")


class IncludesTest(PlantedTest):
    def setUp(self) -> None:
        super().setUp()
        self.write(includes.LIST, "# a comment\nboost/json | src/core/json.cpp\nLightGBM/ |\n")
        self.write("src/core/json.cpp", "#include <boost/json.hpp>\n#include <vector>\n")

    def test_clean_tree_passes(self) -> None:
        self.assert_clean(includes.check(self.tree()))

    def test_source_that_is_not_listed(self) -> None:
        self.write("src/core/log.cpp", "#include <boost/json/value.hpp>\n")
        self.assert_found(includes.check(self.tree()), "src/core/log.cpp", 1, "kept to few files")

    def test_header(self) -> None:
        self.write("src/core/model.hpp", "\n#include <LightGBM/c_api.h>\n")
        self.assert_found(includes.check(self.tree()), "src/core/model.hpp", 2, "kept to few files")

    def test_listed_file_that_is_gone_or_a_header(self) -> None:
        self.write(includes.LIST, "boost/json | src/core/gone.cpp src/core/json.hpp src/core/json.cpp\n")
        self.write("src/core/json.hpp", "")
        findings = includes.check(self.tree())
        self.assert_found(findings, includes.LIST, 0, "gone.cpp is listed but does not exist")
        self.assert_found(findings, includes.LIST, 0, "json.hpp is a header")


class CallsTest(PlantedTest):
    FORBIDDEN = ["std::thread worker(f);", "auto done = std::async(f);", "std::this_thread::sleep_for(1s);", "sleep(1);",
                 "auto t = std::chrono::system_clock::now();", "auto t = time(nullptr);", "int s = socket(AF_INET, 1, 0);",
                 "#include <boost/asio.hpp>\nboost::asio::io_context io;", "std::random_device seed;", "int x = rand();",
                 "const int child = ::fork();", "if (vfork() == 0) run();", "execve(path, arguments, environment);",
                 'const char* home = std::getenv("HOME");']
    ALLOWED = ["auto next = rng.fork(2);",
               "// std::thread is not used here", 'const char* text = "sleep(1) now() getenv";', "clock.now();",
               "account.time(0);", "/* std::random_device\n   getenv */ int brand = 1'000'000;",
               'auto text = R"(std::thread " getenv)";', "auto cores = std::thread::hardware_concurrency();",
               "order.sleep(1);"]

    def test_each_forbidden_call_is_found(self) -> None:
        for code in self.FORBIDDEN:
            with self.subTest(code):
                self.write("src/market/bar.cpp", f"\n{code}\n")
                line = code.count("\n") + 2
                self.assert_found(calls.check(self.tree()), "src/market/bar.cpp", line, ": " if ":" in code else "")

    def test_what_only_looks_like_one_passes(self) -> None:
        for code in self.ALLOWED:
            with self.subTest(code):
                self.write("src/market/bar.cpp", f"{code}\n")
                self.assert_clean(calls.check(self.tree()))

    def test_rooms_that_do_it_for_others_and_tests_pass(self) -> None:
        for name in ("src/core/clock.cpp", "src/net/tcp.cpp", "src/cli/main.cpp", "src/market/bar_test.cpp"):
            self.write(name, "std::thread worker(f);\n")
        self.assert_clean(calls.check(self.tree()))

    def test_code_only_keeps_lines(self) -> None:
        text = 'int a; // x\n/* y\n z */ "s\\"t" \'c\' b\n'
        self.assertEqual(text.count("\n"), code_only(text).count("\n"))
        self.assertEqual(["int", "a;", "b"], code_only(text).split())


class LengthsTest(PlantedTest):
    def test_limits(self) -> None:
        self.write("src/core/short.cpp", "\n" * lengths.WARN_LINES)
        self.assert_clean(lengths.check(self.tree()))
        self.write("src/core/long.cpp", "\n" * (lengths.WARN_LINES + 1))
        self.write("src/core/longer.cpp", "\n" * (lengths.FAIL_LINES + 1))
        findings = lengths.check(self.tree())
        self.assert_found(findings, "src/core/long.cpp", 0, "warning:")
        self.assert_found(findings, "src/core/longer.cpp", 0, "split it")


class FormatTest(PlantedTest):
    def test_violation_is_found_and_goes_away(self) -> None:
        self.write(".clang-format", "BasedOnStyle: Google\n")
        self.write("a.cpp", "int a = 1;\nint   b=2;\n")
        self.assert_found(format.check(self.tree()), "a.cpp", 2, "run ./dev format")
        subprocess.run([format.FORMATTER, "-i", "a.cpp"], cwd=self.root, check=True)
        self.assert_clean(format.check(self.tree()))
