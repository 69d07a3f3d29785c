# SPDX-License-Identifier: Apache-2.0
"""Debian's registry on the loopback, and an image like those that people
pull: some files compress well, some do not."""
import gzip
import hashlib
import http.client
import io
import json
import random
import subprocess
import tarfile
import time

from .world import Failure

ADDRESS = "127.0.0.1:5077"
KIND = "application/vnd.docker."


def layer(number, size):
    source = random.Random(number)
    words = [source.randbytes(source.randint(3, 9)) for _ in range(4000)]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        left, count = size, 0
        while left > 0:
            length = min(left, source.choice((2_000, 20_000, 200_000, 4_000_000)))
            data = source.randbytes(length) if count % 2 else \
                b" ".join(source.choices(words, k=length // 7 + 1))[:length]
            entry = tarfile.TarInfo(f"usr/lib{number}/d{count % 40}/f{count}")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
            left -= len(data)
            count += 1
    return out.getvalue()


class Registry:
    """Up while the block lasts."""

    def __init__(self, place):
        (place / "registry.yml").write_text(
            f"version: 0.1\nlog: {{level: error}}\nhttp: {{addr: {ADDRESS}}}\n"
            f"storage: {{filesystem: {{rootdirectory: {place}/registry}}}}\n")
        with open(place / "registry.log", "wb") as log:
            self.process = subprocess.Popen(["docker-registry", "serve", place / "registry.yml"], stdout=log, stderr=log)

    def __enter__(self):
        for _ in range(1000):
            try:
                http.client.HTTPConnection(ADDRESS).request("GET", "/v2/")
                return self
            except OSError:
                time.sleep(0.03)
        raise Failure("the registry did not come up")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


class Upload:
    """Of one repository."""

    def __init__(self, name):
        self.name, self.connection = name, http.client.HTTPConnection(ADDRESS)

    def send(self, method, path, body=b"", kind="application/octet-stream"):
        self.connection.request(method, path, body, {"Content-Type": kind})
        answer = self.connection.getresponse()
        answer.read()
        if answer.status >= 300:
            raise Failure(f"{method} {path}: {answer.status}")
        return answer

    def blob(self, data):
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        where = self.send("POST", f"/v2/{self.name}/blobs/uploads/").headers["Location"].split(ADDRESS, 1)[-1]
        self.send("PUT", f"{where}{'&' if '?' in where else '?'}digest={digest}", data)
        return {"digest": digest, "size": len(data)}


def push_image(name, layers):
    """From plain tar archives. Returns the bytes that a pull fetches."""
    upload, diff_ids, descriptors = Upload(name), [], []
    for plain in layers:
        diff_ids.append("sha256:" + hashlib.sha256(plain).hexdigest())
        descriptors.append({"mediaType": KIND + "image.rootfs.diff.tar.gzip",
                            **upload.blob(gzip.compress(plain, 6, mtime=0))})
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Cmd": ["sh"]},
                         "rootfs": {"type": "layers", "diff_ids": diff_ids}}).encode()
    manifest = json.dumps({"schemaVersion": 2, "mediaType": KIND + "distribution.manifest.v2+json",
                           "config": {"mediaType": KIND + "container.image.v1+json", **upload.blob(config)},
                           "layers": descriptors}).encode()
    upload.send("PUT", f"/v2/{name}/manifests/1", manifest, KIND + "distribution.manifest.v2+json")
    return sum(one["size"] for one in descriptors)
