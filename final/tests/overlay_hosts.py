#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Overlay networks: three hosts, each a network namespace with a daemon of its own, and etcd on a fourth.

All four hang on one cable (a bridge in a namespace of the test's own).
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "daemon/tests"))
from engine_under_test import Engine  # noqa: E402

BINARIES = os.environ["DOCKER_CPP_BINARIES"]
STORE = "10.99.0.9"


def inside(pid, *command, check=True):
    return subprocess.run(["nsenter", f"--net=/proc/{pid}/ns/net", *command], capture_output=True, text=True, check=check).stdout


class Cable:
    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "ip link add cable type bridge; ip link set cable up; echo up; exec sleep 10000"],
                                       stdout=subprocess.PIPE, text=True)
        self.holder.stdout.readline()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dcpp-etcd-"))
        self.store_host = subprocess.Popen(["unshare", "--net", "sh", "-c", "ip link set lo up; echo up; exec sleep 10000"],
                                           stdout=subprocess.PIPE, text=True)
        self.store_host.stdout.readline()
        self.plug_in(self.store_host.pid, STORE, "store")
        self.etcd = None

    def plug_in(self, pid, address, name):
        inside(self.holder.pid, "ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", str(pid))
        inside(self.holder.pid, "ip", "link", "set", name, "master", "cable", "up")
        inside(pid, "ip", "addr", "add", address + "/24", "dev", "eth0")
        inside(pid, "ip", "link", "set", "eth0", "up")

    def pull(self, name, state):
        inside(self.holder.pid, "ip", "link", "set", name, state)

    def start_store(self):
        url = f"http://{STORE}:2379"
        with open(self.folder / "log", "a") as log:
            self.etcd = subprocess.Popen(["nsenter", f"--net=/proc/{self.store_host.pid}/ns/net", "etcd", "--data-dir", str(self.folder / "data"),
                                          "--listen-client-urls", url, "--advertise-client-urls", url,
                                          "--listen-peer-urls", "http://127.0.0.1:2380"], stdout=log, stderr=log)

    def stop_store(self):
        if self.etcd:
            self.etcd.kill()
            self.etcd.wait()
            self.etcd = None

    def close(self):
        self.stop_store()
        for one in (self.holder, self.store_host):
            one.kill()
            one.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Host(Engine):
    def __init__(self, cable, number):
        super().__init__(BINARIES)
        self.number = number
        self.address = f"10.99.0.{number}"
        cable.plug_in(self.holder.pid, self.address, f"host{number}")

    def spawn(self, environment, log):
        return subprocess.Popen(
            ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", str(self.binaries / "docker-cppd"),
             "--data-root", str(self.folder / "data"), "--exec-root", str(self.folder / "run"), "--cgroup-parent", self.cgroup,
             "--bridge", "dcpptest0", "--bip", f"10.11{self.number}.0.1/24", "--config-file", "/dev/null",
             "--cluster-store", f"etcd://{STORE}:2379", "--cluster-advertise", "eth0"],
            env={**os.environ, **environment}, stdout=log, stderr=log)

    def docker(self, *arguments):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("DOCKER_")}
        return subprocess.run([str(self.binaries / "docker-cpp"), *arguments], capture_output=True, text=True, timeout=60,
                              env={**environment, "DOCKER_HOST": "unix://" + self.socket}, stdin=subprocess.DEVNULL)

    def ok(self, *arguments):
        done = self.docker(*arguments)
        if done.returncode != 0:
            raise AssertionError(f"docker {' '.join(arguments)}: {done.stderr}{done.stdout}\n{self.log()[-2000:]}")
        return done.stdout.strip()

    def sleeper(self, name, *options):
        self.ok("run", "-d", "--name", name, *options, "busybox", "sleep", "1000")

    def address_of(self, name, network):
        return json.loads(self.ok("inspect", name))[0]["NetworkSettings"]["Networks"][network]["IPAddress"]

    def reaches(self, name, there):
        return self.docker("exec", name, "ping", "-c1", "-W1", there).returncode == 0


def eventually(holds, seconds=15):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError("did not come true in time")
        time.sleep(0.1)


class Overlay(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if shutil.which("etcd") is None:
            raise AssertionError("Debian's etcd-server is not installed")
        cls.cable = Cable()
        cls.addClassCleanup(cls.cable.close)
        cls.hosts = []
        for number in (1, 2, 3):
            host = Host(cls.cable, number)
            cls.hosts.append(host)
            cls.addClassCleanup(host.close)
            host.start()

    def test_1_the_store_is_away_at_first(self):
        first = self.hosts[0]
        done = first.docker("network", "create", "-d", "overlay", "over")
        self.assertIn("cluster store cannot be reached", done.stderr)
        self.assertEqual(first.ok("network", "ls", "-q", "--filter", "name=over"), "")
        self.cable.start_store()
        eventually(lambda: first.docker("network", "create", "-d", "overlay", "--subnet", "10.6.0.0/24", "over").returncode == 0)
        for host in self.hosts:
            eventually(lambda host=host: "over" in host.ok("network", "ls", "--format", "{{.Name}}").split())
        one = json.loads(self.hosts[2].ok("network", "inspect", "over"))[0]
        self.assertEqual((one["Driver"], one["Scope"], one["Options"]["com.docker.network.driver.mtu"]), ("overlay", "global", "1450"))
        self.assertIn("already exists", self.hosts[1].docker("network", "create", "-d", "overlay", "over").stderr)

    def test_2_containers_find_each_other(self):
        for number, host in enumerate(self.hosts, 1):
            host.sleeper(f"c{number}", "--network", "over", "--network-alias", "all")
        addresses = [h.address_of(f"c{n}", "over") for n, h in enumerate(self.hosts, 1)]
        self.assertEqual(len(set(addresses)), 3)
        for number, host in enumerate(self.hosts, 1):
            for other, there in enumerate(addresses, 1):
                eventually(lambda h=host, n=number, o=other: there in h.docker("exec", f"c{n}", "nslookup", f"c{o}", "127.0.0.11").stdout)
                self.assertTrue(host.reaches(f"c{number}", f"c{other}"), (number, other))
        found = self.hosts[0].docker("exec", "c1", "nslookup", "all", "127.0.0.11").stdout
        self.assertTrue(all(a in found for a in addresses), found)
        big = self.hosts[0].docker("exec", "c1", "ping", "-c1", "-W1", "-s", "4000", addresses[1])
        self.assertEqual(big.returncode, 0, big.stdout)
        self.assertIn("active endpoints", self.hosts[1].docker("network", "rm", "over").stderr)
        taken = self.hosts[1].docker("run", "--rm", "--network", "over", "--ip", addresses[0], "busybox", "true")
        self.assertNotEqual(taken.returncode, 0)

    def test_3_a_daemon_that_crashes_is_no_loss(self):
        first, second = self.hosts[:2]
        second.stop(signal.SIGKILL)
        self.assertTrue(first.reaches("c1", "c2"))
        second.start()
        time.sleep(12)  # longer than the old daemon's lease
        self.assertTrue(first.reaches("c1", "c2"))
        self.assertTrue(second.reaches("c2", "c3"))

    def test_4_a_host_that_is_cut_off_keeps_its_own(self):
        first, third = self.hosts[0], self.hosts[2]
        third.sleeper("c3b", "--network", "over")
        eventually(lambda: first.reaches("c1", "c3b"))
        self.cable.pull("host3", "down")
        self.assertTrue(third.reaches("c3", "c3b"))
        self.assertFalse(third.reaches("c3", "c1"))
        # Within its lease it is gone from the others' names.
        eventually(lambda: first.docker("exec", "c1", "nslookup", "c3", "127.0.0.11").returncode != 0, seconds=20)
        self.cable.pull("host3", "up")
        eventually(lambda: first.reaches("c1", "c3"), seconds=20)
        eventually(lambda: third.reaches("c3", "c2"), seconds=20)
        third.ok("rm", "-f", "c3b")

    def test_5_a_store_that_goes_and_comes_back(self):
        first, second = self.hosts[:2]
        self.cable.stop_store()
        self.assertTrue(first.reaches("c1", "c2"))
        self.assertIn("cluster store", first.docker("run", "--rm", "--network", "over", "busybox", "true").stderr)
        self.cable.start_store()
        eventually(lambda: first.docker("run", "--rm", "--network", "over", "busybox", "true").returncode == 0)
        self.assertTrue(second.reaches("c2", "c1"))

    def test_6_nothing_is_left(self):
        for number, host in enumerate(self.hosts, 1):
            host.ok("rm", "-f", f"c{number}")
        eventually(lambda: self.hosts[1].docker("network", "rm", "over").returncode == 0)
        for host in self.hosts:
            eventually(lambda host=host: "over" not in host.ok("network", "ls", "--format", "{{.Name}}").split())
            links = inside(host.holder.pid, "ip", "-o", "link")
            self.assertFalse("vx-" in links or "br-" in links, links)


if __name__ == "__main__":
    unittest.main(verbosity=2)
