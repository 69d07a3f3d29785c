#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docker-cpp compose: up, down and all between, with our client only."""
import json
import pathlib
import shutil
import socket
import tempfile

import blackbox

FILE = """
services:
  db:
    image: busybox
    command: sh -c "echo db up; sleep 1000"
    stop_grace_period: 0s
    environment: {GREETING: "${GREETING:-hello}"}
    volumes: ["data:/data", "/scratch"]
    configs: [{source: c, target: /etc/c}]
    healthcheck: {test: "true", interval: 200ms, retries: 20}
  once:
    image: busybox
    command: ["true"]
  web:
    image: busybox
    command: sleep 1000
    stop_grace_period: 0s
    depends_on:
      db: {condition: service_healthy}
      once: {condition: service_completed_successfully}
  tool:
    image: busybox
    profiles: [tools]
    command: echo tool
volumes: {data: }
configs: {c: {content: "from the file"}}
"""


class Compose(blackbox.Suite):
    def setUp(self):
        super().setUp()
        if not self.client.endswith("docker-cpp"):
            self.skipTest("compose is a command of docker-cpp")
        self.assertTrue(self.has("/networks") and self.has("/volumes"), "compose needs both")
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="docker-cpp-compose"))
        self.addCleanup(shutil.rmtree, self.place)
        (self.place / "compose.yaml").write_text(FILE)
        self.addCleanup(self.compose, "down", "-v", "-t", "0", "--remove-orphans")

    def has(self, path):
        """Whether the engine serves that path at all."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self.environment["DOCKER_HOST"].removeprefix("unix://"))
            connection.sendall(f"GET {path} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
            return b" 200 " in connection.recv(100)

    def compose(self, *words):
        return self.docker("compose", "-p", self.name, "--project-directory", str(self.place),
                           "-f", str(self.place / "compose.yaml"), *words)

    def done(self, *words):
        result = self.compose(*words)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def rewrite(self, old, new):
        path = self.place / "compose.yaml"
        path.write_text(path.read_text().replace(old, new))

    def ids(self):
        return {line.split()[0]: line.split()[1] for line in self.done(
            "ps", "-a", "--no-trunc", "--format", "{{.Service}} {{.ID}}").splitlines()}

    def test_up_to_down(self):
        self.done("up", "-d")
        labels = json.loads(self.ok("inspect", "--format", "{{json .Config.Labels}}", self.name + "-web-1"))
        self.assertEqual(labels["com.docker.compose.project"], self.name)
        self.assertEqual(labels["com.docker.compose.service"], "web")
        self.assertEqual(labels["com.docker.compose.oneoff"], "False")
        self.assertEqual(self.done("exec", "db", "sh", "-c", "echo $GREETING; cat /etc/c"), "hello\nfrom the file")
        self.assertEqual(self.compose("exec", "db", "sh", "-c", "exit 7").returncode, 7)
        self.assertIn("db-1", self.done("logs", "--no-color", "db"))
        self.assertIn("| db up", self.done("logs", "--no-color"))
        self.assertIn(self.name, self.ok("compose", "ls"))
        before = self.ids()
        self.done("up", "-d")
        self.assertEqual(self.ids(), before)
        self.done("down", "-v")
        self.assertEqual(self.ok("ps", "-aq", "--filter", "label=com.docker.compose.project=" + self.name), "")

    def test_what_changed_is_made_again(self):
        self.done("up", "-d", "db")
        before = self.ids()
        self.done("exec", "db", "sh", "-c", "echo kept > /data/x; echo kept > /scratch/y")
        self.rewrite("hello", "good day")
        self.done("up", "-d", "db")
        self.assertNotEqual(self.ids()["db"], before["db"])
        self.assertEqual(self.done("exec", "db", "sh", "-c", "echo $GREETING; cat /data/x /scratch/y"),
                         "good day\nkept\nkept\n")

    def test_scale_and_orphans(self):
        self.done("up", "-d", "--scale", "web=2", "--no-deps", "web")
        self.assertEqual(len(self.done("ps", "-q", "web").split()), 2)
        self.done("up", "-d", "--scale", "web=1", "--no-deps", "web")
        self.assertEqual(len(self.done("ps", "-q", "web").split()), 1)
        self.rewrite("  web:", "  site:")
        self.assertIn("orphan containers", self.compose("up", "-d", "--no-deps", "db").stderr)
        self.done("up", "-d", "--no-deps", "--remove-orphans", "db")
        self.assertEqual(set(self.ids()), {"db"})

    def test_run_is_a_container_of_its_own(self):
        self.assertEqual(self.done("run", "--rm", "tool"), "tool\n")
        result = self.compose("run", "--rm", "--no-deps", "-e", "A=b", "--entrypoint", "sh -c", "web", "echo $A; exit 3")
        self.assertEqual((result.returncode, result.stdout), (3, "b\n"))
        self.assertEqual(self.done("ps", "-aq"), "")

    def test_the_exit_code_of_one_service(self):
        (self.place / "compose.yaml").write_text(
            "services:\n  a: {image: busybox, command: 'sh -c \"echo said; exit 4\"'}\n"
            "  b: {image: busybox, command: sleep 1000, stop_grace_period: 0s}\n")
        result = self.compose("up", "--exit-code-from", "a")
        self.assertEqual(result.returncode, 4, result.stderr)
        self.assertIn("a-1  | said", result.stdout)

    def test_a_failing_dependency_is_told(self):
        self.rewrite('["true"]', '["false"]')
        result = self.compose("up", "-d")
        self.assertEqual(result.returncode, 1)
        self.assertIn('service "once" didn\'t complete successfully: exit 1', result.stderr)

    def test_config_is_what_was_meant(self):
        document = json.loads(self.done("config", "--format", "json"))
        self.assertEqual(document["name"], self.name)
        self.assertEqual(document["services"]["db"]["environment"], {"GREETING": "hello"})
        self.assertNotIn("tool", document["services"])
        self.assertEqual(self.done("config", "--services").split()[-1], "web")

    def test_mistakes_are_told_with_their_place(self):
        for wrong, said in (("services: {a: {imag: x}}", "'imag' not allowed"),
                            ("services: {a: {image: '${X:?need}'}}", "need"),
                            ("services: [", "yaml: line")):
            (self.place / "compose.yaml").write_text(wrong)
            result = self.compose("config", "-q")
            self.assertNotEqual(result.returncode, 0)
            self.assertIn(said, result.stderr)
            (self.place / "compose.yaml").write_text(FILE)


if __name__ == "__main__":
    blackbox.main(Compose)
