#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The daemon itself: its configuration while it runs, what it knows after a
restart, what it tells Prometheus, runtimes beside its own, monitors that die."""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest
import urllib.request

import blackbox
from engine_under_test import Engine

CLIENT = next(iter(blackbox.clients().values()), None)


class Configured(Engine):
    """A daemon with a configuration file of its own."""

    def __init__(self, text, *flags):
        super().__init__(blackbox.BINARIES)
        (self.folder / "etc").mkdir()
        self.file = self.folder / "etc/config.yaml"
        self.file.write_text(text)
        self.flags = flags

    def spawn(self, environment, log):
        return subprocess.Popen(
            ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", str(self.binaries / "docker-cppd"),
             "--data-root", str(self.folder / "data"), "--exec-root", str(self.folder / "run"),
             "--cgroup-parent", self.cgroup, "--bridge", "none", "--config-file", str(self.file),
             *[flag.replace("{socket}", self.socket) for flag in self.flags]],
            env={**os.environ, **environment}, stdout=log, stderr=log)


class DaemonItself(unittest.TestCase):
    def engine(self, text="", *flags):
        engine = Configured(text, *flags)
        self.addCleanup(engine.close)
        engine.start()
        return engine

    def docker(self, engine, *arguments, check=True):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("DOCKER_")}
        done = subprocess.run([CLIENT, *arguments], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
                              env={**environment, "DOCKER_HOST": "unix://" + engine.socket, "DOCKER_CONFIG": "/nonexistent"})
        if check:
            self.assertEqual(done.returncode, 0, f"{arguments}: {done.stderr}{engine.log()[-2000:]}")
        return done.stdout.strip()

    def eventually(self, holds, seconds=10):
        end = time.monotonic() + seconds
        while not holds():
            self.assertLess(time.monotonic(), end, "did not come true in time")
            time.sleep(0.02)

    def run_detached(self, engine, *options, command=("sleep", "1000")):
        return self.docker(engine, "run", "-d", "--network", "none", *options, "busybox", *command)

    def inspect(self, engine, name, template):
        return self.docker(engine, "inspect", "--format", template, name)

    def test_the_file_is_read_again_when_it_changes(self):
        engine = self.engine("default-shm-size: 8m\n")
        first = self.run_detached(engine)
        self.assertEqual(self.inspect(engine, first, "{{.HostConfig.ShmSize}}"), str(8 << 20))
        engine.file.write_text("default-shm-size: 16m\nmtu: 1400\n")
        self.eventually(lambda: "default-shm-size: 8m -> 16m" in engine.log())
        self.eventually(lambda: "mtu: (default) -> 1400 (with the next start)" in engine.log())
        second = self.run_detached(engine)
        self.assertEqual(self.inspect(engine, second, "{{.HostConfig.ShmSize}}"), str(16 << 20))
        self.assertEqual(self.inspect(engine, first, "{{.HostConfig.ShmSize}}"), str(8 << 20))

    def test_a_mistake_changes_nothing_and_is_named_with_its_line(self):
        engine = self.engine("log-driver: local\n")
        engine.file.write_text("log-driver: json-file\n\nnosuch: 1\n")
        engine.process.send_signal(signal.SIGHUP)
        self.eventually(lambda: "line 3: the following directives" in engine.log())
        name = self.run_detached(engine)
        self.assertEqual(self.inspect(engine, name, "{{.HostConfig.LogConfig.Type}}"), "local")

    def test_validate_and_show(self):
        engine = self.engine("log: {level: warn}\n")
        daemon = str(engine.binaries / "docker-cppd")
        done = subprocess.run([daemon, "--config-file", str(engine.file), "--validate"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, "configuration OK\n"))
        shown = subprocess.run([daemon, "--config-file", str(engine.file), "--mtu", "1400", "config", "show", "--origin"],
                               capture_output=True, text=True, env={**os.environ, "DOCKER_CPPD_GROUP": "g"}).stdout
        self.assertIn(f"log-level: warn  # {engine.file}:1\n", shown)
        self.assertIn("mtu: 1400  # flag\n", shown)
        self.assertIn("group: g  # environment DOCKER_CPPD_GROUP\n", shown)
        engine.file.write_text("mtu: x\n")
        done = subprocess.run([daemon, "--config-file", str(engine.file), "--validate"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("config.yaml:1: mtu", done.stderr)
        engine.file.write_text("")

    def test_defaults_of_the_daemon_are_the_containers(self):
        engine = self.engine("default-ulimits: {nofile: {Soft: 100, Hard: 200}}\nlog-opts: {max-size: 1m}\ninit: true\nno-new-privileges: true\n")
        out = self.docker(engine, "run", "--rm", "--network", "none", "busybox", "sh", "-c",
                          "ulimit -n; cat /proc/1/comm; grep NoNewPrivs /proc/self/status | awk '{print $2}'").split()
        self.assertEqual(out, ["100", "docker-init", "1"])

    def test_events_are_known_after_a_restart(self):
        engine = self.engine()
        name = self.run_detached(engine, command=("true",))
        self.docker(engine, "wait", name)
        engine.stop()
        engine.start()
        out = self.docker(engine, "events", "--since", "1h", "--until", f"{time.time():.9f}", "--format", "{{.Action}}")
        self.assertIn("die", out.split())

    def test_a_dump_and_a_clean_end(self):
        engine = self.engine()
        name = self.run_detached(engine, "--name", "dumped")
        engine.process.send_signal(signal.SIGUSR1)
        self.eventually(lambda: list((engine.folder / "run").glob("dump-*.txt")))
        self.eventually(lambda: "== process" in next((engine.folder / "run").glob("dump-*.txt")).read_text())
        self.assertIn(name[:12] + " dumped running", next((engine.folder / "run").glob("dump-*.txt")).read_text())
        engine.stop()
        self.assertTrue((engine.folder / "data/clean").exists())
        engine.start()
        self.assertFalse((engine.folder / "data/clean").exists())
        self.assertNotIn("did not end in order", engine.log())
        engine.stop(signal.SIGKILL)
        engine.start()
        self.assertIn("did not end in order", engine.log())

    def test_authorization_by_a_shared_object(self):
        plugin = pathlib.Path(blackbox.BINARIES).parent / "stages/07-daemon/docker-cpp-read-only.so"
        if not plugin.exists() and os.environ.get("DOCKER_CPP_REQUIRE_ALL") != "1":
            self.skipTest("the sample plugins are not built")
        engine = self.engine()
        name = self.run_detached(engine)
        self.assertEqual(engine.request("POST", "/docker-cpp/plugins/load", {"Path": str(plugin)})[0], 204)
        self.assertEqual(engine.request("GET", "/docker-cpp/plugins")[1][0]["Name"], "read-only")
        self.assertEqual(self.docker(engine, "ps", "-q"), name[:12])
        status, answer = engine.request("POST", f"/containers/{name}/kill")
        self.assertEqual((status, answer), (403, {"message": "authorization denied by plugin read-only: this daemon is read-only"}))
        engine.stop(signal.SIGKILL)  # nobody may unload it over the API any more
        engine.start()
        self.assertEqual(engine.request("POST", f"/containers/{name}/kill")[0], 204)

    def test_metrics(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        engine = self.engine("", "--metrics-addr", f"127.0.0.1:{port}")
        self.run_detached(engine)
        text = subprocess.run(["nsenter", f"--net=/proc/{engine.holder.pid}/ns/net", sys.executable, "-c",
                               f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{port}/metrics').read().decode())"],
                              capture_output=True, text=True, check=True).stdout
        self.assertIn('engine_daemon_container_states_containers{state="running"} 1\n', text)
        self.assertRegex(text, r'docker_cpp_events_total\{event="container_start"\} 1\n')
        self.assertIn("process_resident_memory_bytes", text)

    def certificates(self, folder):
        """An authority, a server's and a client's certificate."""
        def openssl(*words):
            subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=authority", "-days", "2", "-keyout", "ca-key.pem", "-out", "ca.pem")
        for name, use in (("server", "serverAuth"), ("client", "clientAuth")):
            (folder / "ext").write_text(f"subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage={use}\n")
            openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + name, "-keyout", name + "-key.pem", "-out", name + ".csr")
            openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-days", "2",
                    "-extfile", "ext", "-out", name + "-cert.pem")

    def test_tcp_with_mutual_tls(self):
        import tempfile
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        folder = pathlib.Path(temporary.name)
        self.certificates(folder)
        engine = self.engine("", "-H", "tcp://127.0.0.1:23761", "-H", "unix://{socket}", "--tlsverify", "--tlscacert", str(folder / "ca.pem"),
                             "--tlscert", str(folder / "server-cert.pem"), "--tlskey", str(folder / "server-key.pem"))

        def remote(*words, certificate=True, text=None):
            with_certificate = ["--tlscert", str(folder / "client-cert.pem"), "--tlskey", str(folder / "client-key.pem")] if certificate else []
            return subprocess.run(["nsenter", f"--net=/proc/{engine.holder.pid}/ns/net", CLIENT, "-H", "tcp://127.0.0.1:23761", "--tls", "--tlsverify",
                                   "--tlscacert", str(folder / "ca.pem"), *with_certificate, *words], capture_output=True, text=True, timeout=60, input=text)
        done = remote("run", "--rm", "-i", "--network", "none", "busybox", "cat", text="through TLS\n" * 20000)
        self.assertEqual((done.returncode, done.stdout), (0, "through TLS\n" * 20000), done.stderr)
        done = remote("version", certificate=False)
        self.assertNotEqual(done.returncode, 0)
        plain = subprocess.run(["nsenter", f"--net=/proc/{engine.holder.pid}/ns/net", CLIENT, "-H", "tcp://127.0.0.1:23761", "version"],
                               capture_output=True, text=True, timeout=60)
        self.assertNotEqual(plain.returncode, 0)
        self.assertEqual(remote("version").returncode, 0)

    def test_runtimes_beside_ours(self):
        # crun refuses a machine with controllers in both versions of cgroups.
        hybrid = pathlib.Path("/sys/fs/cgroup/unified/cgroup.controllers")
        usable = ("runc",) if hybrid.exists() and hybrid.read_text().strip() else ("runc", "crun")
        found = [name for name in usable if shutil.which(name)]
        if not found and os.environ.get("DOCKER_CPP_REQUIRE_ALL") != "1":
            self.skipTest("neither runc nor crun is installed")
        self.assertTrue(found)
        engine = self.engine("", *[w for n in found for w in ("--add-runtime", f"{n}={shutil.which(n)}")])
        for name in found:
            with self.subTest(runtime=name):
                out = self.docker(engine, "run", "--rm", "--network", "none", "--runtime", name, "-u", "daemon", "--group-add", "777",
                                  "busybox", "sh", "-c", "id -u; id -G; grep Seccomp: /proc/self/status | awk '{print $2}'")
                self.assertEqual(out.splitlines(), ["1", "1 777", "2"])
                done = self.run_detached(engine, "--runtime", name, "--name", name)
                self.assertEqual(self.docker(engine, "exec", name, "echo", "inside"), "inside")
                self.docker(engine, "kill", name)
                self.assertEqual(self.docker(engine, "wait", name), "137")
                self.docker(engine, "rm", done)
                code = subprocess.run([CLIENT, "-H", "unix://" + engine.socket, "run", "--rm", "--network", "none", "--runtime", name,
                                       "busybox", "nosuchprogram"], capture_output=True, text=True)
                self.assertEqual(code.returncode, 127, code.stderr)
        self.assertEqual(engine.settled_ledger({"homes": [], "runs": [], "cgroups": [], "monitors": 0, "links": engine.ledger()["links"]})["runs"], [])

    def test_a_killed_monitor_is_noticed_at_once(self):
        engine = self.engine()
        name = self.run_detached(engine)
        pid = int(self.inspect(engine, name, "{{.State.Pid}}"))
        monitor = int(re.search(r"PPid:\s+(\d+)", open(f"/proc/{pid}/status").read()).group(1))
        begin = time.monotonic()
        os.kill(monitor, signal.SIGKILL)
        self.eventually(lambda: self.inspect(engine, name, "{{.State.Status}} {{.State.ExitCode}}") == "exited 137", 2)
        self.assertLess(time.monotonic() - begin, 1.5)
        self.eventually(lambda: not os.path.exists(f"/proc/{pid}") or "Z" in open(f"/proc/{pid}/stat").read().split()[2], 2)

    def test_restart_when_unhealthy(self):
        engine = self.engine()
        name = self.run_detached(engine, "--label", "docker-cpp.restart-unhealthy=true", "--health-cmd", "test ! -e /bad", "--health-interval", "100ms",
                                 "--health-retries", "1", command=("sh", "-c", "rm -f /bad; trap exit TERM; while :; do sleep 0.05; done"))
        self.eventually(lambda: self.inspect(engine, name, "{{.State.Health.Status}}") == "healthy")
        before = self.inspect(engine, name, "{{.State.StartedAt}}")
        self.docker(engine, "exec", name, "touch", "/bad")
        self.eventually(lambda: self.inspect(engine, name, "{{.State.StartedAt}} {{.State.Health.Status}}") not in
                        (before + " healthy", before + " unhealthy", before + " starting"))
        self.eventually(lambda: self.inspect(engine, name, "{{.State.Health.Status}}") == "healthy")

    def test_health_is_watched_on_after_a_restart_of_the_daemon(self):
        engine = self.engine()
        name = self.run_detached(engine, "--health-cmd", "test ! -e /bad", "--health-interval", "100ms", "--health-retries", "1")
        self.eventually(lambda: self.inspect(engine, name, "{{.State.Health.Status}}") == "healthy")
        engine.stop(signal.SIGKILL)
        engine.start()
        self.assertEqual(self.inspect(engine, name, "{{.State.Health.Status}}"), "healthy")
        self.docker(engine, "exec", name, "touch", "/bad")
        self.eventually(lambda: self.inspect(engine, name, "{{.State.Health.Status}}") == "unhealthy")

    def test_logs_are_cleared(self):
        engine = self.engine()
        name = self.run_detached(engine, command=("sh", "-c", "echo before; read x < /dev/zero & sleep 0.5; while :; do sleep 0.1; echo after; done"))
        self.eventually(lambda: "before" in self.docker(engine, "logs", name))
        self.assertEqual(engine.request("DELETE", f"/containers/{name}/logs")[0], 204)
        self.assertNotIn("before", self.docker(engine, "logs", name))
        self.eventually(lambda: "after" in self.docker(engine, "logs", name))

    def test_environment_and_ports_of_an_existing_container_change_with_its_next_start(self):
        engine = self.engine()
        name = self.docker(engine, "create", "--network", "none", "-e", "A=1", "-e", "B=2", "busybox", "sh", "-c", "echo $A-$B")
        status, answer = engine.request("POST", f"/containers/{name}/update", {"Env": ["A=3", "B"]})
        self.assertEqual((status, answer), (200, {"Warnings": None}))
        self.assertEqual(self.docker(engine, "start", "-a", name), "3-")


if __name__ == "__main__":
    unittest.main(verbosity=2)
