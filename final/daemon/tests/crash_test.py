#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the daemon at every failpoint of create, start, stop and rm: each
is all or nothing after a restart, nothing leaks, and the same request works."""
import io
import os
import subprocess
import sys
import tarfile
import unittest

from engine_under_test import Connection, Engine

BINARIES = os.environ["DOCKER_CPP_BINARIES"]
IDLE = {"homes": [], "runs": [], "cgroups": [], "monitors": 0, "links": 1}

CREATE = {"Image": "busybox", "Cmd": ["sleep", "1000"], "StopTimeout": 0,
          "HostConfig": {"Binds": ["crashvolume:/data"]}}


def do(engine, operation):
    return {
        "create": lambda: engine.request("POST", "/containers/create?name=crash", CREATE),
        "start": lambda: engine.request("POST", "/containers/crash/start"),
        "stop": lambda: engine.request("POST", "/containers/crash/stop?t=0"),
        "rm": lambda: engine.request("DELETE", "/containers/crash"),
    }[operation]()


ORDER = ["create", "start", "stop", "rm"]
SUCCESS = {"create": 201, "start": 204, "stop": 204, "rm": 204}
# Nothing or all: what the container's state may be after the crash.
STATES = {
    "create": {None, "created"},
    "start": {"created", "running"},
    "stop": {"running", "exited"},
    "rm": {"exited", None},
}


def state_of(engine):
    status, body = engine.request("GET", "/containers/crash/json")
    return body["State"]["Status"] if status == 200 else None


class Crash(unittest.TestCase):
    def setUp(self):
        self.engine = Engine(BINARIES)
        self.addCleanup(self.engine.close)

    def prepare(self, operation):
        """Everything before the operation, in a daemon that does not fail."""
        self.engine.start()
        for earlier in ORDER[:ORDER.index(operation)]:
            status, body = do(self.engine, earlier)
            self.assertEqual(status, SUCCESS[earlier], body)
        if operation == "create":  # the image is loaded before, not meanwhile
            self.engine.request("POST", "/containers/create?name=warm", CREATE)
            self.engine.request("DELETE", "/containers/warm?v=1")
        self.engine.stop()

    def points(self, operation):
        self.prepare(operation)
        log = self.engine.folder / "points"
        self.engine.start()
        self.engine.stop()
        self.engine.start(DOCKER_CPP_FAILPOINT_LOG=str(log))
        before = len(log.read_text().split()) if log.exists() else 0
        status, body = do(self.engine, operation)
        self.assertEqual(status, SUCCESS[operation], body)
        self.engine.stop()
        passed = log.read_text().split()[before:]
        counted = []
        for name in dict.fromkeys(passed):
            earlier = log.read_text().split()[:before].count(name)
            counted += [(name, earlier + n + 1) for n in range(passed.count(name))]
        self.reset()
        return counted

    def reset(self):
        self.engine.start()
        self.engine.request("DELETE", "/containers/crash?force=1")
        self.assertEqual(self.engine.settled_ledger(IDLE), IDLE)
        self.engine.stop()

    def sweep(self, operation):
        points = self.points(operation)
        self.assertGreater(len(points), 1, "no failpoints: not a test build")
        for name, count in points:
            with self.subTest(operation=operation, point=f"{name}@{count}"):
                try:
                    self.crash_at(operation, name, count)
                finally:  # the next point begins with an empty engine
                    self.engine.stop()
                    self.engine.start()
                    self.engine.request("DELETE", "/containers/crash?force=1")
                    self.engine.stop()

    def crash_at(self, operation, name, count):
        self.prepare(operation)
        self.engine.start(DOCKER_CPP_FAILPOINTS=f"{name}=kill@{count}")
        status, body = do(self.engine, operation)
        try:  # it may die after it has answered
            self.engine.process.wait(timeout=20 if status is None else 1)
        except subprocess.TimeoutExpired:
            # A point of the monitor: the daemon lives, and says so.
            self.assertNotIn(status, (None, SUCCESS[operation]), body)
            self.engine.stop()
        self.engine.process = None
        self.engine.start()
        state = state_of(self.engine)
        self.assertIn(state, STATES[operation], self.engine.log()[-2000:])
        homes = 0 if state is None else 1
        runs = 1 if state == "running" else 0
        ledger = self.engine.settled_ledger(None, 0.3)
        self.assertEqual((len(ledger["homes"]), len(ledger["runs"]), len(ledger["cgroups"]),
                          ledger["monitors"], ledger["links"]), (homes, runs, runs, runs, 1 + runs), ledger)

        # The same request works, as far as it was not done already.
        status, body = do(self.engine, operation)
        again = {"create": {201} if state is None else {409}, "start": {204, 304},
                 "stop": {204, 304}, "rm": {204, 404}}[operation]
        self.assertIn(status, again, body)
        self.engine.stop()
        self.reset()

    def test_create(self):
        self.sweep("create")

    def test_start(self):
        self.sweep("start")

    def test_stop(self):
        self.sweep("stop")

    def test_rm(self):
        self.sweep("rm")


def run_exec(engine):
    status, body = engine.request("POST", "/containers/crash/exec", {"Cmd": ["true"]})
    return engine.request("POST", f"/exec/{body['Id']}/start", {"Detach": True}) if status == 201 else (status, body)


# What changes a container that runs: the request, and its status.
CHANGES = {
    "update": (lambda e: e.request("POST", "/containers/crash/update", {"Memory": 64 << 20, "MemorySwap": 128 << 20}), 200),
    "rename": (lambda e: e.request("POST", "/containers/crash/rename?name=crashed"), 204),
    "pause": (lambda e: e.request("POST", "/containers/crash/pause"), 204),
    "exec": (run_exec, 200),
}


class CrashOfAChange(unittest.TestCase):
    """The container runs on whatever the daemon was doing with it, and the
    same request works after the restart."""

    def setUp(self):
        self.engine = Engine(BINARIES)
        self.addCleanup(self.engine.close)

    def running(self, **environment):
        self.engine.start(**environment)
        for operation in ("create", "start"):
            self.assertEqual(do(self.engine, operation)[0], SUCCESS[operation])

    def removed(self):
        for name in ("crash", "crashed"):
            self.engine.request("DELETE", f"/containers/{name}?force=1")
        self.assertEqual(self.engine.settled_ledger(IDLE), IDLE)
        self.engine.stop()

    def points(self, change):
        log = self.engine.folder / ("points-" + change)
        self.running(DOCKER_CPP_FAILPOINT_LOG=str(log))
        before = log.read_text().split()
        status, body = CHANGES[change][0](self.engine)
        self.assertEqual(status, CHANGES[change][1], body)
        passed = log.read_text().split()[len(before):]
        self.removed()
        return [(name, before.count(name) + 1) for name in dict.fromkeys(passed) if name.startswith(f"container.{change}")]

    def sweep(self, change):
        points = self.points(change)
        self.assertGreater(len(points), 1, "no failpoints: not a test build")
        for name, count in points:
            with self.subTest(change=change, point=f"{name}@{count}"):
                self.running(DOCKER_CPP_FAILPOINTS=f"{name}=kill@{count}")
                CHANGES[change][0](self.engine)
                self.engine.process.wait(timeout=20)
                self.engine.process = None
                self.engine.start()
                found = [c for c in self.engine.request("GET", "/containers/json")[1] if c["Names"][0] in ("/crash", "/crashed")]
                self.assertEqual(len(found), 1, self.engine.log()[-2000:])
                self.assertIn(found[0]["State"], {"running", "paused"} if change == "pause" else {"running"})
                status, body = CHANGES[change][0](self.engine)
                done = found[0]["Names"] == ["/crashed"] or found[0]["State"] == "paused"
                self.assertIn(status, {404, 409} if done else {CHANGES[change][1]}, body)
                self.removed()

    def test_update(self):
        self.sweep("update")

    def test_rename(self):
        self.sweep("rename")

    def test_pause(self):
        self.sweep("pause")

    def test_exec(self):
        self.sweep("exec")


def put(engine, text):
    """Writes /f into the container that does not run."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        info = tarfile.TarInfo("f")
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text.encode()))
    return raw(engine, "PUT", "/containers/crash/archive?path=/", buffer.getvalue())[0]


def content(engine, name="crash"):
    status, archive = raw(engine, "GET", f"/containers/{name}/archive?path=/f")
    if status != 200:
        return None
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return tar.extractfile("f").read().decode()


def raw(engine, method, path, body=None):
    connection = Connection(engine.socket, 30)
    connection.connect()
    connection.request(method, path, body, {"Content-Type": "application/x-tar"} if body else {})
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


SNAPSHOTS = "/docker-cpp/containers/crash/snapshots"
# Each on a container whose file says "2", with a snapshot where it says "1":
# the request, its status, and what the file may say after a crash.
FREEZES = {
    "create": (lambda e: e.request("POST", SNAPSHOTS + "?name=two"), 201, {"2"}),
    "restore": (lambda e: e.request("POST", SNAPSHOTS + "/one/restore"), 204, {"1", "2"}),
    "rm": (lambda e: e.request("DELETE", SNAPSHOTS + "/one"), 204, {"2"}),
    "clone": (lambda e: e.request("POST", "/docker-cpp/containers/crash/clone?name=cloned"), 201, {"2"}),
}


class CrashOfASnapshot(unittest.TestCase):
    """Whatever the daemon was doing, the container's files are those of one
    moment, the request works afterwards, and no layer is left behind."""

    def setUp(self):
        self.engine = Engine(BINARIES)
        self.addCleanup(self.engine.close)

    def prepare(self):
        self.engine.start()
        self.assertEqual(do(self.engine, "create")[0], 201)
        for text in ("1", "2"):
            self.assertEqual(put(self.engine, text), 200)
            if text == "1":
                self.assertEqual(self.engine.request("POST", SNAPSHOTS + "?name=one")[0], 201)
        self.engine.stop()

    def removed(self):
        if self.engine.process is None:
            self.engine.start()
        for name in ("crash", "cloned"):
            self.engine.request("DELETE", f"/containers/{name}?force=1")
        self.engine.stop()
        self.engine.start()
        self.assertEqual(self.engine.names_in("data/snapshots"), [])
        self.assertEqual(self.engine.settled_ledger(IDLE), IDLE)
        self.engine.stop()

    def sweep(self, operation):
        act, status, contents = FREEZES[operation]
        log = self.engine.folder / ("points-" + operation)
        self.prepare()
        self.engine.start(DOCKER_CPP_FAILPOINT_LOG=str(log))
        before = len(log.read_text().split()) if log.exists() else 0
        self.assertEqual(act(self.engine)[0], status)
        self.engine.stop()
        points = [p for p in dict.fromkeys(log.read_text().split()[before:]) if p.startswith("snapshot")]
        self.removed()
        self.assertGreater(len(points), 0, "no failpoints: not a test build")
        for name in points:
            with self.subTest(operation=operation, point=name):
                self.prepare()
                self.engine.start(DOCKER_CPP_FAILPOINTS=f"{name}=kill@1")
                act(self.engine)
                self.engine.process.wait(timeout=20)
                self.engine.process = None
                self.engine.start()
                self.assertIn(content(self.engine), contents)
                again = act(self.engine)[0]
                self.assertIn(again, {status, 404, 409})
                self.assertIn(content(self.engine), {"1"} if operation == "restore" else {"2"})
                if operation == "clone":
                    self.assertEqual(content(self.engine, "cloned"), "2")
                self.removed()

    def test_create(self):
        self.sweep("create")

    def test_restore(self):
        self.sweep("restore")

    def test_rm(self):
        self.sweep("rm")

    def test_clone(self):
        self.sweep("clone")


if __name__ == "__main__":
    unittest.main(argv=sys.argv, verbosity=2)
