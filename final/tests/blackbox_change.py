#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""start, stop, kill, wait, pause, rename, rm, exec, prune."""
import subprocess

import blackbox


class Change(blackbox.Suite):
    def start_sleeper(self):
        self.ok("run", "-d", "--name", self.name, "busybox", "sleep", "1000")

    def test_create_start_wait(self):
        self.ok("create", "--name", self.name, "busybox", "sh", "-c", "echo made; exit 4")
        self.assertEqual(self.inspect("{{.State.Status}}"), "created")
        self.assertEqual(self.ok("start", self.name), self.name)
        self.assertEqual(self.ok("wait", self.name), "4")
        self.assertEqual(self.inspect("{{.State.Status}} {{.State.ExitCode}}"), "exited 4")
        self.assertEqual(self.ok("logs", self.name), "made")

    def test_start_attached_gives_the_exit_code(self):
        self.ok("create", "--name", self.name, "busybox", "sh", "-c", "echo made; exit 4")
        done = self.docker("start", "-a", self.name)
        self.assertEqual((done.returncode, done.stdout), (4, "made\n"))

    def test_stop_asks_first(self):
        self.ok("run", "-d", "--name", self.name, "busybox", "sh", "-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.1; done")
        self.eventually(lambda: self.docker("logs", self.name).stdout == "ready\n")
        self.ok("stop", self.name)
        self.assertEqual(self.inspect("{{.State.ExitCode}}"), "7")
        self.ok("stop", self.name)

    def test_stop_kills_after_its_time(self):
        self.ok("run", "-d", "--name", self.name, "busybox", "sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done")
        self.eventually(lambda: self.docker("logs", self.name).stdout == "ready\n")
        self.ok("stop", "-t", "1", self.name)
        self.assertEqual(self.inspect("{{.State.ExitCode}}"), "137")

    def test_kill(self):
        self.start_sleeper()
        waiter = subprocess.Popen([self.client, "wait", self.name], stdout=subprocess.PIPE, text=True, env=self.environment)
        self.ok("kill", self.name)
        self.assertEqual(waiter.communicate(timeout=10)[0], "137\n")
        self.fails(1, "is not running", "kill", self.name)
        self.fails(1, "No such container: nosuch", "kill", "nosuch")

    def test_kill_with_a_signal(self):
        self.ok("run", "-d", "--name", self.name, "busybox", "sh", "-c", "trap 'echo got' USR1; echo ready; while :; do sleep 0.1; done")
        self.eventually(lambda: self.docker("logs", self.name).stdout == "ready\n")
        self.ok("kill", "-s", "USR1", self.name)
        self.eventually(lambda: "got" in self.docker("logs", self.name).stdout)
        self.assertEqual(self.inspect("{{.State.Status}}"), "running")
        self.fails(1, "invalid signal", "kill", "-s", "NOSUCH", self.name)

    def test_restart(self):
        self.start_sleeper()
        before = self.inspect("{{.State.Pid}}")
        self.ok("restart", "-t", "0", self.name)
        self.assertEqual(self.inspect("{{.State.Status}}"), "running")
        self.assertNotEqual(self.inspect("{{.State.Pid}}"), before)

    def test_restart_policy(self):
        self.ok("run", "-d", "--name", self.name, "--restart", "on-failure:2", "busybox", "false")
        self.eventually(lambda: self.inspect("{{.RestartCount}} {{.State.Status}}") == "2 exited")

    def test_pause(self):
        self.start_sleeper()
        self.ok("pause", self.name)
        self.assertEqual(self.inspect("{{.State.Status}} {{.State.Paused}}"), "paused true")
        self.assertIn("(Paused)", self.ok("ps", "--filter", "name=" + self.name, "--format", "{{.Status}}"))
        self.fails(1, "paused", "exec", self.name, "true")
        self.ok("unpause", self.name)
        self.assertEqual(self.inspect("{{.State.Status}}"), "running")
        self.fails(1, "is not paused", "unpause", self.name)

    def test_rename(self):
        self.ok("create", "--name", self.name, "busybox", "true")
        self.ok("create", "--name", self.name + "b", "busybox", "true")
        self.fails(1, "is already in use by container", "rename", self.name, self.name + "b")
        self.ok("rename", self.name, self.name + "c")
        self.assertEqual(self.inspect("{{.Name}}", self.name + "c"), f"/{self.name}c")

    def test_rm(self):
        self.start_sleeper()
        done = self.docker("rm", self.name)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "cannot remove container|You cannot remove a running container")
        self.ok("rm", "-f", self.name)
        self.fails(1, f"No such container: {self.name}", "rm", self.name)

    def test_what_is_written_stays_until_rm(self):
        self.ok("run", "--name", self.name, "busybox", "sh", "-c", "echo kept >> /file; cat /file")
        self.assertEqual(self.ok("start", "-a", self.name), "kept\nkept")

    def test_exec(self):
        self.start_sleeper()
        self.assertEqual(self.ok("exec", self.name, "echo", "hi"), "hi")
        self.assertEqual(self.docker("exec", self.name, "sh", "-c", "exit 9").returncode, 9)
        self.assertEqual(self.ok("exec", "-i", self.name, "cat", stdin="typed\n"), "typed")
        out = self.ok("exec", "-e", "A=b", "-w", "/tmp", "-u", "1000", self.name, "sh", "-c", "echo $A $(pwd) $(id -u)")
        self.assertEqual(out, "b /tmp 1000")
        done = self.docker("exec", self.name, "sh", "-c", "echo out; echo err >&2")
        self.assertEqual((done.stdout, done.stderr), ("out\n", "err\n"))
        self.ok("exec", "-d", self.name, "touch", "/made")
        self.eventually(lambda: self.docker("exec", self.name, "ls", "/made").returncode == 0)

    def test_exec_of_what_cannot_be(self):
        self.start_sleeper()
        done = self.docker("exec", self.name, "nosuchcommand")
        self.assertIn(done.returncode, (126, 127))
        self.assertIn("executable file not found in $PATH", done.stdout + done.stderr)
        self.ok("stop", "-t", "0", self.name)
        self.fails(1, "is not running", "exec", self.name, "true")
        self.fails(1, "No such container: nosuch", "exec", "nosuch", "true")

    def test_many_execs(self):
        self.start_sleeper()
        running = [subprocess.Popen([self.client, "exec", self.name, "sh", "-c", f"echo {i}"], stdout=subprocess.PIPE,
                                    text=True, env=self.environment) for i in range(10)]
        self.assertEqual([p.communicate(timeout=60)[0] for p in running], [f"{i}\n" for i in range(10)])

    def test_prune(self):
        self.ok("run", "--name", self.name, "--label", "bb=" + self.name, "busybox", "true")
        out = self.ok("container", "prune", "-f", "--filter", "label=bb=" + self.name)
        self.assertIn("Deleted Containers:", out)
        self.assertEqual(self.ok("ps", "-aq", "--filter", "name=" + self.name), "")


if __name__ == "__main__":
    blackbox.main(Change)
