#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docker logs: what is kept, how it is cut, and where else it goes."""
import gzip
import os
import pathlib
import socket
import tempfile
import time

import blackbox


class Logs(blackbox.Suite):
    def logged(self, *options, script="echo hello"):
        self.ok("run", "--name", self.name, *options, "busybox", "sh", "-c", script)
        return self.docker("logs", self.name)

    def test_rotation_keeps_the_newest_lines_in_few_files(self):
        self.logged("--log-opt", "max-size=20k", "--log-opt", "max-file=3", script="for i in $(seq 1 2000); do echo line $i; done")
        lines = self.ok("logs", self.name).splitlines()
        self.assertEqual(lines[-1], "line 2000")
        self.assertEqual(lines, [f"line {i}" for i in range(2001 - len(lines), 2001)])
        self.assertLess(len(lines), 2000)
        self.assertEqual(self.ok("logs", "--tail", "3", self.name).splitlines(), ["line 1998", "line 1999", "line 2000"])
        folder = pathlib.Path(self.inspect("{{.LogPath}}")).parent
        self.assertEqual(len(list(folder.glob("*-json.log*"))), 3)

    def test_rotated_files_are_compressed_and_read_nevertheless(self):
        self.logged("--log-opt", "max-size=20k", "--log-opt", "max-file=3", "--log-opt", "compress=true",
                    script="for i in $(seq 1 2000); do echo line $i; done; sleep 0.5")
        folder = pathlib.Path(self.inspect("{{.LogPath}}")).parent
        self.eventually(lambda: len(list(folder.glob("*.gz"))) == 2)
        with gzip.open(sorted(folder.glob("*.1.gz"))[0], "rt") as text:
            self.assertIn('"stream":"stdout"', text.readline())
        lines = self.ok("logs", self.name).splitlines()
        self.assertEqual(lines, [f"line {i}" for i in range(2001 - len(lines), 2001)])
        self.assertGreater(len(lines), 400)

    def test_following_a_log_that_rotates_loses_and_doubles_nothing(self):
        self.ok("run", "-d", "--name", self.name, "--log-opt", "max-size=30k", "--log-opt", "max-file=4", "--log-opt", "compress=true",
                "busybox", "sh", "-c", "for i in $(seq 1 1500); do echo $i; [ $((i % 300)) = 0 ] && sleep 0.3; done; sleep 0.5")
        self.assertEqual(self.ok("logs", "-f", self.name).split(), [str(i) for i in range(1, 1501)])

    def test_local_and_none(self):
        self.assertEqual(self.logged("--log-driver", "local").stdout, "hello\n")
        self.ok("rm", self.name)
        done = self.logged("--log-driver", "none")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("does not support reading", done.stderr)

    def test_attributes_and_tag_are_details(self):
        self.logged("--log-opt", "labels=a,b", "--log-opt", "env=E", "--label", "a=1", "-e", "E=2")
        self.assertEqual(self.ok("logs", "--details", self.name), "E=2,a=1 hello")

    def test_what_makes_no_sense_is_refused(self):
        for words, options in (('error looking up logging plugin nosuch: plugin "nosuch" not found', ["--log-driver", "nosuch"]),
                               ("unknown log opt 'nosuch' for json-file log driver", ["--log-opt", "nosuch=1"]),
                               ("max-size", ["--log-opt", "max-size=many"]),
                               ("max-file", ["--log-opt", "max-file=0"]),
                               ("logging mode not supported: sometimes", ["--log-opt", "mode=sometimes"]),
                               ("unknown log opt 'syslog-address' for fluentd",
                                ["--log-driver", "fluentd", "--log-opt", "syslog-address=udp://127.0.0.1:1"])):
            self.fails(125, words, "run", "--name", self.name, *options, "busybox", "true")

    def receiver(self, kind=socket.SOCK_DGRAM):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        listener = socket.socket(socket.AF_UNIX, kind)
        self.addCleanup(listener.close)
        path = os.path.join(folder.name, "socket")
        listener.bind(path)
        listener.settimeout(10)
        if kind == socket.SOCK_STREAM:
            listener.listen()
        return listener, path

    def test_syslog(self):
        listener, path = self.receiver()
        done = self.logged("--log-driver", "syslog", "--log-opt", "syslog-address=unixgram://" + path,
                           "--log-opt", "syslog-facility=local3", "--log-opt", "tag=t/{{.Name}}", script="echo out; sleep 0.1; echo err >&2")
        first, second = listener.recv(4096).decode(), listener.recv(4096).decode()
        self.assertRegex(first, rf"^<{19 * 8 + 6}>.* t/{self.name}\[\d+\]: out$")
        self.assertRegex(second, rf"^<{19 * 8 + 3}>.* t/{self.name}\[\d+\]: err$")
        self.assertEqual((done.stdout, done.stderr), ("out\n", "err\n"))

    def test_journald(self):
        listener, path = self.receiver()
        self.logged("--log-driver", "journald", "--log-opt", "journald-address=" + path, "--log-opt", "labels=a", "--label", "a=1")
        fields = dict(line.split("=", 1) for line in listener.recv(8192).decode().splitlines())
        self.assertEqual((fields["MESSAGE"], fields["PRIORITY"], fields["CONTAINER_NAME"], fields["A"]), ("hello", "6", self.name, "1"))
        self.assertEqual(fields["CONTAINER_ID_FULL"], self.inspect("{{.Id}}"))

    def test_fluentd(self):
        listener, path = self.receiver(socket.SOCK_STREAM)
        self.logged("--log-driver", "fluentd", "--log-opt", "fluentd-address=unix://" + path, "--log-opt", "tag=mytag")
        connection, _ = listener.accept()
        self.addCleanup(connection.close)
        connection.settimeout(10)
        message = connection.recv(8192)
        self.assertEqual(message[:1], b"\x93")
        for part in (b"mytag", b"container_name", ("/" + self.name).encode(), b"source", b"stdout", b"log", b"hello"):
            self.assertIn(part, message)

    def test_a_receiver_that_is_not_there(self):
        done = self.docker("run", "--name", self.name, "--log-driver", "fluentd", "--log-opt", "fluentd-address=unix:///nosuch/socket", "busybox", "true")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("failed to initialize logging driver", done.stderr)
        self.ok("run", "--name", self.name + "b", "--log-driver", "fluentd", "--log-opt", "fluentd-async=true",
                "--log-opt", "fluentd-address=unix:///nosuch/socket", "busybox", "echo", "runs nevertheless")

    def test_a_receiver_that_does_not_read_does_not_stop_the_container_in_non_blocking_mode(self):
        listener, path = self.receiver(socket.SOCK_STREAM)
        begin = time.monotonic()
        self.ok("run", "--name", self.name, "--log-driver", "fluentd", "--log-opt", "fluentd-address=unix://" + path,
                "--log-opt", "mode=non-blocking", "--log-opt", "max-buffer-size=64k", "busybox",
                "sh", "-c", "for i in $(seq 1 200); do head -c 8000 /dev/zero | tr '\\0' x; echo; done")
        self.assertLess(time.monotonic() - begin, 20)
        self.assertEqual(len(self.ok("logs", self.name).splitlines()), 200)


if __name__ == "__main__":
    # What is looked at is the daemon: one client tells it all.
    os.environ.setdefault("DOCKER", next(iter(blackbox.clients().values()), ""))
    blackbox.main(Logs)
