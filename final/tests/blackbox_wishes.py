#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Commands that docker has not, with our client only."""
import json
import shlex

import blackbox


class Wishes(blackbox.Suite):
    def setUp(self):
        super().setUp()
        if not self.client.endswith("docker-cpp"):
            self.skipTest("a command of docker-cpp")

    def test_show_run_makes_the_same_container_again(self):
        self.ok("run", "-d", "--name", self.name, "-e", "A=it's b", "-l", "x=y z", "-m", "64m", "--cpus", "0.5",
                "--restart", "on-failure:3", "-v", "/tmp:/host:ro", "--tmpfs", "/t", "--cap-add", "SYS_TIME",
                "--ulimit", "nofile=100:200", "--hostname", "hugo", "--workdir", "/tmp", "--read-only",
                "--entrypoint", "sleep", "busybox", "1000")
        words = shlex.split(self.ok("show-run", self.name))
        self.assertEqual(words[:2], ["docker-cpp", "run"])
        twin = self.name + "twin"
        self.ok(*[twin if word == self.name else word for word in words[1:]])

        def described(name):
            whole = json.loads(self.ok("inspect", name))[0]
            host = {key: value for key, value in whole["HostConfig"].items()}
            config = {key: value for key, value in whole["Config"].items()}
            return host, config
        self.assertEqual(described(twin), described(self.name))

    def test_show_run_of_nothing(self):
        self.fails(1, "No such container: nosuch", "show-run", "nosuch")

    def test_doctor_looks_at_the_daemon(self):
        done = self.docker("doctor")
        self.assertIn("containers running", done.stdout)
        lost = self.docker("-H", "unix:///nonexistent", "doctor")
        self.assertEqual(lost.returncode, 1)
        self.assertIn("BAD   Cannot connect to the Docker daemon at unix:///nonexistent", lost.stdout)


if __name__ == "__main__":
    blackbox.main(Wishes)
