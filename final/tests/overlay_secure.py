#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A store of three members that asks for certificates and passwords, and overlay networks that are encrypted.

Two hosts, each a network namespace with a daemon of its own.
"""
import os
import pathlib
import signal
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from overlay_hosts import STORE, Cable, Host, eventually, inside  # noqa: E402

PORTS = (2379, 2381, 2383)
PASSWORD = "correct horse"


class SecureCable(Cable):
    """Its store has an authority, members on three ports, and a root who knows the password."""

    def __init__(self):
        super().__init__()
        self.members = {}
        key = ("-newkey", "rsa:2048", "-nodes", "-batch")
        self.openssl("req", "-x509", *key, "-days", "2", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem")
        (self.folder / "ext").write_text(f"subjectAltName=IP:{STORE},IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n")
        for who in ("store", "host", "stranger"):
            # Without a CN: etcd's gateway takes no password from who has one.
            self.openssl("req", *key, "-subj", f"/O={who}", "-keyout", f"{who}.key", "-out", f"{who}.req")
        for who in ("store", "host"):
            self.openssl("x509", "-req", "-in", f"{who}.req", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                         "-extfile", "ext", "-out", f"{who}.pem")
        self.openssl("x509", "-req", "-in", "stranger.req", "-signkey", "stranger.key", "-days", "2", "-out", "stranger.pem")
        (self.folder / "password").write_text(PASSWORD + "\n")

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def start_member(self, port):
        members = ",".join(f"m{p}=http://127.0.0.1:{p + 1}" for p in PORTS)
        url = f"https://{STORE}:{port}"
        with open(self.folder / f"log{port}", "a") as log:
            self.members[port] = subprocess.Popen(
                ["nsenter", f"--net=/proc/{self.store_host.pid}/ns/net", "etcd", "--name", f"m{port}",
                 "--data-dir", str(self.folder / f"data{port}"), "--listen-client-urls", url, "--advertise-client-urls", url,
                 "--listen-peer-urls", f"http://127.0.0.1:{port + 1}", "--initial-advertise-peer-urls", f"http://127.0.0.1:{port + 1}",
                 "--initial-cluster", members, "--client-cert-auth", "--trusted-ca-file", str(self.folder / "ca.pem"),
                 "--cert-file", str(self.folder / "store.pem"), "--key-file", str(self.folder / "store.key")], stdout=log, stderr=log)

    def ask(self, path, body):
        """By hand, as its operator would."""
        return subprocess.run(["nsenter", f"--net=/proc/{self.store_host.pid}/ns/net", "curl", "-sf", "--max-time", "5",
                               "--cacert", str(self.folder / "ca.pem"), "--cert", str(self.folder / "host.pem"), "--key", str(self.folder / "host.key"),
                               f"https://{STORE}:{PORTS[0]}{path}", "-d", body], capture_output=True, text=True).returncode == 0

    def start_store(self):
        for port in PORTS:
            self.start_member(port)
        eventually(lambda: self.ask("/v3/maintenance/status", "{}") and self.ask("/v3/kv/range", '{"key": "YQ=="}'), seconds=60)
        for path, body in (("user/add", f'{{"name": "root", "password": "{PASSWORD}"}}'), ("role/add", '{"name": "root"}'),
                           ("user/grant", '{"user": "root", "role": "root"}'), ("enable", "{}")):
            eventually(lambda path=path, body=body: self.ask("/v3/auth/" + path, body))

    def stop_member(self, port):
        self.members[port].kill()
        self.members.pop(port).wait()

    def stop_store(self):
        for port in list(self.members):
            self.stop_member(port)


class SecureHost(Host):
    def __init__(self, cable, number):
        super().__init__(cable, number)
        self.store = "etcd://" + ",".join(f"{STORE}:{port}" for port in PORTS)
        self.options = self.access(cable)

    @staticmethod
    def access(cable, who="host", **changed):
        there = {"cacertfile": cable.folder / "ca.pem", "certfile": cable.folder / f"{who}.pem", "keyfile": cable.folder / f"{who}.key",
                 "user": "root", "passwordfile": cable.folder / "password", **changed}
        return [f"--cluster-store-opt=kv.{key}={value}" for key, value in there.items() if value]

    def spawn(self, environment, log):
        return subprocess.Popen(
            ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", str(self.binaries / "docker-cppd"),
             "--data-root", str(self.folder / "data"), "--exec-root", str(self.folder / "run"), "--cgroup-parent", self.cgroup,
             "--bridge", "dcpptest0", "--bip", f"10.11{self.number}.0.1/24", "--config-file", "/dev/null",
             "--cluster-store", self.store, "--cluster-advertise", "eth0", *self.options],
            env={**os.environ, **environment}, stdout=log, stderr=log)

    def again(self, options):
        self.stop()
        self.options = options
        self.start()


class Secure(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cable = SecureCable()
        cls.addClassCleanup(cls.cable.close)
        cls.cable.start_store()
        cls.hosts = []
        for number in (1, 2):
            host = SecureHost(cls.cable, number)
            cls.hosts.append(host)
            cls.addClassCleanup(host.close)
            host.start()

    def test_1_only_who_is_known_gets_in(self):
        first = self.hosts[0]
        (self.cable.folder / "wrong").write_text("incorrect horse\n")
        for options, words in ((first.access(self.cable, "stranger"), "the cluster store"),
                               (first.access(self.cable, cacertfile=self.cable.folder / "stranger.pem"), "cannot be reached"),
                               (first.access(self.cable, passwordfile=self.cable.folder / "wrong"), "authentication failed"),
                               (first.access(self.cable, user="", passwordfile=""), "the cluster store refuses")):
            first.again(options)
            done = first.docker("network", "create", "-d", "overlay", "over")
            self.assertEqual(done.returncode, 1, options)
            self.assertIn(words, done.stderr)
        first.stop()
        for option, words in (("kv.cacertfile=/nowhere", "/nowhere"), ("kv.colour=red", "kv.colour"), ("kv.user=root", "kv.passwordfile"),
                              ("kv.certfile=/x", "kv.keyfile"), ("kv.passwordfile=/nowhere", "password")):
            done = subprocess.run([str(first.binaries / "docker-cppd"), "--data-root", str(first.folder / "data"), "--exec-root", str(first.folder / "run"),
                                   "--bridge", "none", "--config-file", "/dev/null", "--cluster-store", first.store, "--cluster-advertise", "127.0.0.1",
                                   "--cluster-store-opt", option], capture_output=True, text=True, timeout=60)
            self.assertNotEqual(done.returncode, 0, option)
            self.assertIn(words, done.stderr)
        first.options = first.access(self.cable)
        first.start()

    def test_2_containers_find_each_other(self):
        first, second = self.hosts
        first.ok("network", "create", "-d", "overlay", "--subnet", "10.6.0.0/24", "over")
        eventually(lambda: "over" in second.ok("network", "ls", "--format", "{{.Name}}").split())
        for number, host in enumerate(self.hosts, 1):
            host.sleeper(f"c{number}", "--network", "over")
        eventually(lambda: first.reaches("c1", "c2"))

    def test_3_a_member_may_go(self):
        first, second = self.hosts
        for port in PORTS[:2]:
            self.cable.stop_member(port)
            eventually(lambda: first.docker("run", "--rm", "--network", "over", "busybox", "true").returncode == 0, seconds=40)
            self.assertTrue(first.reaches("c1", "c2"))
            self.cable.start_member(port)
            eventually(lambda: second.docker("run", "--rm", "--network", "over", "busybox", "true").returncode == 0, seconds=40)

    def test_4_a_member_that_says_nothing_is_passed_over(self):
        first = self.hosts[0]
        port = PORTS[0]
        self.cable.members[port].send_signal(signal.SIGSTOP)
        try:
            eventually(lambda: first.docker("run", "--rm", "--network", "over", "busybox", "true").returncode == 0, seconds=60)
        finally:
            self.cable.members[port].send_signal(signal.SIGCONT)

    def test_5_encrypted(self):
        first, second = self.hosts
        done = first.docker("network", "create", "-d", "overlay", "--opt", "encrypted", "--subnet", "10.7.0.0/24", "secret")
        if "no ESP" in done.stderr:
            self.assertEqual(done.returncode, 1)
            self.assertEqual(first.ok("network", "ls", "-q", "--filter", "name=secret"), "")
            self.assertEqual(inside(first.holder.pid, "ip", "xfrm", "policy"), "")
            return
        self.assertEqual(done.returncode, 0, done.stderr)
        eventually(lambda: "secret" in second.ok("network", "ls", "--format", "{{.Name}}").split())
        for number, host in enumerate(self.hosts, 1):
            host.sleeper(f"s{number}", "--network", "secret")
        eventually(lambda: first.reaches("s1", "s2"))
        self.count_on_the_cable()
        self.assertTrue(first.reaches("s1", "s2"))
        self.assertEqual((self.counted("plain"), self.counted("esp") > 0), (0, True))
        # A daemon that comes back has new keys, and everybody learns them.
        second.stop(signal.SIGKILL)
        second.start()
        eventually(lambda: first.reaches("s1", "s2"))
        self.assertTrue(second.reaches("s2", "s1"))
        self.assertEqual(self.counted("plain"), 0)
        for number, host in enumerate(self.hosts, 1):
            host.ok("rm", "-f", f"s{number}")
        eventually(lambda: first.docker("network", "rm", "secret").returncode == 0)
        for host in self.hosts:
            eventually(lambda host=host: inside(host.holder.pid, "ip", "xfrm", "policy") + inside(host.holder.pid, "ip", "xfrm", "state") == "")

    def count_on_the_cable(self):
        pid = self.cable.holder.pid
        inside(pid, "nft", "add table bridge count; add chain bridge count all { type filter hook forward priority 0; }; "
                           "add counter bridge count plain; add counter bridge count esp; "
                           "add rule bridge count all udp dport 4788 counter name plain; "
                           "add rule bridge count all ip protocol esp counter name esp")

    def counted(self, name):
        out = inside(self.cable.holder.pid, "nft", "list", "counter", "bridge", "count", name)
        return int(out.split("packets")[1].split()[0])

    def test_6_nothing_is_left(self):
        for number, host in enumerate(self.hosts, 1):
            host.ok("rm", "-f", f"c{number}")
        eventually(lambda: self.hosts[1].docker("network", "rm", "over").returncode == 0)
        for host in self.hosts:
            eventually(lambda host=host: "vx-" not in inside(host.holder.pid, "ip", "-o", "link"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
