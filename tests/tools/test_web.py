"""The build of the dashboard: what is done again, what a browser loads first, and what is refused."""

import gzip
import json
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from planted import ROOT  # puts the tools on the path

import test as test_tool
import web
import web_tests
from common import Failure

PAGE = """<!doctype html><html><head>
<link rel="icon" href="/argosy.svg">
<script type="module" crossorigin src="/assets/index-A1.js"></script>
<link rel="modulepreload" crossorigin href="/assets/react-B2.js">
<link rel="stylesheet" crossorigin href="/assets/index-C3.css">
</head><body><div id="app"></div></body></html>"""


class WebTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="argosy-web-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def built(self, page: str = PAGE) -> Path:
        self.write("dist/index.html", page)
        self.write("dist/assets/index-A1.js", "run();" * 500)
        self.write("dist/assets/react-B2.js", "react();" * 500)
        self.write("dist/assets/index-C3.css", "body{}")
        self.write("dist/assets/charts-D4.js", "chart();" * 500)
        return self.folder / "dist"


class FirstLoadTest(WebTest):
    def test_is_what_the_page_needs_and_no_more(self) -> None:
        names = [name for name, _ in web.first_load(self.built())]
        self.assertEqual(["index.html", "assets/index-A1.js", "assets/react-B2.js", "assets/index-C3.css"], names)

    def test_is_counted_as_it_goes_over_the_line(self) -> None:
        folder = self.built()
        plain = dict(web.first_load(folder))
        web.pack(folder)
        packed = dict(web.first_load(folder))
        self.assertEqual(3000, plain["assets/index-A1.js"])
        self.assertEqual((folder / "assets/index-A1.js.gz").stat().st_size, packed["assets/index-A1.js"])
        self.assertLess(packed["assets/index-A1.js"], 100)

    def test_over_its_budget_it_fails_and_says_what_is_large(self) -> None:
        folder = self.built()
        total = sum(size for _, size in web.first_load(folder))
        self.assertIn("first load", web.check_budget(folder, total + 1))
        self.assertIn("charts-D4.js (when needed)", web.check_budget(folder, total + 1))
        with self.assertRaisesRegex(Failure, "its budget is .*(?s:.*)react-B2.js"):
            web.check_budget(folder, total)

    def test_what_the_policy_forbids_is_refused(self) -> None:
        for bad in ("<script>run()</script>", "<style>b{}</style>", "<p style='color:red'></p>", "<p onclick='x()'></p>"):
            with self.subTest(bad), self.assertRaisesRegex(Failure, "its policy"):
                web.first_load(self.built(PAGE.replace("</body>", bad + "</body>")))

    def test_files_from_elsewhere_are_refused(self) -> None:
        for bad in ("https://cdn.example.com/x.js", "//cdn.example.com/x.js", "/assets/none.js", "x.js", "/../x.js"):
            with self.subTest(bad), self.assertRaisesRegex(Failure, "no file of its own"):
                web.first_load(self.built(PAGE.replace("/assets/index-A1.js", bad)))


class PackTest(WebTest):
    def test_the_same_bytes_each_time_and_only_what_is_worth_it(self) -> None:
        folder = self.built()
        self.write("dist/picture.png", "x" * 2000)
        web.pack(folder)
        first = (folder / "assets/index-A1.js.gz").read_bytes()
        self.assertEqual(("run();" * 500).encode(), gzip.decompress(first))
        web.pack(folder)
        self.assertEqual(first, (folder / "assets/index-A1.js.gz").read_bytes())
        self.assertFalse((folder / "assets/index-C3.css.gz").exists(), "six bytes")
        self.assertFalse((folder / "picture.png.gz").exists())
        self.assertEqual([], list(folder.rglob("*.gz.gz")))


class AgainTest(WebTest):
    def test_packages_come_when_the_lock_file_is_another(self) -> None:
        lock = self.write("web/package-lock.json", "{}")
        asked = []

        def install(client: str, command: list, **options) -> str:
            asked.append(command)
            (self.folder / "web" / "node_modules").mkdir(exist_ok=True)
            return ""

        with mock.patch("web.client_output", install), mock.patch("web.npm_command", lambda: [Path("/n/node"), Path("/n/npm")]), \
                mock.patch("web.say"):
            self.assertTrue(web.install_packages(self.folder / "web"))
            self.assertFalse(web.install_packages(self.folder / "web"))
            lock.write_text('{"a": 1}')
            self.assertTrue(web.install_packages(self.folder / "web"))
        self.assertEqual(2, len(asked))
        self.assertIn("--ignore-scripts", asked[0])

    def test_what_goes_into_the_build_decides(self) -> None:
        document = self.write("openapi.json", "{}")
        self.write("web/src/main.tsx", "a")
        here = self.folder / "web"
        before = web.digest_of_inputs(here, document)
        for name in ("node_modules/x/index.js", "e2e/first.test.ts", "src/a.test.ts", "src/api/schema.d.ts", "README.md"):
            self.write(f"web/{name}", "x")
            self.assertEqual(before, web.digest_of_inputs(here, document), name)
        seen = {before}
        for name in ("src/main.tsx", "src/new.ts", "index.html", "vite.config.ts", "public/a.svg"):
            self.write(f"web/{name}", "b")
            self.assertNotIn(web.digest_of_inputs(here, document), seen, name)
            seen.add(web.digest_of_inputs(here, document))
        document.write_text('{"paths": {}}')
        self.assertNotIn(web.digest_of_inputs(here, document), seen)

    def test_what_is_built_takes_the_place_of_the_old(self) -> None:
        self.write("old/gone.js", "")
        made = self.write("made/index.html", "new").parent
        web.replace_folder(made, self.folder / "old")
        self.assertEqual(["index.html"], [path.name for path in (self.folder / "old").iterdir()])
        self.assertFalse(made.exists())
        self.assertEqual({"old"}, {path.name for path in self.folder.iterdir()})


class ReportTest(WebTest):
    REPORT = """<?xml version="1.0"?><testsuites><testcase name="a" time="0.5"/><testsuite name="of">
        <testcase name="b" time="1"><failure message="x">y</failure></testcase>
        <testcase name="c"><skipped message="no browser"/></testcase></testsuite></testsuites>"""

    def run_with(self, report: str, code: str) -> test_tool.Tally:
        tally = test_tool.Tally()
        path = self.folder / "report.xml"
        script = f"import pathlib, sys; pathlib.Path({str(path)!r}).write_text({report!r}); {code}" if report else code
        with mock.patch("web_tests.say"), mock.patch("web_tests.environment", lambda: {}), mock.patch("web_tests.WEB", self.folder):
            web_tests.run_reported("web", [sys.executable, "-c", script], path, tally)
        return tally

    def test_cases_are_counted(self) -> None:
        tally = self.run_with(self.REPORT, "sys.exit(1)")
        self.assertEqual("1 passed, 1 failed, 1 skipped", tally.line())
        self.assertEqual((["web: b"], ["web: c: no browser"]), (tally.failures, tally.skips))

    def test_a_program_that_ends_badly_is_a_failure(self) -> None:
        passed = '<testsuites><testcase name="a" time="0"/></testsuites>'
        self.assertEqual("1 passed, 0 failed", self.run_with(passed, "").line())
        self.assertEqual("1 passed, 1 failed", self.run_with(passed, "sys.exit(1)").line())
        self.assertEqual("0 passed, 1 failed", self.run_with("", "pass").line())
        self.assertEqual("0 passed, 1 failed", self.run_with("<testsuites/>", "").line())


class ProjectTest(unittest.TestCase):
    def test_packages_are_pinned_by_their_bytes_and_name_no_host(self) -> None:
        lock = json.loads((ROOT / "web" / "package-lock.json").read_text())
        for name, entry in lock["packages"].items():
            if name:
                self.assertRegex(entry.get("integrity", ""), r"^sha512-", name)
                self.assertNotIn("resolved", entry, name)


if __name__ == "__main__":
    unittest.main()
