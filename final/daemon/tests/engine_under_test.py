# SPDX-License-Identifier: Apache-2.0
"""A docker-cppd of its own: roots, socket, cgroups, and a network namespace."""
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time


class Connection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("d", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Engine:
    def __init__(self, binaries):
        self.binaries = pathlib.Path(binaries)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dcpp-"))
        self.cgroup = f"/docker-cpp-test-{os.getpid()}-{self.folder.name}"
        self.process = None
        self.options = ()  # more of the daemon's
        # A network namespace that outlives the daemon, as the host's does.
        self.holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "ip link set lo up; echo up; exec sleep 100000"],
            stdout=subprocess.PIPE, text=True)
        self.holder.stdout.readline()

    @property
    def socket(self):
        return str(self.folder / "run/docker-cpp.sock")

    def start(self, **environment):
        with open(self.folder / "log", "a") as log:
            self.process = self.spawn(environment, log)
        for _ in range(600):
            try:
                return self.request("GET", "/_ping")
            except OSError:
                if self.process.poll() is not None:
                    raise AssertionError("docker-cppd did not start:\n" + self.log())
                time.sleep(0.02)
        raise AssertionError("docker-cppd does not answer:\n" + self.log())

    def spawn(self, environment, log):
        return subprocess.Popen(
            ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net",
             str(self.binaries / "docker-cppd"),
             "--data-root", str(self.folder / "data"),
             "--exec-root", str(self.folder / "run"),
             "--cgroup-parent", self.cgroup, "--bridge", "dcpptest0",
             "--bip", "10.111.0.1/24", "--config-file", "/dev/null", *self.options],
            env={**os.environ, **environment}, stdout=log, stderr=log)

    def log(self):
        return (self.folder / "log").read_text()

    def request(self, method, path, body=None, timeout=30):
        """(status, decoded body); status None when the daemon died meanwhile."""
        connection = Connection(self.socket, timeout)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        connection.connect()
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            text = answer.read()
        except (ConnectionError, http.client.HTTPException):
            return None, None
        finally:
            connection.close()
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, text

    def stop(self, signal_number=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal_number)
        if self.process:
            self.process.wait(timeout=30)
        self.process = None

    def close(self):
        if self.process is None or self.process.poll() is not None:
            self.start()
        for container in self.request("GET", "/containers/json?all=1")[1]:
            self.request("DELETE", f"/containers/{container['Id']}?force=1&v=1")
        self.stop()
        self.holder.kill()
        self.holder.wait()
        for folder in self.cgroup_folders():
            for below in sorted(folder.rglob("*/"), reverse=True):
                below.rmdir()
            folder.rmdir()
        shutil.rmtree(self.folder, ignore_errors=True)

    # The ledger: what may be left is what a container that is there needs.

    def cgroup_folders(self):
        return [p for p in pathlib.Path("/sys/fs/cgroup").glob("*" + self.cgroup) if p.is_dir()] + \
               [p for p in [pathlib.Path("/sys/fs/cgroup" + self.cgroup)] if p.is_dir()]

    def names_in(self, folder):
        path = self.folder / folder
        return sorted(os.listdir(path)) if path.is_dir() else []

    def links(self):
        out = subprocess.run(["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", "ip", "-o", "link"],
                             capture_output=True, text=True, check=True).stdout
        return sorted(line.split(": ")[1].split("@")[0] for line in out.splitlines() if "dcpptest0" not in line.split(": ")[1])

    def ledger(self):
        groups = sorted({p.name for f in self.cgroup_folders() for p in f.iterdir() if p.is_dir()})
        monitors = subprocess.run(["pgrep", "-f", f"docker-cpp-monitor (run|exec) {self.folder}"],
                                  capture_output=True, text=True).stdout.split()
        return {"homes": self.names_in("data/containers"), "runs": self.names_in("run/containers"),
                "cgroups": groups, "monitors": len(monitors), "links": len(self.links())}

    def settled_ledger(self, wanted, seconds=10):
        """What the kernel takes back by itself may take a moment."""
        end = time.monotonic() + seconds
        while (now := self.ledger()) != wanted and time.monotonic() < end:
            time.sleep(0.05)
        return now
