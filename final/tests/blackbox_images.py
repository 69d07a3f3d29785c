#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""images, tag, rmi, history, load, pull."""
import hashlib
import io
import json
import tarfile
import time
import unittest

import blackbox


def archive(name, files):
    """An image as `docker save` writes one, of one layer with these files."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return image_archive(name, layer.getvalue())


def image_archive(name, layer, command="/x"):
    """The same of a layer that is an archive already."""
    diff = "sha256:" + hashlib.sha256(layer).hexdigest()
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Cmd": [command]},
                         "created": "2020-01-02T03:04:05Z",
                         "rootfs": {"type": "layers", "diff_ids": [diff]},
                         "history": [{"created": "2020-01-02T03:04:05Z", "created_by": "made"}]}).encode()
    config_name = hashlib.sha256(config).hexdigest() + ".json"
    manifest = json.dumps([{"Config": config_name, "RepoTags": [name], "Layers": ["layer.tar"]}]).encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path, content in {config_name: config, "layer.tar": layer, "manifest.json": manifest}.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


class Images(blackbox.Suite):
    def setUp(self):
        super().setUp()
        self.ok("run", "--rm", "busybox", "true")  # so that it is there

    def test_images(self):
        self.assertIn("busybox", self.ok("images", "--format", "{{.Repository}}").split())
        short = self.ok("images", "-q", "busybox:latest")
        self.assertTrue(self.ok("inspect", "--type", "image", "--format", "{{.Id}}", "busybox").startswith("sha256:" + short))

    def test_inspect(self):
        whole = json.loads(self.ok("image", "inspect", "busybox"))[0]
        self.assertIn("busybox:latest", whole["RepoTags"])
        self.assertEqual(whole["Os"], "linux")
        self.assertEqual(whole["RootFS"]["Type"], "layers")
        self.assertTrue(self.ok("history", "-q", "--no-trunc", "busybox").startswith(whole["Id"]))

    def test_tag_and_untag(self):
        tag = f"bb/{self.name}:x"
        self.ok("tag", "busybox", tag)
        self.assertEqual(self.ok("run", "--rm", tag, "echo", "hi"), "hi")
        self.assertIn(f"Untagged: {tag}", self.ok("rmi", tag))
        self.fails(1, "no such image", "rmi", tag)
        self.fails(1, "invalid reference format", "tag", "busybox", "Bad/NAME")
        self.fails(1, "no such image", "tag", "nosuchimage:1", "x:y")

    def test_a_used_image_stays(self):
        self.ok("tag", "busybox", self.name)
        self.addCleanup(lambda: self.docker("rmi", self.name))
        self.ok("create", "--name", self.name, "busybox", "true")
        done = self.docker("rmi", self.ok("images", "-q", "busybox:latest"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("conflict: unable to delete", done.stderr)

    def test_force_takes_names_but_not_what_containers_stand_on(self):
        image = f"bbheld/{self.name}:1"
        self.ok("build", "-t", image, "-", stdin="FROM busybox\nRUN echo kept > /kept\n")
        self.ok("create", "--name", self.name, image, "cat", "/kept")
        done = self.ok("rmi", "-f", image)
        self.assertIn(f"Untagged: {image}", done)
        self.assertIn("Deleted: sha256:", done)
        self.assertEqual(self.ok("images", "-aq", "bbheld/" + self.name), "")
        self.fails(1, "no such image", "rmi", image)
        self.assertEqual(self.ok("start", "-a", self.name), "kept")
        self.ok("rm", self.name)

    def test_force_only_untags_what_runs(self):
        image = f"bbheld/{self.name}:1"
        self.ok("build", "-t", image, "-", stdin="FROM busybox\nRUN echo kept > /kept\n")
        id = self.ok("images", "-q", "--no-trunc", image)
        self.addCleanup(self.docker, "rmi", "-f", id)
        self.ok("run", "-d", "--name", self.name, image, "sleep", "100")
        self.assertEqual(self.ok("rmi", "-f", image), f"Untagged: {image}")
        self.fails(1, "cannot be forced", "rmi", "-f", id)
        self.assertEqual(self.ok("exec", self.name, "cat", "/kept"), "kept")
        self.ok("rm", "-f", self.name)

    def test_load(self):
        name = f"bbload/{self.name}:1"
        data = archive(name, {"file": b"content"})
        self.addCleanup(lambda: self.docker("rmi", name))
        self.assertEqual(self.ok("load", stdin=data, text=False).decode().strip(), f"Loaded image: {name}")
        self.assertEqual(self.ok("image", "inspect", "--format", "{{.Config.Cmd}}", name), "[/x]")

    def test_a_damaged_archive_is_refused(self):
        data = archive(f"bbbad/{self.name}:1", {"file": b"content" * 1000})
        for bad in (data[:2000], data.replace(b"content", b"c0ntent"), b"no archive at all"):
            done = self.docker("load", stdin=bad, text=False)
            self.assertEqual(done.returncode, 1, bad[:20])
        self.assertEqual(self.ok("images", "-q", "bbbad/" + self.name), "")

    def test_pull_of_what_is_there(self):
        if blackbox.UNDER_TEST is None:  # no registry is asked
            self.assertIn("Image is up to date for busybox:latest", self.ok("pull", "busybox"))
        done = self.docker("pull", "127.0.0.1:1/no/such:1")
        self.assertEqual(done.returncode, 1)


@unittest.skipIf(blackbox.UNDER_TEST, "not Docker's")
class OurPrunes(blackbox.Suite):
    def test_the_newest_are_kept(self):
        names = [f"{self.name}:{i}" for i in range(3)]
        for i, name in enumerate(names):
            self.ok("build", "-t", name, "-", stdin=f"FROM busybox\nLABEL {self.name}={i}\n")
            self.addCleanup(self.docker, "rmi", "-f", name)
            time.sleep(1.1)
        ours = ["--filter", "label=" + self.name]
        self.fails(1, "invalid filter 'keep=x'", "image", "prune", "-a", "-f", *ours, "--filter", "keep=x")
        self.ok("image", "prune", "-a", "-f", *ours, "--filter", "keep=2")
        self.assertEqual(sorted(self.ok("images", "--format", "{{.Tag}}", self.name).split()), ["1", "2"])
        self.ok("image", "prune", "-a", "-f", *ours)
        self.assertEqual(self.ok("images", "-q", self.name), "")

    def test_containers_by_their_last_use(self):
        self.ok("run", "--name", self.name, "busybox", "true")
        self.ok("container", "prune", "-f", "--filter", "unused-for=1h")
        self.assertNotEqual(self.ok("ps", "-aq", "--filter", "name=" + self.name), "")
        time.sleep(1.1)
        self.ok("container", "prune", "-f", "--filter", "unused-for=1s")
        self.assertEqual(self.ok("ps", "-aq", "--filter", "name=" + self.name), "")


if __name__ == "__main__":
    blackbox.main(Images, OurPrunes)
