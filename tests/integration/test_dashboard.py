"""The dashboard's files as argosy serve gives them, and the API's documents without a server."""

import json
import re
import subprocess
import urllib.error
import urllib.request

from program import PROGRAM, HomeTest, Serves

PAGE = "<!doctype html><title>Argosy</title>"


class Dashboard(HomeTest, Serves):
    def serve(self, *arguments):
        process = self.start(*arguments)
        for line in process.stdout:
            if found := re.fullmatch(r"dashboard: (http://\S+)/\n", line):
                self.url = found.group(1)
                return process
        self.fail(process.stderr.read())

    def ask(self, path, **headers):
        request = urllib.request.Request(self.url + path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def use(self, folder):
        config = self.folder / "trading.yaml"
        text = config.read_text()
        self.assertIn('dashboard: ""', text)
        config.write_text(text.replace('dashboard: ""', f"dashboard: {folder}"))

    def test_files_of_a_folder_beside_the_api(self):
        (self.folder / "pages" / "assets").mkdir(parents=True)
        (self.folder / "pages" / "index.html").write_text(PAGE)
        (self.folder / "pages" / "assets" / "index-A1b2.js").write_text("run()")
        self.use("pages")
        self.serve()
        status, head, body = self.ask("/")
        self.assertEqual((status, body.decode()), (200, PAGE))
        self.assertIn("report-uri /api/v1/csp-reports", head["Content-Security-Policy"])
        self.assertEqual(self.ask("/", If_None_Match=head["ETag"])[0], 304)
        status, head, body = self.ask("/assets/index-A1b2.js")
        self.assertEqual((status, body, head["Cache-Control"]), (200, b"run()", "public, max-age=31536000, immutable"))
        self.assertEqual(self.ask("/services/7", Accept="text/html")[2].decode(), PAGE)
        for path in ("/api/v1/nothing", "/assets/index-0ld.js", "/config.yaml", "/../trading.yaml", "/pages/index.html"):
            self.assertEqual(self.ask(path, Accept="*/*")[0], 404, path)
        self.assertEqual(self.ask("/healthz", Accept="text/html")[2], b"ok\n")
        self.assertEqual(self.ask("/api/v1/openapi.json")[0], 200)

    def test_without_files_it_trades_and_says_how_to_build_them(self):
        self.use("nowhere")
        process = self.serve()
        status, _, body = self.ask("/")
        self.assertEqual(status, 503)
        self.assertIn("./dev build", body.decode())
        self.assertEqual(self.ask("/healthz")[0], 200)
        process.terminate()
        process.wait(timeout=20)
        told = [line for log in (self.folder / "logs").iterdir() for line in log.read_text().splitlines()
                if "there is no dashboard" in line]
        self.assertEqual(len(told), 1, told)
        self.assertIn("nowhere", told[0])

    def test_reports_of_a_policy_are_taken_from_anybody(self):
        self.serve()
        report = json.dumps({"csp-report": {"effective-directive": "script-src-elem", "blocked-uri": "inline"}}).encode()
        request = urllib.request.Request(self.url + "/api/v1/csp-reports", data=report,
                                         headers={"Content-Type": "application/csp-report"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            self.assertEqual(answer.status, 204)
        self.assertEqual(self.ask("/api/v1/csp-reports")[0], 401)

    def test_documents_are_the_servers(self):
        self.serve()
        for name in ("openapi", "asyncapi"):
            printed = subprocess.run([PROGRAM, "api", name], capture_output=True, text=True, check=True,
                                     env={"ARGOSY_HOME": "/nowhere"}).stdout
            served = self.ask(f"/api/v1/{name}.json")[2].decode()
            self.assertEqual(printed, served + "\n", name)
            self.assertGreater(len(json.loads(printed)), 3)
