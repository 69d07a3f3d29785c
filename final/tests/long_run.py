#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What years come to: execs and containers by the thousand with constant memory
and handles, and a kill with many containers.

long_run.py [SCALE]: 1 is 20,000 execs, 10,000 runs, 50 and 500 containers;
0.05 is a look at whether the test itself works.
"""
import os
import pathlib
import signal
import sys
import threading
import time
import unittest

import blackbox
from engine_under_test import Connection, Engine

SCALE = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
MIB = 1 << 20


def scaled(count):
    return max(10, int(count * SCALE))


class LongRun(unittest.TestCase):
    def setUp(self):
        self.engine = Engine(blackbox.BINARIES)
        self.addCleanup(self.engine.close)
        self.engine.start()

    def ask(self, method, path, body=None, good=(200, 201, 204, 304)):
        status, answer = self.engine.request(method, path, body, timeout=120)
        self.assertIn(status, good, f"{method} {path}: {answer}")
        return answer

    def container(self, name, command):
        return self.ask("POST", "/containers/create?name=" + name, {
            "Image": "busybox", "Cmd": command, "HostConfig": {"NetworkMode": "none"}})["Id"]

    def measured(self):
        """Bytes of memory that are the daemon's own, handles, threads."""
        place = pathlib.Path(f"/proc/{self.engine.process.pid}")
        own = sum(int(line.split()[1]) for line in (place / "smaps_rollup").read_text().splitlines() if line.startswith("Private_Dirty"))
        return own * 1024, len(os.listdir(place / "fd")), len(os.listdir(place / "task"))

    def repeat(self, count, work, at_once=4):
        """`count` times, by a few clients; what was measured after a tenth and at the end."""
        left, lock, failures = [count], threading.Lock(), []

        def client():
            while not failures:
                with lock:
                    if left[0] == 0:
                        return
                    left[0] -= 1
                    number = left[0]
                try:
                    work(number)
                except BaseException as error:  # the others are to stop as well
                    failures.append(error)
        warm = count // 10

        def clients():
            threads = [threading.Thread(target=client) for _ in range(at_once)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            if failures:
                raise failures[0]
        left[0] = warm
        clients()
        early = self.settled()
        left[0] = count - warm
        clients()
        return early, self.settled()

    def settled(self):
        """Handles go with the connections, a moment after the last answer."""
        before = None
        for _ in range(100):
            now = self.measured()
            if before is not None and now[1] == before[1]:
                return now
            before = now
            time.sleep(0.1)
        return before

    def is_constant(self, early, late, what):
        print(f"{what}: own memory {early[0] / MIB:.1f} -> {late[0] / MIB:.1f} MiB, handles {early[1]} -> {late[1]}, "
              f"threads {early[2]} -> {late[2]}", flush=True)
        self.assertLessEqual(late[0] - early[0], 4 * MIB, what)
        self.assertLessEqual(late[1] - early[1], 4, what)
        self.assertLessEqual(late[2] - early[2], 16, what)

    def test_execs(self):
        links = self.engine.ledger()["links"]
        one = self.container("one", ["sleep", "100000"])
        self.ask("POST", f"/containers/{one}/start")

        def run(_):
            made = self.ask("POST", f"/containers/{one}/exec", {"Cmd": ["true"], "AttachStdout": True})["Id"]
            connection = Connection(self.engine.socket, 120)
            connection.request("POST", f"/exec/{made}/start", '{"Detach": false}', {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            connection.close()
            self.assertEqual(self.ask("GET", f"/exec/{made}/json")["ExitCode"], 0)
        self.is_constant(*self.repeat(scaled(20_000), run), "execs")
        self.assertEqual(self.ask("GET", f"/containers/{one}/json")["ExecIDs"], None)
        self.ask("DELETE", f"/containers/{one}?force=1")
        wanted = {"homes": [], "runs": [], "cgroups": [], "monitors": 0, "links": links}
        self.assertEqual(self.engine.settled_ledger(wanted), wanted)

    def test_runs(self):
        links = self.engine.ledger()["links"]

        def run(number):
            one = self.container(f"run{number}", ["true"])
            self.ask("POST", f"/containers/{one}/start")
            self.assertEqual(self.ask("POST", f"/containers/{one}/wait")["StatusCode"], 0)
            self.ask("DELETE", "/containers/" + one)
        self.is_constant(*self.repeat(scaled(10_000), run), "runs")
        wanted = {"homes": [], "runs": [], "cgroups": [], "monitors": 0, "links": links}
        self.assertEqual(self.engine.settled_ledger(wanted), wanted)

    def killed_with(self, count):
        all_of_them = [self.container(f"many{n}", ["sleep", "100000"]) for n in range(count)]
        for one in all_of_them:
            self.ask("POST", f"/containers/{one}/start")
        pids = {one: self.ask("GET", f"/containers/{one}/json")["State"]["Pid"] for one in all_of_them}
        self.engine.stop(signal.SIGKILL)
        began = time.monotonic()
        self.engine.start()
        took = time.monotonic() - began
        print(f"back with {count} containers after {took:.2f} s", flush=True)
        for one in all_of_them:
            state = self.ask("GET", f"/containers/{one}/json")["State"]
            self.assertEqual((state["Running"], state["Pid"]), (True, pids[one]))
        for one in all_of_them:
            self.ask("DELETE", f"/containers/{one}?force=1")
        self.assertLess(took, 2 + count / 20)

    def test_a_kill_with_50(self):
        self.killed_with(scaled(50))

    def test_a_kill_with_500(self):
        self.killed_with(scaled(500))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
