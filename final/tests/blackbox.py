# SPDX-License-Identifier: Apache-2.0
"""What every black-box suite shares: the clients, the daemon under test.

The daemon is docker-cppd from DOCKER_CPP_BINARIES, one per suite with roots, a
socket and a network namespace of its own. DOCKER_CPP_UNDER_TEST=unix:///PATH
names another one that runs already (Docker itself, for parity): nothing in
these tests may be true of docker-cpp only.

The clients are all that are found: docker-cpp, docker 28, Debian's 20.10; or
those in DOCKER, separated by colons.
"""
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "daemon/tests"))

UNDER_TEST = os.environ.get("DOCKER_CPP_UNDER_TEST")
BINARIES = os.environ.get("DOCKER_CPP_BINARIES", "")


def clients():
    """(name, path) of each client, by what it says it is."""
    named = os.environ.get("DOCKER")
    places = named.split(":") if named else [
        os.path.join(BINARIES, "docker-cpp"), "/usr/local/bin/docker", "/usr/bin/docker"]
    found = {}
    for place in places:
        path = shutil.which(place)
        if path is None:
            continue
        text = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
        version = re.search(r"(\d+)\.\d+", text)
        name = "docker_cpp" if path.endswith("docker-cpp") else "docker_" + (version.group(1) if version else "x")
        found.setdefault(name, os.path.realpath(path) if name != "docker_cpp" else path)
    return found


class Daemon:
    """Docker itself, or an engine of ours for this process."""

    def __init__(self):
        self.engine = None
        self.host = UNDER_TEST
        if self.host is None:
            from engine_under_test import Engine
            self.engine = Engine(BINARIES)
            try:
                self.engine.start()
            except BaseException:
                self.engine.holder.kill()
                raise
            self.host = "unix://" + self.engine.socket

    def close(self):
        if self.engine is not None:
            self.engine.close()


class Terminal:
    """A program on a pseudo terminal, and what it shows."""

    def __init__(self, command, environment, rows=24, columns=80):
        self.master, slave = pty.openpty()
        import fcntl
        import struct
        import termios
        self._set_size = lambda r, c: fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", r, c, 0, 0))
        self._set_size(rows, columns)
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave,
                                        env=environment, start_new_session=True)
        os.close(slave)
        self.shown = ""

    def type(self, text):
        os.write(self.master, text.encode())

    def resize(self, rows, columns):
        import signal
        self._set_size(rows, columns)
        self.process.send_signal(signal.SIGWINCH)

    def until(self, pattern, seconds=20):
        end = time.monotonic() + seconds
        while not re.search(pattern, self.shown):
            ready, _, _ = select.select([self.master], [], [], max(0, end - time.monotonic()))
            try:
                more = os.read(self.master, 4096) if ready else b""
            except OSError:  # the other side has closed
                more = b""
            if not more:
                raise AssertionError(f"{pattern!r} did not appear, but: {self.shown!r}")
            self.shown += more.decode(errors="replace")
        return self.shown

    def wait(self, seconds=20):
        """The exit code; what is still printed is taken meanwhile."""
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            ready, _, _ = select.select([self.master], [], [], 0.05)
            try:
                self.shown += os.read(self.master, 4096).decode(errors="replace") if ready else ""
            except OSError:
                time.sleep(0.02)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the client does not end: " + repr(self.shown))
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)


class Suite(unittest.TestCase):
    """Tests that make containers; whatever is left is removed."""
    client = ""
    daemon = None
    not_in_docker_cpp = ()  # tests of commands that our client has not yet
    count = 0

    def setUp(self):
        Suite.count += 1
        self.name = f"bb{os.getpid()}x{Suite.count}"
        self.addCleanup(self._clean)

    def _clean(self):
        ids = self.docker("ps", "-aq", "--filter", "name=" + self.name).stdout.split()
        if ids:
            self.docker("rm", "-f", "-v", *ids)

    @property
    def environment(self):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("DOCKER_")}
        return {**kept, "DOCKER_HOST": self.daemon.host, "DOCKER_CONFIG": "/nonexistent",
                "DOCKER_CLI_HINTS": "false", "DOCKER_BUILDKIT": "0"}

    def docker(self, *arguments, stdin=None, timeout=60, text=True):
        how = {"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}
        return subprocess.run([self.client, *arguments], capture_output=True, text=text,
                              timeout=timeout, env=self.environment, **how)

    def ok(self, *arguments, **how):
        """Its output, after it has succeeded."""
        done = self.docker(*arguments, **how)
        self.assertEqual(done.returncode, 0, f"docker {' '.join(arguments)}: {done.stderr}{done.stdout}")
        return done.stdout.strip() if isinstance(done.stdout, str) else done.stdout

    def fails(self, code, words, *arguments, **how):
        done = self.docker(*arguments, **how)
        self.assertEqual(done.returncode, code, f"docker {' '.join(arguments)}: {done.stderr}{done.stdout}")
        self.assertIn(words.lower(), done.stderr.lower())
        return done

    def terminal(self, *arguments, **size):
        terminal = Terminal([self.client, *arguments], {**self.environment, "TERM": "xterm"}, **size)
        self.addCleanup(terminal.close)
        return terminal

    def inspect(self, template, name=None):
        return self.ok("inspect", "--format", template, name or self.name)

    def eventually(self, holds, seconds=10):
        end = time.monotonic() + seconds
        while not holds():
            self.assertLess(time.monotonic(), end, "did not come true in time")
            time.sleep(0.05)


def main(*suites):
    """Each suite with each client, against one daemon."""
    found = clients()
    if not found:
        print("no docker client found")
        sys.exit(1 if os.environ.get("DOCKER_CPP_REQUIRE_ALL") == "1" else 0)
    print("clients:", ", ".join(f"{k} ({v})" for k, v in found.items()), flush=True)
    daemon = Daemon()
    try:
        loader = unittest.TestLoader()
        loader.testNamePatterns = [f"*{word}*" for word in sys.argv[1:]] or None
        tests = unittest.TestSuite()
        for suite in suites:
            for name, path in found.items():
                one = type(f"{suite.__name__}_{name}", (suite,), {"client": path, "daemon": daemon})
                left_out = suite.not_in_docker_cpp if name == "docker_cpp" else ()
                tests.addTests(one(test) for test in loader.getTestCaseNames(one) if test not in left_out)
        good = unittest.TextTestRunner(verbosity=2).run(tests).wasSuccessful()
        if not good and daemon.engine is not None:
            print("--- log of docker-cppd\n" + daemon.engine.log()[-4000:])
    finally:
        daemon.close()
    sys.exit(0 if good else 1)
