#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TLS and ssh:// connections, with certificates made here and an `ssh` that
runs the words it is given.

connection_test.py CLIENT
"""
import http.server
import os
import pathlib
import shutil
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

CLIENT = pathlib.Path(sys.argv.pop()).resolve()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b'{"Name":"' + b"x" * 100000 + b'","OSType":"linux"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Seen", self.headers.get("X-Own", ""))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

    def address_string(self):
        return "test"


class UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


class TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # clients that must be refused


class Connection(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="docker-cpp-connection"))
        self.addCleanup(shutil.rmtree, self.place)
        self.environment = {"PATH": f"{self.place}/bin:/usr/bin:/bin", "HOME": str(self.place)}

    def serve(self, server):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def client(self, *words, **more):
        return subprocess.run([CLIENT, *words, "info", "--format", "{{.OSType}}"], capture_output=True, text=True,
                              timeout=20, env={**self.environment, **more})

    def openssl(self, *words):
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=self.place)

    def certificates(self):
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.pem")
        (self.place / "san").write_text("subjectAltName=IP:127.0.0.1")
        for name in ("server", "client"):
            self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + name, "-keyout", name + ".key", "-out", name + ".csr")
            self.openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                         "-extfile", "san", "-out", name + ".pem")

    def tls_server(self):
        self.certificates()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.place / "server.pem", self.place / "server.key")
        context.load_verify_locations(self.place / "ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED
        server = TcpServer(("127.0.0.1", 0), Handler)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        self.serve(server)
        return "tcp://127.0.0.1:" + str(server.server_address[1])

    def test_tls_both_ways(self):
        host = self.tls_server()
        pems = ("--tlscacert", str(self.place / "ca.pem"), "--tlscert", str(self.place / "client.pem"),
                "--tlskey", str(self.place / "client.key"))
        done = self.client("-H", host, "--tlsverify", *pems)
        self.assertEqual((done.returncode, done.stdout), (0, "linux\n"), done.stderr)
        # Without the client's certificate the server refuses.
        self.assertNotEqual(self.client("-H", host, "--tlsverify", *pems[:2]).returncode, 0)
        # A CA that did not sign it.
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-keyout", "x.key", "-out", "x.pem")
        done = self.client("-H", host, "--tlsverify", "--tlscacert", str(self.place / "x.pem"), *pems[2:])
        self.assertEqual(done.returncode, 1)
        self.assertIn("failed to verify certificate", done.stderr)
        # Another name than the certificate's.
        done = self.client("-H", host.replace("127.0.0.1", "localhost"), "--tlsverify", *pems)
        self.assertIn("failed to verify certificate", done.stderr)

    def test_tls_from_the_environment_and_from_a_context(self):
        host = self.tls_server()
        folder = self.place / "certs"
        folder.mkdir()
        for name, source in (("ca", "ca.pem"), ("cert", "client.pem"), ("key", "client.key")):
            shutil.copy(self.place / source, folder / (name + ".pem"))
        done = self.client(DOCKER_HOST=host, DOCKER_TLS_VERIFY="1", DOCKER_CERT_PATH=str(folder))
        self.assertEqual(done.stdout, "linux\n", done.stderr)
        endpoint = f"host={host},ca={folder}/ca.pem,cert={folder}/cert.pem,key={folder}/key.pem"
        subprocess.run([CLIENT, "context", "create", "far", "--docker", endpoint], check=True,
                       capture_output=True, env=self.environment)
        self.assertEqual(self.client("-c", "far").stdout, "linux\n")

    def test_a_missing_ca_is_told(self):
        done = self.client("-H", "tcp://127.0.0.1:1", "--tlsverify")
        self.assertEqual(done.returncode, 1)
        self.assertIn("ca.pem: no such file or directory", done.stderr)

    def test_ssh(self):
        self.serve(UnixServer(str(self.place / "sock"), Handler))
        tools = self.place / "bin"
        tools.mkdir()
        # What stands behind `--` are the host and the words to run there.
        (tools / "ssh").write_text(
            "#!/bin/sh\necho \"$*\" >> " + str(self.place / "asked") +
            "\nwhile [ \"$1\" != -- ]; do shift; done; shift 2; DOCKER_HOST=unix://" + str(self.place) + "/sock exec \"$@\"\n")
        (tools / "ssh").chmod(0o755)
        (tools / "docker").symlink_to(CLIENT)
        done = self.client("-H", "ssh://me@far:2222")
        self.assertEqual((done.returncode, done.stdout), (0, "linux\n"), done.stderr)
        self.assertIn("-p 2222 -l me -- far docker system dial-stdio", (self.place / "asked").read_text())

    def test_an_ssh_that_fails_is_told(self):
        tools = self.place / "bin"
        tools.mkdir()
        (tools / "ssh").write_text("#!/bin/sh\necho nobody there >&2\nexit 255\n")
        (tools / "ssh").chmod(0o755)
        done = self.client("-H", "ssh://far")
        self.assertEqual(done.returncode, 1)
        self.assertIn("nobody there", done.stderr)


if __name__ == "__main__":
    unittest.main()
