#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A data root that is full to the last byte: each request ends in a clear
error, nothing is lost, and the same request works when there is room again,
without a restart."""
import os
import pathlib
import subprocess
import tempfile

import power_cut


def fill(machine):
    """Until not even one more block is to be had."""
    # Folders have blocks of their own: those must be gone, too.
    (machine.data / "more").mkdir()
    filler = machine.data / "filler"
    with open(filler, "ab", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(b"f" * size)
            except OSError:
                pass
    try:
        for i in range(100_000):
            (machine.data / "more" / f"{i:0200}").write_bytes(b"x")
    except OSError:
        pass


def free(machine):
    subprocess.run(["rm", "-rf", str(machine.data / "filler"), str(machine.data / "more")], check=True)


def refused(machine, *words):
    try:
        machine.docker(*words)
    except AssertionError as error:
        assert "no space left on device" in str(error).lower(), f"{words}: {error}"
        return
    raise AssertionError(f"{words} worked on a full disk")


def main():
    machine = power_cut.Machine(disk_megabytes=96)
    archive = pathlib.Path(tempfile.mkstemp()[1])
    try:
        run = machine.docker
        run("run", "--name", "base", "busybox", "sh", "-c", "head -c 4000000 /dev/urandom > /blob")
        archive.write_bytes(run("save", "busybox"))
        run("commit", "base", "kept:1")
        before = machine.tree()
        fill(machine)
        for words in (("commit", "base", "made:1"), ("volume", "create", "v1"), ("create", "busybox", "true"),
                      ("import", str(archive), "imported:1")):
            refused(machine, *words)
            print("ok: refused:", *words, flush=True)
        assert {p: d for p, d in machine.tree().items() if "/more/" not in p} == before, "a failure changed something"
        free(machine)
        run("commit", "base", "made:1")
        run("volume", "create", "v1")
        run("run", "--rm", "made:1", "sha256sum", "/blob")
        run("run", "--rm", "kept:1", "true")
        run("load", "-i", str(archive))
        print("ok: works again without a restart")
    except BaseException:
        print(machine.engine.log()[-3000:])
        raise
    finally:
        archive.unlink()
        machine.close()


if __name__ == "__main__":
    os.environ.setdefault("DOCKER_CPP_BINARIES", "")
    main()
