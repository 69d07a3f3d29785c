# SPDX-License-Identifier: Apache-2.0
"""The engines, each on private roots and a private socket. All are asked by
their own client, with their defaults but for where they keep things."""
import os
import pathlib
import signal
import socket
import subprocess
import tarfile
import time

from . import world
from .world import CGROUP_PARENT, Failure

OURS = "docker-cpp"
IMAGE = "busybox:latest"


class Engine:
    """What is common. `pids()` tells which processes belong to the engine
    itself, which serve one container each, and which publish a port."""
    name = ""
    has_api = True

    def __init__(self, place):
        self.place = place / self.name
        self.place.mkdir(parents=True)
        # As in real life, on a tmpfs; and Podman takes 50 characters at most.
        self.run = pathlib.Path(f"/run/bench-{self.name}")
        self.run.mkdir()
        self.env = dict(os.environ)
        self.prefix = []

    def start(self):
        return self

    def stop(self):
        pass

    def command(self, *words):
        return [*self.prefix, *map(str, words)]

    def call(self, *words, patience=300):
        done = subprocess.run(self.command(*words), env=self.env, capture_output=True, text=True, check=False,
                              timeout=patience)
        if done.returncode != 0:
            raise Failure(f"{self.name} {' '.join(map(str, words))}: {done.stderr.strip()[-500:]}")
        return done.stdout.strip()

    def load_busybox(self, archive):
        self.call("import", "--change", 'CMD ["sh"]', archive, IMAGE)

    def remove_all(self):
        found = self.call("ps", "-aq").split()
        for begin in range(0, len(found), 50):
            self.call("rm", "-f", *found[begin:begin + 50], patience=600)

    def pid_of(self, container):
        return int(self.call("inspect", "--format", "{{.State.Pid}}", container))


class WithDaemon(Engine):
    """A daemon with Docker's flags."""
    program = ""
    client = ""
    flags = ()

    def __init__(self, place):
        super().__init__(place)
        self.socket = self.place / "daemon.sock"
        self.log = self.place / "daemon.log"
        self.env["DOCKER_HOST"] = f"unix://{self.socket}"
        self.env["DOCKER_CONFIG"] = str(self.place / "config")
        self.env["DOCKER_BUILDKIT"] = "0"
        self.prefix = [str(self.client)]
        self.process = None

    def start(self, *more):
        command = [self.program, "--data-root", self.place / "data", "--exec-root", self.run, "--pidfile",
                   self.place / "pid", "-H", f"unix://{self.socket}", *self.flags, *more]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.wait_until_ready()
        return self

    def answers(self):
        try:
            with socket.socket(socket.AF_UNIX) as ping:
                ping.settimeout(30)
                ping.connect(str(self.socket))
                ping.sendall(b"GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                return b" 200 " in ping.recv(64)
        except OSError:
            return False

    def wait_until_ready(self, patience=120):
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.answers():
                return
            time.sleep(0.002)
        lines = self.log.read_text(errors="replace").splitlines()[-8:]
        raise Failure(f"{self.program} did not come up:\n" + "\n".join(lines))

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class DockerCpp(WithDaemon):
    name = OURS
    flags = ("--cgroup-parent", f"/{CGROUP_PARENT}-ours")
    own, each, ports = ("docker-cppd",), ("docker-cpp-monitor",), ()
    pullers = ("docker-cppd", "docker-cpp-worker")

    def __init__(self, place, folder):
        self.program, self.client = folder / "docker-cppd", folder / "docker-cpp"
        super().__init__(place)


class Docker(WithDaemon):
    name = "docker"
    program, client = "/usr/sbin/dockerd", "/usr/bin/docker"
    flags = ("--cgroup-parent", f"/{CGROUP_PARENT}")
    own, each, ports = ("dockerd", "containerd"), ("containerd-shim",), ("docker-proxy",)
    pullers = ("dockerd", "containerd", "unpigz")


class Podman(Engine):
    """No daemon; its client is the engine."""
    name = "podman"
    has_api = False
    own, each, ports = (), ("conmon",), ()
    pullers = ("podman",)

    def __init__(self, place):
        super().__init__(place)
        self.prefix = ["/usr/bin/podman", "--root", str(self.place / "data"), "--runroot", str(self.run / "root"),
                       "--tmpdir", str(self.run / "tmp"), "--cgroup-manager", "cgroupfs", "--runtime", "crun",
                       "--storage-driver", "overlay", "--events-backend", "file"]

    def command(self, *words):
        words = list(map(str, words))
        if words[0] in ("run", "create"):
            words[1:1] = ["--cgroup-parent", f"/{CGROUP_PARENT}-podman", "--log-driver", "k8s-file"]
        if words[0] in ("pull", "push"):
            words[1:1] = ["--tls-verify=false"]
        if words[0] == "network" and words[1] == "ls":
            words += ["--noheading"]
        return [*self.prefix, *words]


def busybox_archive(place):
    """The same few files for every engine."""
    root, archive = place / "root", place / "busybox.tar"
    world.make_busybox_root(root)
    with tarfile.open(archive, "w") as tar:
        tar.add(root, arcname=".")
    return archive


class Stable:
    """Engines that are up, have the image, and end with the block:
    `with Stable(place, folder, names) as engines`. One that does not come up
    is left out and says why."""

    def __init__(self, place, folder, names=(OURS, "docker", "podman"), image=True):
        self.place, self.names, self.image = pathlib.Path(place), names, image
        self.make = {OURS: lambda: DockerCpp(self.place, folder), "docker": lambda: Docker(self.place),
                     "podman": lambda: Podman(self.place)}
        self.engines, self.left_out = {}, {}

    def __enter__(self):
        archive = busybox_archive(self.place)
        for name in self.names:
            try:
                engine = self.make[name]()
                self.engines[name] = engine
                engine.start()
                if self.image:
                    engine.load_busybox(archive)
            except (Failure, OSError, subprocess.SubprocessError) as error:
                if name == OURS:
                    self.__exit__()
                    raise
                self.engines.pop(name).stop()
                self.left_out[name] = str(error)
        return self.engines

    def __exit__(self, *_):
        for engine in self.engines.values():
            engine.stop()
