# SPDX-License-Identifier: Apache-2.0
"""Requests of the Engine API over a kept-alive connection."""
import time

from lib.api import Connection
from lib.figure import curve, figure

TITLE = "Requests of the Engine API"
PATIENCE = 400


def per_second(connection, path, seconds):
    for _ in range(20):
        connection.call("GET", path)
    count, begin = 0, time.perf_counter()
    while (took := time.perf_counter() - begin) < seconds:
        connection.call("GET", path)
        count += 1
    return count / took


def one_kind(context, engines, title, name, paths, rounds, seconds):
    links = {n: Connection(e.socket) for n, e in engines.items()}
    samples, left_out = context.turns({n: (lambda _, n=n: per_second(links[n], paths[n], seconds)) for n in engines},
                                      rounds, warm_up=0)
    context.figures.append(figure(name, title, "/s", samples, better="more", left_out=left_out,
                                  method="One after the other by one client, which is a Python program: the answer's "
                                         "reading is part of the time."))
    return samples


def measure(context):
    rounds, seconds = context.rounds(5, 2), 0.3 if context.quick else 1.0
    listed = {}
    with context.engines("docker-cpp", "docker") as engines:
        links = {n: Connection(e.socket) for n, e in engines.items()}
        made = {n: [] for n in engines}
        for count in (1, 10) if context.quick else (1, 10, 50, 200):
            for n in engines:
                while len(made[n]) < count:
                    made[n].append(links[n].create("sleep", "100000"))
                    links[n].start(made[n][-1])
            samples = one_kind(context, engines, f"list of {count} containers", f"api-list-{count}",
                               dict.fromkeys(engines, "/containers/json"), rounds, seconds)
            for n, rates in samples.items():
                listed.setdefault(n, {})[count] = [1000 / rate for rate in rates]
        one_kind(context, engines, "ping", "api-ping", dict.fromkeys(engines, "/_ping"), rounds, seconds)
        one_kind(context, engines, "inspect of one container", "api-inspect",
                 {n: f"/containers/{made[n][0]}/json" for n in engines}, rounds, seconds)
        one_kind(context, engines, "info", "api-info", dict.fromkeys(engines, "/info"), rounds, seconds)
        for engine in engines.values():
            engine.remove_all()
    context.figures.append(curve("api-list", "list of n containers", "ms", "containers", listed))
