#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--storage-opt size= and volume size, on ext4 with project quota and without:
what is too much is refused by the file system, and clones keep their limit."""
import os
import subprocess

import power_cut

QUOTA = ("-O", "quota,project", "-E", "quotatype=prjquota")
WRITE = "dd if=/dev/zero of={} bs=1M count={} 2>&1"


def fails(machine, words, *command):
    try:
        machine.docker(*command)
    except AssertionError as error:
        assert words.lower() in str(error).lower(), f"{command}: {error}"
        return
    raise AssertionError(f"{command} should have failed")


def with_quota(machine):
    run = machine.docker
    limited = ("--storage-opt", "size=10m")
    run("create", "--name", "small", *limited, "busybox", "sh", "-c", WRITE.format("/f", 6))
    run("start", "-a", "small")
    assert b'"size":"10m"' in run("inspect", "--format", "{{json .HostConfig.StorageOpt}}", "small")
    said = run("run", "--rm", *limited, "busybox", "sh", "-c", WRITE.format("/f", 12) + " && echo fits; true")
    assert b"fits" not in said and (b"No space left" in said or b"quota exceeded" in said), said
    print("ok: what is too much is refused", flush=True)
    run("run", "--rm", "busybox", "sh", "-c", WRITE.format("/f", 12))
    print("ok: who has no limit writes on", flush=True)
    # Renames between the two folders of overlayfs cross no project.
    run("run", "--rm", *limited, "busybox", "sh", "-c", "rm /etc/passwd; mv /bin /bin2; /bin2/mkdir /d; /bin2/mv /d /e")
    print("ok: removing and renaming work under a limit", flush=True)

    run("snapshot", "create", "small", "one")
    run("clone", "small", "copy")
    run("start", "-a", "small")  # writes 6 MiB again, which the frozen ones have already
    state = run("inspect", "--format", "{{.State.ExitCode}}", "small")
    assert state != b"0\n", "frozen layers count for the container that wrote them"
    run("start", "-a", "copy")
    assert run("inspect", "--format", "{{.State.ExitCode}}", "copy") == b"0\n", "a clone has a limit of its own"
    run("snapshot", "restore", "small", "one")
    print("ok: snapshots and clones under limits", flush=True)

    run("volume", "create", "-o", "size=4m", "vol")
    run("run", "--rm", "-v", "vol:/v", "busybox", "sh", "-c", WRITE.format("/v/f", 3))
    fails(machine, "", "run", "--rm", "-v", "vol:/v", "busybox", "sh", "-c", WRITE.format("/v/g", 3))
    run("volume", "rm", "vol")
    run("volume", "create", "vol")  # the limit went with it
    run("run", "--rm", "-v", "vol:/v", "busybox", "sh", "-c", WRITE.format("/v/f", 12))
    print("ok: volumes with a size", flush=True)
    run("rm", "small", "copy")
    assert not os.listdir(machine.data / "snapshots")


def wrong(machine):
    create = ("create", "busybox", "true")
    fails(machine, "Unknown option colour", "create", "--storage-opt", "colour=red", *create[1:])
    for size in ("x", "-1", "10q", "1e400"):
        fails(machine, "invalid size", "create", "--storage-opt", "size=" + size, *create[1:])
    fails(machine, "invalid size", "volume", "create", "-o", "size=much", "bad")


def without_quota(machine):
    fails(machine, "--storage-opt is supported only for overlay over xfs with 'pquota' mount option",
          "create", "--storage-opt", "size=10m", "busybox", "true")
    fails(machine, "quota size requested but no quota support", "volume", "create", "-o", "size=1m", "vol")
    machine.docker("volume", "create", "vol")
    machine.docker("create", "--storage-opt", "size=0", "busybox", "true")
    assert len(machine.engine.names_in("data/containers")) == 1, "what was refused left something"
    print("ok: a clear error where there is no quota", flush=True)


def main():
    for features, options, check in ((QUOTA, "loop,prjquota", with_quota), ((), "loop", without_quota)):
        try:
            machine = power_cut.Machine(disk_megabytes=128, features=features, options=options)
        except subprocess.CalledProcessError:
            assert check is with_quota, "a plain ext4 cannot be mounted"
            # Of the kernel's build (CONFIG_QFMT_V2), so nothing that could be installed.
            print("NOT RUN: this kernel holds nobody to a project quota", flush=True)
            continue
        try:
            wrong(machine)
            check(machine)
        except BaseException:
            print(machine.engine.log()[-3000:])
            raise
        finally:
            machine.close()


if __name__ == "__main__":
    main()
