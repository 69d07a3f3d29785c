#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is refused: Docker's status or exit code, a sentence that names the
object, and nothing left behind."""
import http.client
import io
import os
import pathlib
import socket
import subprocess
import tarfile
import tempfile
import unittest

import blackbox
from blackbox_images import image_archive


class Raw(http.client.HTTPConnection):
    """Requests that no client would send."""

    def __init__(self, host):
        super().__init__("d", timeout=20)
        self.path = host.removeprefix("unix://")

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)

    def post(self, path, body, headers=None):
        self.request("POST", path, body, headers or {"Content-Type": "application/json"})
        answer = self.getresponse()
        text = answer.read().decode()
        self.close()
        return answer.status, text


class Refused(blackbox.Suite):
    clean = None

    def setUp(self):
        super().setUp()
        engine = self.daemon.engine
        if engine is not None:
            Refused.clean = Refused.clean or engine.ledger()  # nothing has run yet
            self.addCleanup(lambda: self.assertEqual(engine.settled_ledger(self.clean), self.clean))
        self.ok("run", "--rm", "busybox", "true")

    def refused_run(self, code, words, *arguments):
        self.fails(code, words, "run", "--rm", "--name", self.name, *arguments)
        self.assertEqual(self.ok("ps", "-aq", "--filter", "name=" + self.name), "")

    def test_an_unknown_image(self):
        self.refused_run(125, "127.0.0.1:1/no/such:1", "127.0.0.1:1/no/such:1", "true")
        self.fails(1, "no such image", "image", "inspect", "nosuchimage:1")

    def test_a_bad_flag(self):
        self.fails(125, "unknown flag: --nosuchflag", "run", "--nosuchflag", "busybox")

    def test_limits_that_cannot_be(self):
        self.refused_run(125, "minimum memory limit", "--memory", "100k", "busybox", "true")
        self.refused_run(125, "minimum memoryswap limit", "--memory", "64m", "--memory-swap", "32m", "busybox", "true")
        self.refused_run(125, "range of cpus", "--cpus", "100000", "busybox", "true")
        self.refused_run(125, "requested cpus are not available", "--cpuset-cpus", "4000", "busybox", "true")

    def test_a_port_that_a_stranger_has(self):
        engine = self.daemon.engine
        if engine is None:
            raise unittest.SkipTest("the stranger lives in the network namespace of our engine")
        stranger = subprocess.Popen(
            ["nsenter", f"--net=/proc/{engine.holder.pid}/ns/net", "busybox", "nc", "-l", "-p", "18080"])
        self.addCleanup(stranger.wait)
        self.addCleanup(stranger.kill)
        listening = ["nsenter", f"--net=/proc/{engine.holder.pid}/ns/net", "ss", "-ltn", "sport = :18080"]
        self.eventually(lambda: "18080" in subprocess.run(listening, capture_output=True, text=True).stdout)
        self.refused_run(125, "18080", "-p", "18080:80", "busybox", "true")

    def test_bodies_that_are_none(self):
        url = "/containers/create"
        for body in ('{"Image":', "[1]", '{"Image": 5}', "[" * 100000):
            status, text = Raw(self.daemon.host).post(url, body)
            # Docker before 23 takes a body that ends too early for its own fault.
            self.assertIn(status, (400,) if blackbox.UNDER_TEST is None else (400, 500), body[:20] + text)
            self.assertIn('"message"', text)
        status, text = Raw(self.daemon.host).post(url, '{"Image":"busybox"}', {"Content-Type": "text/plain"})
        self.assertEqual(status, 400, text)
        status, text = Raw(self.daemon.host).post(url, '{"Image":"nosuchimage:1"}')
        self.assertEqual(status, 404)
        self.assertIn("No such image: nosuchimage:1", text)

    def test_an_image_whose_folders_are_links(self):
        """/dev, /proc and /sys of the image lead to the host's canary."""
        with tempfile.TemporaryDirectory() as canary:
            kept = pathlib.Path(canary, "kept")
            kept.write_text("canary")
            before = os.stat(canary), os.stat(kept)
            layer = io.BytesIO()
            with tarfile.open(fileobj=layer, mode="w") as tar:
                tar.add("/bin/busybox", "busybox")
                for name, target in {"dev": canary, "proc": canary, "sys": "../../../.." + canary,
                                     "etc": canary}.items():
                    link = tarfile.TarInfo(name)
                    link.type, link.linkname = tarfile.SYMTYPE, target
                    tar.addfile(link)
            name = f"bbodd/{self.name}:1"
            self.addCleanup(lambda: self.docker("rmi", name))
            self.ok("load", stdin=image_archive(name, layer.getvalue()), text=False)
            done = self.docker("run", "--rm", "--name", self.name, name, "/busybox", "sh", "-c",
                               "/busybox test -c /dev/null && /busybox test -d /proc/self && echo whole")
            if done.returncode == 0:
                self.assertEqual(done.stdout.strip(), "whole")
            else:
                self.assertIn(done.returncode, (125, 126, 127))
                self.assertRegex(done.stderr, "/(dev|proc|sys|etc)")
            self.assertEqual(sorted(os.listdir(canary)), ["kept"])
            self.assertEqual(kept.read_text(), "canary")
            after = os.stat(canary), os.stat(kept)
            for old, new in zip(before, after):
                self.assertEqual((old.st_mtime_ns, old.st_ctime_ns, old.st_mode),
                                 (new.st_mtime_ns, new.st_ctime_ns, new.st_mode))

    def test_the_data_of_another_daemon(self):
        engine = self.daemon.engine
        if engine is None:
            raise unittest.SkipTest("only our own engine is started here")
        with open(engine.folder / "second", "w+") as log:
            second = engine.spawn({}, log)
            self.assertNotEqual(second.wait(timeout=20), 0)
            log.seek(0)
            self.assertIn(str(engine.folder), log.read())
        self.assertEqual(self.ok("run", "--rm", "busybox", "echo", "unharmed"), "unharmed")


if __name__ == "__main__":
    blackbox.main(Refused)
