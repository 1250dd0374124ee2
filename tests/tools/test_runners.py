"""The runners behind ./dev and .ci/run: set-up, test counts, the documents' console blocks, the stages of CI."""

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from planted import ROOT

import console_blocks
import fuzz
import setup
import test as test_tool
from common import Failure


class TemporaryTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="argosy-runner-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name).resolve()

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


class SetupTest(TemporaryTest):
    PIN = "npm | thing | 1.0 | " + "0" * 64 + " | package/a.h -> thing/a.h | a header\n"

    def test_pins_of_the_project_are_readable(self) -> None:
        self.assertTrue(all(pin.client in ("npm", "pip") and pin.purpose for pin in setup.read_pins()))
        self.assertIn("clang-19", setup.read_packages())

    def test_pin_without_a_hash_is_refused(self) -> None:
        path = self.write("pins.txt", "# pins\n" + self.PIN.replace("0" * 64, "none"))
        with self.assertRaisesRegex(Failure, "pins.txt:2: .*SHA-256"):
            setup.read_pins(path)

    def test_pin_may_have_many_files(self) -> None:
        path = self.write("pins.txt", self.PIN + self.PIN.replace("thing/a.h", "thing/a.h, package/b -> thing/b"))
        one, two = setup.read_pins(path)
        self.assertEqual((("package/a.h", "thing/a.h"),), one.files)
        self.assertEqual((("package/a.h", "thing/a.h"), ("package/b", "thing/b")), two.files)
        self.assertEqual(one.stamp(), two.stamp())
        path = self.write("pins.txt", self.PIN.replace(" -> thing/a.h", ""))
        with self.assertRaisesRegex(Failure, "pins.txt:1: .*name -> place"):
            setup.read_pins(path)

    def test_file_with_another_hash_is_refused(self) -> None:
        path = self.write("thing.tgz", "changed")
        setup.verify(path, hashlib.sha256(b"changed").hexdigest())
        with self.assertRaisesRegex(Failure, "Do not use it"):
            setup.verify(path, "0" * 64)

    def test_member_is_taken_out_whole(self) -> None:
        source = self.write("a.h", "int a;\n")
        with tarfile.open(self.folder / "thing.tgz", "w:gz") as package:
            package.add(source, "package/a.h")
        setup.extract_member(self.folder / "thing.tgz", "package/a.h", self.folder / "out" / "a.h")
        self.assertEqual("int a;\n", (self.folder / "out" / "a.h").read_text())
        self.assertEqual(["a.h"], os.listdir(self.folder / "out"))

    def test_done_only_with_the_same_stamp_and_the_file(self) -> None:
        with mock.patch.object(setup, "DEPS", self.folder):
            target = self.write("thing/a.h", "")
            setup.mark_done("@a/thing", "1.0")
            self.assertTrue(setup.is_done("@a/thing", "1.0", target))
            self.assertFalse(setup.is_done("@a/thing", "1.1", target))
            target.unlink()
            self.assertFalse(setup.is_done("@a/thing", "1.0", target))

    def test_failures_say_what_to_do(self) -> None:
        for text, advice in [("write error: No space left on device", "make room"),
                             ("Temporary failure resolving 'mirror'", "check the network"),
                             ("Retrying: SSLError: certificate verify failed", "CA certificate"),
                             ("npm error code EAI_AGAIN", "check the network"),
                             ("E: Unable to locate package clang-19", "Debian 12"),
                             ("E: Could not get lock /var/lib/dpkg/lock", "wait for it"),
                             ("something new", "see its message below")]:
            with self.subTest(text):
                self.assertIn(advice, setup.explain("apt-get", text))
                self.assertIn(text, setup.explain("apt-get", text))

    def test_full_disk(self) -> None:
        with mock.patch("shutil.disk_usage", return_value=mock.Mock(free=1 << 20)):
            with self.assertRaisesRegex(Failure, "make room"):
                setup.check_disk(self.folder)

    def test_neither_root_nor_sudo(self) -> None:
        with mock.patch("os.geteuid", return_value=1000), mock.patch("shutil.which", return_value=None):
            with self.assertRaisesRegex(Failure, "Ask an administrator to run: apt-get install x"):
                setup.as_root(["apt-get", "install", "x"])

    def test_sudo_that_wants_a_password_without_a_terminal(self) -> None:
        with mock.patch("os.geteuid", return_value=1000), mock.patch("shutil.which", return_value="/usr/bin/sudo"), \
                mock.patch("setup.run", return_value=mock.Mock(returncode=1)), \
                mock.patch("sys.stdin", mock.Mock(isatty=lambda: False)):
            with self.assertRaisesRegex(Failure, "Run it yourself: sudo apt-get update"):
                setup.as_root(["apt-get", "update"])


class TallyTest(TemporaryTest):
    def test_cases_of_a_program_are_counted(self) -> None:
        report = self.write("a.xml", """<?xml version="1.0"?><testsuites tests="4"><testsuite name="Suite">
            <testcase name="Passes" status="run" result="completed" time="0.5" classname="Suite" />
            <testcase name="Fails" status="run" result="completed" time="0" classname="Suite">
              <failure message="x" type=""></failure></testcase>
            <testcase name="Skips" status="run" result="skipped" time="0" classname="Suite">
              <skipped message="a_test.cpp:6&#x0A;no tmpfs here" /></testcase>
            <testcase name="Off" status="notrun" result="suppressed" time="0" classname="Suite" />
            </testsuite></testsuites>""")
        tally = test_tool.Tally()
        test_tool.read_gtest_report(report, "release: ", tally)
        self.assertEqual("1 passed, 1 failed, 2 skipped", tally.line())
        self.assertEqual(["release: Suite.Fails"], tally.failures)
        self.assertEqual(["release: Suite.Skips: no tmpfs here", "release: Suite.Off: disabled"], tally.skips)
        self.assertIn((0.5, "release: Suite.Passes"), tally.timings)

    def test_nothing_skipped_is_not_said(self) -> None:
        self.assertEqual("0 passed, 0 failed", test_tool.Tally().line())

    @staticmethod
    def run_quietly(command: list, **options) -> subprocess.CompletedProcess:
        command = [command[0], ROOT / "tools" / "python_tests.py", *command[2:]]
        return subprocess.run(command, stderr=subprocess.DEVNULL, **options)

    def test_python_tests_are_counted(self) -> None:
        self.write("test_planted.py", "import unittest\nclass Planted(unittest.TestCase):\n"
                   "  def test_passes(self): pass\n  def test_fails(self): self.fail()\n  def test_breaks(self): 1 / 0\n"
                   "  @unittest.skip('why')\n  def test_skips(self): pass\n"
                   "  def test_parts(self):\n    for part in (1, 2):\n      with self.subTest(part): self.assertEqual(1, part)\n")
        tally = test_tool.Tally()
        with mock.patch("test.ROOT", self.folder), mock.patch("test.say"), mock.patch("test.run", self.run_quietly):
            test_tool.run_python_tests(self.folder, Path(sys.executable), {}, tally)
        self.assertEqual("1 passed, 3 failed, 1 skipped", tally.line())

    def test_python_files_run_beside_each_other(self) -> None:
        # Each waits until the other one has begun; a third one ends as a whole.
        for own, other in (("a", "b"), ("b", "a")):
            self.write(f"test_{own}.py", "import pathlib, time, unittest\nclass Waits(unittest.TestCase):\n"
                       f"  def test_waits(self):\n    here = pathlib.Path({str(self.folder)!r})\n"
                       f"    (here / '{own}').touch()\n    end = time.monotonic() + 20\n"
                       f"    while not (here / '{other}').exists(): self.assertLess(time.monotonic(), end)\n")
        self.write("test_c.py", "import os\nos._exit(3)\n")
        tally = test_tool.Tally()
        with mock.patch("test.ROOT", self.folder), mock.patch("test.say"), mock.patch("test.run", self.run_quietly):
            test_tool.run_python_tests(self.folder, Path(sys.executable), {}, tally, 2)
        self.assertEqual("2 passed, 1 failed", tally.line())
        self.assertEqual([".: test_c.py (it could not be run)"], tally.failures)


class ConsoleBlocksTest(TemporaryTest):
    def run_text(self, text: str) -> list:
        path = self.write("README.md", f"# Title\n```console\n{text}```\n")
        return [console_blocks.run_block(block, self.folder) for block in console_blocks.read_blocks(path, self.folder)]

    def test_output_as_written_passes(self) -> None:
        self.assertEqual([""], self.run_text("$ echo one; echo two\none\ntwo\n$ echo three\n"))

    def test_other_output_fails_and_is_shown(self) -> None:
        problem, = self.run_text("$ echo one\ntwo\n")
        self.assertIn("--- the document shows\ntwo\n--- the program printed\none", problem)

    def test_dots_stand_for_anything(self) -> None:
        self.assertEqual([""], self.run_text("$ seq 1 9\n1\n...\n9\n$ echo took 12 ms\ntook ... ms\n"))
        self.assertNotEqual([""], self.run_text("$ seq 1 9\n2\n...\n"))
        self.assertEqual([""], self.run_text("$ echo one\none\n...\n"))

    def test_command_that_fails(self) -> None:
        self.assertIn("exit code 3", self.run_text("$ exit 3\n")[0])
        self.assertEqual([""], self.run_text("$ (exit 3); echo code $?\ncode 3\n"))

    def test_command_over_two_lines(self) -> None:
        self.assertEqual([""], self.run_text("$ echo one \\\n    two\none two\n"))

    def test_commands_share_a_folder_with_a_fresh_home(self) -> None:
        self.assertEqual([""], self.run_text("$ echo x > file\n$ cat file\nx\n$ ls -d $ARGOSY_HOME || echo none\n...\nnone\n"))

    def test_program_is_on_the_path(self) -> None:
        program = self.write("argosy", "#!/bin/sh\necho argosy $1\n")
        program.chmod(0o755)
        self.assertEqual([""], self.run_text("$ argosy --version\nargosy --version\n"))

    def test_other_blocks_are_left_alone(self) -> None:
        path = self.write("README.md", "```sh\n$ false\n```\n```console\n$ true\n```\n")
        blocks = console_blocks.read_blocks(path, self.folder)
        self.assertEqual(["README.md:4"], [block.name for block in blocks])


class FuzzTest(TemporaryTest):
    """tools/fuzz.py with a script in place of a fuzzer, which fails on the inputs that hold "bad"."""

    PROGRAM = """#!/usr/bin/env python3
import pathlib, sys, time
options = dict(each[1:].split("=") for each in sys.argv[1:] if each.startswith("-"))
inputs = [path for each in sys.argv[1:] if not each.startswith("-") for path in pathlib.Path(each).iterdir()]
if any(b"bad" in path.read_bytes() for path in inputs):
    pathlib.Path(options["artifact_prefix"], "crash-1").write_bytes(b"bad")
    print("broken: it is bad", flush=True)
    sys.exit(77)
if "set_cover_merge" in options:
    target = pathlib.Path(next(each for each in sys.argv[1:] if not each.startswith("-")))
    for path in sorted(inputs, key=lambda path: -path.stat().st_size):
        (target / path.name).write_bytes(path.read_bytes())
        time.sleep(0.01)
print("stat::number_of_executed_units:", len(inputs))
"""

    def setUp(self) -> None:
        super().setUp()
        self.program = self.write("build/fuzz_thing", self.PROGRAM)
        self.program.chmod(0o755)
        self.corpus = self.folder / "corpus"
        self.write("corpus/one", "good")
        self.said = []
        for name, value in (("fuzz.say", self.said.append), ("fuzz.ROOT", self.folder)):
            patch = mock.patch(name, value)
            patch.start()
            self.addCleanup(patch.stop)

    def test_what_ran_is_said(self) -> None:
        self.assertTrue(fuzz.fuzz(self.program, self.corpus, self.folder / "work", 1))
        self.assertEqual(["stat::number_of_executed_units: 1"], self.said)

    def test_an_input_that_breaks_it_is_kept_with_how_to_repeat_it(self) -> None:
        self.write("corpus/two", "bad")
        self.assertFalse(fuzz.fuzz(self.program, self.corpus, self.folder / "work", 0))
        kept = self.folder / "work" / "failed" / "crash-1"
        self.assertIn("broken: it is bad", self.said[0])
        self.assertIn(f"repeat it: {self.program} {kept}", self.said[1])
        self.assertTrue(kept.exists())

    def test_a_merge_keeps_what_was_written_first(self) -> None:
        for k in range(10):
            self.write(f"work/found/{k}", "x" * (k + 10))
        with mock.patch("fuzz.MERGE_FILES", 4):
            fuzz.merge(self.program, self.corpus, self.folder / "work")
        self.assertEqual([16, 17, 18, 19], sorted(path.stat().st_size for path in self.corpus.iterdir()))

    def test_cases_are_counted(self) -> None:
        with mock.patch.dict(os.environ, {"GTEST_OUTPUT": f"xml:{self.folder}/"}):
            fuzz.report("fuzz_thing", 2.5, True)
            fuzz.report("fuzz_other", 1.5, False)
        tally = test_tool.Tally()
        for name in ("fuzz_thing", "fuzz_other"):
            test_tool.read_gtest_report(self.folder / f"{name}.xml", "debug: ", tally)
        self.assertEqual("1 passed, 1 failed", tally.line())
        self.assertEqual(["debug: Fuzz.fuzz_other"], tally.failures)


class StagesTest(TemporaryTest):
    """.ci/run with a ./dev of our own in place of the real one."""

    def run_ci(self, dev: str, budgets: dict = {}) -> subprocess.CompletedProcess:
        script = (ROOT / ".ci" / "run").read_text()
        for stage, (before, after) in budgets.items():
            self.assertIn(f"stage {stage} {before} ", script)
            script = script.replace(f"stage {stage} {before} ", f"stage {stage} {after} ")
        self.write(".ci/run", script).chmod(0o755)
        self.write("dev", f"#!/usr/bin/env bash\nmkdir -p build/timings\n{dev}\n").chmod(0o755)
        return subprocess.run([self.folder / ".ci" / "run"], capture_output=True, text=True)

    def test_all_stages_pass(self) -> None:
        result = self.run_ci('[ "$1" != test ] || echo "5 passed, 0 failed" > build/timings/result.txt')
        self.assertEqual(0, result.returncode, result.stdout)
        self.assertEqual("5 passed, 0 failed", result.stdout.splitlines()[-1])
        for stage in ("setup", "build", "check", "tests"):
            self.assertRegex(result.stdout, rf"(?m)^{stage} +\d+ s of +\d+ s  ok$")

    def test_failed_check_fails_but_tests_are_run(self) -> None:
        result = self.run_ci('[ "$1" != check ]')
        self.assertEqual(1, result.returncode)
        self.assertRegex(result.stdout, r"(?m)^check .*FAILED \(exit code 1\)$")
        self.assertRegex(result.stdout, r"(?m)^tests .*ok$")

    def test_failed_build_ends_it(self) -> None:
        result = self.run_ci('[ "$1" != build ]')
        self.assertEqual(1, result.returncode)
        self.assertNotIn("./dev test", result.stdout)

    def test_stage_over_its_budget_fails_and_names_its_slowest(self) -> None:
        dev = 'if [ "$1" = check ]; then sleep 1.1; for n in {30..1}; do echo $n.00 file$n; done > build/timings/check.txt; fi'
        result = self.run_ci(dev, {"check": (8, 0)})
        self.assertEqual(1, result.returncode)
        self.assertIn("30.00 file30\n", result.stdout)
        self.assertIn("21.00 file21\n", result.stdout)
        self.assertNotIn("20.00 file20\n", result.stdout)
        self.assertRegex(result.stdout, r"(?m)^check .*over its budget$")

    def test_budgets_are_those_agreed(self) -> None:
        script = (ROOT / ".ci" / "run").read_text()
        for stage in ("setup 5", "build 32", "check 8", "tests 28"):
            self.assertIn(f"stage {stage} ./dev", script)


class FrontDoorTest(unittest.TestCase):
    def dev(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run([ROOT / "dev", *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)

    def test_help_names_every_command(self) -> None:
        text = self.dev("help").stdout
        for command in ("setup", "build", "run", "test", "fuzz", "bench", "check", "format", "generate"):
            self.assertIn(f"./dev {command}", text)
            self.assertTrue((ROOT / "tools" / f"{command}.py").exists())

    def test_unknown_command(self) -> None:
        result = self.dev("frobnicate")
        self.assertEqual(2, result.returncode)
        self.assertIn("./dev help", result.stderr)

    def test_unknown_option(self) -> None:
        self.assertEqual(2, self.dev("build", "--preset", "fast").returncode)
        self.assertEqual(2, self.dev("check", "nothing").returncode)

    def test_every_tool_explains_itself(self) -> None:
        for command in ("setup", "build", "run", "test", "fuzz", "bench", "check"):
            result = self.dev(command, "--help")
            self.assertEqual(0, result.returncode, result.stderr)
            self.assertIn(f"usage: ./dev {command}", result.stdout)


class ChecksHaveTestsTest(unittest.TestCase):
    def test_every_check_is_run_and_tested(self) -> None:
        tests = "".join(path.read_text() for path in (ROOT / "tests" / "tools").glob("test_*_checks.py"))
        run = (ROOT / "tools" / "check.py").read_text()
        for path in (ROOT / "tools" / "checks").glob("*.py"):
            if path.stem not in ("__init__", "compiling"):
                self.assertIn(f"{path.stem}.check(", tests)
                self.assertIn(path.stem, run)
