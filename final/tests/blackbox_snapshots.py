#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""snapshots and clones, which only our own client has commands for."""
import os
import sys
import time

import blackbox


class Snapshots(blackbox.Suite):
    def setUp(self):
        super().setUp()
        if not self.client.endswith("docker-cpp"):
            self.skipTest("of docker-cpp only")

    def stopped(self, command="echo 1 > /f; rm -rf /var/spool"):
        self.ok("create", "--name", self.name, "busybox", "sh", "-c", command)
        self.ok("start", "-a", self.name)
        return self.name

    def shown(self, container, path="/f"):
        done = self.docker("cp", f"{container}:{path}", "-", text=False)
        return done.stdout if done.returncode == 0 else None

    def put(self, text, container=None):
        """Writes /f without starting anything."""
        place = f"/tmp/{self.name}.file"
        with open(place, "w") as file:
            file.write(text)
        self.addCleanup(lambda: os.path.exists(place) and os.unlink(place))
        self.ok("cp", place, f"{container or self.name}:/f")

    def layers(self):
        return os.listdir(self.daemon.engine.folder / "data/snapshots")

    def content(self, container):
        shown = self.shown(container)
        return shown[512:shown.index(b"\0", 512)].decode() if shown else None

    def test_the_life_of_a_snapshot(self):
        self.stopped()
        self.assertEqual(self.ok("snapshot", "create", self.name, "one"), "one")
        self.assertEqual(self.content(self.name), "1\n")
        self.put("2\n")
        made = self.ok("snapshot", "create", self.name)
        self.put("3\n")
        listed = self.ok("snapshot", "ls", "-q", self.name).split()
        self.assertEqual(listed, ["one", made])
        self.assertIn("ago", self.ok("snapshot", "ls"))
        self.ok("snapshot", "restore", self.name, "one")
        self.assertEqual(self.content(self.name), "1\n")
        self.ok("snapshot", "restore", self.name, made)
        self.assertEqual(self.content(self.name), "2\n")
        self.assertEqual(self.ok("snapshot", "rm", self.name, "one", made), "one\n" + made)
        self.assertEqual(self.content(self.name), "2\n")
        self.assertEqual(self.ok("start", "-a", self.name), "")
        self.assertEqual(self.content(self.name), "1\n")
        self.ok("rm", self.name)
        self.eventually(lambda: not self.layers())

    def test_what_is_wrong_is_named(self):
        self.stopped()
        self.ok("snapshot", "create", self.name, "one")
        self.fails(1, "has a snapshot one", "snapshot", "create", self.name, "one")
        self.fails(1, "No such snapshot: none", "snapshot", "restore", self.name, "none")
        self.fails(1, "No such snapshot: none", "snapshot", "rm", self.name, "none")
        self.fails(1, "No such snapshot: none", "clone", "--snapshot", "none", self.name)
        self.fails(1, "Invalid container name", "snapshot", "create", self.name, "a/b")
        self.fails(1, "No such container", "clone", self.name + "none")
        self.fails(1, "is already in use", "clone", self.name, self.name)
        self.ok("update", "--restart", "no", self.name)
        running = self.name + "r"
        self.ok("run", "-d", "--name", running, "busybox", "sleep", "1000")
        self.ok("snapshot", "create", running, "live")
        self.fails(1, "is running: stop it before", "snapshot", "restore", running, "live")

    def test_a_clone_of_a_stopped_container(self):
        self.stopped()
        clone = self.name + "c"
        self.ok("clone", self.name, clone)
        self.put("of the clone\n", clone)
        self.assertEqual(self.content(self.name), "1\n")
        self.assertEqual(self.content(clone), "of the clone\n")
        diff = self.ok("diff", clone).splitlines()
        self.assertIn("A /f", diff)
        self.assertIn("D /var/spool", diff)
        # What the clone stands on outlives what it was taken from.
        self.ok("rm", self.name)
        self.assertEqual(self.content(clone), "of the clone\n")
        self.ok("start", "-a", clone)
        self.assertEqual(self.content(clone), "1\n")
        self.ok("rm", clone)
        self.eventually(lambda: not self.layers())

    def test_a_clone_of_a_running_container(self):
        self.ok("run", "-d", "--name", self.name, "--hostname", "given", "-e", "A=b", "-v", f"{self.name}:/v",
                "busybox", "sh", "-c", "echo 1 > /f; while sleep 0.05; do echo x >> /grows; done")
        self.addCleanup(self.docker, "volume", "rm", self.name)
        self.eventually(lambda: self.docker("exec", self.name, "test", "-s", "/grows").returncode == 0)
        clone = self.name + "c"
        self.ok("clone", self.name, clone)
        self.assertEqual(self.inspect("{{.State.Status}}"), "running")
        self.assertEqual(self.inspect("{{.State.Status}} {{.Config.Hostname}} {{json .Config.Env}}", clone).split()[:2],
                         ["created", "given"])
        self.assertIn("A=b", self.inspect("{{json .Config.Env}}", clone))
        self.assertEqual(self.content(clone), "1\n")
        self.ok("start", clone)
        self.assertEqual(self.ok("exec", clone, "cat", "/f"), "1")
        self.assertEqual(self.ok("exec", clone, "ls", "-d", "/v"), "/v")
        self.assertNotEqual(self.ok("exec", clone, "hostname", "-i"), self.ok("exec", self.name, "hostname", "-i"))
        self.ok("pause", self.name)
        second = self.ok("clone", self.name, self.name + "p")
        self.assertEqual(self.inspect("{{.State.Status}}"), "paused")
        self.assertRegex(second, "^[0-9a-f]{64}$")

    def test_a_clone_of_a_snapshot(self):
        self.stopped()
        self.ok("snapshot", "create", self.name, "one")
        self.put("2\n")
        self.ok("clone", "--snapshot", "one", self.name, self.name + "c")
        self.assertEqual(self.content(self.name + "c"), "1\n")

    def test_an_image_of_a_clone(self):
        self.stopped()
        self.ok("snapshot", "create", self.name)
        self.put("2\n")
        self.ok("clone", self.name, self.name + "c")
        image = self.name + ":image"
        self.ok("commit", self.name + "c", image)
        self.addCleanup(self.docker, "rmi", "-f", image)
        self.assertEqual(self.ok("run", "--rm", image, "cat", "/f"), "2")
        self.assertNotEqual(self.docker("run", "--rm", image, "ls", "/var/spool").returncode, 0)
        dangling = self.ok("images", "-q", "-f", "dangling=true")
        self.assertEqual(dangling, "")

    def test_size_does_not_matter(self):
        self.stopped("dd if=/dev/zero of=/big bs=1M count=300 2>/dev/null; sync; echo 1 > /f")
        begun = time.monotonic()
        self.ok("clone", self.name, self.name + "c")
        self.assertLess(time.monotonic() - begun, 3)
        data = self.daemon.engine.folder / "data"
        homes = [data / "containers" / self.inspect("{{.Id}}", name) for name in (self.name, self.name + "c")]
        for home in homes:
            written = sum(f.stat().st_blocks * 512 for f in (home / "fs/upper").rglob("*"))
            self.assertLess(written, 1 << 20)

    def test_they_outlive_the_daemon(self):
        self.stopped()
        self.ok("snapshot", "create", self.name, "one")
        self.put("2\n")
        self.ok("clone", self.name, self.name + "c")
        before = sorted(self.layers())
        self.daemon.engine.stop(9)
        self.daemon.engine.start()
        self.assertEqual(sorted(self.layers()), before)
        self.assertEqual(self.content(self.name + "c"), "2\n")
        self.ok("snapshot", "restore", self.name, "one")
        self.assertEqual(self.content(self.name), "1\n")


if __name__ == "__main__":
    if blackbox.UNDER_TEST:
        sys.exit(0)
    blackbox.main(Snapshots)
