# SPDX-License-Identifier: Apache-2.0
"""docker-cpp-runtime in the place of runc: Debian's Podman, dockerd and
containerd run, limit, look into, freeze, change and remove containers by it.

    dropin.py podman|docker|containerd [TEST]...

Each engine lives on roots of its own, in network, mount and process namespaces
of its own: when the test ends, however it ends, the kernel ends all of it.
RUNTIME names the program; RUNTIME=runc shows what the original does.
"""
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

RUNTIME = shutil.which(os.environ.get("RUNTIME", "docker-cpp-runtime")) or ""
INSIDE = "DROPIN_INSIDE"
CGROUP = f"docker-cpp-dropin-{os.environ.get(INSIDE, '')}"
APPLETS = ("sh", "true", "sleep", "echo", "cat", "id", "ls", "ps", "stat",
           "stty", "head", "dd", "kill", "grep", "wc", "readlink")
V1_MEMORY = pathlib.Path("/sys/fs/cgroup/memory")


def enter_namespaces():
    """Runs this very script again in a small world of its own."""
    command = ["unshare", "--net", "--mount", "--ipc", "--pid", "--fork",
               "--kill-child", "--mount-proc", sys.executable, *sys.argv]
    environment = {**os.environ, INSIDE: str(os.getpid())}
    return subprocess.run(command, env=environment, check=False).returncode


def be_init():
    """A process namespace's first process has to reap the orphans; returns in
    the child that does the work."""
    worker = os.fork()
    if worker == 0:
        return
    while True:
        pid, status = os.wait()
        if pid == worker:
            os._exit(os.waitstatus_to_exitcode(status) & 0xff)


def make_root(folder):
    (folder / "bin").mkdir(parents=True)
    shutil.copy2("/bin/busybox", folder / "bin/busybox")
    for applet in APPLETS:
        (folder / "bin" / applet).symlink_to("busybox")
    for name in ("dev", "etc", "proc", "sys", "tmp"):
        (folder / name).mkdir()
    (folder / "tmp").chmod(0o1777)
    (folder / "etc/passwd").write_text("root:x:0:0::/:/bin/sh\n"
                                       "app:x:1815:7::/:/bin/sh\n")
    (folder / "etc/group").write_text("root:x:0:\napp:x:7:\n")
    return folder


def remove_cgroups(name):
    """What an engine leaves: its own folders above those of containers."""
    for top in pathlib.Path("/sys/fs/cgroup").glob(f"**/{name}*"):
        for folder, _, _ in os.walk(top, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                pass


def cgroup_file(container, controller, name_v1, name_v2):
    """What a limit's file says, wherever the engine has put the container."""
    for folder in pathlib.Path("/sys/fs/cgroup").glob(f"**/{CGROUP}/**/*{container}*"):
        for name in (name_v1, name_v2):
            file = folder / name
            if file.exists():
                return file.read_text().strip()
    raise AssertionError(f"no {controller} cgroup of {container}")


class Terminal:
    """A program on a pseudo terminal."""

    def __init__(self, command, environment):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave,
                                        stderr=slave, env=environment,
                                        start_new_session=True)
        os.close(slave)
        self.shown = ""

    def type(self, text):
        os.write(self.master, text.encode())

    def until(self, pattern, seconds=15):
        end = time.monotonic() + seconds
        while not re.search(pattern, self.shown):
            ready, _, _ = select.select([self.master], [], [],
                                        max(0, end - time.monotonic()))
            try:
                more = os.read(self.master, 4096) if ready else b""
            except OSError:
                more = b""
            if not more:
                raise AssertionError(f"{pattern!r} did not appear, but: "
                                     f"{self.shown!r}")
            self.shown += more.decode(errors="replace")

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)


class Engine(unittest.TestCase):
    """What the three have in common."""
    program = ""
    place = None
    count = 0

    @classmethod
    def setUpClass(cls):
        if shutil.which(cls.program) is None:
            if os.environ.get("DOCKER_CPP_REQUIRE_ALL") == "1":
                raise AssertionError(f"{cls.program} is not installed")
            raise unittest.SkipTest(f"{cls.program} is not installed")
        cls.place = pathlib.Path(tempfile.mkdtemp(prefix="dropin-"))
        cls.root = make_root(cls.place / "rootfs")
        cls.begin()

    @classmethod
    def tearDownClass(cls):
        cls.end()
        subprocess.run(["umount", "-R", "-l", cls.place], capture_output=True,
                       check=False)
        shutil.rmtree(cls.place, ignore_errors=True)
        remove_cgroups(CGROUP)

    def setUp(self):
        Engine.count += 1
        self.name = f"dropin{os.getpid()}x{Engine.count}"
        self.addCleanup(self.clean, self.name)

    @classmethod
    def start_daemon(cls, argv, address):
        cls.log = open(cls.place / "daemon.log", "wb")
        cls.daemon = subprocess.Popen([str(a) for a in argv], stdout=cls.log,
                                      stderr=cls.log, stdin=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while time.monotonic() < end and cls.daemon.poll() is None:
            try:
                with socket.socket(socket.AF_UNIX) as probe:
                    probe.connect(str(address))
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError((cls.place / "daemon.log").read_text()[-2000:])

    @classmethod
    def stop_daemon(cls):
        cls.daemon.send_signal(signal.SIGTERM)
        try:
            cls.daemon.wait(15)
        except subprocess.TimeoutExpired:
            cls.daemon.kill()
            cls.daemon.wait()
        cls.log.close()

    @classmethod
    def call(cls, *words, stdin=None):
        how = {"input": stdin} if stdin is not None else {
            "stdin": subprocess.DEVNULL}
        return subprocess.run([*map(str, cls.client()), *map(str, words)],
                              capture_output=True, text=True, timeout=30,
                              env=cls.environment(), check=False,
                              cwd=cls.place, **how)  # conmon leaves files

    @classmethod
    def environment(cls):
        return {k: v for k, v in os.environ.items()
                if not k.startswith("DOCKER_")}

    def ok(self, *words, stdin=None):
        done = self.call(*words, stdin=stdin)
        self.assertEqual(done.returncode, 0, f"{words}: {done.stderr}")
        return done.stdout

    def eventually(self, check, what, seconds=10):
        end = time.monotonic() + seconds
        while not check():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.05)


class DockerLike(Engine):
    """Podman and Docker, whose commands are the same."""
    run_flags = ()
    at_once = ()  # what keeps `rm` from waiting for a program to stop

    def run_container(self, *words, stdin=None):
        return self.call("run", *self.run_flags, "--name", self.name, *words,
                         stdin=stdin)

    def detached(self, *flags, command=("sleep", "600")):
        done = self.run_container("-d", *flags, self.image, *command)
        self.assertEqual(done.returncode, 0, done.stderr)

    def clean(self, name):
        self.call("rm", "-f", *self.at_once, name)

    def status(self):
        return self.ok("inspect", "-f", "{{.State.Status}}", self.name).strip()

    def test_run_gives_output_and_exit_code(self):
        done = self.run_container("--rm", self.image, "sh", "-c",
                                  "echo out; echo err >&2; exit 7")
        self.assertEqual((done.stdout, done.returncode), ("out\n", 7))
        self.assertIn("err", done.stderr)

    def test_what_cannot_be_executed(self):
        self.assertEqual(self.run_container("--rm", self.image, "nosuch")
                         .returncode, 127)
        self.assertEqual(self.run_container("--rm", self.image, "/etc/passwd")
                         .returncode, 126)

    def test_input_reaches_the_program(self):
        done = self.run_container("--rm", "-i", self.image, "cat", stdin="word")
        self.assertEqual(done.stdout, "word", done.stderr)

    def test_exec(self):
        self.detached()
        self.assertEqual(self.ok("exec", "-u", "app", "-e", "A=1", "-w", "/tmp",
                                 self.name, "sh", "-c", "id -u; echo $A; pwd"),
                         "1815\n1\n/tmp\n")
        self.assertEqual(self.call("exec", self.name, "sh", "-c", "exit 5")
                         .returncode, 5)
        # Docker 20.10 says 126 to both, whatever the runtime.
        self.assertIn(self.call("exec", self.name, "nosuch").returncode,
                      (126, 127))
        self.assertEqual(self.ok("exec", "-i", self.name, "cat", stdin="in"),
                         "in")
        self.ok("exec", "-d", self.name, "sh", "-c", "echo x > /tmp/mark")
        self.eventually(lambda: "mark" in self.ok("exec", self.name, "ls",
                                                  "/tmp"), "the mark")

    def test_terminals(self):
        flags = [*map(str, self.client()), "run", *self.run_flags, "--rm",
                 "--name", self.name, "-it", self.image, "sh"]
        terminal = Terminal(flags, self.environment())
        self.addCleanup(terminal.close)
        terminal.type("test -t 0 && echo is-a-$((1))-tty\n")
        terminal.until("is-a-1-tty")
        terminal.type("exit 3\n")
        self.assertEqual(terminal.process.wait(15), 3)

    def test_exec_terminals(self):
        self.detached()
        terminal = Terminal([*map(str, self.client()), "exec", "-it", self.name,
                             "sh"], self.environment())
        self.addCleanup(terminal.close)
        terminal.type("test -t 0 && echo is-a-$((1))-tty; exit 4\n")
        terminal.until("is-a-1-tty")
        self.assertEqual(terminal.process.wait(15), 4)

    def test_limits_and_update(self):
        self.detached("--memory", "64m", "--pids-limit", "50",
                      "--cpu-shares", "512")
        container = self.ok("inspect", "-f", "{{.Id}}", self.name).strip()
        memory = ("memory", "memory.limit_in_bytes", "memory.max")
        self.assertEqual(cgroup_file(container, *memory), str(64 << 20))
        self.assertEqual(cgroup_file(container, "pids", "pids.max", "pids.max"),
                         "50")
        self.update_memory()
        self.assertEqual(cgroup_file(container, *memory), str(96 << 20))

    def update_memory(self):
        self.ok("update", "--memory", "96m", "--memory-swap", "192m", self.name)

    def test_pause(self):
        self.detached()
        self.ok("pause", self.name)
        self.assertEqual(self.status(), "paused")
        self.ok("unpause", self.name)
        self.assertEqual(self.status(), "running")
        self.ok("exec", self.name, "true")

    def test_stop_kill_start_again(self):
        self.detached(command=("sh", "-c",
                               "trap 'exit 9' TERM; while :; do sleep 0.1; done"))
        time.sleep(0.3)
        self.ok("stop", "-t", "5", self.name)
        self.assertEqual(self.ok("inspect", "-f", "{{.State.ExitCode}}",
                                 self.name).strip(), "9")
        self.ok("start", self.name)
        self.assertEqual(self.status(), "running")
        self.ok("kill", self.name)
        self.eventually(lambda: self.status() == "exited", "exited")
        self.ok("rm", self.name)

    def test_out_of_memory_ends_the_container(self):
        done = self.run_container("--memory", "16m", "--memory-swap", "16m",
                                  self.image, "dd", "if=/dev/zero",
                                  "of=/dev/null", "bs=64M", "count=1")
        self.assertEqual(done.returncode, 137, done.stderr)
        # Podman 4.3 does not tell on cgroup v1, whatever the runtime.
        if self.program == "dockerd":
            self.assertEqual(self.ok("inspect", "-f", "{{.State.OOMKilled}}",
                                     self.name), "true\n")

    def test_top_and_stats(self):
        self.detached()
        self.assertIn("sleep", self.ok("top", self.name))
        self.assertIn(self.name, self.ok(
            "stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}",
            self.name))

    def test_namespaces_of_another_container(self):
        self.detached("--hostname", "first")
        other = self.name + "b"
        self.addCleanup(self.clean, other)
        done = self.call("run", *self.run_flags, "--rm", "--name", other,
                         "--pid", f"container:{self.name}", self.image, "ps")
        self.assertIn("sleep", done.stdout, done.stderr)

    def test_hardening(self):
        done = self.run_container(
            "--rm", "--read-only", "--cap-drop", "ALL", "--user", "app",
            "--security-opt", "no-new-privileges", "--tmpfs", "/tmp",
            "--ulimit", "nofile=77:77", self.image, "sh", "-c",
            "ulimit -n; grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status;"
            "echo x > /x || echo read-only; echo y > /tmp/y && cat /tmp/y")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout.replace("\t", " "),
                         "77\nCapEff: 0+\nNoNewPrivs: 1\nSeccomp: 2\n"
                         "read-only\ny\n")


class Podman(DockerLike):
    program = "podman"
    image = "localhost/dropin"
    at_once = ("-t", "0")
    run_flags = ("--network", "none", "--cgroup-parent", "/" + CGROUP)

    @classmethod
    def client(cls):
        return ["podman", "--root", cls.place / "store", "--runroot",
                cls.place / "run", "--tmpdir", cls.place / "tmp",
                "--cgroup-manager", "cgroupfs", "--events-backend", "file",
                "--storage-driver", "vfs", "--runtime", RUNTIME]

    @classmethod
    def begin(cls):
        archive = cls.place / "root.tar"
        subprocess.run(["tar", "-C", cls.root, "-cf", archive, "."], check=True)
        done = cls.call("import", archive, cls.image)
        assert done.returncode == 0, done.stderr

    @classmethod
    def end(cls):
        cls.call("rm", "-af", "-t", "0")

    def test_pods_share_namespaces(self):
        look = "readlink /proc/self/ns/net; readlink /proc/self/ns/ipc"
        self.detached("--hostname", "first", "--ipc", "shareable")
        other = self.name + "b"
        self.addCleanup(self.clean, other)
        done = self.call("run", *self.run_flags[2:], "--rm", "--name", other,
                         "--network", f"container:{self.name}", "--ipc",
                         f"container:{self.name}", self.image, "sh",
                         "-c", look)
        mine = self.ok("exec", self.name, "sh", "-c", look)
        self.assertEqual(done.stdout, mine, done.stderr)


class Docker(DockerLike):
    program = "dockerd"
    image = "dropin"
    run_flags = ("--network", "none")

    @classmethod
    def client(cls):
        return ["/usr/bin/docker", "-H", f"unix://{cls.place}/sock"]

    @classmethod
    def begin(cls):
        (cls.place / "daemon.json").write_text("{}")
        cls.start_daemon(
            ["dockerd", "--data-root", cls.place / "data", "--exec-root",
             cls.place / "exec", "--pidfile", cls.place / "pid", "-H",
             f"unix://{cls.place}/sock", "--bridge", "none", "--iptables=false",
             "--ip-forward=false", "--storage-driver", "vfs", "--cgroup-parent",
             "/" + CGROUP, "--config-file", cls.place / "daemon.json", "--add-runtime",
             f"dropin={RUNTIME}", "--default-runtime", "dropin"],
            cls.place / "sock")
        archive = cls.place / "root.tar"
        subprocess.run(["tar", "-C", cls.root, "-cf", archive, "."], check=True)
        done = cls.call("import", archive, cls.image)
        assert done.returncode == 0, done.stderr

    @classmethod
    def end(cls):
        cls.stop_daemon()

    def test_the_runtime_is_ours(self):
        self.detached()
        self.assertEqual(self.ok("inspect", "-f", "{{.HostConfig.Runtime}}",
                                 self.name), "dropin\n")

    def test_a_message_of_the_runtime_reaches_the_user(self):
        done = self.run_container("--rm", self.image, "nosuch")
        self.assertIn('exec: "nosuch": executable file not found in $PATH',
                      done.stderr)


class Containerd(Engine):
    program = "ctr"

    @classmethod
    def client(cls):
        return ["ctr", "-a", cls.place / "sock", "-n", "dropin"]

    @classmethod
    def begin(cls):
        (cls.place / "config.toml").write_text(
            'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri", '
            '"io.containerd.snapshotter.v1.btrfs", '
            '"io.containerd.snapshotter.v1.zfs"]\n'
            f'root = "{cls.place}/root"\nstate = "{cls.place}/state"\n'
            f'[grpc]\naddress = "{cls.place}/sock"\n')
        cls.start_daemon(["containerd", "-c", cls.place / "config.toml"],
                         cls.place / "sock")

    @classmethod
    def end(cls):
        cls.stop_daemon()

    def run_container(self, *flags, command=("true",)):
        return self.call("run", *self.flags(), *flags, "--rootfs", self.root,
                         self.name, *command)

    def flags(self):
        return ("--runc-binary", RUNTIME, "--runc-root",
                self.place / "runc", "--cgroup", f"/{CGROUP}/{self.name}")

    def detached(self, *flags):
        done = self.run_container("-d", "--null-io", *flags,
                                  command=("sleep", "600"))
        self.assertEqual(done.returncode, 0, done.stderr)

    def clean(self, name):
        self.call("tasks", "kill", "-s", "KILL", "--all", name)
        end = time.monotonic() + 5
        while self.call("tasks", "rm", "-f", name).returncode != 0 and \
                name in self.call("tasks", "ls").stdout and \
                time.monotonic() < end:
            time.sleep(0.05)
        self.call("containers", "rm", name)

    def status(self):
        found = re.search(rf"^{self.name}\s+\d+\s+(\w+)",
                          self.ok("tasks", "ls"), re.M)
        return found[1] if found else None

    def test_run_gives_output_and_exit_code(self):
        done = self.run_container("--rm", command=(
            "sh", "-c", "echo out; echo err >&2; exit 7"))
        self.assertEqual((done.stdout, done.stderr, done.returncode),
                         ("out\n", "err\n", 7))

    def test_what_cannot_be_executed_is_named(self):
        done = self.run_container("--rm", command=("nosuch",))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('exec: "nosuch": executable file not found in $PATH',
                      done.stderr)

    def test_exec_and_ps(self):
        self.detached()
        done = self.call("tasks", "exec", "--exec-id", "one", "--cwd", "/tmp",
                         "--user", "app", self.name, "sh", "-c",
                         "id -u; pwd; exit 5")
        self.assertEqual((done.stdout, done.returncode), ("1815\n/tmp\n", 5),
                         done.stderr)
        self.ok("tasks", "exec", "--exec-id", "two", "-d", self.name, "sleep",
                "600")
        lines = self.ok("tasks", "ps", self.name).splitlines()
        self.assertEqual(len(lines), 3, lines)

    def test_a_terminal(self):
        command = [*map(str, self.client()), "run", *map(str, self.flags()),
                   "--rm", "-t", "--rootfs", str(self.root), self.name, "sh"]
        terminal = Terminal(command, self.environment())
        self.addCleanup(terminal.close)
        terminal.type("test -t 0 && echo is-a-$((1))-tty\n")
        terminal.until("is-a-1-tty")
        terminal.type("exit 3\n")
        self.assertEqual(terminal.process.wait(15), 3)

    def test_limits_and_metrics(self):
        self.detached("--memory-limit", str(64 << 20), "--cpus", "0.5")
        self.assertEqual(cgroup_file(self.name, "memory",
                                     "memory.limit_in_bytes", "memory.max"),
                         str(64 << 20))
        self.assertIn("memory", self.ok("tasks", "metrics", self.name))

    def test_pause_and_resume(self):
        self.detached()
        self.ok("tasks", "pause", self.name)
        self.assertEqual(self.status(), "PAUSED")
        self.ok("tasks", "resume", self.name)
        self.assertEqual(self.status(), "RUNNING")

    def test_kill_all_and_remove(self):
        self.detached()
        self.ok("tasks", "kill", "--all", "-s", "KILL", self.name)
        self.eventually(lambda: self.status() == "STOPPED", "stopped")
        self.ok("tasks", "rm", self.name)
        self.assertEqual(list((self.place / "runc/dropin").glob("*")), [])

    def test_seccomp_and_namespaces(self):
        done = self.run_container("--rm", "--seccomp", command=(
            "grep", "Seccomp:", "/proc/self/status"))
        self.assertEqual(done.stdout.split(), ["Seccomp:", "2"], done.stderr)


def main():
    engines = {"podman": Podman, "docker": Docker, "containerd": Containerd}
    if len(sys.argv) < 2 or sys.argv[1] not in engines:
        print(__doc__, file=sys.stderr)
        return 2
    if not RUNTIME:
        print("dropin: RUNTIME is not there", file=sys.stderr)
        return 1
    if INSIDE not in os.environ:
        return enter_namespaces()
    be_init()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    suite = engines[sys.argv[1]]
    names = sys.argv[2:] or unittest.defaultTestLoader.getTestCaseNames(suite)
    result = unittest.TextTestRunner(verbosity=2).run(
        unittest.TestSuite(suite(name) for name in names))
    required = os.environ.get("DOCKER_CPP_REQUIRE_ALL") == "1"
    return 0 if result.wasSuccessful() and not (required and
                                                result.skipped) else 1


if __name__ == "__main__":
    sys.exit(main())
