# SPDX-License-Identifier: Apache-2.0
"""A small world for each part of a comparison: namespaces of its own, so that
the engines' bridges, firewall rules, mounts and sockets never exist on the
host, an engine already running there is never touched, and the kernel ends
all that was started however the part ends."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys

HOUSE = pathlib.Path(__file__).resolve().parent.parent.parent
SCRATCH = HOUSE / "build/bench"
CGROUP_PARENT = "docker-cpp-bench"
# What Podman and containers' tools share between all that run on one machine.
HIDDEN = ("/run", "/dev/shm", "/var/lib/cni", "/etc/cni/net.d", "/etc/containers")


class Failure(Exception):
    """A part of the comparison could not be made."""


def run(command, patience):
    """Runs a Python program as the init of its own world. Returns its exit
    status, or None when it had to be ended."""
    process = subprocess.Popen(["unshare", "--net", "--mount", "--ipc", "--uts", "--pid", "--fork",
                                "--kill-child=SIGKILL", "--mount-proc", sys.executable, "-B", *map(str, command)])
    try:
        return process.wait(patience)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        remove_cgroups()


def be_init():
    """The first process of a process namespace inherits all orphans and has
    to reap them, so the work is done by a child. Returns in that child."""
    if os.getpid() != 1:
        raise Failure("not the first process of a world: use tools/bench")
    worker = os.fork()
    if worker == 0:
        # On ^C the parent outside ends this world.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        pid, status = os.wait()
        if pid == worker:
            os._exit(os.waitstatus_to_exitcode(status) & 0xff)


def settle_in():
    """The namespaces are new: loopback is down, and mounts are our own."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    for folder in HIDDEN:
        if pathlib.Path(folder).is_dir():
            subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=True)
    write_container_tools_configuration()
    unified = pathlib.Path("/sys/fs/cgroup/unified")
    controllers = unified / "cgroup.controllers"
    if controllers.exists() and controllers.read_text().strip():
        # crun refuses a v1 machine with controllers left to v2.
        subprocess.run(["umount", unified], check=True)


def write_container_tools_configuration():
    """Podman's, into the hidden folder: only what it insists on."""
    folder = pathlib.Path("/etc/containers")
    if folder.is_dir():
        (folder / "policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
        (folder / "registries.conf").write_text('unqualified-search-registries = []\n')


def remove_cgroups():
    """The folders that engines leave; what was in them is long gone."""
    top = pathlib.Path("/sys/fs/cgroup")
    for parent in [*top.glob(f"{CGROUP_PARENT}*"), *top.glob(f"*/{CGROUP_PARENT}*")]:
        for folder, _, _ in os.walk(parent, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                pass  # another run is using it


def make_busybox_root(root, applets=("sh", "true", "sleep", "echo", "yes", "head", "cat", "mkdir", "seq")):
    (root / "bin").mkdir(parents=True)
    shutil.copy2("/bin/busybox", root / "bin/busybox")
    for applet in applets:
        (root / "bin" / applet).symlink_to("busybox")
    for folder in ("dev", "etc", "proc", "sys", "tmp"):
        (root / folder).mkdir()
