#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ps, logs, inspect, top, stats, events, version, info."""
import json
import subprocess
import time

import blackbox


class Look(blackbox.Suite):
    not_in_docker_cpp = ("test_stats",)

    def test_version_and_info(self):
        self.assertEqual(self.ok("version", "--format", "{{.Server.Os}}"), "linux")
        self.assertEqual(self.ok("info", "--format", "{{.OSType}}"), "linux")
        self.assertIn("Server:", self.ok("version"))
        self.assertIn("Server Version:", self.ok("info"))

    def test_ps(self):
        self.ok("run", "-d", "--name", self.name, "--label", "a=b", "busybox", "sleep", "1000")
        line = self.ok("ps", "--filter", "name=" + self.name, "--format", "{{.Image}}|{{.Command}}|{{.State}}|{{.Names}}|{{.Status}}")
        image, command, state, name, status = line.split("|")
        self.assertEqual((image, command, state, name), ("busybox", '"sleep 1000"', "running", self.name))
        self.assertTrue(status.startswith("Up "), status)
        self.assertEqual(self.ok("ps", "-q", "--filter", "label=a=b", "--filter", "name=" + self.name), self.inspect("{{.Id}}")[:12])
        self.assertEqual(self.ok("ps", "-q", "--filter", "label=a=c", "--filter", "name=" + self.name), "")
        self.ok("stop", "-t", "0", self.name)
        self.assertEqual(self.ok("ps", "-q", "--filter", "name=" + self.name), "")
        status = self.ok("ps", "-a", "--filter", "name=" + self.name, "--format", "{{.Status}}")
        self.assertRegex(status, r"^Exited \(\d+\) .* ago$")
        self.fails(1, "invalid filter 'bogus", "ps", "--filter", "bogus=1")

    def test_logs(self):
        self.ok("run", "--name", self.name, "busybox", "sh", "-c", "echo 1; sleep 0.1; echo 2 >&2; sleep 0.1; echo 3")
        done = self.docker("logs", self.name)
        self.assertEqual((done.stdout, done.stderr), ("1\n3\n", "2\n"))
        self.assertEqual(self.ok("logs", "--tail", "1", self.name), "3")
        self.assertRegex(self.ok("logs", "-t", "--tail", "1", self.name), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z 3$")
        self.assertEqual(self.ok("logs", "--since", "1h", "--tail", "1", self.name), "3")
        self.assertEqual(self.docker("logs", "--until", "1h", self.name).stdout, "")
        self.fails(1, "No such container: nosuch", "logs", "nosuch")

    def test_logs_follow_to_the_end(self):
        self.ok("run", "-d", "--name", self.name, "busybox", "sh", "-c", "for i in 1 2 3 4 5; do echo $i; sleep 0.1; done")
        self.assertEqual(self.ok("logs", "-f", self.name).split(), ["1", "2", "3", "4", "5"])

    def test_follow_shows_lines_as_they_come(self):
        self.ok("run", "-d", "--name", self.name, "busybox", "sh", "-c", "echo first; sleep 1000")
        follower = subprocess.Popen([self.client, "logs", "-f", self.name], stdout=subprocess.PIPE, text=True, env=self.environment)
        self.addCleanup(follower.stdout.close)
        self.assertEqual(follower.stdout.readline(), "first\n")
        self.assertIsNone(follower.poll())
        self.ok("kill", self.name)
        self.assertEqual(follower.wait(timeout=10), 0)

    def test_inspect(self):
        self.ok("run", "-d", "--name", self.name, "--restart", "on-failure:3", "-m", "64m", "busybox", "sleep", "1000")
        whole = json.loads(self.ok("inspect", self.name))[0]
        self.assertEqual(whole["Name"], "/" + self.name)
        self.assertEqual(whole["State"]["Status"], "running")
        self.assertGreater(whole["State"]["Pid"], 0)
        self.assertEqual(whole["Path"], "sleep")
        self.assertEqual(whole["Args"], ["1000"])
        self.assertEqual(whole["HostConfig"]["RestartPolicy"], {"Name": "on-failure", "MaximumRetryCount": 3})
        self.assertEqual(whole["HostConfig"]["Memory"], 64 << 20)
        self.assertEqual(whole["Mounts"], [])
        self.assertEqual(whole["Config"]["Image"], "busybox")
        self.assertRegex(whole["NetworkSettings"]["Networks"]["bridge"]["IPAddress"], r"^\d+\.\d+\.\d+\.\d+$")
        self.assertEqual(whole["State"]["FinishedAt"], "0001-01-01T00:00:00Z")
        self.assertEqual(self.ok("inspect", "--format", "{{.Id}}", whole["Id"][:10]), whole["Id"])

    def test_inspect_of_nothing(self):
        self.fails(1, "no such", "inspect", "nosuchthing")

    def test_top(self):
        self.ok("run", "-d", "--name", self.name, "busybox", "sleep", "1000")
        lines = self.ok("top", self.name).splitlines()
        self.assertEqual(lines[0].split()[:3], ["UID", "PID", "PPID"])
        self.assertIn("sleep 1000", lines[1])
        self.assertEqual(self.ok("top", self.name, "-o", "pid,comm").splitlines()[1].split()[1], "sleep")
        self.ok("stop", "-t", "0", self.name)
        self.fails(1, "is not running", "top", self.name)

    def test_stats(self):
        self.ok("run", "-d", "--name", self.name, "-m", "64m", "busybox", "sleep", "1000")
        line = self.ok("stats", "--no-stream", "--format", "{{.MemUsage}}|{{.PIDs}}", self.name)
        self.assertIn("/ 64MiB", line)
        self.assertEqual(line.split("|")[1], "1")

    def test_events(self):
        since = str(int(time.time()) - 1)
        self.ok("run", "--rm", "--name", self.name, "busybox", "true")
        self.eventually(lambda: self.ok("ps", "-aq", "--filter", "name=" + self.name) == "")
        out = self.ok("events", "--since", since, "--until", str(int(time.time()) + 1), "--filter", "container=" + self.name,
                      "--format", "{{.Action}}")
        actions = out.split()
        for action in ("create", "attach", "start", "die", "destroy"):
            self.assertIn(action, actions)
        self.assertLess(actions.index("start"), actions.index("die"))


if __name__ == "__main__":
    blackbox.main(Look)
