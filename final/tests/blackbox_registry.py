#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pull, push, login, logout, search, manifest against Debian's docker-registry:
plain, with passwords, and behind TLS with an authority of its own."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import blackbox
from engine_under_test import Connection

OURS = blackbox.UNDER_TEST is None
ADDRESS = "10.99.7.1"  # not the loopback: there, TLS must hold


class Registries:
    """Three servers beside the daemon, in its network namespace."""

    def __init__(self, engine):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dcpp-registry-"))
        self.inside = ["nsenter", f"--net=/proc/{engine.holder.pid}/ns/net"]
        self.processes = []
        subprocess.run([*self.inside, "ip", "address", "replace", ADDRESS + "/32", "dev", "lo"], check=True)
        self.plain = self.start("127.0.0.1:5401", "plain")
        subprocess.run(["htpasswd", "-Bbn", "who", "secret"], check=True, stdout=open(self.folder / "passwords", "w"))
        self.locked = self.start("127.0.0.1:5402", "locked", extra=f"""
auth: {{htpasswd: {{realm: here, path: {self.folder}/passwords}}}}""")
        self.certificates()
        self.secured = self.start(ADDRESS + ":5403", "secured", tls=f"""
  tls: {{certificate: {self.folder}/server.crt, key: {self.folder}/server.key}}""")
        self.trust = pathlib.Path("/etc/docker-cpp/certs.d") / self.secured

    def certificates(self):
        def openssl(*words):
            subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt",
                "-subj", "/CN=an authority of this test", "-days", "2")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=x")
        (self.folder / "names").write_text(f"subjectAltName=IP:{ADDRESS}")
        openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
                "-out", "server.crt", "-days", "2", "-extfile", "names")

    def start(self, address, name, extra="", tls=""):
        (self.folder / (name + ".yml")).write_text(f"""
version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {self.folder}/{name}}}}}
http:
  addr: {address}{tls}
{extra}
""")
        return self.spawn(name, address, "docker-registry", "serve", str(self.folder / (name + ".yml")))

    def spawn(self, name, address, *command):
        """The address, once somebody listens there."""
        with open(self.folder / (name + ".log"), "w") as log:
            self.processes.append(subprocess.Popen([*self.inside, *command], stdout=log, stderr=log))
        for _ in range(200):
            if subprocess.run([*self.inside, "bash", "-c", f"echo > /dev/tcp/{address.replace(':', '/')}"],
                              capture_output=True).returncode == 0:
                return address
            time.sleep(0.05)
        raise AssertionError((self.folder / (name + ".log")).read_text())

    def believe(self):
        # Folders of the machine's that were not there are taken away again.
        self.made = [folder for folder in self.trust.parents if not folder.exists()]
        self.trust.mkdir(parents=True)
        shutil.copy(self.folder / "ca.crt", self.trust)

    def doubt(self):
        shutil.rmtree(self.trust, ignore_errors=True)
        for folder in getattr(self, "made", []):
            try:
                folder.rmdir()
            except OSError:
                pass  # somebody else's by now

    def close(self):
        self.doubt()
        for process in self.processes:
            process.kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@unittest.skipUnless(OURS and shutil.which("docker-registry") and shutil.which("htpasswd"), "needs docker-registry")
class Registry(blackbox.Suite):
    servers = None

    @classmethod
    def setUpClass(cls):
        cls.servers = Registries(cls.daemon.engine)
        cls.addClassCleanup(cls.servers.close)

    def setUp(self):
        super().setUp()
        self.config = tempfile.mkdtemp(prefix="dcpp-config-")
        self.addCleanup(shutil.rmtree, self.config, True)
        self.ok("run", "--rm", "busybox", "true")  # so that it is there

    @property
    def environment(self):
        return {**super().environment, "DOCKER_CONFIG": getattr(self, "config", "/nonexistent")}

    def api(self, method, path, headers=None, body=None):
        connection = Connection(self.daemon.engine.socket, 30)
        connection.connect()
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def pushed(self, server, tag="1"):
        """A name of busybox at that server, there and no longer here."""
        name = f"{server}/{self.name}:{tag}"
        self.ok("tag", "busybox", name)
        out = self.ok("push", name)
        self.ok("rmi", name)
        return name, out

    def test_push_and_pull(self):
        name, out = self.pushed(self.servers.plain)
        digest = out.split("digest: ")[1].split()[0]
        self.assertIn("The push refers to repository [", out)
        self.assertIn(f"1: digest: {digest} size: ", out)
        first = self.ok("pull", name)
        self.addCleanup(self.docker, "rmi", name)
        for words in ("Pulling from " + self.name, "Digest: " + digest):
            self.assertIn(words, first)
        self.assertIn("Image is up to date for " + name, self.ok("pull", name))
        self.assertIn(digest, self.ok("images", "--digests", name))
        by_digest = name.rsplit(":", 1)[0] + "@" + digest
        self.assertEqual(self.ok("pull", "-q", by_digest).split("\n")[-1], by_digest)
        self.assertEqual(json.loads(self.ok("image", "inspect", name))[0]["RepoDigests"], [by_digest])

    def test_run_pulls(self):
        name, _ = self.pushed(self.servers.plain, "run")
        done = self.docker("run", "--rm", name, "echo", "hi")
        self.addCleanup(self.docker, "rmi", name)
        self.assertEqual((done.returncode, done.stdout), (0, "hi\n"), done.stderr)
        self.assertIn("Unable to find image", done.stderr)

    def test_what_is_not_there(self):
        name = f"{self.servers.plain}/{self.name}:none"
        self.fails(1, f"manifest for {name} not found: manifest unknown: manifest unknown", "pull", name)
        self.fails(1, "Get \"http://127.0.0.1:1/v2/\"", "pull", "127.0.0.1:1/x")
        self.fails(1, "does not exist locally with the tag", "push", name)

    def test_the_stream_is_dockers(self):
        name, _ = self.pushed(self.servers.plain, "wire")
        repository = name.rsplit(":", 1)[0]
        status, text = self.api("POST", f"/v1.41/images/create?fromImage={repository}&tag=wire")
        self.addCleanup(self.docker, "rmi", name)
        lines = text.strip().split("\r\n" if "\r\n" in text else "\n")
        self.assertEqual(status, 200)
        self.assertEqual(json.loads(lines[0]), {"status": "Pulling from " + self.name, "id": "wire"})
        self.assertTrue(json.loads(lines[-1])["status"].startswith("Status: "))
        status, text = self.api("POST", f"/v1.41/images/{repository}/push?tag=wire")
        self.assertEqual((status, text.strip()),
                         (400, '{"message":"Bad parameters and missing X-Registry-Auth: EOF"}'))
        status, text = self.api("POST", f"/v1.41/images/{repository}/push?tag=wire", {"X-Registry-Auth": "e30="})
        last = json.loads(text.strip().split("\n")[-1])
        self.assertEqual(sorted(last["aux"]), ["Digest", "Size", "Tag"])
        status, text = self.api("GET", f"/v1.41/distribution/{name}/json")
        self.assertEqual(json.loads(text)["Descriptor"]["digest"], last["aux"]["Digest"])
        self.assertEqual(json.loads(text)["Platforms"][0]["os"], "linux")
        status, text = self.api("POST", f"/v1.41/images/create?fromImage={repository}&tag=nosuch")
        self.assertEqual(status, 404)

    def test_login(self):
        server = self.servers.locked
        self.ok("tag", "busybox", f"{server}/{self.name}:1")
        self.addCleanup(self.docker, "rmi", f"{server}/{self.name}:1")
        self.fails(1, "no basic auth credentials", "push", f"{server}/{self.name}:1")
        self.fails(1, "unauthorized", "login", "-u", "who", "--password-stdin", server, stdin="wrong\n")
        self.fails(1, "--username", "login", "--password-stdin", server, stdin="x")
        self.assertIn("Login Succeeded", self.ok("login", "-u", "who", "--password-stdin", server, stdin="secret\n"))
        self.assertIn(server, json.loads((pathlib.Path(self.config) / "config.json").read_text())["auths"])
        self.ok("push", f"{server}/{self.name}:1")
        self.ok("pull", f"{server}/{self.name}:1")
        self.assertIn("Removing login credentials", self.ok("logout", server))
        self.fails(1, "no basic auth credentials", "pull", f"{server}/{self.name}:2")

    def test_a_credential_helper(self):
        server = self.servers.locked
        helper = pathlib.Path(self.config) / "docker-credential-bbtest"
        helper.write_text(f"""#!/bin/sh
store={self.config}/kept
case $1 in
  store) cat > $store ;;
  get) [ -e $store ] && cat $store || {{ echo "credentials not found in native keychain"; exit 1; }} ;;
  erase) rm -f $store ;;
  list) [ -e $store ] && echo '{{"{server}":"who"}}' || echo '{{}}' ;;
esac
""")
        helper.chmod(0o755)
        (pathlib.Path(self.config) / "config.json").write_text('{"credsStore":"bbtest"}')
        path = os.environ["PATH"]
        os.environ["PATH"] = f"{self.config}:{path}"
        self.addCleanup(os.environ.__setitem__, "PATH", path)
        self.ok("login", "-u", "who", "--password-stdin", server, stdin="secret")
        self.assertEqual(json.loads((pathlib.Path(self.config) / "kept").read_text())["Secret"], "secret")
        self.assertNotIn("c2VjcmV0", (pathlib.Path(self.config) / "config.json").read_text())
        self.ok("tag", "busybox", f"{server}/{self.name}:h")
        self.addCleanup(self.docker, "rmi", f"{server}/{self.name}:h")
        self.ok("push", f"{server}/{self.name}:h")
        self.builds_from(f"{server}/{self.name}:h")
        self.ok("logout", server)
        self.assertFalse((pathlib.Path(self.config) / "kept").exists())

    def builds_from(self, name):
        """The daemon is told the logins, because it alone sees the name."""
        self.docker("rmi", "-f", name)
        context = pathlib.Path(self.config) / "context"
        context.mkdir(exist_ok=True)
        (context / "Dockerfile").write_text(f"FROM {name}\nCOPY --from={name} /bin/busybox /copied\n")
        out = self.ok("build", "-t", self.name + ":built", str(context))
        self.addCleanup(self.docker, "rmi", "-f", self.name + ":built")
        return out

    def test_a_build_pulls_as_who_is_logged_in(self):
        server = self.servers.locked
        name = f"{server}/{self.name}:base"
        self.ok("tag", "busybox", name)
        self.ok("login", "-u", "who", "--password-stdin", server, stdin="secret\n")
        self.ok("push", name)
        out = self.builds_from(name)
        self.assertIn("Pulling from " + self.name, out)
        self.assertNotIn("secret", out)
        self.ok("rmi", "-f", self.name + ":built", name)
        self.ok("logout", server)
        context = pathlib.Path(self.config) / "context"
        self.fails(1, "no basic auth credentials", "build", str(context))
        # A login of another registry's is not shown to this one.
        (pathlib.Path(self.config) / "config.json").write_text(json.dumps(
            {"auths": {self.servers.plain: {"auth": "d2hvOnNlY3JldA=="}}}))
        self.fails(1, "no basic auth credentials", "build", str(context))

    def test_a_cache_at_a_registry(self):
        if not self.client.endswith("docker-cpp"):
            self.skipTest("--cache-to is of docker-cpp build")
        cache = f"{self.servers.plain}/{self.name}:cache"
        context = pathlib.Path(self.config) / "context"
        context.mkdir()
        (context / "Dockerfile").write_text(f"FROM busybox\nRUN echo {self.name} > /x\nRUN echo 2 >> /x\n")
        self.ok("build", "--cache-to", "type=registry,ref=" + cache, str(context))
        self.ok("rmi", cache)
        self.ok("builder", "prune", "-a", "-f")
        out = self.ok("build", "-t", self.name + ":again", "--cache-from", "type=registry,ref=" + cache, str(context))
        self.addCleanup(self.docker, "rmi", "-f", cache, self.name + ":again")
        self.assertEqual(out.count("Using cache"), 2, out)
        self.assertEqual(self.ok("run", "--rm", self.name + ":again", "cat", "/x"), self.name + "\n2")

    def test_tls_needs_its_authority(self):
        name = f"{self.servers.secured}/{self.name}:1"
        self.ok("tag", "busybox", name)
        self.addCleanup(self.docker, "rmi", name)
        self.fails(1, "certificate", "push", name)
        self.servers.believe()
        self.addCleanup(self.servers.doubt)
        self.assertIn("digest: ", self.ok("push", name))
        self.ok("rmi", name)
        self.ok("pull", name)

    def test_search(self):
        self.pushed(self.servers.plain)
        found = self.ok("search", "--format", "{{.Name}}", f"{self.servers.plain}/{self.name}")
        self.assertEqual(found.split(), [f"{self.servers.plain}/{self.name}"])
        self.fails(1, "outside the range", "search", "--limit", "1000", "x")

    def test_manifest(self):
        if "docker_20" in type(self).__name__:
            self.skipTest("this client asks an insecure registry by https only")
        one, _ = self.pushed(self.servers.plain, "a")
        two, _ = self.pushed(self.servers.plain, "b")
        command = [*self.servers.inside, self.client, "manifest"]

        def manifest(*words):
            done = subprocess.run([*command, *words], capture_output=True, text=True, env=self.environment)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout.strip()
        how = ["--insecure"]
        self.assertEqual(json.loads(manifest("inspect", *how, one))["schemaVersion"], 2)
        whole = one.rsplit(":", 1)[0] + ":all"
        self.assertIn("Created manifest list", manifest("create", *how, whole, one, two))
        manifest("annotate", whole, two, "--arch", "arm64", "--variant", "v8")
        digest = manifest("push", *how, whole).split("\n")[-1]
        self.assertTrue(digest.startswith("sha256:"), digest)
        got = json.loads(manifest("inspect", *how, whole))
        self.assertEqual([m["platform"]["architecture"] for m in got["manifests"]], ["amd64", "arm64"])
        manifest("rm", whole)
        self.assertIn(digest, self.ok("pull", whole))
        self.addCleanup(self.docker, "rmi", whole)
        self.fails(1, "no matching manifest for linux/s390x", "pull", "--platform", "linux/s390x", whole)

    def put(self, path, data, kind):
        """Sends a manifest or blob as any tool would; its descriptor."""
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        file = pathlib.Path(self.config) / "body"
        file.write_bytes(data)

        def curl(*words):
            done = subprocess.run([*self.servers.inside, "curl", "-sSf", "-D-", "-o", "/dev/null", *words],
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout
        base = f"http://{self.servers.plain}/v2/{self.name}/"
        if path == "blobs":
            where = re.search(r"(?i)^location: (\S+)", curl("-X", "POST", base + "blobs/uploads/"), re.M)[1]
            where += ("&" if "?" in where else "?") + "digest=" + digest
        else:
            where = base + "manifests/" + (path or digest)
        curl("-X", "PUT", "-H", "Content-Type: " + kind, "--data-binary", f"@{file}", where)
        return {"mediaType": kind, "digest": digest, "size": len(data)}

    def test_what_refers_to_an_image(self):
        if not self.client.endswith("docker-cpp"):
            self.skipTest("of docker-cpp only")
        name, out = self.pushed(self.servers.plain, "about")
        subject = out.split("digest: ")[1].split()[0]
        oci = "application/vnd.oci."
        document = {"schemaVersion": 2, "mediaType": oci + "image.manifest.v1+json", "artifactType": "application/spdx+json",
                    "config": self.put("blobs", b"{}", oci + "empty.v1+json"),
                    "layers": [self.put("blobs", b'{"spdx": 1}', "application/spdx+json")],
                    "subject": {"mediaType": oci + "image.manifest.v1+json", "digest": subject, "size": 1}}
        artifact = self.put("", json.dumps(document).encode(), oci + "image.manifest.v1+json")
        index = {"schemaVersion": 2, "mediaType": oci + "image.index.v1+json",
                 "manifests": [{**artifact, "artifactType": "application/spdx+json", "annotations": {"by": "us"}}]}
        self.put(subject.replace(":", "-"), json.dumps(index).encode(), oci + "image.index.v1+json")

        def listed(*words):
            done = subprocess.run([*self.servers.inside, self.client, "manifest", "ls", *words], capture_output=True,
                                  text=True, env=self.environment)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout
        shown = listed(name)
        for words in (f"Digest:        {subject}", "Referrers:", artifact["digest"], "application/spdx+json", "by=us"):
            self.assertIn(words, shown)
        self.assertNotIn("Referrers:", listed("--artifact-type", "application/other", name))
        document = json.loads(listed("--format", "json", name))
        self.assertEqual([one["digest"] for one in document["referrers"]], [artifact["digest"]])

    def test_all_tags(self):
        self.pushed(self.servers.plain, "x")
        name, _ = self.pushed(self.servers.plain, "y")
        repository = name.rsplit(":", 1)[0]
        self.ok("pull", "-a", repository)
        tags = self.ok("images", "--format", "{{.Tag}}", repository).split()
        self.assertEqual(sorted(tags), ["x", "y"])
        self.ok("push", "-a", repository)
        self.ok("rmi", repository + ":x", repository + ":y")

    def test_other_tools_read_what_was_pushed(self):
        name, out = self.pushed(self.servers.plain, "tools")
        done = subprocess.run([*self.servers.inside, "skopeo", "inspect", "--tls-verify=false", "docker://" + name],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["Digest"], out.split("digest: ")[1].split()[0])
        self.ok("pull", name)
        self.addCleanup(self.docker, "rmi", name)
        layout = str(self.daemon.engine.folder / "data/images")
        kept = subprocess.run(["skopeo", "inspect", f"oci:{layout}:{name}"], capture_output=True, text=True)
        self.assertEqual(kept.returncode, 0, kept.stderr)
        self.assertEqual(json.loads(kept.stdout)["Digest"], json.loads(done.stdout)["Digest"])
        names = subprocess.run(["umoci", "list", "--layout", layout], capture_output=True, text=True)
        self.assertIn(name, names.stdout.split(), names.stderr)
        copied = name + "-zstd"
        done = subprocess.run([*self.servers.inside, "skopeo", "copy", "--src-tls-verify=false",
                               "--dest-tls-verify=false", "--dest-compress-format=zstd", "--dest-force-compress-format",
                               "-q", "docker://" + name, "docker://" + copied], capture_output=True, text=True)
        if done.returncode == 0:
            self.assertEqual(self.ok("run", "--rm", copied, "echo", "hi"), "hi")
            self.ok("rmi", copied)


if __name__ == "__main__":
    blackbox.main(Registry)
