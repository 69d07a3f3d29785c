#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Completion through real shells, and the manual through man's own parser.

completion_test.py CLIENT; a small daemon of this test gives the live names.
"""
import http.server
import json
import os
import pathlib
import shutil
import socketserver
import subprocess
import sys
import tempfile
import threading
import unittest

CLIENT = pathlib.Path(sys.argv.pop()).resolve()

CONTAINERS = [{"Names": ["/web-one"], "Image": "busybox", "Status": "Up 2 hours"},
              {"Names": ["/web-two"], "Image": "busybox", "Status": "Up 3 hours"}]
ANSWERS = {"/containers/json": CONTAINERS, "/networks": [{"Name": "front", "Driver": "bridge"}],
           "/volumes": {"Volumes": [{"Name": "data", "Driver": "local"}]},
           "/images/json": [{"RepoTags": ["reg:5000/app:1"]}]}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(ANSWERS.get(self.path.split("?")[0], [])).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

    def address_string(self):
        return "unix"


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


class Completion(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="docker-cpp-completion"))
        self.addCleanup(shutil.rmtree, self.place)
        self.server = Server(str(self.place / "sock"), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.environment = {"PATH": f"{CLIENT.parent}:/usr/bin:/bin", "HOME": str(self.place),
                            "DOCKER_HOST": f"unix://{self.place}/sock", "TERM": "dumb"}

    def run_client(self, *words):
        return subprocess.run([CLIENT, *words], capture_output=True, text=True, env=self.environment)

    def offered(self, *words):
        return [line.split("\t")[0] for line in self.run_client("__complete", *words).stdout.splitlines()]

    def test_commands_options_and_names(self):
        self.assertIn("stop", self.offered("st"))
        self.assertEqual(self.offered("stop", "web"), ["web-one", "web-two"])
        self.assertEqual(self.offered("exec", "-it", "web-o"), ["web-one"])
        self.assertEqual(self.offered("run", "--network", ""), ["front"])
        self.assertEqual(self.offered("run", "reg"), ["reg:5000/app:1"])
        self.assertIn("--publish-all", self.offered("run", "--publish"))
        self.assertEqual(self.offered("run", "--pull", "al"), ["always"])
        self.assertIn("inspect", self.offered("container", "ins"))
        self.assertEqual(self.offered("compose", "-f", "x", "dow"), ["down"])
        self.assertEqual(self.offered("nosuch", ""), [])
        # After the image come words that nobody can know.
        self.assertEqual(self.offered("run", "reg:5000/app:1", ""), [])

    def test_without_a_daemon_nothing_is_said(self):
        done = subprocess.run([CLIENT, "-H", "unix:///nonexistent", "__complete", "stop", ""],
                              capture_output=True, text=True, env=self.environment)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_an_unknown_shell_is_refused(self):
        self.assertEqual(self.run_client("completion", "tcl").returncode, 1)
        self.assertEqual(self.run_client("completion").returncode, 1)

    def test_bash(self):
        script = self.place / "completion.bash"
        script.write_text(self.run_client("completion", "bash").stdout)
        ask = f"""source {script}
            complete -p docker-cpp >/dev/null || exit 9
            COMP_WORDS=(docker-cpp stop web-t); COMP_CWORD=2; COMP_LINE='docker-cpp stop web-t'; COMP_POINT=${{#COMP_LINE}}
            _docker_cpp; printf '%s\\n' "${{COMPREPLY[@]}}\""""
        done = subprocess.run(["bash", "--norc", "-i", "-c", ask], capture_output=True, text=True,
                              env=self.environment, stdin=subprocess.DEVNULL)
        self.assertEqual(done.stdout.split(), ["web-two"], done.stderr)

    def test_the_other_shells_take_their_scripts(self):
        for shell in ("zsh", "fish"):
            if shutil.which(shell) is None:
                continue
            script = self.place / shell
            script.write_text(self.run_client("completion", shell).stdout)
            done = subprocess.run([shell, "-n", str(script)], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        if shutil.which("fish"):
            done = subprocess.run(["fish", "-c", f"source {self.place}/fish; complete -C 'docker-cpp stop web-t'"],
                                  capture_output=True, text=True, env=self.environment)
            self.assertEqual(done.stdout.split("\t")[0].strip(), "web-two", done.stderr)

    def test_the_manual(self):
        self.assertEqual(self.run_client("gen-man", str(self.place / "man")).returncode, 0)
        pages = list((self.place / "man").iterdir())
        self.assertGreater(len(pages), 60)
        self.assertIn(self.place / "man/docker-cpp-compose-up.1", pages)
        text = (self.place / "man/docker-cpp-run.1").read_text()
        self.assertIn("\\fB\\-\\-publish\\-all\\fR", text)
        if shutil.which("groff"):
            for page in pages:
                done = subprocess.run(["groff", "-man", "-ww", "-z", str(page)], capture_output=True, text=True)
                self.assertEqual(done.stderr, "", page.name)


if __name__ == "__main__":
    unittest.main()
