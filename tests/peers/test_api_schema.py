"""What the API answers, against its own OpenAPI document: schemathesis makes requests out of the document, right and wrong
ones, and looks at each answer. As admin, as a viewer and as nobody, against the real `argosy serve`.

An answer of 500 and above, one whose status or media type the document does not name, and one that does not fit its schema
are failures.
"""

import os
import re
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))

from test_api import Api  # noqa: E402

EXAMPLES = 5
CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
          "response_headers_conformance")
# They end the session that asks; test_api.py has them.
SKIPPED = ("logout", "change_password")


class AgainstItsDocument(Api):
    def setUp(self):
        super().setUp()
        config = self.folder / "trading.yaml"
        config.write_text(config.read_text().replace("requests_per_minute: 1200", "requests_per_minute: 0"))
        process, _ = self.serve()
        # What it prints is read: a full pipe would stop it.
        self.password = self.once_password(process)
        self.drain(process)

    def drain(self, process):
        for stream in (process.stdout, process.stderr):
            reader = subprocess.Popen(["cat"], stdin=stream, stdout=subprocess.DEVNULL)
            self.addCleanup(reader.wait)
            self.addCleanup(reader.kill)

    def check(self, who, token=None):
        program = Path(sys.executable).parent / "schemathesis"
        # One worker: threads of one Python 3.11 must not parse at once (https://github.com/python/cpython/issues/106905).
        command = [program, "run", f"{self.url}/openapi.json", "--max-examples", EXAMPLES, "--seed", 1, "--no-shrink",
                   "--checks", ",".join(CHECKS), "--phases", "examples,fuzzing", "--mode", "all", "--workers", 1,
                   "--request-timeout", 15, "--continue-on-failure", "--warnings", "off", "--no-color",
                   "--generation-database", "none"]
        for name in SKIPPED:
            command += ["--exclude-operation-id", name]
        if token:
            command += ["--header", f"Authorization: Bearer {token}"]
        begun = time.monotonic()
        done = subprocess.run([str(each) for each in command], capture_output=True, text=True, timeout=400,
                              cwd=self.home.temporary, env={**os.environ, "SCHEMATHESIS_HOOKS": "", "COLUMNS": "120"})
        seconds = time.monotonic() - begun
        self.assertEqual(done.returncode, 0, f"as {who}:\n{done.stdout[-12000:]}{done.stderr[-3000:]}")
        tested = int(re.search(r"Tested: (\d+)", done.stdout)[1])
        cases = int(re.search(r"([\d,]+) generated", done.stdout)[1].replace(",", ""))
        print(f"schemathesis as {who}: {tested} operations, {cases} requests in {seconds:.1f} s", file=sys.stderr)
        self.assertGreater(tested, 40, done.stdout)
        # It was asked as who it should have been, to the end.
        if token:
            self.assertEqual(self.ask("GET", "/auth/me", token=token)[0], 200)

    def test_as_admin(self):
        self.check("admin", self.login("admin", self.password)["access_token"])

    def test_as_viewer(self):
        made = self.json("user", "create", "watcher")
        self.check("viewer", self.login("watcher", made["password"])["access_token"])

    def test_as_nobody(self):
        self.check("nobody")


if __name__ == "__main__":
    unittest.main()
