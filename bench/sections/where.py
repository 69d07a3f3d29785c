# SPDX-License-Identifier: Apache-2.0
"""Where the time goes: system calls of one start, counted by strace over every
process of the engine, and our own runtime's story of it."""
import json
import os
import re
import signal
import subprocess
import time

from lib import memory, runtimes
from lib.engines import IMAGE
from lib.figure import figure

TITLE = "Where the time goes"
PATIENCE = 300
ROW = re.compile(r"^\s*[\d.]+\s+([\d.]+)\s+\d+\s+(\d+)\s+(?:(\d+)\s+)?(\w+)$")
PROCESSES = ("clone", "clone3", "fork", "vfork")


def parse_counts(text):
    """{call: (number, failed, seconds)} of what strace -c writes."""
    found = {}
    for line in text.splitlines():
        row = ROW.match(line)
        if row and row[4] != "total":
            found[row[4]] = (int(row[2]), int(row[3] or 0), float(row[1]))
    return found


def count_of(counts, names):
    return sum(counts[name][0] - counts[name][1] for name in names if name in counts)


def traced(context, engine, words):
    """One command of the client, with the daemon and all that it starts."""
    client, server = context.place / f"{engine.name}.client", context.place / f"{engine.name}.server"
    watcher = None
    pids = memory.processes(engine.own) if engine.own else []
    if pids:
        options = [word for pid in pids for word in ("-p", str(pid))]
        watcher = subprocess.Popen(["strace", "-f", "-c", "-o", server, *options], stderr=subprocess.PIPE)
        watch_begins(pids)
    try:
        subprocess.run(["strace", "-f", "-c", "-o", client, *engine.command(*words)], env=engine.env, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=100)
        time.sleep(1)
    finally:
        if watcher is not None:
            watcher.send_signal(signal.SIGINT)
            watcher.communicate(timeout=60)
    counts = parse_counts(client.read_text())
    for name, values in parse_counts(server.read_text()).items() if pids else ():
        counts[name] = tuple(map(sum, zip(values, counts.get(name, (0, 0, 0)))))
    return counts


def watch_begins(pids):
    """Until strace has every one of them."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        tracers = [line.split()[1] for pid in pids for line in open(f"/proc/{pid}/status", encoding="ascii")
                   if line.startswith("TracerPid")]
        if "0" not in tracers:
            return
        time.sleep(0.05)


def tell(context, name, counts):
    """The sentence of the report."""
    calls = sum(number for number, _, _ in counts.values())
    most = sorted(counts.items(), key=lambda item: -item[1][0])[:6]
    slow = sorted(counts.items(), key=lambda item: -item[1][2])[:4]
    context.notes.append(
        f"{name}: {calls} system calls, {count_of(counts, PROCESSES)} processes and threads made, "
        f"{count_of(counts, ('execve',))} programs executed. Most often: "
        + ", ".join(f"`{call}` {values[0]}" for call, values in most)
        + ". Most of the kernel's time: " + ", ".join(f"`{call}`" for call, _ in slow) + ".")


def of_engines(context):
    calls, tasks, programs = {}, {}, {}
    with context.engines() as engines:
        for name, engine in engines.items():
            engine.call("run", "--rm", IMAGE, "true")
            try:
                counts = traced(context, engine, ("run", "--rm", IMAGE, "true"))
            except (subprocess.SubprocessError, OSError) as error:
                context.notes.append(f"{name} could not be traced: {error}")
                continue
            calls[name] = [sum(values[0] for values in counts.values())]
            tasks[name], programs[name] = [count_of(counts, PROCESSES)], [count_of(counts, ("execve",))]
            tell(context, name, counts)
    method = "strace -c -f over client, daemons and all that they start, during one `run --rm true` on the bridge."
    context.figures.append(figure("calls", "system calls of run --rm true", "calls", calls, method=method))
    context.figures.append(figure("tasks", "processes and threads made by it", "tasks", tasks, method=method))
    context.figures.append(figure("programs", "programs executed by it", "programs", programs, method=method))


def of_runtimes(context):
    samples = {}
    for one in runtimes.all_of(context.place / "oci", context.bin):
        out = context.place / "counts"
        done = subprocess.run(["strace", "-f", "-c", "-o", out, *one.run_words()], check=False,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60)
        if done.returncode != 0:
            context.notes.append(f"{one.name} could not be traced: {done.stderr.decode()[-200:]}")
            continue
        counts = parse_counts(out.read_text())
        samples[one.name] = [sum(values[0] for values in counts.values())]
        tell(context, f"{one.name} (OCI run)", counts)
    context.figures.append(figure("oci-calls", "system calls of an OCI run of true", "calls", samples))


def explained(context, times):
    """The longest steps of our runtime's start, by its own account."""
    one = runtimes.Runtime(runtimes.OURS, context.bin / runtimes.OURS, context.place / "oci")
    steps = {}
    for _ in range(times):
        words = one.words("run", "--explain=json", "--bundle", one.bundle, one.next_id())
        told = subprocess.run(words, capture_output=True, text=True, check=True, env=dict(os.environ)).stderr
        for step in json.loads(told)["steps"]:
            if "took_us" in step and step["depth"] == 0:
                steps.setdefault(f"{step['process']}: {step['what'][:60]}", []).append(step["took_us"])
    medians = sorted(((sorted(values)[len(values) // 2], what) for what, values in steps.items()), reverse=True)
    context.notes.append("docker-cpp-runtime run --explain, the longest steps (medians): "
                         + "; ".join(f"{what} {took / 1000:.2f} ms" for took, what in medians[:8])
                         + ". Steps of the child run within a step of the parent that waits for it.")


def measure(context):
    (context.place / "oci").mkdir()
    of_runtimes(context)
    explained(context, 3 if context.quick else 15)
    of_engines(context)
