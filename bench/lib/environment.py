# SPDX-License-Identifier: Apache-2.0
"""On what machine, in what state, with which versions: what a reader needs to
judge figures, and what tells that the machine was not quiet."""
import datetime
import hashlib
import os
import pathlib
import platform
import subprocess
import time

from . import stats
from .world import HOUSE

NOISY_SPREAD = 0.25  # the control loop's slow tenth against its fast tenth
NOISY_LOAD = 0.5     # others' share of the processors before we begin
NOISY_STEAL = 0.02   # taken by the machine under this machine
PACKAGES = ("docker.io", "containerd", "podman", "crun", "runc", "conmon", "iperf3", "libc6", "libseccomp2")
BLOCK = b"0123456789abcdef" * 4096


def control_loop(times=30):
    """Milliseconds of always the same work: what it varies by, the machine
    varies by."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        for _ in range(20):
            hashlib.sha256(BLOCK).digest()
        took.append((time.perf_counter() - start) * 1000)
    return took


def processor_times():
    fields = [int(word) for word in pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    return {"all": sum(fields), "steal": fields[7]}


def text_of(path):
    try:
        return pathlib.Path(path).read_text().strip()
    except OSError:
        return None


def processor():
    lines = (text_of("/proc/cpuinfo") or "").splitlines()
    pairs = dict(line.split(":", 1) for line in reversed(lines) if ":" in line)
    found = {key.strip(): value.strip() for key, value in pairs.items()}
    scaling = "/sys/devices/system/cpu/cpu0/cpufreq/"
    return {"model": found.get("model name", platform.machine()), "count": os.cpu_count(),
            "mhz": found.get("cpu MHz"), "governor": text_of(scaling + "scaling_governor"),
            "turbo_off": text_of("/sys/devices/system/cpu/intel_pstate/no_turbo"),
            "hypervisor": "hypervisor" in found.get("flags", "").split()}


def version_of(package):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


def commit():
    done = subprocess.run(["git", "describe", "--always", "--dirty", "--abbrev=12"], cwd=HOUSE, capture_output=True,
                          text=True, check=False)
    return done.stdout.strip() or None


def file_system(folder):
    done = subprocess.run(["stat", "-f", "-c", "%T", folder], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def memory_mb():
    for line in (text_of("/proc/meminfo") or "").splitlines():
        if line.startswith("MemTotal"):
            return int(line.split()[1]) // 1024
    return None


def describe():
    """At the beginning of a run."""
    controllers = sorted(path.name for path in pathlib.Path("/sys/fs/cgroup").glob("*") if path.is_dir())
    return {"when": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "kernel": platform.release(), "system": platform.freedesktop_os_release().get("PRETTY_NAME"),
            "processor": processor(), "memory_mb": memory_mb(),
            "cgroups": "v2" if pathlib.Path("/sys/fs/cgroup/cgroup.controllers").exists() else "v1",
            "cgroup_folders": controllers, "file_system": file_system(HOUSE),
            "load_before": os.getloadavg()[0], "commit": commit(),
            "versions": {name: version_of(name) for name in PACKAGES}}


class Noise:
    """Watches the machine over a run."""

    def __init__(self):
        self.control = control_loop()
        self.begun = processor_times()
        self.load_before = os.getloadavg()[0]

    def look(self):
        self.control += control_loop(10)

    def verdict(self):
        now = processor_times()
        steal = (now["steal"] - self.begun["steal"]) / max(1, now["all"] - self.begun["all"])
        found = {"control_ms": self.control, "control_spread": stats.spread(self.control), "steal": steal,
                 "load_before": self.load_before}
        return {**found, "reasons": reasons(found)}


def reasons(found, processors=None):
    """Why the machine counts as noisy; nothing: it does not."""
    processors = processors or os.cpu_count()
    why = []
    if found["control_spread"] > NOISY_SPREAD:
        why.append(f"the same work took {found['control_spread']:.0%} longer in its slow tenth than in its fast tenth")
    if found["load_before"] > NOISY_LOAD * processors:
        why.append(f"the load was {found['load_before']:.1f} on {processors} processors before we began")
    if found["steal"] > NOISY_STEAL:
        why.append(f"the machine beneath took {found['steal']:.1%} of the processors' time")
    return why
