#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What was acknowledged survives a power cut.

The data root is an ext4 file system on a loop device. After the command has
answered, and after a delay, FS_IOC_SHUTDOWN without a flush of the journal
throws away all that the disk does not have yet; then the file system is
mounted again and the daemon started, and every byte is compared.

    power_cut.py [DELAY...]     seconds; 0 and 1 when none is given
"""
import fcntl
import hashlib
import os
import pathlib
import shutil
import struct
import subprocess
import sys
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

    def mount(self):
        subprocess.run(["mount", "-o", self.options, str(self.disk), str(self.data)], check=True)

    def umount(self):
        for _ in range(100):
            if subprocess.run(["umount", str(self.data)], capture_output=True).returncode == 0:
                return
            time.sleep(0.05)
        raise AssertionError("the data root stays busy")

    def cut(self):
        folder = os.open(self.data, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.ioctl(folder, SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        os.close(folder)
        self.engine.process.kill()
        self.engine.process.wait()
        self.umount()
        self.mount()
        self.engine.start()

    def docker(self, *words, stdin=None):
        done = subprocess.run([os.path.join(BINARIES, "docker-cpp"), "-H", "unix://" + self.engine.socket, *words],
                              input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
                              capture_output=True)
        if done.returncode != 0:
            raise AssertionError(f"{words}: {done.stderr.decode()}")
        return done.stdout

    def tree(self):
        """Digest or target of all that images, layers and volumes hold."""
        found = {}
        for part in ("images", "layers", "volumes"):
            for folder, _, files in os.walk(self.data / part):
                for name in files:
                    path = os.path.join(folder, name)
                    if os.path.islink(path):
                        found[path] = os.readlink(path)
                    elif os.path.isfile(path):
                        found[path] = hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
        return found

    def close(self):
        self.engine.close()  # empties the folder, but for the mount
        self.umount()
        shutil.rmtree(self.engine.folder, ignore_errors=True)


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
        survives(machine, delay, "tag", lambda: run("tag", "made:1", "other:2"),
                 lambda: run("image", "inspect", "other:2"))
        survives(machine, delay, "create", lambda: run("create", "--name", "kept", "-e", "A=b", "made:1", "env"),
                 lambda: expect(b"A=b", run("start", "-a", "kept")))
        survives(machine, delay, "volume create", lambda: run("volume", "create", "--label", "x=y", "vol"),
                 lambda: expect(b'"x": "y"', run("volume", "inspect", "vol")))
        run("rm", "kept")
        run("volume", "rm", "vol")
        run("rmi", "-f", "made:1", "other:2")
    finally:
        archive.unlink()


def main():
    delays = [float(word) for word in sys.argv[1:]] or [0, 1]
    machine = Machine()
    try:
        for delay in delays:
            sequence(machine, delay)
    except BaseException:
        print(machine.engine.log()[-3000:])
        raise
    finally:
        machine.close()


if __name__ == "__main__":
    main()
