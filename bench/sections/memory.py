# SPDX-License-Identifier: Apache-2.0
"""Memory of the engines at rest, and what each container adds."""
import concurrent.futures
import time

from lib import memory
from lib.api import Connection
from lib.engines import IMAGE
from lib.figure import curve, figure

TITLE = "Memory"
PATIENCE = 900
METHOD = ("Sums of /proc/PID/smaps_rollup over the processes of the engine. PSS divides shared pages by those who share "
          "them; private is what only that process has; RSS counts all.")


def settled(look, patience=8):
    """The value when it has stopped changing by more than 1 %: engines give
    memory back some time after the work."""
    last = look()
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        time.sleep(1.2)
        now = look()
        if abs(now["pss"] - last["pss"]) <= 0.01 * max(last["pss"], 0.1):
            return now
        last = now
    return last


def idle(context, engines):
    fresh = {n: settled(lambda e=e: memory.of_all(e.own)) for n, e in engines.items() if e.own}
    for engine in engines.values():
        for _ in range(context.rounds(10, 3)):
            engine.call("run", "--rm", IMAGE, "true")
    used = {n: settled(lambda e=e: memory.of_all(e.own)) for n, e in engines.items() if e.own}
    for name, title, values in (("fresh", "just started", fresh), ("idle", "at rest, after it has run containers", used)):
        for kind in memory.KINDS:
            context.figures.append(figure(f"daemon-{name}-{kind}", f"the daemon {title}, {kind.upper()}", "MB",
                                          {n: [one[kind]] for n, one in values.items()}, method=METHOD))


def start_until(engine, running, count):
    if engine.has_api:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            def one(_):
                connection = Connection(engine.socket)
                connection.start(connection.create("sleep", "100000"))
            list(pool.map(one, range(count - running)))
    else:
        for _ in range(count - running):
            engine.call("run", "-d", "--network", "none", IMAGE, "sleep", "100000")


def per_container(context, engine, counts, found):
    """Before the first, and with each number of containers, of the engine
    and of what it keeps per container."""
    before = settled(lambda: memory.of_all(engine.own))
    running = 0
    for count in counts:
        context.say(f"{engine.name}: {count} containers")
        start_until(engine, running, count)
        running = count
        own, each = settled(lambda: memory.of_all(engine.own)), settled(lambda: memory.of_all(engine.each))
        for kind in memory.KINDS:
            found.setdefault(kind, {}).setdefault(engine.name, {})[count] = [
                (each[kind] + max(0.0, own[kind] - before[kind])) / count]
        found.setdefault("growth", {}).setdefault(engine.name, {})[count] = [max(0.001, own["pss"] - before["pss"])]
        found.setdefault("keeper", {}).setdefault(engine.name, {})[count] = [each["pss"] / count]
    engine.remove_all()


def proxies(context, engines):
    """What one published port costs while nobody uses it."""
    samples = {}
    for name, engine in engines.items():
        engine.call("run", "-d", "--name", "published", "-p", "18080:80", IMAGE, "sleep", "100000")
        samples[name] = [settled(lambda e=engine: memory.of_all(e.ports))["pss"] if engine.ports else 0.0]
        engine.call("rm", "-f", "published")
    context.figures.append(figure("published-port", "proxies of one published port, PSS", "MB", samples,
                                  method="docker-cpp and Podman publish by firewall rules alone."))


def measure(context):
    # One engine after the other: nothing here is a time.
    with context.engines() as engines:
        idle(context, engines)
        found = {}
        for name, engine in engines.items():
            counts = (1, 10) if context.quick else (1, 10, 100) if name == "podman" else (1, 10, 100, 500)
            if not (context.quick and name == "podman"):
                per_container(context, engine, counts, found)
        if not context.quick:
            proxies(context, {n: e for n, e in engines.items() if e.has_api})
    for kind in memory.KINDS:
        context.figures.append(curve(f"per-container-{kind}", f"per container, with the daemon's growth, {kind.upper()}",
                                     "MB", "containers", found[kind], method=METHOD))
    context.figures.append(curve("keeper", "the process that keeps one container, PSS", "MB", "containers",
                                 found["keeper"], method="docker-cpp-monitor, containerd-shim, conmon."))
    context.figures.append(curve("daemon-growth", "what the daemon grows by, in all, PSS", "MB", "containers",
                                 {n: v for n, v in found["growth"].items() if n != "podman"}, method=METHOD))
    most = 10 if context.quick else 100
    context.figures.append(figure("per-container", f"per container at {most}, with the daemon's growth, PSS", "MB",
                                  {n: line[most] for n, line in found["pss"].items() if most in line}, method=METHOD))
