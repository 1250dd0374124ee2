"""The API under load, beside FastAPI with uvicorn (two workers) over the same SQLite file: wrk on loopback, 32 connections.

    ./dev bench --peers --filter api

Both answers are compared before anything is timed. Rounds of ours and theirs take turns; medians are printed.

Then both place orders: ours go through the risk gate, the journal and the paper broker and are answered when they are stored; theirs
are checked against the stock and the cash, and stored with a row of a journal and one of an audit log. Once with a folder whose
syncs are real, once in memory, where they cost nothing.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
ARGOSY = os.environ.get("ARGOSY", str(ROOT / "build" / "release" / "argosy"))
PASSWORD = "of the bench, on loopback"
CONNECTIONS, SECONDS, ROUNDS, TRANSACTIONS = 32, 5, 3, 10_000
TIMES_GOAL = 10
# Far from the price, so that none is filled.
ORDER = {"symbol": "MSFT", "side": "buy", "kind": "limit", "limit_price": "1", "quantity": "1", "time_in_force": "ioc"}
# What would refuse orders of one program that come by the hundred.
GUARDS = {"messages: {per_second: 20, burst: 50, reserve: 10}": "messages: unlimited",
          "equal_orders: {most: 30, within: 10s}": "equal_orders: unlimited",
          "max_working_orders: 500": "max_working_orders: unlimited",
          "max_position_value: 50000": "max_position_value: unlimited",
          "max_gross_exposure: 100000": "max_gross_exposure: unlimited",
          "max_net_exposure: 100000": "max_net_exposure: unlimited",
          "max_leverage: 1": "max_leverage: unlimited", "latency: ms:50": "latency: none"}
ORDER_GOALS = {"with real syncs": 3, "with none": 10}
PLACES = {"GET one stock": "/api/v1/stocks/1", "list 100 transactions": "/api/v1/transactions?per_page=100"}


def make_home(folder):
    home = f"{folder}/home"

    def run(*arguments):
        subprocess.run([ARGOSY, *arguments, "--home", home], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "ARGOSY_ADMIN_PASSWORD": PASSWORD})

    run("init")
    # One that does nothing, so that nothing changes while it is read.
    run("service", "create", "--symbol", "AAPL", "--balance", "10000", "--stopped")
    config = pathlib.Path(home, "trading.yaml")
    text = config.read_text().replace("requests_per_minute: 1200", "requests_per_minute: 0")
    for guard, unlimited in GUARDS.items():
        if guard not in text:
            raise SystemExit(f"trading.yaml has no line \"{guard}\"")
        text = text.replace(guard, unlimited)
    config.write_text(text)
    return home


def add_transactions(home):
    """While it is served: at its start the program would ask where the fills are that these are made of."""
    with contextlib.closing(sqlite3.connect(f"{home}/ledger.db", timeout=10)) as database:
        start, day = 1_700_000_000_000_000_000, 86_400_000_000_000
        database.executemany(
            "INSERT INTO trading_transactions VALUES (?, 1, 1, 'AAPL', ?, 'CLOSED', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 2, ?)",
            ((i, (n := i % 90 + 1) * 10**9, (buy := 100_010_000_000 + i * 10_000_000), (sell := buy + 1_250_000_000),
              n * 1_250_000, n * 1_250_000 - 2_000_000, start + i * 60 * 10**9, start + i * 60 * 10**9 + day, f"number {i}",
              n * 10**9, n * 10**9, n * buy // 1000, n * sell // 1000, 2_000_000, n * buy // 1000)
             for i in range(1, TRANSACTIONS + 1)))
        database.commit()


def start(command, environment=None):
    return subprocess.Popen([str(each) for each in command], env={**os.environ, **(environment or {})}, cwd=ROOT,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def stop(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(url, token=None, body=None):
    request = urllib.request.Request(url, data=None if body is None else json.dumps(body).encode())
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    if body is not None:
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def wait_for(url, token):
    until = time.monotonic() + 60
    while True:
        try:
            return ask(url, token)
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def log_in(url):
    until = time.monotonic() + 60
    while True:
        try:
            return ask(f"{url}/api/v1/auth/login", body={"username": "admin", "password": PASSWORD})["access_token"]
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def processor_seconds(process):
    """Of a program and those that it started, which share its session."""
    ticks = 0
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rsplit(") ", 1)[1].split()
            ticks += (int(fields[11]) + int(fields[12])) * (int(fields[3]) == process.pid)
    return ticks / os.sysconf("SC_CLK_TCK")


class NotAnswered(Exception):
    """Requests were refused or came to nothing: what was measured is not what was meant."""


def load(url, token, process, script=None):
    """Requests a second, the latency in ms that 99 of 100 stay below, and the processor's microseconds a request."""
    before = processor_seconds(process)
    done = subprocess.run(["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{SECONDS}s", "--latency", "--timeout", "10s",
                           *(("-s", script) if script else ()), "-H", f"Authorization: Bearer {token}", url],
                          capture_output=True, text=True, check=True)
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise NotAnswered(f"Not every request to {url} was done:\n{done.stdout}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1])
    requests = int(re.search(r"(\d+) requests in", done.stdout)[1])
    used = (processor_seconds(process) - before) / requests * 1e6
    return rate, milliseconds(re.search(r"^ *99% +(\S+)", done.stdout, re.MULTILINE)[1]), used


def serve_ours(home, stack):
    url = f"http://127.0.0.1:{free_port()}"
    process = start([ARGOSY, "serve", "--home", home, "--port", url.rsplit(":", 1)[1], "--speed", 1])
    stack.callback(stop, process)
    return url, process


def serve_theirs(home, stack):
    url = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "uvicorn", "--app-dir", ROOT / "bench", "--workers", 2, "--loop", "uvloop",
               "--http", "httptools", "--no-access-log", "--log-level", "error", "--host", "127.0.0.1",
               "--port", url.rsplit(":", 1)[1], "api_peer:app"]
    process = start(command, {"API_BENCH_HOME": home})
    stack.callback(stop, process)
    return url, process


def measure(what, path, servers, token, goal, script=None):
    rounds = {name: [] for name in servers}
    for _ in range(ROUNDS):
        for name, (url, process) in servers.items():
            rounds[name].append(load(url + path, token, process, script))
    rate, p99, used = ({name: statistics.median(each[i] for each in measured) for name, measured in rounds.items()}
                       for i in range(3))
    for name in servers:
        print(f"  {what:<27} {name:<8} {rate[name]:9,.0f} requests a second, p99 {p99[name]:7.2f} ms, "
              f"{used[name]:6,.0f} us of processors a request", flush=True)
    if len(servers) > 1:
        times = rate["argosy"] / rate["fastapi"]
        reached = times >= goal and p99["argosy"] < p99["fastapi"]
        print(f"  {what:<27} {times:.1f} times as many, p99 {p99['argosy'] / p99['fastapi']:.2f} of theirs, "
              f"{used['fastapi'] / used['argosy']:.1f} times as many by processors; goal {goal} times at a "
              f"lower p99: {'reached' if reached else 'missed'}", flush=True)


def first_order(url, token):
    """Denied until there is a price."""
    until = time.monotonic() + 20
    while True:
        try:
            return ask(f"{url}/api/v1/orders", token, ORDER)
        except urllib.error.HTTPError as error:
            if error.code != 409 or time.monotonic() > until:
                raise
            time.sleep(0.2)


def place_orders(how, base, with_peer):
    with tempfile.TemporaryDirectory(prefix="argosy-bench-", dir=base) as folder, contextlib.ExitStack() as stack:
        home = make_home(folder)
        servers = {"argosy": serve_ours(home, stack)}
        token = log_in(servers["argosy"][0])
        if with_peer:
            servers["fastapi"] = serve_theirs(home, stack)
            wait_for(servers["fastapi"][0] + "/api/v1/stocks/1", token)
        script = pathlib.Path(folder, "order.lua")
        script.write_text(f"wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\nwrk.body = '{json.dumps(ORDER)}'\n")
        for name, (url, _) in servers.items():
            placed = first_order(url, token)
            wrong = {key: placed[key] for key in ORDER if placed[key] != ORDER[key]}
            if wrong:
                raise SystemExit(f"{name} placed another order: {wrong}")
        try:
            measure(f"place an order, {how}", "/api/v1/orders", servers, token, ORDER_GOALS[how], script)
        except NotAnswered as why:
            print(f"  place an order, {how}: no figure. {why}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers", action="store_true")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        print("  wrk is not installed: apt-get install wrk")
        return 0
    with_peer = options.peers and importlib.util.find_spec("fastapi") is not None
    if not with_peer:
        print("  beside FastAPI: ./dev bench --peers --filter api")
    with tempfile.TemporaryDirectory(prefix="argosy-bench-") as folder, contextlib.ExitStack() as stack:
        home = make_home(folder)
        servers = {"argosy": serve_ours(home, stack)}
        ours = servers["argosy"][0]
        token = log_in(ours)
        add_transactions(home)
        if with_peer:
            servers["fastapi"] = serve_theirs(home, stack)
            theirs = servers["fastapi"][0]
            for path in PLACES.values():
                there = wait_for(theirs + path, token)
                if ask(ours + path, token) != there:
                    print(f"  other answers to {path}:\n  {str(ask(ours + path, token))[:400]}\n  {str(there)[:400]}")
                    return 1
        for what, path in PLACES.items():
            measure(what, path, servers, token, TIMES_GOAL)
    place_orders("with real syncs", None, with_peer)
    if pathlib.Path("/dev/shm").is_dir():
        place_orders("with none", "/dev/shm", with_peer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
