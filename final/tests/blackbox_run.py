#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docker run: what it prints, what it reads, how it ends."""
import blackbox


class Run(blackbox.Suite):
    def test_prints_and_leaves_nothing(self):
        self.assertEqual(self.ok("run", "--rm", "--name", self.name, "busybox", "echo", "hi"), "hi")
        self.eventually(lambda: self.ok("ps", "-aq", "--filter", "name=" + self.name) == "")

    def test_keeps_the_streams_apart(self):
        done = self.docker("run", "--rm", "--name", self.name, "busybox", "sh", "-c", "echo out; echo err >&2")
        self.assertEqual((done.stdout, done.stderr), ("out\n", "err\n"))

    def test_exit_codes(self):
        for code in (0, 1, 3, 255):
            done = self.docker("run", "--rm", "busybox", "sh", "-c", f"exit {code}")
            self.assertEqual(done.returncode, code, done.stderr)

    def test_a_command_that_is_not_there_is_127(self):
        self.fails(127, "executable file not found in $PATH", "run", "--rm", "--name", self.name, "busybox", "nosuchcommand")
        self.fails(127, "no such file or directory", "run", "--rm", "busybox", "/no/such/command")
        self.eventually(lambda: self.ok("ps", "-aq", "--filter", "name=" + self.name) == "")

    def test_a_command_that_cannot_be_executed_is_126(self):
        self.fails(126, "permission denied", "run", "--rm", "busybox", "/etc/passwd")

    def test_what_the_engine_refuses_is_125(self):
        self.fails(125, "invalid container name", "run", "--rm", "--name", "-bad", "busybox", "true")
        done = self.docker("run", "--nosuchflag", "busybox")
        self.assertEqual(done.returncode, 125)
        self.fails(125, "unable to find image", "run", "--rm", "127.0.0.1:1/no/such/image:1")
        self.fails(125, "", "run", "--rm", "busybox:no such tag")

    def test_a_name_is_given_once(self):
        self.ok("create", "--name", self.name, "busybox", "true")
        self.fails(125, f'The container name "/{self.name}" is already in use by container', "run", "--name", self.name, "busybox")

    def test_reads_stdin_to_its_end(self):
        self.assertEqual(self.ok("run", "-i", "--rm", "busybox", "cat", stdin="typed\n"), "typed")
        much = "x" * (4 << 20)
        self.assertEqual(self.ok("run", "-i", "--rm", "busybox", "wc", "-c", stdin=much), str(len(much)))

    def test_prints_much(self):
        out = self.ok("run", "--rm", "busybox", "dd", "if=/dev/zero", "bs=1M", "count=16", text=False)
        self.assertEqual(len(out), 16 << 20)

    def test_ends_although_stdin_is_left_open_or_unread(self):
        self.assertEqual(self.ok("run", "-i", "--rm", "busybox", "echo", "done", stdin="y\n" * 500_000), "done")

    def test_environment_user_and_folder(self):
        out = self.ok("run", "--rm", "-e", "A=b c", "-w", "/tmp", "-u", "1000:1001", "-h", "host1", "busybox",
                      "sh", "-c", 'echo "$A" $(pwd) $(id -u) $(id -g) $(hostname)')
        self.assertEqual(out, "b c /tmp 1000 1001 host1")

    def test_entrypoint(self):
        self.assertEqual(self.ok("run", "--rm", "--entrypoint", "echo", "busybox", "a", "b"), "a b")

    def test_network_none_has_only_loopback(self):
        self.assertEqual(self.ok("run", "--rm", "--network", "none", "busybox", "ls", "/sys/class/net"), "lo")

    def test_bridge_has_an_address_and_the_hosts_file_says_it(self):
        out = self.ok("run", "--rm", "-h", "myself", "busybox", "sh", "-c",
                      "ip -4 addr show eth0 | grep -c inet; grep -c myself /etc/hosts")
        self.assertEqual(out.split(), ["1", "1"])

    def test_memory_limit_is_the_kernels(self):
        out = self.ok("run", "--rm", "-m", "32m", "busybox", "sh", "-c",
                      "cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max")
        self.assertEqual(out, str(32 << 20))

    def test_read_only_and_tmpfs(self):
        out = self.ok("run", "--rm", "--read-only", "--tmpfs", "/scratch", "busybox", "sh", "-c",
                      "touch /x 2>/dev/null || echo refused; touch /scratch/x && echo written")
        self.assertEqual(out.split(), ["refused", "written"])

    def test_cidfile_and_detached(self):
        long = self.ok("run", "-d", "--name", self.name, "busybox", "sleep", "1000")
        self.assertRegex(long, "^[0-9a-f]{64}$")
        self.assertEqual(self.inspect("{{.Id}}"), long)

    def test_ports_are_published_once(self):
        self.ok("run", "-d", "--name", self.name, "-p", "127.0.0.1:18231:80", "busybox", "sleep", "1000")
        self.assertEqual(self.ok("port", self.name), "80/tcp -> 127.0.0.1:18231")
        self.fails(125, "port is already allocated", "run", "--name", self.name + "b", "-p", "127.0.0.1:18231:80", "busybox", "true")


if __name__ == "__main__":
    blackbox.main(Run)
