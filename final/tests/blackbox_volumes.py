#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""volume create, ls, inspect, rm, prune; -v, --mount, --volumes-from; system df."""
import json
import os
import pathlib
import tempfile

import blackbox


class Volumes(blackbox.Suite):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)
        self.volume = "v" + self.name
        self.addCleanup(self.docker, "volume", "rm", "-f", self.volume, self.volume + "2")

    def created(self, *words):
        container = self.ok("create", "--name", self.name, *words)
        self.addCleanup(self.docker, "rm", "-f", "-v", container)
        return container

    def names(self, *filters):
        words = [w for f in filters for w in ("-f", f)]
        return self.ok("volume", "ls", "-q", *words).split()

    def test_life_of_a_volume(self):
        self.assertEqual(self.ok("volume", "create", "--label", "a=b", self.volume), self.volume)
        self.assertEqual(self.ok("volume", "create", self.volume), self.volume)  # as it is
        whole = json.loads(self.ok("volume", "inspect", self.volume))[0]
        self.assertEqual((whole["Driver"], whole["Scope"], whole["Labels"]), ("local", "local", {"a": "b"}))
        self.assertTrue(whole["Mountpoint"].endswith(f"/{self.volume}/_data"))
        self.assertIn(self.volume, self.names("label=a=b", f"name={self.volume}", "driver=local"))
        self.assertNotIn(self.volume, self.names("label=other"))
        self.assertIn(self.volume, self.names("dangling=true"))
        self.created("-v", f"{self.volume}:/d", "busybox", "true")
        self.assertNotIn(self.volume, self.names("dangling=true"))
        self.fails(1, "volume is in use - [", "volume", "rm", self.volume)
        self.ok("rm", self.name)
        self.assertEqual(self.ok("volume", "rm", self.volume), self.volume)
        self.fails(1, "no such volume", "volume", "inspect", self.volume)
        self.fails(1, "no such volume", "volume", "rm", self.volume)
        self.fails(1, "invalid characters", "volume", "create", "a/b")
        self.fails(1, "plugin", "volume", "create", "-d", "nosuchdriver", self.volume)
        self.fails(1, "invalid option", "volume", "create", "-o", "nosuch=1", self.volume)

    def test_files_stay_and_are_copied_up(self):
        self.ok("run", "--rm", "-v", f"{self.volume}:/d", "busybox", "sh", "-c", "echo kept > /d/f")
        self.assertEqual(self.ok("run", "--rm", "-v", f"{self.volume}:/d:ro", "busybox", "cat", "/d/f"), "kept")
        self.fails(1, "read-only", "run", "--rm", "-v", f"{self.volume}:/d:ro", "busybox", "touch", "/d/g")
        second = self.volume + "2"
        self.assertIn("busybox", self.ok("run", "--rm", "-v", f"{second}:/bin:rw", "busybox", "ls", "/bin"))
        self.ok("volume", "rm", second)
        empty = f"type=volume,source={second},target=/etc,volume-nocopy"
        self.assertNotIn("passwd", self.ok("run", "--rm", "--mount", empty, "busybox", "ls", "/etc"))

    def test_anonymous_volumes_go_with_rm_v(self):
        self.created("-v", "/d", "busybox", "true")
        name = self.inspect("{{(index .Mounts 0).Name}}")
        self.assertIn(name, self.names())
        self.ok("rm", "-v", self.name)
        self.assertNotIn(name, self.names())

    def test_volumes_from(self):
        self.created("-v", f"{self.volume}:/d", "busybox", "true")
        self.ok("run", "--rm", "--volumes-from", self.name, "busybox", "sh", "-c", "echo x > /d/f")
        self.assertEqual(self.ok("run", "--rm", "--volumes-from", self.name + ":ro", "busybox", "cat", "/d/f"), "x")
        self.fails(1, "read-only", "run", "--rm", "--volumes-from", self.name + ":ro", "busybox", "touch", "/d/g")
        self.fails(125, "No such container", "run", "--rm", "--volumes-from", "nosuch", "busybox", "true")

    def test_mount_in_every_form(self):
        (self.dir / "f").write_text("here")
        bind = f"type=bind,source={self.dir},target=/b"
        self.assertEqual(self.ok("run", "--rm", "--mount", bind, "busybox", "cat", "/b/f"), "here")
        self.fails(1, "read-only", "run", "--rm", "--mount", bind + ",readonly", "busybox", "touch", "/b/g")
        self.fails(125, "bind source path does not exist", "run", "--rm", "--mount",
                   "type=bind,source=/nosuchpath,target=/b", "busybox", "true")
        self.fails(125, "Duplicate mount point", "run", "--rm", "-v", f"{self.dir}:/b", "--mount", bind, "busybox", "true")
        self.fails(125, "destination can't be '/'", "run", "--rm", "-v", f"{self.dir}:/", "busybox", "true")
        tmpfs = "type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=700"
        said = self.ok("run", "--rm", "--mount", tmpfs, "busybox", "sh", "-c", "stat -c %a /t; grep ' /t ' /proc/mounts")
        self.assertTrue(said.startswith("700"))
        self.assertIn("size=1024k", said)

    def test_subpath(self):
        if "volume-subpath" in self.docker("create", "--mount", "type=volume,target=/x,volume-subpath=y",
                                           "nosuchimage:x").stderr:
            self.skipTest("this client knows no volume-subpath")
        self.ok("run", "--rm", "-v", f"{self.volume}:/d", "busybox", "sh", "-c",
                "mkdir -p /d/sub; echo in > /d/sub/f; ln -s /etc /d/out; ln -s sub /d/link")
        mount = f"type=volume,source={self.volume},target=/s,volume-subpath="
        self.assertEqual(self.ok("run", "--rm", "--mount", mount + "sub", "busybox", "cat", "/s/f"), "in")
        self.assertEqual(self.ok("run", "--rm", "--mount", mount + "link", "busybox", "cat", "/s/f"), "in")
        for bad in ("out", "nosuch", "../x"):
            self.assertNotEqual(self.docker("run", "--rm", "--mount", mount + bad, "busybox", "ls", "/s").returncode, 0)

    def test_volume_options(self):
        self.ok("volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "-o", "o=size=1m", self.volume)
        said = self.ok("run", "--rm", "-v", f"{self.volume}:/d", "busybox", "grep", " /d ", "/proc/mounts")
        self.assertIn("tmpfs", said)
        self.ok("volume", "rm", self.volume)
        (self.dir / "f").write_text("bound")
        self.ok("volume", "create", "-o", "type=none", "-o", f"device={self.dir}", "-o", "o=bind", self.volume)
        self.assertEqual(self.ok("run", "--rm", "-v", f"{self.volume}:/d", "busybox", "cat", "/d/f"), "bound")
        self.ok("volume", "rm", self.volume)
        self.assertTrue((self.dir / "f").exists())
        self.ok("volume", "create", "-o", "type=none", "-o", "device=/nosuchpath", "-o", "o=bind", self.volume)
        self.fails(125, "failed to mount local volume", "run", "--rm", "-v", f"{self.volume}:/d", "busybox", "true")

    def test_files_of_a_volume_that_is_a_file_system(self):
        (self.dir / "f").write_text("bound")
        self.ok("volume", "create", "-o", "type=none", "-o", f"device={self.dir}", "-o", "o=bind", self.volume)
        self.created("-v", f"{self.volume}:/d", "busybox", "true")
        self.ok("cp", str(self.dir / "f"), f"{self.name}:/d/g")
        self.assertEqual((self.dir / "g").read_text(), "bound")
        self.ok("cp", f"{self.name}:/d/f", str(self.dir / "h"))
        self.assertEqual((self.dir / "h").read_text(), "bound")

    def test_nfs_options_are_passed_on(self):
        self.ok("volume", "create", "-o", "type=nfs", "-o", "device=:/export", "-o", "o=addr=127.0.0.1,nolock,nfsvers=4",
                self.volume)
        self.fails(125, "addr=127.0.0.1,nolock,nfsvers=4", "run", "--rm", "-v", f"{self.volume}:/d", "busybox", "true")

    def test_prune_and_df(self):
        self.ok("volume", "create", "--label", f"x={self.name}", self.volume)
        self.ok("run", "--rm", "-v", f"{self.volume}:/d", "busybox", "sh", "-c", "dd if=/dev/zero of=/d/f bs=1k count=10")
        self.created("busybox", "sh", "-c", "echo 12345 > /f")
        self.ok("start", "-a", self.name)
        self.assertIn("Local Volumes", self.ok("system", "df"))
        self.assertIn(self.volume, self.ok("system", "df", "-v"))
        self.assertIn("6B", self.ok("ps", "-a", "-s", "--filter", f"name={self.name}", "--format", "{{.Size}}"))
        kept = self.ok("volume", "prune", "-f", "--filter", f"label!=x={self.name}")
        self.assertNotIn(self.volume, kept)
        self.assertIn("Total reclaimed space", self.ok("container", "prune", "-f", "--filter", "label=none"))


if __name__ == "__main__":
    blackbox.main(Volumes)
