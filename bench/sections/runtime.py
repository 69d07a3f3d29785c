# SPDX-License-Identifier: Apache-2.0
"""The OCI runtime alone, beside crun, runc and the floor."""
import subprocess

from lib import runtimes
from lib.figure import figure
from lib.turns import Stopwatch

TITLE = "The OCI runtime alone"
PATIENCE = 600
SMALLEST, LARGEST = 32, 16384  # KiB; between them the memory limit is searched


def both(context, name, title, contenders, work, rounds, method=""):
    """A figure of wall time and one of processor time."""
    cpu = {one.name: [] for one in contenders}

    def once(one, number):
        wall, spent = work(one)
        if number >= 0:
            cpu[one.name].append(spent)
        return wall
    samples, left_out = context.turns({one.name: (lambda k, o=one: once(o, k)) for one in contenders}, rounds,
                                      pause=0.01, warm_up=2)
    context.figures.append(figure(name, title, "ms", samples, left_out=left_out, method=method))
    context.figures.append(figure(f"{name}-cpu", f"{title}, processor time", "ms", {n: cpu[n] for n in samples},
                                  method="User and system time of the runtime and of what it waited for."))


def in_a_row(one):
    with Stopwatch() as watch:
        spent = sum(one.run()[1] for _ in range(100))
    return watch.ms, spent


def at_once(one, count=50):
    with Stopwatch() as watch:
        crowd = [subprocess.Popen(one.run_words(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) for _ in range(count)]
        if any([process.wait() for process in crowd]):
            raise subprocess.SubprocessError(f"one of {count} at once failed")
    return watch.ms, 0.0


def executions(context, contenders, rounds):
    runtimes.configure(context.place, ["sleep", "100000"])
    for one in contenders:
        one.do("run", "--detach", "--bundle", one.bundle, f"bench-{one.name}-long")
    runtimes.configure(context.place, ["true"])
    both(context, "oci-exec", "OCI exec of true", contenders, lambda one: one.exec(), rounds)
    for one in contenders:
        one.do("delete", "--force", f"bench-{one.name}-long")


def resident_mb(one):
    """The kernel's own count of the largest, by GNU time, whose own size is
    below all that is measured: whoever forks counts until it executes."""
    sizes = []
    for _ in range(5):
        done = subprocess.run(["/usr/bin/time", "-f", "%M", *one.run_words()], capture_output=True, text=True, check=True)
        sizes.append(int(done.stderr.split()[-1]) / 1024)
    return sizes


def smallest_limit_kib(one, place):
    def works(limit):
        runtimes.configure(place, ["true"], limit)
        return all(subprocess.run(one.run_words(), capture_output=True, timeout=60, check=False).returncode == 0
                   for _ in range(3))
    low, high = SMALLEST, LARGEST
    if not works(high):
        return None
    while high - low > 16:
        middle = (low + high) // 32 * 16
        low, high = (low, middle) if works(middle) else (middle, high)
    runtimes.configure(place, ["true"])
    return high


def measure(context):
    contenders = runtimes.all_of(context.place, context.bin)
    real = [one for one in contenders if not isinstance(one, runtimes.Floor)]
    if len(real) == len(contenders):
        context.notes.append("The floor is missing: build the target `benchmarks`.")
    both(context, "oci-run", "OCI run of true", contenders, lambda one: one.run(), context.rounds(100, 20),
         "The floor does the same kernel work (namespaces, cgroup, overlay, mounts, exec, wait) and nothing else.")
    executions(context, real, context.rounds(60, 10))
    if context.quick:
        return
    both(context, "oci-lifecycle", "OCI create, start and delete", real, lambda one: one.lifecycle(), context.rounds(40, 0))
    both(context, "oci-row", "100 OCI runs in a row", contenders, in_a_row, context.rounds(4, 0))
    samples, left_out = context.turns({one.name: (lambda _, o=one: at_once(o)[0]) for one in contenders},
                                      context.rounds(8, 0), pause=0.2)
    context.figures.append(figure("oci-crowd", "50 OCI runs at once", "ms", samples, left_out=left_out))
    context.figures.append(figure("oci-rss", "largest resident size of an OCI run", "MB",
                                  {one.name: resident_mb(one) for one in real}))
    limits = {one.name: smallest_limit_kib(one, context.place) for one in real}
    context.figures.append(figure("oci-limit", "smallest memory limit in which true runs", "KiB",
                                  {name: [limit] for name, limit in limits.items() if limit},
                                  left_out={name: "runs in none" for name, limit in limits.items() if not limit}))
