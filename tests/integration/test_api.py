"""The API of argosy serve, as clients meet it: over HTTP, against the real program."""

import json
import os
import re
import subprocess
import time
import unittest
import urllib.error
import urllib.request

from program import ROOT, Home, HomeTest, Serves


class Api(HomeTest, Serves):
    def serve(self, *arguments):
        """Starts the program; `self.url`, and what it printed."""
        process = self.start("--speed", 60, *arguments)
        printed = process.stdout.readline()
        self.url = re.fullmatch(r"API: (http://\S+)\n", printed).group(1)
        return process, printed

    def once_password(self, process):
        password = re.fullmatch(r"one-time password of admin: (\S+)\n", process.stdout.readline()).group(1)
        process.stdout.readline()  # how long it is good
        return password

    def ask(self, method, path, body=None, token=None, headers=()):
        """Status, headers and the decoded body."""
        url = path if path.startswith("http") else self.url + path
        request = urllib.request.Request(url, method=method, headers=dict(headers))
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                status, head, text = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                status, head, text = error.code, error.headers, error.read()
        is_json = "json" in head.get("Content-Type", "")
        return status, head, json.loads(text) if is_json and text else text.decode()

    def login(self, username, password):
        status, _, body = self.ask("POST", "/auth/login", {"username": username, "password": password})
        self.assertEqual(status, 200, body)
        return body


class OncePassword(Api):
    def test_is_another_at_each_start_until_it_is_changed(self):
        process, _ = self.serve()
        first = self.once_password(process)
        login = self.login("admin", first)
        self.assertEqual({"access_token", "refresh_token", "expires_in"} - login.keys(), set())
        self.assertTrue(login["password_is_once"])
        process.terminate()
        process.wait()

        process, _ = self.serve()
        second = self.once_password(process)
        self.assertNotEqual(first, second)
        self.assertEqual(self.ask("POST", "/auth/login", {"username": "admin", "password": first})[0], 401)
        token = self.login("admin", second)["access_token"]
        changed = self.ask("POST", "/auth/password", {"old_password": second, "new_password": "one of my own"}, token)
        self.assertEqual(changed[0], 204, changed)
        process.terminate()
        process.wait()

        process, _ = self.serve("--for", 3)
        self.assertFalse(self.login("admin", "one of my own")["password_is_once"])
        self.assertNotIn("password", process.stdout.read())

    def test_of_the_environment_is_never_printed(self):
        self.home.remove()
        os.makedirs(self.home.temporary)
        self.home.run("init", env={**os.environ, "ARGOSY_ADMIN_PASSWORD": "from the environment"})
        process, _ = self.serve("--for", 3)
        self.login("admin", "from the environment")
        self.assertNotIn("password", process.stdout.read() + process.stderr.read())
        refused = self.home.run("init", check=False, env={**os.environ, "ARGOSY_ADMIN_PASSWORD": "short"})
        self.assertEqual(refused.returncode, 2)


class Trading(Api):
    def test_a_service_buys_and_its_owner_alone_sees_it(self):
        process, _ = self.serve()
        admin = self.login("admin", self.once_password(process))["access_token"]
        made = self.json("user", "create", "jean", "--trader")
        jean = self.login("jean", made["password"])["access_token"]

        status, head, service = self.ask("POST", "/services", {"symbol": "AAPL", "balance": "10000"}, admin)
        self.assertEqual((status, head["Location"]), (201, "/api/v1/services/1"), service)
        order = self.wait_for(lambda: self.ask("GET", "/orders?state=filled", token=admin)[2]["items"])[0]
        self.assertEqual((order["symbol"], order["side"], order["service_id"]), ("AAPL", "buy", 1))
        self.assertEqual(self.ask("GET", "/orders", token=jean)[2]["meta"]["total"], 0)
        self.assertEqual(self.ask("GET", f"/orders/{order['order_id']}", token=jean)[0], 404)
        self.assertEqual(self.ask("POST", "/services/1/stop", token=jean)[0], 404)

        # An admin gives jean a portfolio; what is done in it is jean's.
        made = self.ask("POST", "/portfolios", {"name": "jean's", "owner_id": 2, "is_default": True}, admin)
        self.assertEqual((made[0], made[2]["owner_id"]), (201, 2), made)
        self.assertEqual(self.ask("POST", f"/portfolios/{made[2]['portfolio_id']}/fund", {"amount": "5000"}, jean)[0], 200)
        service = self.ask("POST", "/services", {"symbol": "MSFT", "balance": "3000"}, jean)
        self.assertEqual((service[0], service[2]["owner_id"]), (201, 2), service)
        self.assertEqual(self.ask("GET", "/services", token=admin)[2]["meta"]["total"], 2)
        self.assertEqual(self.ask("GET", "/services", token=jean)[2]["meta"]["total"], 1)

        # Switched off by a command, jean is out within a second.
        self.home.run("user", "disable", "jean")
        until = time.monotonic() + 1
        while time.monotonic() < until and self.ask("GET", "/auth/me", token=jean)[0] == 200:
            time.sleep(0.05)
        self.assertEqual(self.ask("GET", "/auth/me", token=jean)[0], 401)
        process.terminate()
        process.wait()
        self.home.run("db", "verify")

    def test_metrics_say_what_trading_does(self):
        process, _ = self.serve()
        admin = self.login("admin", self.once_password(process))["access_token"]
        self.assertEqual(self.ask("POST", "/services", {"symbol": "AAPL", "balance": "10000"}, admin)[0], 201)
        self.home.run("risk", "set", "max_order_value", "1")
        url = self.url.removesuffix("/api/v1") + "/metrics"

        def values():
            lines = [line.rsplit(" ", 1) for line in self.ask("GET", url)[2].splitlines() if not line.startswith("#")]
            return {name: float(value) for name, value in lines}

        self.wait_for(lambda: any(name.startswith("argosy_denials_total{") for name in values()))
        seen = values()
        self.assertGreater(seen['argosy_equity{account="paper"}'], 90_000)
        self.assertEqual(seen["argosy_breaker_open"], 0)
        self.assertGreater(seen['argosy_denials_total{reason="order value"}'], 0)

    def test_an_admin_reads_the_log_and_the_list_of_backups(self):
        process, _ = self.serve()
        admin = self.login("admin", self.once_password(process))["access_token"]
        lines = self.wait_for(lambda: self.ask("GET", "/system/log?lines=5", token=admin)[2]["lines"])
        self.assertLessEqual(len(lines), 5)
        self.assertTrue(all("time" in json.loads(line) for line in lines), lines)
        self.assertEqual(self.ask("GET", "/system/backups", token=admin)[2]["items"], [])
        folder = self.folder / "backups"
        folder.mkdir(exist_ok=True)
        self.home.run("db", "backup", str(folder) + "/", "--database", "ledger")
        items = self.ask("GET", "/system/backups", token=admin)[2]["items"]
        self.assertEqual(len(items), 1, items)
        self.assertGreater(items[0]["bytes"], 10_000)

    def test_one_request_with_a_key_is_one_service(self):
        process, _ = self.serve()
        admin = self.login("admin", self.once_password(process))["access_token"]
        key = {"Idempotency-Key": "one"}
        body = {"symbol": "AAPL", "balance": "1000"}
        first = self.ask("POST", "/services", body, admin, key)
        again = self.ask("POST", "/services", body, admin, key)
        self.assertEqual(first[0], 201)
        self.assertEqual((again[0], again[2]), (first[0], first[2]))
        self.assertEqual(self.ask("POST", "/services", {**body, "balance": "2000"}, admin, key)[0], 409)
        self.assertEqual(self.ask("GET", "/services", token=admin)[2]["meta"]["total"], 1)


class Research(Api):
    def test_a_backtest_of_a_users_own_strategy_is_that_users_run(self):
        process, _ = self.serve()
        admin = self.login("admin", self.once_password(process))["access_token"]
        made = self.json("user", "create", "jean", "--trader")
        jean = self.login("jean", made["password"])["access_token"]
        text = "name: jeans\nbuy: cross_above(close, sma(close, 20))\nsell: cross_below(close, sma(close, 20))\n"
        status, _, strategy = self.ask("POST", "/strategies", {"text": text}, jean)
        self.assertEqual(status, 201, strategy)
        path = f"/strategies/{strategy['strategy_id']}"
        self.assertEqual(self.ask("GET", path, token=admin)[2]["owner_id"], 2)
        posted = self.ask("POST", f"{path}/backtest", {"symbols": ["AAPL"], "from": "2012-01-01", "quick": True}, jean)
        self.assertEqual(posted[0], 202, posted)
        job = self.wait_for(lambda: self.ended(posted[2]["job_id"], jean), 60)
        self.assertEqual(job["state"], "DONE", job)
        runs = self.ask("GET", "/runs", token=jean)[2]["items"]
        self.assertEqual([(run["strategy"], run["owner_id"]) for run in runs], [("jeans", 2)])
        trades = self.ask("GET", f"/runs/{runs[0]['number']}/trades", token=jean)[2]
        self.assertGreater(trades["meta"]["total"], 0)
        # What the operator runs is the operator's.
        self.home.run("backtest", ROOT / "samples/strategies/golden_cross.yaml", "--symbol", "AAPL", "--quick")
        self.assertEqual(self.ask("GET", "/runs", token=jean)[2]["meta"]["total"], 1)
        self.assertEqual(self.ask("GET", "/runs", token=admin)[2]["meta"]["total"], 2)

    def ended(self, job_id, token):
        job = self.ask("GET", f"/jobs/{job_id}", token=token)[2]
        return job if job["state"] in ("DONE", "FAILED", "DEAD") else None

    def test_pages_of_named_origins_read_the_feed_of_charts_alone(self):
        config = self.folder / "trading.yaml"
        text = config.read_text()
        self.assertIn("udf_origins: []", text)
        config.write_text(text.replace("udf_origins: []", "udf_origins: [https://charts.example.com]"))
        process, _ = self.serve()
        admin = self.login("admin", self.once_password(process))["access_token"]
        key = self.ask("POST", "/auth/keys", {"name": "charts", "is_feed": True}, admin)[2]["key"]
        origin = {"Origin": "https://charts.example.com"}
        asks = {**origin, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
        status, head, _ = self.ask("OPTIONS", "/udf/config", headers=asks)
        self.assertEqual((status, head["Access-Control-Allow-Origin"]), (204, origin["Origin"]))
        status, head, body = self.ask("GET", "/udf/history?symbol=AAPL&resolution=1D&to=1356998400&countback=3", token=key,
                                      headers=origin)
        self.assertEqual((status, body["s"], len(body["t"])), (200, "ok", 3), body)
        self.assertEqual(head["Access-Control-Allow-Origin"], origin["Origin"])
        status, head, _ = self.ask("GET", "/orders", token=key, headers=origin)
        self.assertEqual((status, head["Access-Control-Allow-Origin"]), (403, None))
        self.assertEqual(self.ask("OPTIONS", "/orders", headers=asks)[0], 405)
        other = self.ask("GET", "/udf/config", token=key, headers={"Origin": "https://other.example"})
        self.assertIsNone(other[1]["Access-Control-Allow-Origin"])


class Frame(Api):
    def test_says_whether_it_lives_and_what_it_can_without_a_login(self):
        config = self.folder / "trading.yaml"
        config.write_text(config.read_text().replace("requests_per_minute: 1200", "requests_per_minute: 0"))
        self.serve()
        root = self.url.removesuffix("/api/v1")
        self.assertEqual(self.ask("GET", f"{root}/healthz")[0], 200)
        self.wait_for(lambda: self.ask("GET", f"{root}/readyz")[0] == 200)
        status, _, document = self.ask("GET", "/openapi.json")
        self.assertEqual((status, document["openapi"]), (200, "3.1.0"))
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if operation["security"]:
                    asked = self.ask(method.upper(), path.replace("{id}", "1"))
                    self.assertEqual(asked[0], 401, (method, path))

    def test_a_port_that_is_taken_is_told(self):
        process, _ = self.serve()
        port = self.url.split(":")[2].split("/")[0]
        other = Home()
        self.addCleanup(other.remove)
        other.run("init", "--no-samples")
        refused = other.run("serve", "--for", 1, "--port", port, check=False)
        self.assertEqual(refused.returncode, 2, refused.stderr)
        self.assertIn("--port", refused.stderr)
        process.kill()

    def test_other_machines_need_tls(self):
        config = self.folder / "trading.yaml"
        config.write_text(config.read_text().replace("address: 127.0.0.1", "address: 0.0.0.0"))
        self.refused("can be reached from other machines", "config", "check", config)


class Guide(Api):
    def test_every_example_works(self):
        process, _ = self.serve()
        blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "docs/guides/api.md").read_text(), re.DOTALL | re.MULTILINE)
        self.assertGreater(len(blocks), 5)
        # Each answer with its status, so that an example that fails is seen.
        script = "set -eu\ncurl() { command curl -w '%{stderr}%{http_code}\\n' \"$@\"; }\n" + "\n".join(blocks)
        environment = {**os.environ, "API": self.url, "PASSWORD": self.once_password(process)}
        done = subprocess.run(["bash", "-c", script], cwd=self.home.temporary, env=environment, capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        statuses = re.findall(r"^(\d{3})$", done.stderr, re.MULTILINE)
        self.assertEqual(len(statuses), "\n".join(blocks).count("curl "), done.stderr)
        # The last one shows what an error looks like.
        self.assertEqual([status for status in statuses[:-1] if status not in ("200", "201", "202", "204")], [], done.stdout)
        self.assertEqual(statuses[-1], "400")


if __name__ == "__main__":
    unittest.main()
