#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A registry of one repository, `x`, that misbehaves as it is told.

    registry.py FOLDER [BEHAVIOUR...]

It writes its port to FOLDER/port and each request to FOLDER/log, and serves
tags `1` (one manifest) and `multi` (an index with an attestation). Two
artifacts refer to `1`, listed by request, a page each, and under the tag that
stands in for it. What is pushed is kept. Each behaviour is NAME[=TIMES]; without times it is for ever:

    reset stall truncate long wrong-digest busy redirect-loop elsewhere
    unauthorized-loop basic token schema1 huge-manifest no-range wrong-size
    break-patch length empty no-referrers endless
"""
import base64
import gzip
import hashlib
import http.server
import io
import json
import pathlib
import socketserver
import sys
import tarfile
import threading
import time
import urllib.parse

FOLDER = pathlib.Path(sys.argv[1])
LEFT = {}
for word in sys.argv[2:]:
    name, _, times = word.partition("=")
    LEFT[name] = int(times) if times else 1 << 30
LOCK = threading.Lock()
BLOBS, MANIFESTS, TAGS, UPLOADS = {}, {}, {}, {}
REFERRERS = []
OCI = "application/vnd.oci.image."


def now(name):
    with LOCK:
        if LEFT.get(name, 0) > 0:
            LEFT[name] -= 1
            return True
        return False


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def blob(data, kind, **more):
    BLOBS[digest(data)] = data
    return {"mediaType": kind, "digest": digest(data), "size": len(data), **more}


def manifest(document, kind):
    data = json.dumps(document).encode()
    MANIFESTS[digest(data)] = (data, kind)
    return {"mediaType": kind, "digest": digest(data), "size": len(data)}


def layer(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def image(architecture, layers):
    config = {"architecture": architecture, "os": "linux", "config": {"Cmd": ["/x"]},
              "rootfs": {"type": "layers", "diff_ids": [digest(one) for one in layers]}}
    packed = [blob(gzip.compress(one, 1, mtime=0), OCI + "layer.v1.tar+gzip") for one in layers]
    if LEFT.get("wrong-size"):
        packed[0]["size"] += 1
    return manifest({"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
                     "config": blob(json.dumps(config).encode(), OCI + "config.v1+json"),
                     "layers": packed}, OCI + "manifest.v1+json")


def refer(subject):
    for kind in ("application/spdx+json", "application/x.signature+json"):
        document = {"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json", "artifactType": kind,
                    "config": blob(b"{}", "application/vnd.oci.empty.v1+json"), "layers": [],
                    "subject": {"mediaType": OCI + "manifest.v1+json", "digest": subject, "size": 1}}
        REFERRERS.append({**manifest(document, OCI + "manifest.v1+json"), "artifactType": kind,
                          "annotations": {"about": subject[:12]}})
    REFERRERS[0]["platform"] = None  # of no interest, and no reason to fail
    index = {"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": REFERRERS}
    TAGS[subject.replace(":", "-")] = manifest(index, OCI + "index.v1+json")["digest"]


def fill():
    # Bytes that do not compress, so that a transfer has pieces.
    noise = b"".join(hashlib.sha256(str(n).encode()).digest() for n in range(20000))
    lower, upper = layer({"a": noise}), layer({"b": b"two", "sub/c": noise[:100000]})
    TAGS["1"] = image("amd64", [lower, upper])["digest"]
    refer(TAGS["1"])
    ours, theirs = image("amd64", [upper]), image("riscv64", [lower])
    about = manifest({"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
                      "config": blob(b"{}", OCI + "config.v1+json"),
                      "layers": [blob(b'{"from":"source"}', "application/vnd.in-toto+json")]},
                     OCI + "manifest.v1+json")
    index = {"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": [
        {**theirs, "platform": {"architecture": "riscv64", "os": "linux"}},
        {**ours, "platform": {"architecture": "amd64", "os": "linux"}},
        {**about, "platform": {"architecture": "unknown", "os": "unknown"},
         "annotations": {"vnd.docker.reference.digest": ours["digest"],
                         "vnd.docker.reference.type": "attestation-manifest"}}]}
    TAGS["multi"] = manifest(index, OCI + "index.v1+json")["digest"]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def note(self):
        kind = self.headers.get("Authorization", "none").split()[0]
        line = f"{self.command} {self.path} auth={kind} range={self.headers.get('Range', '')}\n"
        with LOCK, open(FOLDER / "log", "a") as log:
            log.write(line)

    def answer(self, status, data=b"", kind="application/json", **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", len(data))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def refuse(self, status, code, message, **headers):
        self.answer(status, json.dumps({"errors": [{"code": code, "message": message}]}).encode(), **headers)

    def challenge(self):
        if LEFT.get("basic"):
            return 'Basic realm="here"'
        return f'Bearer realm="http://{self.headers["Host"]}/token",service="s, \\"q\\"",scope="repository:x:pull"'

    def known(self):
        """Whether whoever asks may."""
        said = self.headers.get("Authorization", "")
        if LEFT.get("unauthorized-loop"):
            return False
        if LEFT.get("basic"):
            return said == "Basic " + base64.b64encode(b"who:secret").decode()
        return said == "Bearer good" if LEFT.get("token") else True

    def token(self):
        query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        said = self.headers.get("Authorization", "")
        if said and said != "Basic " + base64.b64encode(b"who:secret").decode():
            return self.refuse(401, "UNAUTHORIZED", "incorrect username or password")
        wanted = query.get("scope", [""])[0]
        with open(FOLDER / "log", "a") as log:
            log.write(f"token for {wanted} service {query.get('service')}\n")
        self.answer(200, json.dumps({"token": "good"}).encode())

    def handle_one(self):
        self.note()
        if self.path.startswith("http://"):  # asked as a proxy
            self.path = "/" + self.path.split("/", 3)[3]
        self.path = self.path.replace("/v2/library/x/", "/v2/x/")
        path = self.path.split("?")[0]
        if path == "/token":
            return self.token()
        if path.startswith("/elsewhere/"):
            return self.send_blob(BLOBS["sha256:" + path.rsplit("/", 1)[1]])
        if not self.known():
            return self.refuse(401, "UNAUTHORIZED", "authentication required", WWW_Authenticate=self.challenge())
        if now("busy"):
            return self.refuse(429, "TOOMANYREQUESTS", "later", Retry_After="0")
        if path == "/v2/":
            return self.answer(200, b"{}")
        if path == "/v2/_catalog":
            return self.answer(200, b'{"repositories":["x","team/tool"]}')
        if LEFT.get("endless") and path in ("/v2/x/tags/list", "/v2/_catalog", "/v2/x/referrers/sha256:" + "0" * 64):
            return self.endless(path)
        if path == "/v2/x/tags/list":
            named = sorted(tag for tag in TAGS if not tag.startswith("sha256-"))
            return self.answer(200, json.dumps({"name": "x", "tags": named}).encode())
        if path.startswith("/v2/x/referrers/") and not LEFT.get("no-referrers"):
            return self.referrers(path.rsplit("/", 1)[1])
        if path.startswith("/v2/x/manifests/"):
            return self.manifests(path.rsplit("/", 1)[1])
        if path.startswith("/v2/x/blobs/uploads/"):
            return self.uploads(path)
        if path.startswith("/v2/x/blobs/"):
            return self.blobs(path.rsplit("/", 1)[1])
        return self.refuse(404, "NAME_UNKNOWN", "repository name not known to registry")

    do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = lambda self: self.handle_one()

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def manifests(self, name):
        if self.command == "PUT":
            data = self.body()
            MANIFESTS[digest(data)] = (data, self.headers["Content-Type"])
            TAGS[name] = digest(data)
            return self.answer(201, Docker_Content_Digest=digest(data))
        if LEFT.get("schema1"):
            return self.answer(200, b'{"schemaVersion":1,"name":"x"}', "application/vnd.docker.distribution.manifest.v1+prettyjws")
        if LEFT.get("huge-manifest"):
            return self.answer(200, b" " * (5 << 20), OCI + "manifest.v1+json")
        key = TAGS.get(name, name)
        if key not in MANIFESTS:
            return self.refuse(404, "MANIFEST_UNKNOWN", "manifest unknown")
        data, kind = MANIFESTS[key]
        if now("wrong-manifest"):
            return self.answer(200, data + b" ", kind, Docker_Content_Digest=key)
        return self.answer(200, data, kind, Docker_Content_Digest=key)

    def endless(self, path):
        """Pages of one large entry, each with a next one."""
        large = "x" * 3_000_000
        page = {"tags": [large], "repositories": [large], "manifests": [
            {"digest": "sha256:" + "1" * 64, "mediaType": OCI + "manifest.v1+json", "size": 1, "artifactType": large}]}
        self.answer(200, json.dumps(page).encode(), Link=f'<{path}?n={time.monotonic_ns()}>; rel="next"')

    def referrers(self, digest):
        page = int(urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query).get("page", ["0"])[0])
        all = REFERRERS if digest == TAGS["1"] else []
        index = {"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": all[page:page + 1]}
        more = {"Link": f'</v2/x/referrers/{digest}?page={page + 1}>; rel="next"'} if page + 1 < len(all) else {}
        self.answer(200, json.dumps(index).encode(), OCI + "index.v1+json", **more)

    def blobs(self, name):
        if name not in BLOBS:
            return self.refuse(404, "BLOB_UNKNOWN", "blob unknown to registry")
        if self.command == "HEAD":
            return self.answer(200, BLOBS[name])
        data = BLOBS[name]
        if len(data) > 10000:
            if LEFT.get("redirect-loop"):
                return self.answer(307, Location=self.path)
            if LEFT.get("elsewhere"):
                port = self.headers["Host"].rsplit(":", 1)[1]
                return self.answer(307, Location=f"http://localhost:{port}/elsewhere/{name[7:]}")
            if now("reset"):
                self.connection.setsockopt(1, 13, b"\1\0\0\0\0\0\0\0")  # SO_LINGER: close resets
                return self.cut(data[:len(data) // 2], len(data))
            if now("stall"):
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(data) + data[:5000])
                time.sleep(60)
                return self.cut(b"", 0)
            if now("truncate"):
                return self.cut(data[:len(data) // 2], len(data))
            if now("length"):
                return self.answer(200, data[:len(data) // 3])
            if now("long"):
                return self.answer(200, data + b"more")
            if now("wrong-digest"):
                return self.answer(200, b"X" + data[1:])
        return self.send_blob(data)

    def send_blob(self, data):
        wanted = self.headers.get("Range", "")
        if wanted and not LEFT.get("no-range"):
            start = int(wanted[6:].split("-")[0])
            return self.answer(206, data[start:], Content_Range=f"bytes {start}-{len(data) - 1}/{len(data)}")
        return self.answer(200, data)

    def cut(self, some, length):
        if length:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length + some)
        self.wfile.flush()
        self.close_connection = True
        self.connection.close()

    def uploads(self, path):
        query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        if self.command == "POST":
            if query.get("mount", [""])[0] in BLOBS:
                return self.answer(201)
            name = f"/v2/x/blobs/uploads/{len(UPLOADS)}"
            UPLOADS[name] = b""
            return self.answer(202, Location=name + "?state=s")
        if self.command == "PATCH":
            data = self.body()
            if now("break-patch"):
                UPLOADS[path] += data[:len(data) // 2]
                return self.cut(b"", 0)
            UPLOADS[path] += data
            return self.answer(202, Location=path + "?state=t")
        if self.command == "GET":
            return self.answer(204, Location=path, Range=f"0-{max(len(UPLOADS[path]) - 1, 0)}")
        data = UPLOADS[path] + self.body()
        if digest(data) != query["digest"][0]:
            return self.refuse(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
        BLOBS[digest(data)] = data
        return self.answer(201, Docker_Content_Digest=digest(data))


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        pass  # clients that are cut off


if not LEFT.get("empty"):
    fill()
server = Server(("127.0.0.1", 0), Handler)
(FOLDER / "log").touch()
(FOLDER / "port.new").write_text(str(server.server_port))
(FOLDER / "port.new").rename(FOLDER / "port")
server.serve_forever()
