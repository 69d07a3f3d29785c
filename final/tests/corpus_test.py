#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The hostile and the legal archives, through import, load and cp: whatever
comes, a tree of the host beside it stays as it is, to the last time stamp, and
what is right is taken."""
import hashlib
import io
import json
import os
import pathlib
import sys
import tarfile
import tempfile
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "daemon/tests"))
import engine_under_test  # noqa: E402
import tar_corpus  # noqa: E402


def state(folder):
    """All that stat and read tell of a tree."""
    found = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        info = path.lstat()
        found[str(path)] = (info.st_mode, info.st_uid, info.st_gid, info.st_size, info.st_mtime_ns, info.st_ctime_ns,
                            info.st_nlink, path.read_bytes() if path.is_file() and not path.is_symlink() else None)
    return found


def image_of(layer):
    diff = "sha256:" + hashlib.sha256(layer).hexdigest()
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {},
                         "rootfs": {"type": "layers", "diff_ids": [diff]}}).encode()
    name = hashlib.sha256(config).hexdigest() + ".json"
    manifest = json.dumps([{"Config": name, "RepoTags": ["corpus:1"], "Layers": ["layer.tar"]}]).encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path, content in {name: config, "layer.tar": layer, "manifest.json": manifest}.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


class Client:
    def __init__(self, engine):
        self.engine = engine

    def send(self, method, path, body=None):
        connection = engine_under_test.Connection(self.engine.socket, 60)
        connection.connect()
        try:
            connection.request(method, path, body, {"Content-Type": "application/x-tar"} if body is not None else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def json(self, method, path, body=None):
        return self.engine.request(method, path, body)

    def create(self):
        status, made = self.json("POST", "/containers/create", {"Image": "busybox", "Cmd": ["true"]})
        assert status == 201, made
        return made["Id"]

    def remove(self, container):
        self.json("DELETE", f"/containers/{container}?force=1")

    def copy_in(self, container, archive, path="/tmp"):
        return self.send("PUT", f"/containers/{container}/archive?path={path}", archive)

    def copy_out(self, container, path):
        return self.send("GET", f"/containers/{container}/archive?path={urllib.parse.quote(path)}")


def run_hostile(client, canary):
    before = state(canary)
    corpus = tar_corpus.hostile(str(canary))
    assert len(corpus) >= 150, len(corpus)
    container = client.create()
    taken = refused = 0
    for name, archive in corpus:
        for way, answer in (("cp", lambda: client.copy_in(container, archive)),
                            ("import", lambda: client.send("POST", "/images/create?fromSrc=-", archive)),
                            ("load", lambda: client.send("POST", "/images/load", image_of(archive)))):
            status, said = answer()
            assert state(canary) == before, f"{way} of '{name}' touched the host"
            assert status in (200, 400, 500), f"{way} of '{name}': {status} {said}"
            taken, refused = (taken + 1, refused) if status == 200 else (taken, refused + 1)
    client.remove(container)
    assert taken > 50 and refused > 50, (taken, refused)
    print(f"hostile: {len(corpus)} archives, 3 ways: {refused} refused, {taken} unpacked where they could do nothing")


def names_in(client, container, root):
    status, said = client.copy_out(container, root)
    assert status == 200, said
    with tarfile.open(fileobj=io.BytesIO(said)) as tar:
        return {name.removeprefix("t/").removeprefix("./") for name in tar.getnames()}


def run_legal(client):
    corpus = tar_corpus.legal()
    assert len(corpus) >= 50, len(corpus)
    folder = io.BytesIO()
    with tarfile.open(fileobj=folder, mode="w") as tar:
        top = tarfile.TarInfo("t")
        top.type, top.mode = tarfile.DIRTYPE, 0o755
        tar.addfile(top)
    for name, archive, expected in corpus:
        container = client.create()
        assert client.copy_in(container, folder.getvalue())[0] == 200
        status, said = client.copy_in(container, archive, "/tmp/t")
        assert status == 200, f"cp of '{name}': {said}"
        if "absolute link inside" not in name:  # its root is another one here
            missing = set(expected) - names_in(client, container, "/tmp/t")
            assert not missing, f"cp of '{name}': {missing} missing"
        client.remove(container)
        status, said = client.send("POST", "/images/create?fromSrc=-", archive)
        assert status == 200, f"import of '{name}': {said}"
        status, said = client.send("POST", "/images/load", image_of(archive))
        assert status == 200, f"load of '{name}': {said}"
    print(f"legal: {len(corpus)} archives, 3 ways: all taken")


def main():
    engine = engine_under_test.Engine(os.environ["DOCKER_CPP_BINARIES"])
    engine.start()
    with tempfile.TemporaryDirectory(prefix="dcpp-canary-") as folder:
        canary = pathlib.Path(folder) / "canary"
        (canary / "sub").mkdir(parents=True)
        (canary / "file").write_text("of the host")
        (canary / "link").symlink_to("file")
        try:
            client = Client(engine)
            run_legal(client)
            run_hostile(client, canary)
        except BaseException:
            print(engine.log()[-3000:])
            raise
        finally:
            engine.close()


if __name__ == "__main__":
    main()
