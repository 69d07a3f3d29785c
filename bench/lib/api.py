# SPDX-License-Identifier: Apache-2.0
"""A client of the Engine API over a unix socket, kept alive."""
import http.client
import json
import socket

from .world import Failure


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("d", timeout=300)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)

    def call(self, method, path, body=None):
        headers = {"Content-Type": "application/json"} if body is not None else {}
        self.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = self.getresponse()
        text = answer.read()
        if answer.status >= 400:
            raise Failure(f"{method} {path}: {answer.status} {text[:200]!r}")
        return json.loads(text) if text[:1] in (b"{", b"[") else text

    def create(self, *command, **host):
        body = {"Image": "busybox", "Cmd": list(command), "HostConfig": {"NetworkMode": "none", **host}}
        return self.call("POST", "/containers/create", body)["Id"]

    def start(self, container):
        self.call("POST", f"/containers/{container}/start")

    def remove(self, container):
        self.call("DELETE", f"/containers/{container}?force=1")
