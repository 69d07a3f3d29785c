#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Networks that are no bridges of ours: macvlan, ipvlan, IPv6 alone, configurations, plugins, CNI; limits."""
import json
import os
import pathlib
import signal
import socket
import subprocess

import blackbox
from blackbox_network import Networks

HERE = pathlib.Path(__file__).resolve().parent


class Ours(Networks):
    """Beyond what a bridge can: only in a host of the test's own."""

    def setUp(self):
        super().setUp()
        if self.daemon.engine is None:
            self.skipTest("needs a host of its own")

    def in_host(self, *command, check=True):
        return subprocess.run(["nsenter", f"--net=/proc/{self.daemon.engine.holder.pid}/ns/net", *command],
                              capture_output=True, text=True, check=check).stdout

    def links(self):
        return sorted(line.split(":")[1].split("@")[0].strip() for line in self.in_host("ip", "-o", "link").splitlines())

    def address(self, container, network, field="IPAddress"):
        return self.settings(container)["Networks"][network][field]

    def reaches(self, container, address):
        return self.inside(container, "ping", "-c1", "-W1", address).returncode == 0


class Sublinks(Ours):
    def setUp(self):
        super().setUp()
        self.in_host("ip", "link", "add", "cable0", "type", "veth", "peer", "name", "cable1")
        self.addCleanup(self.in_host, "ip", "link", "del", "cable0", check=False)
        for end in ("cable0", "cable1"):
            self.in_host("ip", "link", "set", end, "up")
        self.in_host("ip", "addr", "add", "10.88.0.1/24", "dev", "cable1")

    def test_macvlan(self):
        network = self.net("-d", "macvlan", "--subnet", "10.88.0.0/24", "--gateway", "10.88.0.1", "-o", "parent=cable0")
        one = self.described(network)
        self.assertEqual((one["Driver"], one["Options"]), ("macvlan", {"parent": "cable0"}))
        first, second = (self.sleeper(s, "--network", network, "--ip", f"10.88.0.{n}") for s, n in (("a", 7), ("b", 8)))
        self.assertTrue(self.reaches(first, "10.88.0.8"))
        self.assertTrue(self.reaches(first, "10.88.0.1"))
        self.assertIn(second, self.inside(first, "nslookup", second, "127.0.0.11").stdout)
        self.daemon.engine.stop(signal.SIGKILL)
        self.daemon.engine.start()
        self.assertTrue(self.reaches(first, "10.88.0.8"))
        self.fails(1, "address already in use", "network", "connect", "--ip", "10.88.0.8", network, self.sleeper("c"))
        self.ok("network", "disconnect", network, first)
        self.assertNotIn("eth0", self.inside(first, "ip", "link").stdout)
        self.ok("network", "connect", network, first)
        self.assertTrue(self.reaches(first, "10.88.0.8"))
        self.ok("rm", "-f", first, second)
        self.ok("network", "rm", network)
        self.assertIn("cable0", self.links())

    def test_macvlan_of_its_own(self):
        before = self.links()
        network = self.net("-d", "macvlan", "--internal")
        self.assertTrue(any(name.startswith("dm-") for name in self.links()))
        first, second = (self.sleeper(s, "--network", network) for s in "ab")
        self.assertTrue(self.reaches(first, self.address(second, network)))
        self.ok("rm", "-f", first, second)
        self.ok("network", "rm", network)
        self.assertEqual(self.links(), before)

    def test_bad_parents_and_modes(self):
        def refused(words, *options):
            self.fails(1, words, "network", "create", *options, self.name + "bad")
            self.assertEqual(self.ok("network", "ls", "-q", "--filter", "name=" + self.name + "bad"), "")
        refused("not valid", "-d", "macvlan", "-o", "parent=cable0", "-o", "macvlan_mode=sideways")
        refused("loopback interface is not a valid macvlan parent link", "-d", "macvlan", "-o", "parent=lo")
        refused("example formatting is eth0.10", "-d", "macvlan", "-o", "parent=eth77")
        refused("vlan id must be between 1 and 4094", "-d", "ipvlan", "-o", "parent=cable0.4095")
        self.net("-d", "macvlan", "-o", "parent=cable0", suffix="x")
        refused("already using parent interface cable0", "-d", "ipvlan", "-o", "parent=cable0")
        refused("already using parent interface cable0", "-d", "macvlan", "-o", "parent=cable0", "-o", "macvlan_mode=passthru")

    def test_ipvlan_works_or_the_kernel_has_none(self):
        network = self.net("-d", "ipvlan", "--subnet", "10.88.0.0/24", "--gateway", "10.88.0.1", "-o", "parent=cable0")
        done = self.docker("run", "--rm", "--name", self.name, "--network", network, "busybox", "ping", "-c1", "-W1", "10.88.0.1")
        if done.returncode != 0:
            self.assertIn("this kernel has no ipvlan links", done.stderr)
        self.docker("rm", "-f", self.name)
        self.ok("network", "rm", network)


class Kinds(Ours):
    def test_only_ipv6(self):
        if "docker_20" in type(self).__name__:
            self.skipTest("this client has no --ipv4")
        network = self.net("--ipv4=false", "--ipv6", "--subnet", "fd00:66::/64")
        self.assertEqual([c["Subnet"] for c in self.described(network)["IPAM"]["Config"]], ["fd00:66::/64"])
        first, second = (self.sleeper(s, "--network", network) for s in "ab")
        self.assertEqual(self.address(first, network), "")
        there = self.address(second, network, "GlobalIPv6Address")
        self.assertTrue(self.reaches(first, there))
        self.assertIn(there, self.inside(first, "nslookup", "-type=aaaa", second, "127.0.0.11").stdout)
        self.assertNotIn("inet 10.", self.inside(first, "ip", "addr").stdout)
        self.daemon.engine.stop(signal.SIGKILL)
        self.daemon.engine.start()
        self.assertTrue(self.reaches(first, there))
        self.ok("rm", "-f", first, second)
        self.fails(1, "has not been enabled", "network", "create", "--ipv4=false", "--ipv6", "--subnet", "10.66.1.0/24", self.name + "x")
        self.fails(1, "must be enabled", "network", "create", "--ipv4=false", self.name + "x")

    def test_configurations(self):
        described = self.net("--config-only", "--subnet", "10.66.2.0/24", "--label", "kept=yes", suffix="conf")
        one = self.described(described)
        self.assertEqual((one["ConfigOnly"], one["Driver"]), (True, "null"))
        self.fails(125, "configuration-only network", "run", "--rm", "--network", described, "busybox", "true")
        self.fails(1, "does not exist", "network", "create", "--config-from", "nosuch", self.name)
        self.fails(1, "not supported if the network depends", "network", "create", "--config-from", described, "--subnet", "10.66.3.0/24", self.name)
        self.fails(1, "can only contain network specific fields", "network", "create", "--config-only", "--internal", self.name)
        made = self.net("--config-from", described)
        one = self.described(made)
        self.assertEqual((one["ConfigFrom"], one["Driver"], one["Labels"]), ({"Network": described}, "bridge", {"kept": "yes"}))
        self.assertEqual(one["IPAM"]["Config"][0]["Subnet"], "10.66.2.0/24")
        self.fails(1, "is in use", "network", "rm", described)
        self.ok("network", "rm", made)
        self.ok("network", "rm", described)

    def test_what_a_swarm_would_do(self):
        self.fails(1, "global scope", "network", "create", "--ingress", self.name)
        self.fails(1, "not a swarm manager", "network", "create", "--scope", "swarm", self.name)

    def test_forced_disconnect(self):
        network = self.net()
        self.fails(1, "no such container", "network", "disconnect", network, self.name + "never")
        self.fails(1, "no such container", "network", "disconnect", "-f", network, self.name + "never")
        first = self.sleeper("a", "--network", network)
        self.ok("network", "disconnect", "-f", network, first)
        self.assertNotIn(network, self.settings(first)["Networks"])

    def test_link_name_and_limits(self):
        if "docker_20" in type(self).__name__:
            self.skipTest("this client has no --network name=…,driver-opt=…")
        network = self.net()
        first = self.sleeper("a", "--network", f"name={network},driver-opt=com.docker.network.endpoint.ifname=lan7,"
                                               "driver-opt=docker-cpp.bandwidth.out=8mbit,driver-opt=docker-cpp.bandwidth.in=8mbit")
        self.assertIn("lan7", self.inside(first, "ip", "link").stdout)
        self.assertIn("limit rate over", self.in_host("nft", "list", "ruleset"))
        self.assertIn("tbf", self.in_host("tc", "qdisc"))
        self.daemon.engine.stop(signal.SIGKILL)
        self.daemon.engine.start()
        self.in_host("nft", "flush", "ruleset")
        self.eventually(lambda: "limit rate over" in self.in_host("nft", "list", "ruleset"), seconds=1)
        self.ok("rm", "-f", first)
        self.eventually(lambda: "limit rate over" not in self.in_host("nft", "list", "ruleset"))
        self.fails(125, "invalid bandwidth", "run", "--rm", "--network",
                   f"name={network},driver-opt=docker-cpp.bandwidth.in=fast", "busybox", "true")


    def test_dig(self):
        """Names and addresses of neighbours, by UDP and TCP, with and without EDNS."""
        network = self.net()
        first, second = (self.sleeper(s, "--network", network, "--network-alias", "both") for s in "ab")
        pid = self.inspect("{{.State.Pid}}", first)
        addresses = sorted(self.address(c, network) for c in (first, second))

        def dig(*question):
            return subprocess.run(["nsenter", f"--net=/proc/{pid}/ns/net", "dig", "@127.0.0.11", "+short", "+tries=1", *question],
                                  capture_output=True, text=True, check=False).stdout.split()
        for how in ("+notcp", "+tcp", "+noedns", "+bufsize=512"):
            self.assertEqual(sorted(dig(how, "both")), addresses, how)
            self.assertEqual(dig(how, "-x", addresses[1]), [f"{second}.{network}."], how)
        starts = {dig("both")[0] for _ in range(8)}
        self.assertEqual(sorted(starts), addresses)

    def test_counters(self):
        first = self.sleeper("a")
        _, before = self.daemon.engine.request("GET", f"/containers/{first}/stats?stream=0&one-shot=1")
        self.in_host("ping", "-c3", "-i0.2", "-s1000", self.address(first, "bridge"))
        _, after = self.daemon.engine.request("GET", f"/containers/{first}/stats?stream=0&one-shot=1")
        for way in ("rx", "tx"):
            grown = after["networks"]["eth0"][way + "_bytes"] - before["networks"]["eth0"][way + "_bytes"]
            self.assertGreaterEqual(grown, 3000)


class Bandwidth(Ours):
    """--network-bandwidth: of our own client."""

    def setUp(self):
        super().setUp()
        if "docker_cpp" not in type(self).__name__:
            self.skipTest("an option of docker-cpp's own client")

    def test_what_may_go_in_and_out(self):
        first = self.sleeper("a", "--network-bandwidth", "in=8mbit,out=4mbit")
        self.assertIn("limit rate over 500000 bytes/second", self.in_host("nft", "list", "ruleset").replace("488 kbytes", "500000 bytes"))
        self.assertIn("rate 8Mbit", self.in_host("tc", "qdisc"))
        self.ok("rm", "-f", first)
        self.sleeper("b", "--network", self.net(), "--network-bandwidth", "8mbit")
        self.fails(125, "invalid bandwidth", "run", "--rm", "--network-bandwidth", "in=fast", "busybox", "true")
        self.fails(125, "invalid --network-bandwidth", "run", "--rm", "--network-bandwidth", "up=8mbit", "busybox", "true")
        self.fails(125, "of the container's own", "run", "--rm", "--network", "host", "--network-bandwidth", "8mbit", "busybox", "true")


class DefaultBridge(Ours):
    """Options of dockerd for the default bridge."""

    def setUp(self):
        super().setUp()
        self.restart("--ipv6", "--fixed-cidr-v6", "fd00:77::/64", "--fixed-cidr", "10.111.0.128/25", "--icc=false", "--ip", "127.0.0.1")
        self.addCleanup(self.restart)

    def restart(self, *options):
        engine = self.daemon.engine
        engine.stop()
        engine.options = options
        engine.start()

    def test_ipv6_and_the_rest(self):
        first, second = (self.sleeper(s, "-p", "80") for s in "ab")
        settings = self.settings(first)["Networks"]["bridge"]
        self.assertTrue(settings["GlobalIPv6Address"].startswith("fd00:77::"), settings)
        self.assertGreaterEqual(int(settings["IPAddress"].rsplit(".", 1)[1]), 128)
        self.assertFalse(self.reaches(first, self.address(second, "bridge")))
        self.assertEqual(self.settings(first)["Ports"]["80/tcp"][0]["HostIp"], "127.0.0.1")
        one = self.described("bridge")
        self.assertTrue(one["EnableIPv6"])
        self.assertEqual([c["Subnet"] for c in one["IPAM"]["Config"]], ["10.111.0.0/24", "fd00:77::/64"])
        self.assertEqual(one["Options"]["com.docker.network.bridge.enable_icc"], "false")


class Plugins(Ours):
    def setUp(self):
        super().setUp()
        engine = self.daemon.engine
        folder = engine.folder / "run/plugins"
        folder.mkdir(exist_ok=True)
        self.log = engine.folder / "plugin.log"
        self.log.write_text("")
        self.socket = folder / "lab.sock"
        self.plugin = None
        self.start()

        def clean():
            self.stop()
            self.in_host("ip", "link", "del", "plugbr0", check=False)
        self.addCleanup(clean)

    def start(self):
        self.plugin = subprocess.Popen(["nsenter", f"--net=/proc/{self.daemon.engine.holder.pid}/ns/net", "python3",
                                        str(HERE / "network_plugin.py"), str(self.socket), str(self.log)])
        self.eventually(self.listens)

    def stop(self):
        self.plugin.kill()
        self.plugin.wait()

    def listens(self):
        with socket.socket(socket.AF_UNIX) as one:
            return one.connect_ex(str(self.socket)) == 0

    def asked(self, what):
        return [ask for path, ask in map(json.loads, self.log.read_text().splitlines()) if path.endswith(what)]

    def test_a_network_of_a_plugin(self):
        network = self.net("-d", "lab", "--subnet", "10.66.0.0/24", "-o", "colour=blue")
        self.assertEqual(self.asked("CreateNetwork")[0]["Options"]["com.docker.network.generic"], {"colour": "blue"})
        first, second = (self.sleeper(s, "--network", network) for s in "ab")
        self.assertTrue(self.reaches(first, self.address(second, network)))
        self.assertEqual(self.address(first, network, "MacAddress"), "02:66:00:00:00:07")
        links = self.inside(first, "ip", "addr").stdout
        self.assertIn("plug0", links)
        self.assertIn("10.250.0.0/16", self.inside(first, "ip", "route").stdout)
        self.daemon.engine.stop(signal.SIGKILL)
        self.daemon.engine.start()
        self.assertEqual(len(self.asked("CreateNetwork")), 1)
        self.ok("rm", "-f", first, second)
        self.assertEqual(len(self.asked("Leave")), len(self.asked("Join")))
        self.ok("network", "rm", network)
        self.assertNotIn("plugbr0", self.links())

    def test_what_the_plugin_refuses(self):
        self.fails(1, "remote: this one is not for us", "network", "create", "-d", "lab", "-o", "fail=yes", self.name)
        self.assertEqual(self.ok("network", "ls", "-q", "--filter", "name=" + self.name), "")
        self.fails(1, "not found", "network", "create", "-d", "../lab", self.name)

    def test_a_plugin_that_dies(self):
        network = self.net("-d", "lab", "--subnet", "10.66.0.0/24")
        first = self.sleeper("a", "--network", network)
        self.stop()
        self.ok("rm", "-f", first)
        self.fails(125, "nobody listens", "run", "--rm", "--name", self.name, "--network", network, "busybox", "true")
        self.fails(1, "nobody listens", "network", "rm", network)
        self.start()
        self.ok("network", "rm", network)

    def test_addresses_of_a_plugin(self):
        network = self.net("--ipam-driver", "lab", "--ipam-opt", "a=b")
        self.assertEqual(self.asked("RequestPool")[0]["Options"], {"a": "b"})
        self.assertEqual(self.described(network)["IPAM"]["Config"], [{"Subnet": "10.66.0.0/24", "Gateway": "10.66.0.1"}])
        first = self.sleeper("a", "--network", network)
        second = self.sleeper("b", "--network", network, "--ip", "10.66.0.77")
        self.assertEqual([self.address(c, network) for c in (first, second)], ["10.66.0.2", "10.66.0.77"])
        self.assertTrue(self.reaches(first, "10.66.0.77"))
        self.fails(125, "is taken", "run", "--rm", "--name", self.name + "c", "--network", network, "--ip", "10.66.0.77", "busybox", "true")
        self.ok("rm", "-f", first, second)
        self.ok("network", "rm", network)
        self.assertEqual(len(self.asked("ReleaseAddress")), 3)
        self.assertEqual(len(self.asked("ReleasePool")), 1)


class Cni(Ours):
    LAB = {"cniVersion": "0.4.0", "name": "lab", "plugins": [
        {"type": "bridge", "bridge": "cnilab0", "isGateway": True, "ipMasq": False,
         "ipam": {"type": "host-local", "subnet": "10.67.0.0/24", "dataDir": None, "routes": [{"dst": "0.0.0.0/0"}]}},
        {"type": "tuning", "mac": "02:67:00:00:00:09"}]}

    def setUp(self):
        super().setUp()
        if not os.path.exists("/usr/lib/cni/bridge"):
            self.fail("Debian's containernetworking-plugins are not installed")
        self.folder = self.daemon.engine.folder / ("cni" + self.name)
        self.folder.mkdir()
        self.LAB["plugins"][0]["ipam"]["dataDir"] = str(self.folder / "addresses")
        self.config = self.folder / "lab.conflist"
        self.config.write_text(json.dumps(self.LAB))
        self.addCleanup(self.in_host, "ip", "link", "del", "cnilab0", check=False)

    def leases(self):
        return sorted(p.name for p in (self.folder / "addresses/lab").glob("10.*"))

    def test_a_chain_of_debians_plugins(self):
        network = self.net("-d", "cni", "-o", f"config={self.config}")
        first, second = (self.sleeper(s, "--network", network) for s in "ab")
        there = self.address(second, network)
        self.assertTrue(there.startswith("10.67.0."), there)
        self.assertEqual(len(self.leases()), 2)
        self.assertTrue(self.reaches(first, "10.67.0.1"))
        self.assertIn("02:67:00:00:00:09", self.inside(first, "ip", "link").stdout.lower())
        self.assertIn(there, self.inside(first, "nslookup", second, "127.0.0.11").stdout)
        self.daemon.engine.stop(signal.SIGKILL)
        self.daemon.engine.start()
        self.assertTrue(self.reaches(first, "10.67.0.1"))
        self.ok("network", "disconnect", network, first)
        self.assertNotIn("eth0", self.inside(first, "ip", "link").stdout)
        self.ok("network", "connect", network, first)
        self.ok("rm", "-f", first, second)
        self.assertEqual(self.leases(), [])
        self.ok("network", "rm", network)
        self.assertEqual(list((self.daemon.engine.folder / "data/networks").glob("cni-*")), [])

    def test_what_goes_wrong(self):
        self.fails(1, "config=file is missing", "network", "create", "-d", "cni", self.name)
        self.fails(1, "cannot read", "network", "create", "-d", "cni", "-o", "config=/nosuch", self.name)
        self.fails(1, "no json object", "network", "create", "-d", "cni", "-o", "config={", self.name)
        self.fails(1, "has no type", "network", "create", "-d", "cni", "-o", 'config={"name":"x"}', self.name)
        for plugin, words in (("nosuch", "there is none in"), ("../../../bin/true", "no name of a plugin"), ("bridge", "CNI plugin bridge")):
            network = self.net("-d", "cni", "-o", "config=" + json.dumps({"cniVersion": "0.4.0", "name": "x", "type": plugin, "ipam": {"type": "nosuch"}}),
                               suffix=plugin[:2].replace(".", "d"))
            self.fails(125, words, "run", "--rm", "--name", self.name + "c", "--network", network, "busybox", "true")
            self.docker("rm", "-f", self.name + "c")
            self.ok("network", "rm", network)

    def test_a_plugin_that_hangs_or_talks_nonsense(self):
        for body, words in (("echo no sense", "with no sense"), ("cat >/dev/null; echo '{\"code\":7,\"msg\":\"out of order\"}'; exit 1", "out of order")):
            path = self.folder / "odd"
            path.write_text("#!/bin/sh\n" + body + "\n")
            path.chmod(0o755)
            network = self.net("-d", "cni", "-o", f"path={self.folder}", "-o", 'config={"name":"x","type":"odd"}')
            self.fails(125, words, "run", "--rm", "--name", self.name + "c", "--network", network, "busybox", "true")
            self.docker("rm", "-f", self.name + "c")
            self.ok("network", "rm", network)


if __name__ == "__main__":
    blackbox.main(Sublinks, Kinds, Bandwidth, DefaultBridge, Plugins, Cni)
