#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""User-defined networks: what they are, who is on them, names, ports."""
import json
import re
import signal
import subprocess
import time

import blackbox


class Networks(blackbox.Suite):
    def _clean(self):
        super()._clean()
        left = self.docker("network", "ls", "-q", "--filter", "name=" + self.name).stdout.split()
        if left:
            self.docker("network", "rm", *left)

    def net(self, *options, suffix=""):
        self.ok("network", "create", *options, self.name + suffix)
        return self.name + suffix

    def sleeper(self, suffix, *options):
        self.ok("run", "-d", "--name", self.name + suffix, *options, "busybox", "sleep", "1000")
        return self.name + suffix

    def described(self, network):
        return json.loads(self.ok("network", "inspect", network))[0]

    def settings(self, container):
        return json.loads(self.ok("inspect", container))[0]["NetworkSettings"]

    def gone(self, name, *command):
        """Docker 20.10's client has words of its own for it."""
        done = self.docker(*command)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr.lower(), f"network {name} not found|no such network: {name}")

    def inside(self, container, *command):
        return self.docker("exec", container, *command)


class Description(Networks):
    def test_create_inspect_remove(self):
        made = self.ok("network", "create", "--label", "a=b", "--subnet", "10.77.1.0/24", "--gateway", "10.77.1.254",
                       "--ip-range", "10.77.1.128/25", "--aux-address", "printer=10.77.1.130",
                       "--opt", "com.docker.network.driver.mtu=1400", "--attachable", self.name)
        self.assertRegex(made, "^[0-9a-f]{64}$")
        one = self.described(self.name)
        self.assertEqual((one["Id"], one["Name"], one["Driver"], one["Scope"]), (made, self.name, "bridge", "local"))
        self.assertEqual(one["IPAM"]["Config"], [{"Subnet": "10.77.1.0/24", "IPRange": "10.77.1.128/25",
                                                  "Gateway": "10.77.1.254", "AuxiliaryAddresses": {"printer": "10.77.1.130"}}])
        self.assertEqual((one["Labels"], one["Attachable"], one["Internal"]), ({"a": "b"}, True, False))
        self.assertEqual(one["Options"], {"com.docker.network.driver.mtu": "1400"})
        self.assertIn(self.name, self.ok("network", "ls", "--filter", "label=a=b", "--format", "{{.Name}}").split())
        self.assertEqual(self.ok("network", "rm", self.name), self.name)
        self.gone(self.name, "network", "inspect", self.name)

    def test_two_get_different_subnets(self):
        ranges = [self.described(self.net(suffix=s))["IPAM"]["Config"][0] for s in "ab"]
        self.assertNotEqual(ranges[0]["Subnet"], ranges[1]["Subnet"])
        self.assertTrue(ranges[0]["Gateway"].endswith(".1"), ranges)

    def test_bad_descriptions(self):
        self.net("--subnet", "10.77.2.0/24")
        other = self.name + "other"
        self.fails(1, f"network with name {self.name} already exists", "network", "create", self.name)
        self.fails(1, "overlaps", "network", "create", "--subnet", "10.77.2.128/25", other)
        self.fails(1, "invalid", "network", "create", "--subnet", "10.77.x.0/24", other)
        self.fails(1, "10.99.0.1", "network", "create", "--subnet", "10.77.3.0/24", "--gateway", "10.99.0.1", other)
        self.fails(1, "not found", "network", "create", "--driver", "nosuchdriver", other)
        self.fails(1, "predefined", "network", "create", "bridge")
        self.fails(1, "pre-defined network and cannot be removed", "network", "rm", "bridge")
        self.gone(other, "network", "rm", other)
        self.fails(1, "com.docker.network.driver.mtu", "network", "create", "--opt", "com.docker.network.driver.mtu=9", other)
        self.assertEqual(self.ok("network", "ls", "-q", "--filter", "name=" + other), "")

    def test_remove_while_in_use(self):
        network = self.net()
        self.sleeper("c", "--network", network)
        self.fails(1, "has active endpoints", "network", "rm", network)
        self.ok("rm", "-f", self.name + "c")
        self.ok("network", "rm", network)

    def test_prune(self):
        network, used = self.net("--label", "prune=" + self.name), self.net("--label", "prune=" + self.name, suffix="used")
        self.sleeper("c", "--network", used)
        shown = self.ok("network", "prune", "-f", "--filter", "label=prune=" + self.name)
        self.assertIn(network, shown.split())
        self.assertNotIn(used, shown.split())
        self.ok("network", "inspect", used)

    def test_events(self):
        since = str(time.time())
        network = self.net()
        self.sleeper("c", "--network", network)
        self.ok("rm", "-f", self.name + "c")
        self.ok("network", "rm", network)
        shown = self.docker("events", "--since", since, "--until", str(time.time() + 0.5), "--filter", "type=network",
                            "--filter", "network=" + network, "--format", "{{.Action}}").stdout.split()
        self.assertEqual(shown, ["create", "connect", "disconnect", "destroy"])


class Members(Networks):
    def test_a_container_is_on_it(self):
        network = self.net("--subnet", "10.77.4.0/24")
        name = self.sleeper("c", "--network", network, "--network-alias", "db", "--ip", "10.77.4.77",
                            "--mac-address", "02:42:0a:4d:04:99")
        one = self.settings(name)["Networks"][network]
        self.assertEqual((one["IPAddress"], one["IPPrefixLen"], one["Gateway"]), ("10.77.4.77", 24, "10.77.4.1"))
        self.assertEqual(one["MacAddress"].lower(), "02:42:0a:4d:04:99")
        self.assertEqual(one["IPAMConfig"], {"IPv4Address": "10.77.4.77"})
        self.assertIn("db", one["Aliases"])
        self.assertEqual(one["NetworkID"], self.described(network)["Id"])
        there = list(self.described(network)["Containers"].values())
        self.assertEqual([(c["Name"], c["IPv4Address"]) for c in there], [(name, "10.77.4.77/24")])
        self.assertIn("10.77.4.77/24", self.inside(name, "ip", "-4", "addr", "show", "eth0").stdout)
        self.assertIn("default via 10.77.4.1", self.inside(name, "ip", "route").stdout)
        self.assertIn("10.77.4.77", self.inside(name, "cat", "/etc/hosts").stdout)

    def test_ipv6(self):
        network = self.net("--ipv6", "--subnet", "10.77.8.0/24", "--subnet", "fd00:77:8::/64")
        web = self.sleeper("web", "--network", network, "--ip6", "fd00:77:8::77")
        one = self.settings(web)["Networks"][network]
        self.assertEqual((one["GlobalIPv6Address"], one["GlobalIPv6PrefixLen"], one["IPv6Gateway"]),
                         ("fd00:77:8::77", 64, "fd00:77:8::1"))
        self.assertTrue(self.described(network)["EnableIPv6"])
        other = self.sleeper("other", "--network", network)
        self.assertEqual(self.inside(other, "ping", "-6", "-c1", "-W2", web).returncode, 0)
        self.assertIn("fd00:77:8::77", self.inside(other, "nslookup", "-type=aaaa", web, "127.0.0.11").stdout)
        self.assertIn("default via fd00:77:8::1", self.inside(other, "ip", "-6", "route").stdout)
        self.assertIn("fd00:77:8::77", self.inside(web, "cat", "/etc/hosts").stdout)
        chosen = self.described(self.net("--ipv6", suffix="chosen"))["IPAM"]["Config"]
        self.assertTrue(chosen[1]["Subnet"].startswith("fd"), chosen)
        ranged = self.net("--ipv6", "--subnet", "fd00:77:18::/64", "--ip-range", "fd00:77:18::ab00/120", suffix="ranged")
        there = self.sleeper("ranged", "--network", ranged)
        self.assertRegex(self.settings(there)["Networks"][ranged]["GlobalIPv6Address"], "^fd00:77:18::ab")
        without = self.net(suffix="v4")
        self.fails(1, "ipv6", "network", "create", "--subnet", "fd00:77:9::/64", self.name + "bad")
        plain = self.sleeper("plain", "--network", without)
        self.assertEqual(self.inside(plain, "ip", "-6", "addr", "show", "eth0").stdout, "")

    def test_a_port_in_use_says_by_whom(self):
        web = self.sleeper("web", "-p", "127.0.0.1:18432:80")
        self.fails(125, f"Bind for 0.0.0.0:18432 failed: port is already allocated (by container {web})",
                   "run", "--rm", "-p", "18432:80", "busybox", "true")
        other = self.net("--subnet", "10.77.31.0/24")
        self.fails(125, f"(by container {web})", "run", "--rm", "--network", other, "-p", "127.0.0.1:18432:81", "busybox", "true")

    def test_bad_addresses(self):
        network = self.net("--subnet", "10.77.5.0/24")
        self.sleeper("c", "--network", network, "--ip", "10.77.5.5")
        for words, ip in (("address already in use", "10.77.5.5"), ("10.99.1.1", "10.99.1.1")):
            done = self.docker("run", "--rm", "--network", network, "--ip", ip, "busybox", "true")
            self.assertEqual(done.returncode, 125, done.stderr)
            self.assertIn(words, done.stderr.lower())
        plain = self.net(suffix="plain")
        done = self.docker("run", "--rm", "--network", plain, "--ip", "10.77.5.9", "busybox", "true")
        self.assertEqual(done.returncode, 125)
        self.assertIn("user configured subnets", done.stderr)
        done = self.docker("run", "--rm", "--network", self.name + "none", "busybox", "true")
        self.assertEqual(done.returncode, 125)
        self.assertIn("not found", done.stderr)

    def test_connect_and_disconnect_live(self):
        first, second = self.net(suffix="a"), self.net("--subnet", "10.77.6.0/24", suffix="b")
        name = self.sleeper("c", "--network", first)
        self.ok("network", "connect", "--ip", "10.77.6.66", "--alias", "other", second, name)
        self.assertIn("10.77.6.66", self.inside(name, "ip", "addr", "show", "eth1").stdout)
        self.assertIn("10.77.6.66", self.inside(name, "cat", "/etc/hosts").stdout)
        self.assertEqual(sorted(self.settings(name)["Networks"]), sorted([first, second]))
        self.fails(1, "already exists in network", "network", "connect", second, name)
        self.ok("network", "disconnect", first, name)
        routes = self.inside(name, "ip", "route").stdout
        self.assertIn("default via 10.77.6.1", routes)
        self.assertNotIn("eth0", routes)
        self.ok("network", "disconnect", second, name)
        self.fails(1, "is not connected", "network", "disconnect", second, name)
        self.assertNotIn("eth", self.inside(name, "ip", "link").stdout)
        self.ok("network", "connect", second, name)
        self.ok("restart", "-t", "0", name)
        self.assertEqual(list(self.settings(name)["Networks"]), [second])

    def test_several_at_create(self):
        first, second = self.net(suffix="a"), self.net(suffix="b")
        self.ok("create", "--name", self.name + "c", "--network", first, "busybox", "sleep", "1000")
        self.ok("network", "connect", second, self.name + "c")
        self.ok("start", self.name + "c")
        links = self.inside(self.name + "c", "ip", "-o", "-4", "addr").stdout
        self.assertEqual(len(re.findall("eth[01]", links)), len(re.findall("eth", links)))
        self.assertEqual(sorted(self.settings(self.name + "c")["Networks"]), sorted([first, second]))

    def test_host_and_none_cannot_change(self):
        network = self.net()
        self.sleeper("c", "--network", "none")
        self.fails(1, "private (none) mode", "network", "connect", network, self.name + "c")
        self.sleeper("d")
        self.fails(1, "host network", "network", "connect", "host", self.name + "d")

    def test_isolation(self):
        first, second = self.net(suffix="a"), self.net(suffix="b")
        closed = self.net("--internal", suffix="c")
        there = self.settings(self.sleeper("x", "--network", first))["Networks"][first]["IPAddress"]
        same, other = self.sleeper("y", "--network", first), self.sleeper("z", "--network", second)
        inner = self.sleeper("i", "--network", closed)
        self.assertEqual(self.inside(same, "ping", "-c1", "-W2", there).returncode, 0)
        self.assertNotEqual(self.inside(other, "ping", "-c1", "-W1", there).returncode, 0)
        self.assertNotEqual(self.inside(inner, "ping", "-c1", "-W1", there).returncode, 0)
        self.assertNotIn("default", self.inside(inner, "ip", "route").stdout)

    def test_without_icc(self):
        network = self.net("--opt", "com.docker.network.bridge.enable_icc=false")
        there = self.settings(self.sleeper("x", "--network", network))["Networks"][network]["IPAddress"]
        other = self.sleeper("y", "--network", network)
        self.assertNotEqual(self.inside(other, "ping", "-c1", "-W1", there).returncode, 0)


class Names(Networks):
    def answer(self, container, name, *options):
        return self.inside(container, "nslookup", *options, name, "127.0.0.11").stdout

    def test_names_aliases_ids(self):
        network = self.net()
        web = self.sleeper("web", "--network", network, "--network-alias", "WWW")
        ip = self.settings(web)["Networks"][network]["IPAddress"]
        asker = self.sleeper("ask", "--network", network)
        short = self.inspect("{{.Id}}", web)[:12]
        for name in (web, "www", short, web + "." + network):
            self.assertIn("Address: " + ip, self.answer(asker, name), name)
        self.assertEqual(self.inside(asker, "ping", "-c1", "-W2", web).returncode, 0)
        self.assertIn(web + "." + network, self.answer(asker, ip))
        self.assertIn("nameserver 127.0.0.11", self.inside(asker, "cat", "/etc/resolv.conf").stdout)
        self.assertIn("ndots:0", self.inside(asker, "cat", "/etc/resolv.conf").stdout)
        self.ok("rename", web, web + "new")
        self.assertIn(ip, self.answer(asker, web + "new"))
        self.assertNotIn(ip, self.answer(asker, web))

    def test_only_on_the_same_network(self):
        first, second = self.net(suffix="a"), self.net(suffix="b")
        web, other = self.sleeper("web", "--network", first), self.sleeper("other", "--network", second)
        ip = self.settings(web)["Networks"][first]["IPAddress"]
        self.assertNotIn(ip, self.answer(other, web))
        self.ok("network", "connect", first, other)
        self.assertIn(ip, self.answer(other, web))
        self.ok("network", "disconnect", first, other)
        self.assertNotIn(ip, self.answer(other, web))

    def test_one_alias_of_two(self):
        network = self.net()
        addresses = set()
        for suffix in "ab":
            name = self.sleeper(suffix, "--network", network, "--network-alias", "pool")
            addresses.add(self.settings(name)["Networks"][network]["IPAddress"])
        asker = self.sleeper("ask", "--network", network)
        shown = set(re.findall(r"Address: ([\d.]+)$", self.answer(asker, "pool", "-type=a"), re.M))
        self.assertEqual(shown, addresses)

    def test_joined_network_shares_names(self):
        network = self.net()
        web = self.sleeper("web", "--network", network)
        joined = self.sleeper("joined", "--network", "container:" + web)
        files = [self.inside(c, "cat", "/etc/hosts", "/etc/resolv.conf").stdout for c in (web, joined)]
        self.assertEqual(files[0], files[1])

    def test_own_name_server_on_port_53(self):
        """The engine's server leaves port 53 to the container."""
        network = self.net()
        web = self.sleeper("web", "--network", network)
        self.ok("exec", "-d", web, "nc", "-l", "-p", "53")
        self.eventually(lambda: ":53 " in self.inside(web, "netstat", "-ltn").stdout)


class Recovery(Networks):
    def setUp(self):
        super().setUp()
        if self.daemon.engine is None:
            self.skipTest("only a daemon of our own is killed")

    def crash(self):
        self.daemon.engine.stop(signal.SIGKILL)
        self.daemon.engine.start()

    def links(self):
        return self.in_host("ip", "-o", "link").count("\n")

    def in_host(self, *command):
        return subprocess.run(["nsenter", f"--net=/proc/{self.daemon.engine.holder.pid}/ns/net", *command],
                              capture_output=True, text=True, check=True).stdout

    def test_everything_is_as_before_the_crash(self):
        network = self.net("--subnet", "10.77.7.0/24", "--label", "kept=yes")
        web = self.sleeper("web", "--network", network, "--network-alias", "www")
        asker = self.sleeper("ask", "--network", network)
        before, links = self.settings(web)["Networks"], self.links()
        self.crash()
        self.assertEqual(self.settings(web)["Networks"], before)
        self.assertEqual(self.links(), links)
        self.assertEqual(self.described(network)["Labels"], {"kept": "yes"})
        self.assertIn(before[network]["IPAddress"], self.inside(asker, "nslookup", "www", "127.0.0.11").stdout)
        self.fails(1, "has active endpoints", "network", "rm", network)
        self.ok("rm", "-f", web, asker)
        self.ok("network", "rm", network)
        self.crash()
        self.gone(network, "network", "inspect", network)

    def test_rules_come_back(self):
        network = self.net()
        first = self.sleeper("a", "--network", network)
        other = self.sleeper("b", "--network", self.net(suffix="other"))
        there = self.settings(first)["Networks"][network]["IPAddress"]
        self.in_host("nft", "flush", "ruleset")
        bridge = "docker-cpp-br-" + self.described(network)["Id"][:12]
        self.eventually(lambda: bridge in self.in_host("nft", "list", "tables"), seconds=1)
        self.assertNotEqual(self.inside(other, "ping", "-c1", "-W1", there).returncode, 0)

    def test_a_damaged_record_is_set_aside(self):
        network = self.net()
        record = self.daemon.engine.folder / "data/networks" / self.described(network)["Id"]
        self.daemon.engine.stop(signal.SIGKILL)
        record.write_text("garbage")
        self.daemon.engine.start()
        self.gone(network, "network", "inspect", network)
        self.assertTrue(record.with_name(record.name + ".damaged").exists())

    def test_nothing_is_left(self):
        network = self.net()
        before = self.in_host("nft", "list", "ruleset"), self.links()
        for _ in range(5):
            self.ok("run", "--rm", "--name", self.name, "--network", network, "busybox", "true")
        self.eventually(lambda: (self.in_host("nft", "list", "ruleset"), self.links()) == before)


if __name__ == "__main__":
    blackbox.main(Description, Members, Names, Recovery)
