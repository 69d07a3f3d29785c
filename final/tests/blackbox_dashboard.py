#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`dashboard` and `explain`: who gets in, what the page may do, and what a browser shows of it."""
import base64
import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

import blackbox


class Browser:
    """Chromium without a screen, driven through a pair of pipes: JSON that ends in a zero byte."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="dcpp-browser-")
        theirs_in, self.out = os.pipe()
        self.input, theirs_out = os.pipe()

        def join():
            # Chromium reads from 3 and writes to 4.
            low_in, low_out = os.dup(theirs_in), os.dup(theirs_out)
            os.dup2(low_in, 3)
            os.dup2(low_out, 4)
        self.process = subprocess.Popen(
            [shutil.which("chromium"), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,800",
             "--no-first-run", "--user-data-dir=" + self.profile, "--remote-debugging-pipe", "about:blank"],
            preexec_fn=join, pass_fds=(3, 4), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": self.profile, "http_proxy": "", "https_proxy": ""})
        os.close(theirs_in)
        os.close(theirs_out)
        self.rest, self.number, self.session = b"", 0, None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def ask(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.rest:
                piece = os.read(self.input, 65536)
                if not piece:
                    raise AssertionError("the browser left")
                self.rest += piece
            text, self.rest = self.rest.split(b"\0", 1)
            answer = json.loads(text)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return answer["result"]

    def value(self, script):
        return self.ask("Runtime.evaluate", expression=script)["result"].get("value")

    def until(self, script, seconds=60):
        end = time.monotonic() + seconds
        while not self.value(script):
            if time.monotonic() > end:
                raise AssertionError(f"{script} did not come true, but: {self.value('document.body.innerText')}")
            time.sleep(0.1)

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.out)
        os.close(self.input)
        shutil.rmtree(self.profile, ignore_errors=True)


class Dashboard(blackbox.Suite):
    def setUp(self):
        super().setUp()
        if not self.client.endswith("docker-cpp"):
            self.skipTest("a command of docker-cpp")
        self.ok("run", "-d", "--name", self.name, "--memory", "64m", "--cpus", "0.5", "--cap-add", "SYS_TIME", "-v", "/tmp:/host:ro",
                "-e", "A=<script>document.title='bad'</script>", "busybox", "sh", "-c",
                "echo '<b>first line</b>'; while :; do echo tick; sleep 0.5; done")

    def opened(self, *options):
        """The port and the token of a dashboard."""
        process = subprocess.Popen([self.client, "dashboard", *options], env=self.environment, stdout=subprocess.PIPE, text=True)

        def end():
            process.kill()
            process.wait()
            process.stdout.close()
        self.addCleanup(end)
        found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/\?token=([0-9a-f]{48})\n", process.stdout.readline())
        return int(found[1]), found[2]

    def ask(self, port, path, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, body

    def cookie(self, port, token):
        status, headers, _ = self.ask(port, "/?token=" + token)
        self.assertEqual((status, headers["Location"]), (303, "/"))
        self.assertIn("HttpOnly; SameSite=Strict", headers["Set-Cookie"])
        return headers["Set-Cookie"].split(";")[0]

    def test_who_gets_in(self):
        port, token = self.opened()
        for path in ("/", "/?token=" + "0" * 48, "/api/containers/json", "/mode", "/explain/" + self.name):
            self.assertEqual(self.ask(port, path)[0], 401, path)
        cookie = self.cookie(port, token)
        self.assertEqual(self.ask(port, "/?token=" + token)[0], 401)  # it counts once
        self.assertEqual(self.ask(port, "/", Cookie=cookie)[0], 200)
        self.assertEqual(self.ask(port, "/", Cookie=cookie[:-1])[0], 401)
        self.assertEqual(self.ask(port, "/", Cookie=cookie, Host="evil.example")[0], 403)
        other, _ = self.opened()
        self.assertEqual(self.ask(other, "/", Cookie=cookie)[0], 401)

    def test_what_the_page_may_do(self):
        port, token = self.opened()
        cookie = self.cookie(port, token)
        for path in ("/api/containers/json?all=1", f"/api/containers/{self.name}/json", "/api/info"):
            self.assertEqual(self.ask(port, path, Cookie=cookie)[0], 200, path)
        for path in (f"/api/containers/{self.name}/export", "/api/images/busybox/get", f"/api/containers/{self.name}/attach/ws", "/nosuch",
                     "/api/containers/../info/json", "/api/containers/a%2f..%2f/json", "/api/volumes", f"/api/v1.41/containers/{self.name}/json"):
            self.assertEqual(self.ask(port, path, Cookie=cookie)[0], 403, path)
        self.assertEqual(self.ask(port, "/explain/a%2fb", Cookie=cookie)[0], 404)
        self.assertEqual(self.ask(port, f"/api/containers/{self.name}/stop", "POST", Cookie=cookie, X_Docker_Cpp="1")[0], 403)
        port, token = self.opened("--allow-changes")
        cookie = self.cookie(port, token)
        pause = f"/api/containers/{self.name}/pause"
        self.assertEqual(self.ask(port, pause, "POST", Cookie=cookie)[0], 403)  # what a form could send
        self.assertEqual(self.ask(port, pause, "POST", Cookie=cookie, X_Docker_Cpp="1")[0], 204)
        self.assertEqual(self.inspect("{{.State.Status}}"), "paused")
        self.assertEqual(self.ask(port, f"/api/containers/{self.name}", "DELETE", Cookie=cookie, X_Docker_Cpp="1")[0], 403)

    def test_a_port_that_is_taken(self):
        port, _ = self.opened()
        self.fails(1, f"listen on 127.0.0.1:{port}: Address already in use", "dashboard", "--port", str(port))
        self.fails(125, "invalid", "dashboard", "--port", "70000")

    def test_explain(self):
        text = self.ok("explain", self.name)
        for words in ("at most 64MiB", "at most 0.5 processors", "Docker's default list, with CAP_SYS_TIME", "/host: bind /tmp, read-only",
                      "sees only its own", "SIGTERM, and SIGKILL after 10 seconds", "filtered by the built-in profile"):
            self.assertIn(words, text)
        self.fails(1, "No such container: nosuch", "explain", "nosuch")
        twin = self.name + "twin"
        self.ok("create", "--name", twin, "--privileged", "--network", "host", "--pid", "host", "--rm", "busybox", "true")
        text = self.ok("explain", twin)
        for words in ("all: --privileged", "there is no filter", "that of the machine, with all its ports", "it sees and may signal them all", "it is removed"):
            self.assertIn(words, text)

    def test_in_a_browser(self):
        if shutil.which("chromium") is None:
            if os.environ.get("DOCKER_CPP_REQUIRE_ALL") == "1":
                self.fail("chromium is not installed")
            self.skipTest("chromium is not installed")
        port, token = self.opened("--allow-changes")
        browser = Browser()
        self.addCleanup(browser.close)
        browser.ask("Page.navigate", url=f"http://127.0.0.1:{port}/?token={token}")
        row = f"document.querySelector('[data-name={self.name}]')"
        browser.until(row + " && " + row + ".innerText.includes('Up ')")
        browser.value(row + ".click()")
        browser.until("document.getElementById('logs')?.textContent.includes('<b>first line</b>\\ntick')")
        browser.until("document.getElementById('explain')?.innerText.includes('at most 64MiB')")
        browser.until("document.querySelector('#memory polyline')?.getAttribute('points')?.split(' ').length > 2")
        browser.until(row + ".innerText.includes('%')")
        self.assertEqual(browser.value("document.title"), "docker-cpp")
        picture = base64.b64decode(browser.ask("Page.captureScreenshot", format="png")["data"])
        self.assertTrue(picture.startswith(b"\x89PNG") and len(picture) > 10000)
        if os.environ.get("DASHBOARD_SCREENSHOT"):
            pathlib.Path(os.environ["DASHBOARD_SCREENSHOT"]).write_bytes(picture)
        browser.value("[...document.querySelectorAll('button')].find(b => b.textContent == 'pause').click()")
        browser.until("document.getElementById('events').textContent.includes('container pause  " + self.name + "')")
        browser.until(row + ".innerText.includes('(Paused)')")
        self.ok("rm", "-f", self.name)
        browser.until("!" + row)


if __name__ == "__main__":
    blackbox.main(Dashboard)
