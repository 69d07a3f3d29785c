#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a container is made with: init, health, identities, limits, namespaces."""
import json
import time

import blackbox


class Options(blackbox.Suite):
    def sh(self, *arguments, **how):
        """run --rm OPTIONS busybox sh -c SCRIPT"""
        *options, script = arguments
        return self.ok("run", "--rm", *options, "busybox", "sh", "-c", script, **how)

    def test_init_reaps_orphans_and_passes_signals_on(self):
        out = self.sh("--init", "cat /proc/1/comm; (sleep 0.1 &) ; sleep 0.4; ps -o stat,comm | grep -c '^Z' || true")
        self.assertRegex(out, r"^docker-(cpp-)?init\n0$|^docker-init\n0$|^tini\n0$")
        self.ok("run", "-d", "--init", "--name", self.name, "busybox", "sh", "-c",
                "trap 'exit 7' TERM; while :; do sleep 0.05; done")
        self.eventually(lambda: self.inspect("{{.State.Running}}") == "true")
        self.ok("stop", "-t", "9", self.name)
        self.assertEqual(self.inspect("{{.State.ExitCode}} {{.Path}}"), "7 sh")

    def test_init_tells_how_the_program_ended(self):
        self.assertEqual(self.docker("run", "--rm", "--init", "busybox", "sh", "-c", "exit 42").returncode, 42)
        self.assertEqual(self.docker("run", "--rm", "--init", "busybox", "sh", "-c", "kill -9 $$").returncode, 137)
        self.assertEqual(self.docker("run", "--rm", "--init", "busybox", "nosuchthing").returncode, 127)

    def health(self):
        return json.loads(self.inspect("{{json .State.Health}}"))

    def test_health_becomes_good_and_bad_again(self):
        self.ok("run", "-d", "--name", self.name, "--health-cmd", "cat /state", "--health-interval", "200ms",
                "--health-retries", "2", "--health-timeout", "5s", "busybox", "sh", "-c", "sleep 1000")
        self.assertEqual(self.health()["Status"], "starting")
        self.ok("exec", self.name, "sh", "-c", "echo fine > /state")
        self.eventually(lambda: self.health()["Status"] == "healthy")
        self.assertIn("(healthy)", self.ok("ps", "--filter", "name=" + self.name, "--format", "{{.Status}}"))
        self.assertEqual(self.ok("ps", "-q", "--filter", "health=healthy", "--filter", "name=" + self.name),
                         self.inspect("{{.Id}}")[:12])
        self.assertEqual(self.health()["Log"][-1]["Output"], "fine\n")
        self.ok("exec", self.name, "rm", "/state")
        self.eventually(lambda: self.health()["Status"] == "unhealthy")
        last = self.health()
        self.assertGreaterEqual(last["FailingStreak"], 2)
        self.assertEqual(last["Log"][-1]["ExitCode"], 1)
        self.assertLessEqual(len(last["Log"]), 5)

    def test_health_takes_too_long(self):
        self.ok("run", "-d", "--name", self.name, "--health-cmd", "sleep 100", "--health-interval", "100ms",
                "--health-retries", "1", "--health-timeout", "300ms", "busybox", "sleep", "1000")
        self.eventually(lambda: self.health()["Status"] == "unhealthy")
        self.assertEqual(self.health()["Log"][-1]["ExitCode"], -1)
        self.assertIn("exceeded timeout (300ms)", self.health()["Log"][-1]["Output"])

    def test_health_of_the_start_period_is_excused(self):
        self.ok("run", "-d", "--name", self.name, "--health-cmd", "false", "--health-interval", "100ms",
                "--health-retries", "1", "--health-start-period", "30s", "busybox", "sleep", "1000")
        time.sleep(1)
        self.assertEqual(self.health()["Status"], "starting")
        self.assertEqual(self.health()["FailingStreak"], 0)

    def test_health_can_be_turned_off_and_ends_with_the_container(self):
        self.ok("run", "-d", "--name", self.name, "--no-healthcheck", "busybox", "sleep", "1000")
        self.assertEqual(self.inspect("{{json .State.Health}}"), "null")
        self.ok("run", "-d", "--name", self.name + "b", "--health-cmd", "true", "--health-interval", "100ms", "busybox", "sleep", "1000")
        self.eventually(lambda: self.inspect("{{.State.Health.Status}}", self.name + "b") == "healthy")
        self.ok("kill", self.name + "b")
        self.eventually(lambda: self.inspect("{{.State.Health.Status}}", self.name + "b") == "unhealthy")

    def test_health_is_an_event(self):
        self.ok("run", "-d", "--name", self.name, "--health-cmd", "true", "--health-interval", "100ms", "busybox", "sleep", "1000")
        self.eventually(lambda: self.health()["Status"] == "healthy")

        def events():
            # The client rounds "0s" down to a whole second: what has just happened is later.
            return self.ok("events", "--since", "1m", "--until", f"{time.time():.9f}",
                           "--filter", "container=" + self.name, "--format", "{{.Action}}").splitlines()
        self.eventually(lambda: "health_status: healthy" in events())
        lines = events()
        self.assertIn("create", lines)
        self.assertIn("start", lines)

    def test_groups_by_name_and_number(self):
        self.assertEqual(self.sh("--group-add", "daemon", "--group-add", "777", "-u", "1000", "id -G"), "0 1 777")
        self.fails(125, "find group nosuchgroup", "run", "--rm", "--group-add", "nosuchgroup", "busybox", "true")

    def test_users(self):
        for user, wanted in (("root", "0:0"), ("1234", "1234:0"), ("daemon", "1:1"), ("daemon:0", "1:0"),
                             ("12:daemon", "12:1"), (":5", "0:5")):
            self.assertEqual(self.sh("-u", user, "echo $(id -u):$(id -g)"), wanted, user)
        self.fails(125, "unable to find user nosuch", "run", "--rm", "-u", "nosuch", "busybox", "true")

    def test_namespaces_of_another_container(self):
        self.ok("run", "-d", "--name", self.name, "--ipc", "shareable", "-h", "donor", "busybox", "sleep", "1000")
        links = "for n in net pid ipc; do readlink /proc/self/ns/$n; done"
        mine = self.ok("exec", self.name, "sh", "-c", links).split()
        other = "container:" + self.name
        out = self.sh("--network", other, "--pid", other, "--ipc", other, links).split()
        self.assertEqual(out, mine)

    def test_shared_memory_is_shared_with_the_ipc_namespace(self):
        self.ok("run", "-d", "--name", self.name, "--ipc", "shareable", "busybox", "sleep", "1000")
        self.ok("exec", self.name, "sh", "-c", "echo shared > /dev/shm/x")
        self.assertEqual(self.sh("--ipc", "container:" + self.name, "cat /dev/shm/x"), "shared")

    def test_host_namespaces(self):
        import os
        out = self.sh("--pid", "host", "--ipc", "host", "--uts", "host", "--userns", "host",
                      "for n in pid ipc uts; do readlink /proc/self/ns/$n; done").split()
        self.assertEqual(out, [os.readlink("/proc/self/ns/" + n) for n in ("pid", "ipc", "uts")])

    def test_cgroup_namespace(self):
        self.assertEqual(len(set(self.sh("--cgroupns", "private", "cat /proc/self/cgroup | cut -d: -f3 | sort -u").split())), 1)
        self.assertNotEqual(self.sh("--cgroupns", "private", "readlink /proc/self/ns/cgroup"),
                            self.sh("--cgroupns", "host", "readlink /proc/self/ns/cgroup"))

    def test_shared_memory_size(self):
        self.assertEqual(self.sh("--shm-size", "8m", "df -k /dev/shm | tail -1 | awk '{print $2}'"), "8192")
        self.assertEqual(self.sh("df -k /dev/shm | tail -1 | awk '{print $2}'"), "65536")

    def test_ulimits(self):
        self.assertEqual(self.sh("--ulimit", "nofile=64:128", "ulimit -n; ulimit -Hn").split(), ["64", "128"])

    def test_privileged(self):
        self.assertEqual(self.sh("--privileged", "mkdir /m && mount -t tmpfs none /m && echo mounted"), "mounted")

    def test_device(self):
        self.assertEqual(self.sh("--device", "/dev/null:/dev/mine", "echo x > /dev/mine && ls -l /dev/mine | cut -c1"), "c")
        self.fails(127, "no such file or directory", "run", "--rm", "--device", "/dev/nosuch", "busybox", "true")

    def test_sysctl(self):
        self.assertEqual(self.sh("--sysctl", "net.ipv4.ip_forward=1", "cat /proc/sys/net/ipv4/ip_forward"), "1")

    def test_security_options(self):
        self.assertEqual(self.sh("grep Seccomp: /proc/self/status | awk '{print $2}'"), "2")
        self.assertEqual(self.sh("--security-opt", "seccomp=unconfined", "grep Seccomp: /proc/self/status | awk '{print $2}'"), "0")
        self.assertEqual(self.sh("--security-opt", "no-new-privileges", "grep NoNewPrivs /proc/self/status | awk '{print $2}'"), "1")
        self.assertEqual(self.sh("--security-opt", "label=disable", "--security-opt", "apparmor=unconfined", "echo ok"), "ok")
        self.fails(125, "invalid --security-opt", "run", "--rm", "--security-opt", "nosuch=1", "busybox", "true")

    def test_seccomp_profile_of_ones_own(self):
        import os
        import tempfile
        profile = {"defaultAction": "SCMP_ACT_ALLOW",
                   "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "profile.json")
            with open(path, "w") as file:
                json.dump(profile, file)
            self.assertEqual(self.sh("--security-opt", "seccomp=" + path, "mkdir /x 2>/dev/null || echo refused"), "refused")

    def test_cgroup_parent(self):
        parent = f"/docker-cpp-test-parent-{self.name}"
        self.addCleanup(blackbox.subprocess.run, ["sh", "-c", f"rmdir /sys/fs/cgroup/*{parent} /sys/fs/cgroup{parent} 2>/dev/null"])
        out = self.sh("--cgroup-parent", parent, "cat /proc/self/cgroup")
        self.assertIn(parent + "/", out)

    def test_oom_score(self):
        self.assertEqual(self.sh("--oom-score-adj", "500", "cat /proc/self/oom_score_adj"), "500")
        self.fails(125, "range for oom score adj is [-1000, 1000]", "run", "--rm", "--oom-score-adj", "2000", "busybox", "true")

    def test_stop_signal_and_timeout(self):
        self.ok("run", "-d", "--name", self.name, "--stop-signal", "USR1", "busybox", "sh", "-c",
                "trap 'exit 9' USR1; while :; do sleep 0.05; done")
        self.ok("stop", self.name)
        self.assertEqual(self.inspect("{{.State.ExitCode}}"), "9")

    def test_what_makes_no_sense_is_refused(self):
        for words, options in (
                ("Minimum memory limit allowed is 6MB", ["-m", "4m"]),
                ("Minimum memoryswap limit should be larger", ["-m", "64m", "--memory-swap", "32m"]),
                ("there are only", ["--cpus", "1000"]),
                ("Range of blkio weight is from 10 to 1000", ["--blkio-weight", "5"]),
                ("unknown or invalid runtime name: nosuch", ["--runtime", "nosuch"]),
                ("capabilities: [[gpu]]", ["--gpus", "all"]),
                ("nosuch", ["--ulimit", "nosuch=1"])):
            self.fails(125, words, "run", "--rm", *options, "busybox", "true")

    def test_defaults_are_echoed_as_docker_does(self):
        self.ok("create", "--name", self.name, "-m", "64m", "busybox", "true")
        host = json.loads(self.inspect("{{json .HostConfig}}"))
        self.assertEqual(host["MemorySwap"], 128 << 20)
        self.assertEqual(host["IpcMode"], "private")
        self.assertEqual(host["ShmSize"], 64 << 20)
        self.assertIn("/proc/kcore", host["MaskedPaths"])
        self.assertIn("/proc/sys", host["ReadonlyPaths"])
        self.assertEqual(host["RestartPolicy"], {"Name": "no", "MaximumRetryCount": 0})
        self.assertEqual(host["ConsoleSize"], [0, 0])

    def test_update_changes_limits_of_a_running_container(self):
        self.ok("run", "-d", "--name", self.name, "-m", "64m", "busybox", "sleep", "1000")
        self.ok("update", "-m", "96m", "--memory-swap", "200m", "--cpu-shares", "512", "--restart", "on-failure:3", self.name)
        read = "cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max"
        self.assertEqual(self.ok("exec", self.name, "sh", "-c", read), str(96 << 20))
        self.assertEqual(self.inspect("{{.HostConfig.Memory}} {{.HostConfig.CpuShares}} {{.HostConfig.RestartPolicy.Name}} "
                                      "{{.HostConfig.RestartPolicy.MaximumRetryCount}}"), f"{96 << 20} 512 on-failure 3")
        self.fails(1, "already set memoryswap limit", "update", "-m", "300m", self.name)
        self.fails(1, "No such container", "update", "-m", "64m", "nosuchcontainer")

    def test_update_of_a_created_container_counts_at_its_start(self):
        self.ok("create", "--name", self.name, "busybox", "sh", "-c",
                "cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max")
        self.ok("update", "-m", "48m", self.name)
        self.assertEqual(self.ok("start", "-a", self.name), str(48 << 20))


if __name__ == "__main__":
    blackbox.main(Options)
