#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Registries as companies run them: nginx in front that speaks TLS and wants a
certificate of the client, and one whose tokens another server gives."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import blackbox
from blackbox_registry import ADDRESS, Registries

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
CERTIFIED = ADDRESS + ":5411"  # with client certificates
TOKENS = ADDRESS + ":5412"     # with tokens


class Gateways(Registries):
    """The same servers, reached through nginx."""

    def __init__(self, engine):
        super().__init__(engine)
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "client.key", "-out", "client.csr",
                     "-subj", "/CN=a client")
        self.openssl("x509", "-req", "-in", "client.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
                     "-out", "client.crt", "-days", "2")
        self.guarded = self.start("127.0.0.1:5413", "guarded", extra=f"""
auth:
  token: {{realm: "https://{TOKENS}/token", service: here, issuer: us, rootcertbundle: {self.folder}/server.crt}}""")
        self.spawn("tokens", "127.0.0.1:5414", sys.executable, str(pathlib.Path(__file__).parent / "token_server.py"),
                   "5414", "us", str(self.folder / "server.crt"), str(self.folder / "server.key"),
                   str(self.folder / "token.log"))
        (self.folder / "nginx.conf").write_text(self.configuration())
        self.spawn("nginx", TOKENS, NGINX, "-p", str(self.folder), "-c", "nginx.conf", "-e", "nginx.error")
        self.nginx = self.processes[-1]
        self.made = []

    def openssl(self, *words):
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def configuration(self):
        def server(address, to, more=""):
            return f"""
  server {{
    listen {address} ssl;
    ssl_certificate server.crt;
    ssl_certificate_key server.key;
    client_max_body_size 0;
    {more}
    location /v2/ {{
      proxy_pass http://{to};
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-Proto https;
      proxy_request_buffering off;
    }}
    location /token {{ proxy_pass http://127.0.0.1:5414; }}
  }}"""
        temporary = "\n".join(f"  {kind}_temp_path temporary;" for kind in
                              ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return f"""user root;
daemon off;
worker_processes 1;
pid nginx.pid;
events {{}}
http {{
  access_log nginx.access;
{temporary}{server(CERTIFIED, self.plain, "ssl_client_certificate ca.crt; ssl_verify_client on;")}{server(TOKENS, self.guarded)}
}}
"""

    def trust_folder(self, server):
        return pathlib.Path("/etc/docker-cpp/certs.d") / server

    def trust_in(self, server, *files):
        folder = self.trust_folder(server)
        # Folders of the machine's that were not there are taken away again.
        self.made += [one for one in (folder, *folder.parents) if not one.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        for source, name in files:
            shutil.copy(self.folder / source, folder / name)

    def distrust(self):
        for server in (CERTIFIED, TOKENS):
            shutil.rmtree(self.trust_folder(server), ignore_errors=True)
        for folder in sorted(set(self.made), key=lambda one: -len(one.parts)):
            try:
                folder.rmdir()
            except OSError:
                pass  # gone, or somebody else's by now
        self.made = []

    def close(self):
        self.distrust()
        self.nginx.terminate()  # its workers would outlive a kill
        self.nginx.wait()
        super().close()


@unittest.skipUnless(blackbox.UNDER_TEST is None and shutil.which("docker-registry") and os.path.exists(NGINX),
                     "needs docker-registry and nginx")
class Gateway(blackbox.Suite):
    servers = None

    @classmethod
    def setUpClass(cls):
        cls.servers = Gateways(cls.daemon.engine)
        cls.addClassCleanup(cls.servers.close)

    def setUp(self):
        super().setUp()
        self.config = tempfile.mkdtemp(prefix="dcpp-config-")
        self.addCleanup(shutil.rmtree, self.config, True)
        self.addCleanup(self.servers.distrust)
        self.ok("run", "--rm", "busybox", "true")  # so that it is there

    @property
    def environment(self):
        return {**super().environment, "DOCKER_CONFIG": getattr(self, "config", "/nonexistent")}

    def tagged(self, name):
        self.ok("tag", "busybox", name)
        self.addCleanup(self.docker, "rmi", "-f", name)
        return name

    def test_a_certificate_of_the_client(self):
        name = self.tagged(f"{CERTIFIED}/{self.name}:1")
        self.fails(1, "certificate", "push", name)  # who is it?
        self.servers.trust_in(CERTIFIED, ("ca.crt", "ca.crt"))
        self.fails(1, "400", "push", name)  # who are we?
        self.servers.trust_in(CERTIFIED, ("client.crt", "client.cert"))
        self.fails(1, "client.key", "push", name)  # half of a pair
        self.servers.trust_in(CERTIFIED, ("client.key", "client.key"))
        self.assertIn("digest: ", self.ok("push", name))
        self.ok("rmi", name)
        self.assertIn("Downloaded newer image", self.ok("pull", name))

    def test_tokens_of_another_server(self):
        self.servers.trust_in(TOKENS, ("ca.crt", "ca.crt"))
        public = self.tagged(f"{TOKENS}/{self.name}:1")
        private = self.tagged(f"{TOKENS}/private/{self.name}:1")
        self.fails(1, "unauthorized: authentication required", "push", public)
        self.fails(1, "incorrect username or password", "login", "-u", "who", "--password-stdin", TOKENS, stdin="wrong\n")
        self.assertIn("Login Succeeded", self.ok("login", "-u", "who", "--password-stdin", TOKENS, stdin="secret\n"))
        self.ok("push", public)
        self.ok("push", private)
        self.ok("rmi", public, private)
        self.ok("pull", private)
        self.ok("rmi", private)
        self.ok("logout", TOKENS)
        self.ok("pull", public)
        self.fails(1, "unauthorized: authentication required", "pull", private)
        asked = (self.servers.folder / "token.log").read_text()
        self.assertIn(f"True repository:{self.name}:push,pull", asked)
        self.assertNotIn("secret", (self.servers.folder / "nginx.access").read_text())


if __name__ == "__main__":
    blackbox.main(Gateway)
