# SPDX-License-Identifier: Apache-2.0
"""The engine itself on disk."""
import pathlib
import re
import shutil
import subprocess

from lib.figure import figure

TITLE = "Size on disk"
PATIENCE = 120
OURS = ("docker-cpp", "docker-cppd", "docker-cpp-runtime", "docker-cpp-monitor", "docker-cpp-worker", "docker-cpp-init")
THEIRS = {"docker": ("docker", "dockerd", "docker-proxy", "docker-init", "containerd", "containerd-shim-runc-v2", "runc"),
          "podman": ("podman", "conmon", "crun", "/usr/lib/cni/bridge", "/usr/lib/cni/portmap", "/usr/lib/cni/firewall",
                     "/usr/lib/cni/host-local", "/usr/lib/cni/loopback", "/usr/lib/cni/tuning")}


def libraries(program):
    """What it is linked with, by the dynamic linker's own account."""
    done = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    return {pathlib.Path(path).resolve() for path in re.findall(r"(/\S+)", done.stdout) if pathlib.Path(path).exists()}


def stripped(program, place):
    copy = place / f"{program.name}.stripped"
    done = subprocess.run(["strip", "-o", copy, program], capture_output=True, check=False)
    size = (copy if done.returncode == 0 else program).stat().st_size
    copy.unlink(missing_ok=True)
    return size / 1e6


def measure(context):
    engines = {"docker-cpp": [context.bin / name for name in OURS]}
    for name, programs in THEIRS.items():
        engines[name] = [pathlib.Path(found) for found in map(shutil.which, programs) if found]
    sizes, shared = {}, {}
    for name, programs in engines.items():
        programs = [program for program in programs if program.exists()]
        sizes[name] = [sum(stripped(program, context.place) for program in programs)]
        shared[name] = [sum(path.stat().st_size for path in set().union(*map(libraries, programs))) / 1e6]
        context.notes.append(f"{name}: " + ", ".join(program.name for program in programs))
    context.figures.append(figure("size", "all programs of the engine, stripped", "MB", sizes))
    context.figures.append(figure("size-shared", "shared libraries that they load", "MB", shared,
                                  method="Which are on most machines anyway."))
