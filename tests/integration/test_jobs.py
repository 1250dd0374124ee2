"""argosy job, and the workers of argosy serve, with the real program."""

import json
import pathlib
import signal
import unittest

from program import HomeTest, Serves

GOLDEN = {"strategy": "golden_cross", "symbols": ["AAPL"], "quick": True}


class Jobs(Serves, HomeTest):
    def add(self, kind, parameters, *arguments):
        return self.json("job", "add", kind, "--parameters", json.dumps(parameters), *arguments)

    def show(self, number):
        return self.json("job", "show", number)

    def ended(self, number):
        def look():
            job = self.show(number)
            return job if job["ended_at"] else None
        return self.wait_for(look, 60)

    def children(self, process):
        return pathlib.Path(f"/proc/{process}/task").glob("*/children")

    def child_of(self, process):
        for file in self.children(process.pid):
            try:
                if numbers := file.read_text().split():
                    return int(numbers[0])
            except OSError:  # that thread has ended
                continue
        return None


class Commands(Jobs):
    def test_a_job_is_added_listed_cancelled_and_tried_again(self):
        job = self.add("backtest", GOLDEN, "--key", "k", "--priority", 3)
        self.assertEqual((job["job_id"], job["state"], job["attempts"], job["priority"]), (1, "QUEUED", 0, 3))
        self.assertEqual(job["parameters"]["symbols"], ["AAPL"])
        self.assertEqual(self.add("backtest", GOLDEN, "--key", "k")["job_id"], 1)
        self.refused("has the key", "job", "add", "backup", "--key", "k", code=1)
        listed = self.json("job", "list", "--state", "QUEUED")
        self.assertEqual(listed["meta"], {"count": 1, "total": 1})
        self.assertNotIn("result", listed["items"][0])
        self.assertIn("QUEUED", self.home.run("job", "list").stdout)
        self.refused("only what failed or was cancelled", "job", "retry", 1, code=1)
        self.assertEqual(self.json("job", "cancel", 1)["state"], "CANCELLED")
        self.refused("has ended", "job", "cancel", 1, code=1)
        self.assertIn("cancel_requested", self.home.run("job", "show", 1).stdout)
        self.assertEqual(self.json("job", "retry", 1)["state"], "QUEUED")
        self.refused("there is no job 9", "job", "show", 9)

    def test_a_wrong_call_says_what_is_wrong(self):
        self.refused("Did you mean \"backtest\"", "job", "add", "backtset")
        self.refused("it must be a name and no path", "job", "add", "backtest", "--parameters", '{"strategy": "../x"}')
        self.refused("strategy", "job", "add", "backtest")
        self.refused("--parameters", "job", "add", "backtest", "--parameters", "{")


class Served(Jobs):
    def test_a_backtest_runs_as_a_job(self):
        number = self.add("backtest", GOLDEN)["job_id"]
        wrong = self.add("backtest", {**GOLDEN, "symbols": ["NONE"]})["job_id"]
        self.serve_until(lambda: self.show(number)["ended_at"] and self.show(wrong)["ended_at"])
        job = self.show(number)
        self.assertEqual((job["state"], job["attempts"]), ("DONE", 1), job)
        self.assertEqual(job["progress"], 1)
        stored = self.json("run", "list")["items"]
        self.assertEqual(job["result"]["run"], stored[0].get("run_id", stored[0].get("run")))
        self.assertEqual(self.show(wrong)["state"], "FAILED")
        self.assertIn("NONE", self.show(wrong)["reason"])

    def test_imports_studies_and_backups(self):
        (self.folder / "imports").mkdir()
        (self.folder / "imports" / "F.csv").write_text("date,open,high,low,close,volume\n2024-01-02,1,2,1,2,10\n")
        study = {"strategy": "golden_cross", "symbols": ["AAPL"], "trials": 3, "seed": 7}
        jobs = [self.add("import", {"file": "F.csv", "timeframe": "1d", "symbol": "FFF"}),
                self.add("import", {"file": "missing.csv", "timeframe": "1d"}),
                self.add("optimize", study), self.add("backup", {})]
        process = self.start()
        states = [self.ended(job["job_id"]) for job in jobs]
        self.assertEqual([job["state"] for job in states], ["DONE", "FAILED", "DONE", "DONE"],
                         [job["reason"] for job in states])
        self.assertEqual(states[0]["result"]["items"][0]["symbol"], "FFF")
        self.assertTrue(pathlib.Path(states[3]["result"]["backup"], "backup.json").exists())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=12), 0, process.stderr.read())

    def test_a_job_outlives_its_server_but_its_process_does_not(self):
        study = {"strategy": "golden_cross", "symbols": ["AAPL"], "trials": 100000, "sampler": "random", "seed": 7}
        number = self.add("optimize", study)["job_id"]
        first = self.start()
        child = self.wait_for(lambda: self.child_of(first))
        self.wait_for(lambda: self.show(number)["progress"] > 0, 60)
        first.kill()
        first.wait()
        self.wait_for(lambda: not pathlib.Path(f"/proc/{child}").exists() or
                      ") Z" in pathlib.Path(f"/proc/{child}/stat").read_text())
        self.assertEqual(self.show(number)["state"], "RUNNING")
        second = self.start()
        self.wait_for(lambda: self.show(number)["attempts"] == 2)
        child = self.wait_for(lambda: self.child_of(second))
        self.json("job", "cancel", number)
        self.assertEqual(self.ended(number)["state"], "CANCELLED")
        self.wait_for(lambda: self.child_of(second) is None)
        # And one that is told to end lets its jobs wait.
        number = self.add("optimize", {**study, "seed": 8})["job_id"]
        self.wait_for(lambda: self.child_of(second))
        second.send_signal(signal.SIGTERM)
        self.assertEqual(second.wait(timeout=12), 0, second.stderr.read())
        job = self.show(number)
        self.assertEqual((job["state"], job["attempts"]), ("QUEUED", 0))


if __name__ == "__main__":
    unittest.main()
