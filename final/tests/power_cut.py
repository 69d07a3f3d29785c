#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What was acknowledged survives a power cut.

The data root is an ext4 file system on a loop device. After the command has
answered, and after a delay, FS_IOC_SHUTDOWN without a flush of the journal
throws away all that the disk does not have yet; then the file system is
mounted again and the daemon started, and every byte is compared.

    power_cut.py [DELAY...]     seconds; 0 and 1 when none is given
    power_cut.py --failpoints   dead at each failpoint, and the power cut there:
                                all of it or nothing, and then it works
"""
import fcntl
import hashlib
import io
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "daemon/tests"))
import engine_under_test  # noqa: E402
import time  # noqa: E402

BINARIES = os.environ["DOCKER_CPP_BINARIES"]
SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32), linux/fs.h since 6.17
NO_LOG_FLUSH = 2


class Machine:
    """An engine on a disk whose power can be cut."""

    def __init__(self, disk_megabytes=256, features=(), options="loop"):
        self.options = options
        self.engine = engine_under_test.Engine(BINARIES)
        self.data = self.engine.folder / "data"
        self.data.mkdir()
        self.disk = self.engine.folder / "disk"
        with open(self.disk, "wb") as file:
            file.truncate(disk_megabytes << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", *features, str(self.disk)], check=True)
        try:
            self.mount()
        except subprocess.CalledProcessError:
            self.engine.holder.kill()
            self.engine.holder.wait()
            shutil.rmtree(self.engine.folder)
            raise
        self.engine.start()
        self.registry = None

    def mount(self):
        subprocess.run(["mount", "-o", self.options, str(self.disk), str(self.data)], check=True)

    def umount(self):
        for _ in range(100):
            if subprocess.run(["umount", str(self.data)], capture_output=True).returncode == 0:
                return self.wait_for_the_end()
            time.sleep(0.05)
        raise AssertionError("the data root stays busy")

    def wait_for_the_end(self):
        """Whoever makes a mount namespace meanwhile has a copy of our mount for
        as long, and with it the file system that was shut down."""
        if "loop" not in self.options:
            return
        for _ in range(600):
            if not subprocess.run(["losetup", "-j", str(self.disk)], capture_output=True, check=True).stdout:
                return
            time.sleep(0.1)
        raise AssertionError("somebody still has the file system")

    def serve(self, address="127.0.0.1:5405"):
        """A registry whose disk stays on."""
        place = self.engine.folder
        (place / "registry.yml").write_text(
            f"version: 0.1\nlog: {{level: error}}\nhttp: {{addr: {address}}}\n"
            f"storage: {{filesystem: {{rootdirectory: {place}/registry}}}}\n")
        inside = ["nsenter", f"--net=/proc/{self.engine.holder.pid}/ns/net"]
        with open(place / "registry.log", "w") as log:
            self.registry = subprocess.Popen([*inside, "docker-registry", "serve", str(place / "registry.yml")],
                                             stdout=log, stderr=log)
        for _ in range(400):
            if subprocess.run([*inside, "bash", "-c", f"echo > /dev/tcp/{address.replace(':', '/')}"],
                              capture_output=True).returncode == 0:
                return address
            time.sleep(0.05)
        raise AssertionError((place / "registry.log").read_text())

    def cut(self):
        folder = os.open(self.data, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.ioctl(folder, SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        os.close(folder)
        self.engine.process.kill()
        self.engine.process.wait()
        self.umount()
        self.mount()
        self.engine.start()

    def ask(self, *words, stdin=None):
        return subprocess.run([os.path.join(BINARIES, "docker-cpp"), "-H", "unix://" + self.engine.socket, *words],
                              input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
                              capture_output=True)

    def docker(self, *words, stdin=None):
        done = self.ask(*words, stdin=stdin)
        if done.returncode != 0:
            raise AssertionError(f"{words}: {done.stderr.decode()}")
        return done.stdout

    def tree(self):
        """Digest or target of all that images, layers and volumes hold."""
        found = {}
        for part in ("images", "layers", "volumes", "snapshots"):
            for folder, _, files in os.walk(self.data / part):
                for name in files:
                    path = os.path.join(folder, name)
                    if os.path.islink(path):
                        found[path] = os.readlink(path)
                    elif os.path.isfile(path):
                        found[path] = hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
        return found

    def close(self):
        if self.registry is not None:
            self.registry.kill()
            self.registry.wait()
        self.engine.close()  # empties the folder, but for the mount
        self.umount()
        shutil.rmtree(self.engine.folder, ignore_errors=True)


RECIPE = b"""FROM busybox
RUN echo first > /one
RUN echo second > /two && chmod 600 /two
ENV A=b
"""


def tree_archive():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        entry = tarfile.TarInfo("greeting")
        entry.size = 2
        tar.addfile(entry, io.BytesIO(b"hi"))
    return out.getvalue()


def survives(machine, delay, what, act, check):
    act()
    before = machine.tree()
    time.sleep(delay)
    machine.cut()
    check()
    after = machine.tree()
    lost = {path for path, digest in before.items() if after.get(path) != digest}
    assert not lost, f"{what}, {delay} s: lost or changed: {sorted(lost)[:5]}"
    print(f"ok: {what}, power cut after {delay} s ({len(before)} files)", flush=True)


def expect(words, said):
    assert words in said, said


def sequence(machine, delay):
    run = machine.docker
    archive = pathlib.Path(tempfile.mkstemp()[1])
    try:
        run("run", "--name", "base", "busybox", "sh", "-c", "head -c 3000000 /dev/urandom > /blob; sha256sum < /blob")
        survives(machine, delay, "commit", lambda: run("commit", "base", "made:1"),
                 lambda: run("run", "--rm", "made:1", "sha256sum", "/blob"))
        archive.write_bytes(run("save", "made:1"))
        run("rm", "-f", "base")
        run("rmi", "-f", "made:1")
        survives(machine, delay, "load", lambda: run("load", "-i", str(archive)),
                 lambda: run("run", "--rm", "made:1", "sha256sum", "/blob"))
        survives(machine, delay, "build", lambda: run("build", "-t", "built:1", "-", stdin=RECIPE),
                 lambda: expect(b"second", run("run", "--rm", "built:1", "cat", "/two")))
        survives(machine, delay, "import", lambda: run("import", "-", "brought:1", stdin=tree_archive()),
                 lambda: expect(b"greeting", run("save", "brought:1")))
        run("tag", "made:1", machine.registry_name)
        run("push", machine.registry_name)
        run("rmi", "built:1", "brought:1", machine.registry_name, "made:1")
        survives(machine, delay, "pull", lambda: run("pull", machine.registry_name),
                 lambda: run("run", "--rm", machine.registry_name, "sha256sum", "/blob"))
        run("tag", machine.registry_name, "made:1")
        survives(machine, delay, "tag", lambda: run("tag", "made:1", "other:2"),
                 lambda: run("image", "inspect", "other:2"))
        survives(machine, delay, "create", lambda: run("create", "--name", "kept", "-e", "A=b", "made:1", "env"),
                 lambda: expect(b"A=b", run("start", "-a", "kept")))
        survives(machine, delay, "volume create", lambda: run("volume", "create", "--label", "x=y", "vol"),
                 lambda: expect(b'"x": "y"', run("volume", "inspect", "vol")))
        survives(machine, delay, "snapshot", lambda: run("snapshot", "create", "kept", "one"),
                 lambda: expect(b"one", run("snapshot", "ls", "-q", "kept")))
        survives(machine, delay, "clone", lambda: run("clone", "kept", "cloned"),
                 lambda: expect(b"A=b", run("start", "-a", "cloned")))
        run("rm", "kept", "cloned")
        run("volume", "rm", "vol")
        run("rmi", "-f", "made:1", "other:2", machine.registry_name)
    finally:
        archive.unlink()


# -- at each failpoint ------------------------------------------------------

class Operation:
    """What is done, how it is undone, and how it looks when it is there."""

    def __init__(self, act, undo, image, prepare=lambda machine: None):
        self.act, self.undo, self.image, self.prepare = act, undo, image, prepare

    def there(self, machine):
        return machine.ask("image", "inspect", self.image).returncode == 0


def operations(machine, archive):
    name = machine.registry_name
    return {
        "load": Operation(("load", "-i", str(archive)), ("rmi", "whole:1"), "whole:1"),
        "pull": Operation(("pull", name), ("rmi", name), name),
        "build": Operation(("build", "--no-cache", "-t", "built:1", str(machine.context)), ("rmi", "built:1"), "built:1"),
        "commit": Operation(("commit", "source", "kept:1"), ("rmi", "kept:1"), "kept:1"),
        "tag": Operation(("tag", "busybox", "other:1"), ("rmi", "other:1"), "other:1"),
    }


def points_of(machine, operation):
    """What it passes that is of images, each the first and the last time."""
    log = machine.engine.folder / "points"
    machine.engine.stop()
    log.unlink(missing_ok=True)
    machine.engine.start(DOCKER_CPP_FAILPOINT_LOG=str(log))
    before = log.read_text().split() if log.exists() else []
    machine.docker(*operation.act)
    passed = log.read_text().split()
    machine.docker(*operation.undo)
    machine.engine.stop()
    machine.engine.start()
    points = []
    for name in dict.fromkeys(passed[len(before):]):
        if name.startswith(("image.", "build.")):
            first, last = before.count(name) + 1, passed.count(name)
            points += [(name, count) for count in sorted({first, last})]
    return points


def cut_at(machine, what, operation, point, count):
    machine.engine.stop()
    machine.engine.start(DOCKER_CPP_FAILPOINTS=f"{point}=kill@{count}")
    machine.ask(*operation.act)
    machine.engine.process.wait(timeout=30)
    machine.cut()
    said = f"{what} at {point}@{count}"
    assert "set aside" not in machine.engine.log(), said + machine.engine.log()[-2000:]
    machine.docker("run", "--rm", "busybox", "true")
    whole = operation.there(machine)
    if whole:
        machine.docker("save", "-o", "/dev/null", operation.image)
    check = machine.ask("system", "check")
    assert check.returncode == 0, said + check.stdout.decode() + check.stderr.decode()
    machine.docker(*operation.act)
    assert operation.there(machine), said
    machine.docker(*operation.undo)
    assert not operation.there(machine), said
    assert not os.listdir(machine.data / "staging"), said
    print(f"ok: {said}: {'all' if whole else 'nothing'}", flush=True)


def sweep(machine):
    run = machine.docker
    archive = machine.engine.folder / "archive.tar"
    machine.context = machine.engine.folder / "context"
    machine.context.mkdir()
    (machine.context / "Dockerfile").write_bytes(RECIPE)
    run("run", "--name", "source", "busybox", "sh", "-c", "echo x > /made")
    run("commit", "source", "whole:1")
    run("tag", "whole:1", machine.registry_name)
    run("push", machine.registry_name)
    run("save", "-o", str(archive), "whole:1")
    run("rmi", "whole:1", machine.registry_name)
    for what, operation in operations(machine, archive).items():
        points = points_of(machine, operation)
        assert len(points) > 3, f"{what}: {points}: not a test build?"
        for point, count in points:
            cut_at(machine, what, operation, point, count)
    run("rm", "source")


def main():
    machine = Machine()
    try:
        machine.registry_name = machine.serve() + "/cut:1"
        if "--failpoints" in sys.argv:
            return sweep(machine)
        for delay in [float(word) for word in sys.argv[1:]] or [0, 1]:
            sequence(machine, delay)
    except BaseException:
        print(machine.engine.log()[-3000:])
        raise
    finally:
        machine.close()


if __name__ == "__main__":
    main()
