#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a daemon is to stand: races for a name, clients that stall, a kill with
fifty containers; and how systemd starts it (socket activation, sd_notify)."""
import collections
import http.client
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

import blackbox
from engine_under_test import Connection, Engine


def at_once(count, work):
    """The answers of `count` threads that all begin at the same moment."""
    gate, answers = threading.Barrier(count), []

    def one(number):
        gate.wait()
        answers.append(work(number))
    threads = [threading.Thread(target=one, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return collections.Counter(answers)


class Steady(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = Engine(blackbox.BINARIES)
        cls.engine.start()
        cls.body = {"Image": "busybox", "Cmd": ["sleep", "1000"], "HostConfig": {"NetworkMode": "none"}}

    @classmethod
    def tearDownClass(cls):
        cls.engine.close()

    def status(self, method, path, body=None):
        return self.engine.request(method, path, body, timeout=120)[0]

    def test_one_of_64_wins_a_name(self):
        made = at_once(64, lambda _: self.status("POST", "/containers/create?name=wanted", self.body))
        self.assertEqual(made, {201: 1, 409: 63})
        others = [self.engine.request("POST", f"/containers/create?name=other{n}", self.body)[1]["Id"] for n in range(16)]
        renamed = at_once(16, lambda n: self.status("POST", f"/containers/{others[n]}/rename?name=coveted"))
        self.assertEqual(renamed, {204: 1, 409: 15})
        names = [name for one in self.engine.request("GET", "/containers/json?all=1")[1] for name in one["Names"]]
        self.assertEqual((names.count("/wanted"), names.count("/coveted")), (1, 1))
        started = at_once(16, lambda _: self.status("POST", "/containers/wanted/start"))
        self.assertEqual(started, {204: 1, 304: 15})
        removed = at_once(64, lambda _: self.status("DELETE", "/containers/wanted?force=1"))
        self.assertEqual(removed[204], 1)
        self.assertLessEqual(set(removed), {204, 404, 409})  # 409: its removal is in progress
        for one in others:
            self.assertEqual(self.status("DELETE", "/containers/" + one), 204)

    def test_kill_answers_when_the_process_is_dead(self):
        for name, before in (("plain", None), ("paused", "pause"), ("named", "rename?name=killed")):
            one = self.engine.request("POST", "/containers/create?name=" + name, self.body)[1]["Id"]
            self.assertEqual(self.status("POST", f"/containers/{one}/start"), 204)
            if before:
                self.assertEqual(self.status("POST", f"/containers/{one}/{before}"), 204)
            self.assertEqual(self.status("POST", f"/containers/{one}/kill"), 204)
            self.assertEqual(self.engine.request("GET", f"/containers/{one}/json")[1]["State"]["Status"], "exited", name)
            self.assertEqual(self.status("POST", f"/containers/{one}/kill"), 409)
            self.assertEqual(self.status("DELETE", "/containers/" + one), 204)

    def memory(self):
        status = pathlib.Path(f"/proc/{self.engine.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    def test_a_thousand_clients_that_stall_delay_nobody(self):
        before, clients = self.memory(), []
        for number in range(1000):
            client = socket.socket(socket.AF_UNIX)
            client.connect(self.engine.socket)
            # Some say nothing, some stop in the head, some in the body.
            client.sendall((b"", b"GET /_ping HTTP/1.1\r\nHo", b"POST /containers/create HTTP/1.1\r\nHost: d\r\n"
                            b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{")[number % 3])
            clients.append(client)
        took = []
        for _ in range(20):
            begun = time.monotonic()
            self.assertEqual(self.status("GET", "/_ping"), 200)
            took.append(time.monotonic() - begun)
        self.assertLess(sorted(took)[10], 0.5)
        self.assertLess((self.memory() - before) / 1000, 64 << 10)
        # Who stops in the middle of a head is shown the door.
        clients[1].settimeout(60)
        self.assertIn(b"408", clients[1].recv(4096))
        for client in clients:
            client.close()

    def test_a_client_that_reads_nothing_holds_up_nobody(self):
        name = self.engine.request("POST", "/containers/create?name=chatty", {
            "Image": "busybox", "Cmd": ["sh", "-c", "yes | head -c 20000000; echo; echo done"]})[1]["Id"]
        deaf = Connection(self.engine.socket, 60)
        deaf.connect()
        deaf.request("POST", f"/containers/{name}/attach?stream=1&stdout=1", headers={"Upgrade": "tcp", "Connection": "Upgrade"})
        self.assertEqual(self.status("POST", f"/containers/{name}/start"), 204)
        time.sleep(0.5)
        for path in ("/_ping", "/containers/json", f"/containers/{name}/json"):
            self.assertEqual(self.status("GET", path), 200)
        deaf.sock.close()
        self.assertEqual(self.engine.request("POST", f"/containers/{name}/wait", timeout=60)[1]["StatusCode"], 0)
        self.assertEqual(self.status("DELETE", "/containers/" + name), 204)

    def test_z_fifty_containers_are_there_after_a_kill(self):
        ids = [self.engine.request("POST", "/containers/create", self.body)[1]["Id"] for _ in range(50)]
        for one in ids:
            self.assertEqual(self.status("POST", f"/containers/{one}/start"), 204)
        before = {one["Id"]: one["State"] for one in self.engine.request("GET", "/containers/json")[1]}
        started = {i: self.engine.request("GET", f"/containers/{i}/json")[1]["State"] for i in ids}
        self.engine.stop(signal.SIGKILL)
        begun = time.monotonic()
        self.engine.start()
        found = {one["Id"]: one["State"] for one in self.engine.request("GET", "/containers/json")[1]}
        wall = time.monotonic() - begun
        stat = pathlib.Path(f"/proc/{self.engine.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        work = (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
        print(f"50 containers: ready after {wall:.2f} s, {work:.2f} s of them work", flush=True)
        self.assertEqual(found, before)
        for one in ids:
            now = self.engine.request("GET", f"/containers/{one}/json")[1]["State"]
            for key in ("Pid", "StartedAt", "Status"):
                self.assertEqual(now[key], started[one][key])
        # Half a second of work, whatever else the machine does meanwhile.
        self.assertLess(work, 0.5)
        at_once(50, lambda n: self.status("DELETE", f"/containers/{ids[n]}?force=1"))


class Activated(unittest.TestCase):
    """As systemd starts it: with a socket that listens, and ears for what it says."""

    def setUp(self):
        self.engine = Engine(blackbox.BINARIES)
        self.folder = tempfile.TemporaryDirectory(prefix="dcpp-activated")
        self.addCleanup(self.folder.cleanup)
        self.told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.told.bind(self.folder.name + "/notify")
        self.told.settimeout(60)
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(self.folder.name + "/sock")
        self.listening.listen(16)
        self.addCleanup(self.told.close)
        self.addCleanup(self.listening.close)

    def spawn(self, environment, log):
        folder = self.engine.folder
        command = (f"export LISTEN_PID=$$ LISTEN_FDS=1; exec {self.engine.binaries}/docker-cppd -H fd:// "
                   f"--data-root {folder}/data --exec-root {folder}/run --cgroup-parent {self.engine.cgroup} "
                   f"--bridge dcpptest0 --bip 10.111.0.1/24 --config-file /dev/null 3<&{self.listening.fileno()}")
        return subprocess.Popen(["nsenter", f"--net=/proc/{self.engine.holder.pid}/ns/net", "sh", "-c", command],
                                env={**os.environ, "NOTIFY_SOCKET": self.folder.name + "/notify"},
                                pass_fds=[self.listening.fileno()], stdout=log, stderr=log)

    def ask(self, path):
        connection = Connection(self.folder.name + "/sock", 60)
        connection.request("GET", path)
        answer = connection.getresponse().read()
        connection.close()
        return answer

    def test_it_serves_the_socket_it_was_given_and_says_how_it_is(self):
        with open(self.engine.folder / "log", "a") as log:
            process = self.spawn({}, log)
        try:
            # A client may come before the daemon is there: it waits.
            self.assertEqual(self.ask("/_ping"), b"OK")
            self.assertIn(b"READY=1", self.told.recv(4096))
            process.send_signal(signal.SIGHUP)
            self.assertIn(b"RELOADING=1", self.told.recv(4096))
            self.assertIn(b"READY=1", self.told.recv(4096))
            process.send_signal(signal.SIGUSR1)
            dumps = []
            for _ in range(300):
                dumps = list((self.engine.folder / "run").glob("dump-*.txt"))
                if dumps:
                    break
                time.sleep(0.05)
            self.assertEqual(len(dumps), 1)
            process.send_signal(signal.SIGTERM)
            self.assertIn(b"STOPPING=1", self.told.recv(4096))
            self.assertEqual(process.wait(timeout=60), 0)
            self.assertTrue(os.path.exists(self.folder.name + "/sock"))  # it is systemd's
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            self.engine.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
