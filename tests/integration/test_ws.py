"""The WebSocket of argosy serve: what clients hear of what changes, against the real program."""

import os
import re
import subprocess
import sys
import time
import unittest

from program import ROOT
from test_api import Api
from web_socket import Closed, WebSocket


class Listens(Api):
    def connect(self, token=None, **more):
        """A client that is let in by its first message."""
        client = WebSocket(f"{self.url}/ws")
        self.addCleanup(client.close)
        self.assertEqual(client.status, 101, client.answer)
        client.say({"type": "auth", **({"token": token} if token else {}), **more})
        self.welcome = client.hear()
        self.assertEqual(self.welcome["type"], "welcome")
        return client

    def subscribe(self, client, room, **more):
        client.say({"type": "subscribe", "room": room, **more})
        return client.hear_until(lambda message: message["type"] in ("subscribed", "error"))

    def change_of(self, client, room, accepts=lambda row: True):
        return client.hear_until(
            lambda message: message["type"] == "change" and message["room"] == room and accepts(message["row"]))

    def closing(self, client):
        """The code with which it is closed, and the seconds until then."""
        begun = time.monotonic()
        with self.assertRaises(Closed) as closed:
            while True:
                client.hear()
        return closed.exception.code, time.monotonic() - begun


class Rooms(Listens):
    def test_a_change_is_heard_once_by_those_whose_it_is(self):
        process, _ = self.serve()
        admin = self.login("admin", self.once_password(process))["access_token"]
        jean_is = self.json("user", "create", "jean", "--trader")
        jean = self.login("jean", jean_is["password"])["access_token"]
        self.assertEqual(self.ask("POST", "/services", {"symbol": "AAPL", "balance": "10000"}, admin)[0], 201)

        client, other = self.connect(admin), self.connect(jean)
        begun = self.subscribe(client, "service_1")["sequence"]
        self.assertGreater(begun, 0)
        self.assertEqual(self.subscribe(other, "service_1")["code"], "not_found")
        self.assertEqual(self.subscribe(other, "service_2")["code"], "not_found")
        self.assertEqual(self.subscribe(other, "services")["type"], "subscribed")
        self.assertEqual(self.ask("PATCH", "/services/1", {"name": "pears"}, admin)[0], 200)
        self.assertEqual(self.ask("PATCH", "/services/1", {"name": "plums"}, admin)[0], 200)
        heard = []
        while not heard or heard[-1]["row"]["name"] != "plums":
            heard.append(self.change_of(client, "service_1"))
        self.assertEqual([each["sequence"] for each in heard], list(range(begun + 1, begun + 1 + len(heard))))
        self.assertIn("pears", [each["row"]["name"] for each in heard])
        # The other user heard nothing of it: the next thing is the answer to what it says now.
        other.say({"type": "ping"})
        self.assertEqual(other.hear(), {"type": "pong"})

        # Whoever comes back with its last number gets what it missed.
        client.close()
        self.assertEqual(self.ask("PATCH", "/services/1", {"name": "quinces"}, admin)[0], 200)
        back = self.connect(admin)
        last = heard[-1]["sequence"]
        self.assertEqual(self.subscribe(back, "service_1", after=last, ledger=self.welcome["ledger"])["sequence"], last)
        missed = self.change_of(back, "service_1")
        self.assertEqual(missed["sequence"], last + 1)
        if missed["row"]["name"] != "quinces":
            self.change_of(back, "service_1", lambda row: row["name"] == "quinces")
        # A number that was never given: the rows as they are.
        self.assertEqual(self.subscribe(back, "service_1", after=10**9)["type"], "subscribed")
        rows = back.hear_until(lambda message: message["type"] == "snapshot")["rows"]
        self.assertEqual([(each["what"], each["row"]["name"]) for each in rows], [("service", "quinces")])

    def test_prices_health_orders_and_money_are_heard(self):
        process, _ = self.serve()
        admin = self.login("admin", self.once_password(process))["access_token"]
        client = self.connect(admin)
        for room in ("price_updates", "health", "orders", "transactions", "portfolio_1", "stocks", "jobs", "notifications"):
            self.assertEqual(self.subscribe(client, room)["type"], "subscribed", room)
        self.assertEqual(self.ask("POST", "/services", {"symbol": "AAPL", "balance": "10000"}, admin)[0], 201)
        wanted = {("order", "filled"), ("transaction", "OPEN"), ("holding", "AAPL"), ("portfolio", None),
                  ("prices", "AAPL"), ("health", None)}
        frames, begun = 0, time.monotonic()
        while wanted and time.monotonic() - begun < 20:
            message = client.hear()
            if message["type"] == "prices":
                frames += 1
                wanted -= {("prices", each["symbol"]) for each in message["prices"]}
            elif message["type"] == "health":
                wanted -= {("health", None)}
            elif message["type"] == "change":
                row = message["row"]
                wanted -= {(message["what"], row.get("state") or row.get("symbol"))}
        self.assertEqual(wanted, set())
        self.assertLessEqual(frames, (time.monotonic() - begun) * 4 + 2)
        self.assertEqual(self.ask("POST", "/jobs/backup", {"note": "now"}, admin)[0], 202)
        self.change_of(client, "jobs", lambda row: row["state"] == "DONE")
        process.terminate()
        self.assertEqual(self.closing(client)[0], 1001)
        process.wait()
        self.home.run("db", "verify")

    def test_numbers_go_on_when_the_process_was_killed(self):
        process, _ = self.serve()
        password = self.once_password(process)
        admin = self.login("admin", password)["access_token"]
        self.assertEqual(
            self.ask("POST", "/auth/password", {"old_password": password, "new_password": "one of my own"}, admin)[0], 204)
        self.assertEqual(self.ask("POST", "/services", {"symbol": "AAPL", "balance": "10000"}, admin)[0], 201)
        client = self.connect(admin)
        self.subscribe(client, "service_1")
        self.assertEqual(self.ask("PATCH", "/services/1", {"name": "pears"}, admin)[0], 200)
        last = self.change_of(client, "service_1", lambda row: row["name"] == "pears")["sequence"]
        self.assertEqual(self.ask("POST", "/services/1/pause", token=admin)[0], 200)
        process.kill()
        process.wait()
        self.assertEqual(self.closing(client)[0], 0)

        process, _ = self.serve()
        admin = self.login("admin", "one of my own")["access_token"]
        client = self.connect(admin)
        self.assertEqual(self.subscribe(client, "service_1", after=last, ledger=self.welcome["ledger"])["sequence"], last)
        self.assertEqual(self.ask("PATCH", "/services/1", {"name": "plums"}, admin)[0], 200)
        heard = []
        while not heard or heard[-1]["row"]["name"] != "plums":
            heard.append(self.change_of(client, "service_1"))
        self.assertEqual([each["sequence"] for each in heard], list(range(last + 1, last + 1 + len(heard))))
        self.assertIn("PAUSED", [each["row"]["state"] for each in heard])
        self.home.run("db", "verify", check=False)


class Logins(Listens):
    def test_a_logout_and_a_disabled_user_are_out_within_a_second(self):
        process, _ = self.serve()
        admin = self.login("admin", self.once_password(process))["access_token"]
        jean_is = self.json("user", "create", "jean", "--trader")
        jean = self.login("jean", jean_is["password"])["access_token"]
        client = self.connect(admin)
        self.subscribe(client, "services")
        self.assertEqual(self.ask("POST", "/auth/logout", token=admin)[0], 204)
        code, seconds = self.closing(client)
        self.assertEqual(code, 4401)
        self.assertLess(seconds, 1)
        client = self.connect(jean)
        self.home.run("user", "disable", "jean")
        code, seconds = self.closing(client)
        self.assertEqual(code, 4401)
        self.assertLess(seconds, 1)

    def test_a_ticket_lets_in_once_and_no_token_stands_in_a_url(self):
        process, _ = self.serve()
        admin = self.login("admin", self.once_password(process))["access_token"]
        status, head, made = self.ask("POST", "/ws/ticket", token=admin)
        self.assertEqual((status, head["Cache-Control"]), (201, "no-store"))
        self.connect(ticket=made["ticket"])
        for first in ({"type": "auth", "ticket": made["ticket"]}, {"type": "auth", "token": "none"},
                      {"type": "subscribe", "room": "services"}):
            client = WebSocket(f"{self.url}/ws")
            self.addCleanup(client.close)
            client.say(first)
            self.assertEqual(self.closing(client)[0], 4401)
        for url, headers, status in ((f"{self.url}/ws?token={admin}", (), 400), (f"{self.url}/other", (), 404),
                                     (f"{self.url}/ws", [("Origin", "https://other.example")], 403)):
            with WebSocket(url, headers) as refused:
                self.assertEqual(refused.status, status, url)
        # S16: a flood.
        client = self.connect(admin)
        with self.assertRaises((Closed, ConnectionError)) as closed:
            for _ in range(300):
                client.say({"type": "ping"})
            while True:
                client.hear()
        if isinstance(closed.exception, Closed):
            self.assertEqual(closed.exception.code, 1008)
        self.assertEqual(self.ask("GET", "/asyncapi.json")[2]["asyncapi"], "3.0.0")


class Guide(Listens):
    def test_the_example_works(self):
        process, _ = self.serve()
        admin = self.login("admin", self.once_password(process))["access_token"]
        blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs/guides/api.md").read_text(), re.DOTALL | re.MULTILINE)
        self.assertEqual(len(blocks), 1)
        done = subprocess.run([sys.executable, "-c", blocks[0]], capture_output=True, text=True, timeout=60, check=False,
                              env={**os.environ, "API": self.url, "TOKEN": admin})
        self.assertEqual(done.returncode, 0, done.stderr)
        for word in ("welcome", "subscribed", "snapshot"):
            self.assertIn(f"'type': '{word}'", done.stdout)


if __name__ == "__main__":
    unittest.main()
