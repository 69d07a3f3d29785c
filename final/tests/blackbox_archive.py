#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""cp, export, import, commit, diff, save: between files and archives."""
import io
import json
import os
import pathlib
import tarfile
import tempfile

import blackbox


class Archives(blackbox.Suite):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)

    def raw(self, *words, stdin=b""):
        """A command whose input or output is an archive."""
        return self.ok(*words, stdin=stdin, text=False)

    def created(self, *words):
        container = self.ok("create", *words)
        self.addCleanup(self.docker, "rm", "-f", "-v", container)
        return container

    def running(self, *words):
        container = self.ok("run", "-d", *words)
        self.addCleanup(self.docker, "rm", "-f", "-v", container)
        return container

    def in_each_state(self):
        """(state, container) for created, running, paused and stopped ones."""
        yield "created", self.created("busybox", "true")
        run = self.running("busybox", "sleep", "1000")
        yield "running", run
        paused = self.running("busybox", "sleep", "1000")
        self.ok("pause", paused)
        yield "paused", paused
        self.ok("unpause", paused)
        stopped = self.running("busybox", "sleep", "1000")
        self.ok("kill", stopped)
        yield "stopped", stopped

    def test_cp_both_ways_in_each_state(self):
        source = self.dir / "in.txt"
        source.write_text("hello\n")
        source.chmod(0o640)
        for state, container in self.in_each_state():
            with self.subTest(state):
                self.ok("cp", str(source), f"{container}:/tmp/")
                self.ok("cp", str(source), f"{container}:/tmp/other")
                back = self.dir / f"back-{state}"
                self.ok("cp", f"{container}:/tmp/other", str(back))
                self.assertEqual(back.read_text(), "hello\n")
                self.assertEqual(back.stat().st_mode & 0o777, 0o640)
                self.fails(1, "/nothing", "cp", f"{container}:/nothing", str(self.dir))

    def test_cp_folders(self):
        container = self.created("busybox", "true")
        tree = self.dir / "tree"
        (tree / "sub").mkdir(parents=True)
        (tree / "sub/file").write_text("x")
        os.symlink("sub/file", tree / "link")
        self.ok("cp", str(tree), f"{container}:/new")           # becomes /new
        self.ok("cp", str(tree), f"{container}:/new")           # goes into /new
        self.ok("cp", f"{tree}/.", f"{container}:/tmp")         # only what is in it
        out = self.dir / "out"
        self.ok("cp", f"{container}:/new", str(out))
        self.assertEqual(sorted(p.relative_to(out).as_posix() for p in out.rglob("*")),
                         ["link", "sub", "sub/file", "tree", "tree/link", "tree/sub", "tree/sub/file"])
        self.assertEqual(os.readlink(out / "link"), "sub/file")
        there = self.dir / "there"
        there.mkdir()
        self.ok("cp", f"{container}:/tmp/.", str(there))
        self.assertEqual(sorted(p.name for p in there.iterdir()), ["link", "sub"])
        self.fails(1, "cannot copy directory", "cp", str(tree), f"{container}:/etc/passwd")
        self.fails(1, "directory", "cp", str(tree / "sub/file"), f"{container}:/etc/passwd/")

    def test_cp_streams(self):
        container = self.created("busybox", "true")
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            entry = tarfile.TarInfo("a/b")
            entry.size, entry.uid, entry.gid, entry.mode = 3, 1000, 1001, 0o4755
            tar.addfile(entry, io.BytesIO(b"abc"))
        self.raw("cp", "-", f"{container}:/tmp", stdin=archive.getvalue())
        with tarfile.open(fileobj=io.BytesIO(self.raw("cp", f"{container}:/tmp/a", "-"))) as tar:
            self.assertEqual([e.name for e in tar], ["a", "a/b"])
            self.assertEqual((tar.getmember("a/b").uid, tar.getmember("a/b").gid), (1000, 1001))
            self.assertEqual(tar.getmember("a/b").mode, 0o4755)
            self.assertEqual(tar.extractfile("a/b").read(), b"abc")

    def test_cp_links_stay_inside(self):
        host = self.dir / "host"
        host.mkdir()
        (host / "file").write_text("of the host")
        container = self.created("busybox", "sh", "-c", "true")
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            link = tarfile.TarInfo("out")
            link.type, link.linkname = tarfile.SYMTYPE, str(host)
            tar.addfile(link)
            entry = tarfile.TarInfo("out/planted")
            tar.addfile(entry, io.BytesIO())
        self.raw("cp", "-", f"{container}:/tmp", stdin=archive.getvalue())
        self.assertEqual([p.name for p in host.iterdir()], ["file"])
        self.assertNotEqual(self.docker("cp", f"{container}:/tmp/out/file", str(self.dir / "got")).returncode, 0)

    def test_cp_in_volumes(self):
        volume = "v-" + self.name.lower().replace("_", "-")[:40]
        self.addCleanup(self.docker, "volume", "rm", "-f", volume)
        container = self.created("-v", f"{volume}:/data", "-v", f"{self.dir}:/bound:ro", "busybox", "cat", "/data/file")
        source = self.dir / "file"
        source.write_text("in the volume")
        self.ok("cp", str(source), f"{container}:/data/file")
        self.fails(1, "read-only", "cp", str(source), f"{container}:/bound/again")
        self.assertEqual(self.ok("start", "-a", container), "in the volume")
        self.ok("cp", f"{container}:/bound/file", str(self.dir / "back"))

    def test_cp_while_paths_are_swapped(self):
        canary = pathlib.Path("/tmp") / ("canary-" + self.name)
        canary.mkdir(exist_ok=True)
        self.addCleanup(canary.rmdir)
        container = self.running(
            "busybox", "sh", "-c",
            f"mkdir -p /s/a; while :; do mv /s/a /s/b; ln -s {canary} /s/a; rm /s/a; mv /s/b /s/a; done")
        source = self.dir / "f"
        source.write_text("x")
        before = canary.stat()
        for i in range(15):
            self.docker("cp", str(source), f"{container}:/s/a/f")
            # A new name each time: what comes out may be the link itself.
            self.docker("cp", f"{container}:/s/a", str(self.dir / f"o{i}"))
        self.assertEqual(list(canary.iterdir()), [])
        self.assertEqual(canary.stat().st_mtime_ns, before.st_mtime_ns)

    def test_diff(self):
        container = self.running("busybox", "sh", "-c",
                                 "echo x > /new; rm -r /bin/vi; mkdir /d; echo y > /d/f; chmod 700 /tmp; sleep 1000")
        self.eventually(lambda: "/tmp" in self.ok("diff", container))
        self.assertEqual(sorted(self.ok("diff", container).split("\n")),
                         ["A /d", "A /d/f", "A /new", "C /bin", "C /tmp", "D /bin/vi"])
        self.fails(1, "No such container", "diff", "nosuchcontainer")

    def test_commit(self):
        tag = "bb/" + self.name.lower() + ":x"
        self.addCleanup(self.docker, "rmi", "-f", tag)
        container = self.running("busybox", "sh", "-c",
                                 "echo made > /file; rm /bin/vi; ln /file /hard; sleep 1000")
        self.eventually(lambda: "/hard" in self.ok("diff", container))
        self.ok("commit", "-a", "me", "-m", "why", "-c", "ENV A=b", "-c", 'CMD ["cat", "/file"]',
                "-c", "LABEL x=y", "-c", "EXPOSE 80", container, tag)
        self.assertEqual(self.ok("run", "--rm", tag), "made")
        self.fails(127, "vi", "run", "--rm", tag, "vi", "--help")
        image = json.loads(self.ok("image", "inspect", tag))[0]
        self.assertIn("A=b", image["Config"]["Env"])
        self.assertEqual(image["Config"]["Labels"], {"x": "y"})
        self.assertIn("80/tcp", image["Config"]["ExposedPorts"])
        self.assertEqual((image["Author"], image["Comment"]), ("me", "why"))
        self.assertEqual(len(image["RootFS"]["Layers"]), 2)
        self.assertEqual(self.ok("inspect", "-f", "{{.State.Status}}", container), "running")
        self.fails(1, "FOO", "commit", "-c", "FOO x", container)

    def test_export_import(self):
        tag = "bb/" + self.name.lower() + ":x"
        self.addCleanup(self.docker, "rmi", "-f", tag)
        container = self.created("-v", "/data", "busybox", "true")
        source = self.dir / "f"
        source.write_text("exported")
        self.ok("cp", str(source), f"{container}:/f")
        archive = self.raw("export", container)
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            names = tar.getnames()
            self.assertIn("bin/busybox", names)
            self.assertEqual(tar.extractfile("f").read(), b"exported")
        self.raw("import", "-c", "CMD [\"cat\", \"/f\"]", "-m", "msg", "-", tag, stdin=archive)
        self.assertEqual(self.ok("run", "--rm", tag), "exported")
        self.assertEqual(json.loads(self.ok("image", "inspect", tag))[0]["Comment"], "msg")
        self.assertEqual(self.docker("import", "-", "bad:1", stdin=b"no archive at all" * 99, text=False).returncode, 1)

    def test_save_is_what_was_loaded(self):
        tag = "bb/" + self.name.lower() + ":x"
        self.addCleanup(self.docker, "rmi", "-f", tag)
        self.ok("run", "--rm", "busybox", "true")
        self.ok("tag", "busybox", tag)
        saved = self.raw("save", "busybox:latest", tag)
        with tarfile.open(fileobj=io.BytesIO(saved)) as tar:
            names = tar.getnames()
            manifest = json.load(tar.extractfile("manifest.json"))
            index = json.load(tar.extractfile("index.json"))
            self.assertEqual(json.load(tar.extractfile("oci-layout")), {"imageLayoutVersion": "1.0.0"})
        self.assertEqual(sorted(manifest[0]["RepoTags"]), sorted(["busybox:latest", tag]))
        self.assertEqual({d["annotations"]["io.containerd.image.name"] for d in index["manifests"]},
                         {"docker.io/library/busybox:latest", "docker.io/" + tag})
        for blob in [manifest[0]["Config"], *manifest[0]["Layers"]]:
            self.assertIn(blob, names)
        again = self.raw("save", "busybox:latest", tag)
        self.assertEqual(saved, again)
        self.assertIn(tag.encode(), self.raw("load", stdin=saved))
        self.fails(1, "no such image", "save", "-o", str(self.dir / "x"), "nosuchimage:1")


if __name__ == "__main__":
    blackbox.main(Archives)
