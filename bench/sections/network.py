# SPDX-License-Identifier: Apache-2.0
"""Networks: streams, connections and the name server, seen from containers and
from a neighbour on the host's cable."""
import json
import subprocess
import sys
import time

from lib.engines import IMAGE
from lib.figure import curve, figure
from lib.world import Failure

TITLE = "Networks"
PATIENCE = 600
HOST, NEIGHBOUR = "10.200.0.1", "10.200.0.2"

# Run inside a container's network namespace, so that all engines are asked
# by the same program.
SERVE = """
import socket, sys
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("0.0.0.0", int(sys.argv[1]))); s.listen(512); print("up", flush=True)
while True: s.accept()[0].close()
"""
CONNECT = """
import socket, sys, time
where, end, done = (sys.argv[1], int(sys.argv[2])), time.monotonic() + float(sys.argv[3]), 0
while time.monotonic() < end:
    s = socket.create_connection(where, 5); s.recv(1); s.close(); done += 1
print(done / float(sys.argv[3]))
"""
ASK = """
import socket, sys, time
name = b"".join(bytes([len(p)]) + p.encode() for p in sys.argv[1].split(".")) + b"\\0"
query = b"\\x12\\x34\\x01\\0\\0\\1\\0\\0\\0\\0\\0\\0" + name + b"\\0\\1\\0\\1"
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(5); s.connect(("127.0.0.11", 53))
end, done = time.monotonic() + float(sys.argv[2]), 0
while time.monotonic() < end:
    s.send(query); answer = s.recv(512); done += 1
assert answer[7] >= 1, "no address for " + sys.argv[1]
print(done / float(sys.argv[2]))
"""


def make_cable():
    """A machine beside the host, as a network namespace. Returns its pid."""
    holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "ip link set lo up; echo up; exec sleep 100000"],
                              stdout=subprocess.PIPE, text=True)
    holder.stdout.readline()
    for command in (f"ip link add lan0 type veth peer name eth0 netns {holder.pid}", f"ip addr add {HOST}/24 dev lan0",
                    "ip link set lan0 up"):
        subprocess.run(command.split(), check=True)
    for command in (f"ip addr add {NEIGHBOUR}/24 dev eth0", "ip link set eth0 up",
                    f"ip route add default via {HOST}"):
        subprocess.run(["nsenter", "-t", str(holder.pid), "-n", *command.split()], check=True)
    return holder.pid


def in_net(pid, *command):
    done = subprocess.run(["nsenter", "-t", str(pid), "-n", *map(str, command)], capture_output=True, text=True,
                          check=False, timeout=120)
    if done.returncode != 0:
        raise Failure(f"{command[0]}: {(done.stderr.strip() or done.stdout.strip())[-300:]}")
    return done.stdout


class Served:
    """A server in a container's network namespace, while the block lasts."""

    def __init__(self, pid, port, *command):
        self.pid, self.port = pid, port
        self.process = subprocess.Popen(["nsenter", "-t", str(pid), "-n", *map(str, command)],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def listens(self):
        told = in_net(self.pid, "ss", "-Hltn", f"sport = :{self.port}")
        return bool(told.strip())

    def __enter__(self):
        deadline = time.monotonic() + 30
        while not self.listens():
            if time.monotonic() > deadline:
                raise Failure(f"no server on port {self.port}")
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def stream(server, client, address, seconds):
    """Gbit/s, as the receiver counts."""
    with Served(server, 5201, "iperf3", "-s"):
        told = json.loads(in_net(client, "iperf3", "-c", address, "-t", seconds, "-J"))
    if "error" in told:
        raise Failure(f"iperf3 to {address}: {told['error']}")
    return told["end"]["sum_received"]["bits_per_second"] / 1e9


def start(engine, name, *options):
    engine.call("run", "-d", "--name", name, *options, IMAGE, "sleep", "100000")
    return engine.pid_of(name)


def address(engine, name, network):
    return engine.call("inspect", "--format", '{{(index .NetworkSettings.Networks "%s").IPAddress}}' % network, name)


def streams(context, engines, neighbour, rounds, seconds):
    """One engine holds the published port at a time."""
    where = {}
    for name, engine in engines.items():
        engine.call("network", "create", "bench")
        first, second = (start(engine, one, "--network", "bench") for one in ("one", "two"))
        where[name] = (first, second, address(engine, "one", "bench"))
    samples, left_out = context.turns({n: (lambda _, w=w: stream(w[0], w[1], w[2], seconds)) for n, w in where.items()},
                                      rounds, warm_up=0)
    context.figures.append(figure("net-between", "container to container", "Gbit/s", samples, better="more",
                                  left_out=left_out, method="iperf3, one stream, as the receiver counts."))
    asked = {n: w for n, w in where.items() if n != "podman"}
    samples, left_out = context.turns(
        {n: (lambda _, w=w: float(in_net(w[1], sys.executable, "-c", ASK, "one", seconds))) for n, w in asked.items()},
        rounds, warm_up=0)
    context.figures.append(figure("net-dns", "questions to the name server", "/s", samples, better="more",
                                  left_out=left_out, method="One after the other. Debian's Podman has none without a "
                                                            "further plugin."))
    for engine in engines.values():
        engine.call("rm", "-f", "one", "two")
        engine.call("network", "rm", "bench")

    def published(engine):
        server = start(engine, "published", "-p", "5201:5201")
        try:
            return stream(server, neighbour, HOST, seconds)
        finally:
            engine.call("rm", "-f", "published")
    samples, left_out = context.turns({n: (lambda _, e=e: published(e)) for n, e in engines.items()}, rounds, warm_up=0)
    context.figures.append(figure("net-published", "a neighbour through a published port", "Gbit/s", samples,
                                  better="more", left_out=left_out))


def connections(context, engines, neighbour, rounds, seconds):
    def one(engine, ports):
        more = ("-p", f"20000-{19998 + ports}:20000-{19998 + ports}") if ports > 1 else ()
        server = start(engine, "served", "-p", "8080:80", *more)
        try:
            with Served(server, 80, sys.executable, "-c", SERVE, 80):
                return 1000 / float(in_net(neighbour, sys.executable, "-c", CONNECT, HOST, 8080, seconds))
        finally:
            engine.call("rm", "-f", "served")
    points = {}
    for ports in (1, 10) if context.quick else (1, 10, 100, 1000):
        able = {n: e for n, e in engines.items() if ports < 1000 or n == "docker-cpp"}
        samples, _ = context.turns({n: (lambda _, e=e: one(e, ports)) for n, e in able.items()}, rounds, warm_up=0)
        for n, values in samples.items():
            points.setdefault(n, {})[ports] = values
    context.figures.append(curve("net-connect", "one TCP connection through one of n published ports", "ms",
                                 "published ports", points,
                                 method="1,000 only by docker-cpp: Docker starts two proxies for each."))


def measure(context):
    rounds, seconds = context.rounds(3, 1), 1 if context.quick else 2
    neighbour = make_cable()
    with context.engines() as engines:
        streams(context, engines, neighbour, rounds, seconds)
        connections(context, {n: e for n, e in engines.items() if e.has_api}, neighbour, rounds, seconds)
