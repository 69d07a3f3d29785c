#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Other clients than docker: docker-py (Debian's python3-docker) and
docker-compose 1.29, each as its users use it. What is not installed is left
out, unless DOCKER_CPP_REQUIRE_ALL=1."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import blackbox

try:
    import docker
except ImportError:
    docker = None

REQUIRE_ALL = os.environ.get("DOCKER_CPP_REQUIRE_ALL") == "1"


@unittest.skipIf(docker is None and not REQUIRE_ALL, "python3-docker is not installed")
class DockerPy(blackbox.Suite):
    def setUp(self):
        super().setUp()
        self.api = docker.DockerClient(base_url=self.daemon.host, version="auto", timeout=30)
        self.addCleanup(self.api.close)

    def run_detached(self, command, **options):
        return self.api.containers.run("busybox", command, name=self.name, detach=True, **options)

    def test_says_what_it_is(self):
        self.assertTrue(self.api.ping())
        self.assertIn("ApiVersion", self.api.version())
        self.assertEqual(self.api.info()["OSType"], "linux")

    def test_runs_to_the_end(self):
        self.assertEqual(self.api.containers.run("busybox", ["echo", "hi"], remove=True), b"hi\n")
        with self.assertRaises(docker.errors.ContainerError) as caught:
            self.api.containers.run("busybox", ["sh", "-c", "echo bad >&2; exit 3"], remove=True, stderr=True)
        self.assertEqual(caught.exception.exit_status, 3)
        self.assertIn(b"bad", caught.exception.stderr)

    def test_errors_have_their_classes(self):
        with self.assertRaises(docker.errors.NotFound):
            self.api.containers.get("nosuchcontainer")
        with self.assertRaises(docker.errors.ImageNotFound):
            self.api.images.get("nosuchimage:1")
        self.run_detached("true")
        with self.assertRaises(docker.errors.APIError) as caught:
            self.run_detached("true")
        self.assertEqual(caught.exception.status_code, 409)

    def test_life(self):
        container = self.run_detached("sleep 1000", labels={"a": "1"}, environment={"E": "x"}, mem_limit="64m")
        container.reload()
        self.assertEqual(container.status, "running")
        self.assertEqual(container.labels["a"], "1")
        self.assertEqual([c.name for c in self.api.containers.list(filters={"label": "a=1", "name": self.name})], [self.name])
        container.pause()
        container.reload()
        self.assertEqual(container.status, "paused")
        container.unpause()
        container.rename(self.name + "b")
        container.update(mem_limit="96m", memswap_limit="128m")
        container.reload()
        self.assertEqual(container.attrs["HostConfig"]["Memory"], 96 << 20)
        self.assertIn("PID", container.top()["Titles"])
        container.restart(timeout=0)
        container.stop(timeout=0)
        self.assertEqual(container.wait()["StatusCode"], 137)
        container.remove()

    def test_exec(self):
        container = self.run_detached("sleep 1000")
        code, out = container.exec_run(["sh", "-c", "echo $A $(pwd) $(id -u); exit 4"], environment={"A": "b"}, workdir="/tmp", user="7")
        self.assertEqual((code, out), (4, b"b /tmp 7\n"))
        code, (out, err) = container.exec_run(["sh", "-c", "echo o; echo e >&2"], demux=True)
        self.assertEqual((code, out, err), (0, b"o\n", b"e\n"))
        code, stream = container.exec_run(["sh", "-c", "echo 1; echo 2"], stream=True)
        self.assertEqual(b"".join(stream), b"1\n2\n")
        self.assertEqual(container.exec_run("nosuch")[0], 126 if container.exec_run("nosuch")[0] == 126 else 127)

    def test_exec_tells_of_a_terminal_as_its_starter_asks(self):
        container = self.run_detached("sleep 1000")
        for tty in (True, False):
            exec_id = self.api.api.exec_create(container.id, ["sh", "-c", "echo o; echo e >&2"], tty=True)["Id"]
            self.assertEqual(self.api.api.exec_start(exec_id, tty=tty), b"o\r\ne\r\n")

    def test_an_archive_that_is_none_is_an_error_of_the_load(self):
        with self.assertRaises(docker.errors.ImageLoadError):
            self.api.images.load(b"abc")

    def test_commit_of_what_ends_meanwhile(self):
        for _ in range(5):
            container = self.run_detached("true")
            image = container.commit()
            self.addCleanup(self.api.images.remove, image.id)
            container.remove(force=True)

    def test_links(self):
        self.run_detached("sleep 1000", ports={"80/tcp": None, "53/udp": None}, environment={"A": "b"})
        link = self.name + "-user"
        user = self.api.containers.run("busybox", "sleep 1000", detach=True, name=link, links={self.name: "my-db"})
        self.addCleanup(user.remove, force=True)
        address = self.api.containers.get(self.name).attrs["NetworkSettings"]["IPAddress"]
        told = user.exec_run(["sh", "-c", "tr '\\0' '\\n' < /proc/1/environ"])[1].decode().split("\n")
        for entry in ("MY_DB_NAME=/" + link + "/my-db", "MY_DB_ENV_A=b", "MY_DB_PORT=udp://" + address + ":53",
                      "MY_DB_PORT_80_TCP=tcp://" + address + ":80", "MY_DB_PORT_80_TCP_ADDR=" + address,
                      "MY_DB_PORT_53_UDP_PORT=53", "MY_DB_PORT_53_UDP_PROTO=udp"):
            self.assertIn(entry, told)
        self.assertIn(b"my-db", user.exec_run("cat /etc/hosts")[1])
        with self.assertRaisesRegex(docker.errors.APIError, "cannot remove the default link name"):
            user.remove(link=True)
        with self.assertRaises(docker.errors.NotFound):
            self.api.api.remove_container(link + "/nosuch", link=True)
        self.api.api.remove_container(link + "/my-db", link=True)
        user.reload()
        self.assertEqual(user.status, "running")
        self.assertFalse(user.attrs["HostConfig"]["Links"])
        self.assertNotIn(b"my-db", user.exec_run("cat /etc/hosts")[1])

    def test_exec_socket_closes_its_input(self):
        container = self.run_detached("sleep 1000")
        exec_id = self.api.api.exec_create(container.id, ["cat"], stdin=True)["Id"]
        stream = self.api.api.exec_start(exec_id, socket=True)
        raw = getattr(stream, "_sock", stream)
        raw.sendall(b"typed")
        import socket
        raw.shutdown(socket.SHUT_WR)
        got = b""
        while more := raw.recv(4096):
            got += more
        stream.close()
        self.assertIn(b"typed", got)
        self.eventually(lambda: self.api.api.exec_inspect(exec_id)["Running"] is False)
        self.assertEqual(self.api.api.exec_inspect(exec_id)["ExitCode"], 0)

    def test_logs_and_attach(self):
        container = self.run_detached(["sh", "-c", "echo one; sleep 0.3; echo two"])
        self.assertEqual(b"".join(container.logs(stream=True, follow=True)), b"one\ntwo\n")
        self.assertEqual(container.logs(tail=1), b"two\n")
        self.assertEqual(container.attach(logs=True, stream=False), b"one\ntwo\n")
        self.assertRegex(container.logs(timestamps=True).decode(), r"^\d{4}-\d\d-\d\dT[\d:.]+Z one\n")

    def test_statistics(self):
        container = self.run_detached("sleep 1000", mem_limit="64m")
        once = container.stats(stream=False)
        self.assertEqual(once["memory_stats"]["limit"], 64 << 20)
        self.assertGreater(once["cpu_stats"]["system_cpu_usage"], 0)
        stream = container.stats(decode=True, stream=True)
        self.assertEqual(next(stream)["id"], container.id)
        self.assertIn("cpu_usage", next(stream)["precpu_stats"])

    def test_events(self):
        import time
        since = time.time()
        self.run_detached("true").wait()
        events = list(self.api.events(since=since, until=time.time() + 1, decode=True, filters={"container": self.name}))
        self.assertEqual([e["Action"] for e in events if e["Action"] in ("create", "start", "die")], ["create", "start", "die"])


COMPOSE = """
version: "2.4"
services:
  one:
    image: busybox
    command: sh -c 'echo from-one; exec sleep 1000'
    labels: {a: "1"}
    environment: {E: value}
    healthcheck: {test: ["CMD", "true"], interval: 1s, retries: 3}
    network_mode: none
  two:
    image: busybox
    command: sh -c 'echo from-two; exec sleep 1000'
    depends_on: {one: {condition: service_healthy}}
    network_mode: none
"""


@unittest.skipIf(shutil.which("docker-compose") is None and not REQUIRE_ALL, "docker-compose is not installed")
class Compose(blackbox.Suite):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "docker-compose.yml").write_text(COMPOSE)
        self.addCleanup(self.compose, "down", "-v", "-t", "0", check=False)

    def compose(self, *arguments, check=True):
        done = subprocess.run(["docker-compose", "--no-ansi", "-p", self.name, *arguments], cwd=self.folder,
                              env=self.environment, capture_output=True, text=True, timeout=100, stdin=subprocess.DEVNULL)
        if check:
            self.assertEqual(done.returncode, 0, f"docker-compose {' '.join(arguments)}: {done.stderr}{done.stdout}")
        return done.stdout

    def test_a_project_comes_up_and_goes_down(self):
        self.compose("up", "-d")
        self.assertEqual(self.compose("ps", "--services").split(), ["one", "two"])
        self.assertEqual(len(self.compose("ps", "-q").split()), 2)
        self.assertEqual(self.compose("exec", "-T", "one", "sh", "-c", "echo $E").strip(), "value")
        self.assertIn("from-one", self.compose("logs", "one"))
        self.assertIn("from-two", self.compose("logs"))
        self.compose("restart", "-t", "0", "two")
        self.assertIn("one", self.compose("top"))
        self.compose("stop", "-t", "0")
        self.compose("start")
        self.compose("up", "-d")  # nothing changed: nothing is made anew
        self.compose("down", "-v", "-t", "0")
        self.assertEqual(self.ok("ps", "-aq", "--filter", f"label=com.docker.compose.project={self.name}"), "")

    def test_run_is_a_container_of_its_own(self):
        self.assertEqual(self.compose("run", "--rm", "-T", "--no-deps", "one", "echo", "once").strip(), "once")


if __name__ == "__main__":
    os.environ.setdefault("DOCKER", next(iter(blackbox.clients().values()), ""))
    blackbox.main(DockerPy, Compose)
