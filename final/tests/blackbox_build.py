#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""build: each rule of the language, by the clients' own POST /build."""
import io
import json
import os
import pathlib
import signal
import subprocess
import tarfile
import tempfile
import time

import blackbox


class Base(blackbox.Suite):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)
        self.tag = self.name + ":t"
        self.addCleanup(self.docker, "rmi", "-f", self.tag)

    def file(self, path, content="", mode=0o644):
        target = self.dir / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)
        target.chmod(mode)
        return target

    def build(self, dockerfile, *options, **how):
        self.file("Dockerfile", dockerfile)
        return self.ok("build", "-t", self.tag, *options, str(self.dir), **how)

    def refused(self, words, dockerfile, *options):
        self.file("Dockerfile", dockerfile)
        done = self.docker("build", "-t", self.tag, *options, str(self.dir))
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn(words, done.stderr + done.stdout)
        return done

    def shell(self, command, *options):
        return self.ok("run", "--rm", *options, "--entrypoint", "sh", self.tag, "-c", command)

    def config(self):
        return json.loads(self.ok("image", "inspect", "--format", "{{json .Config}}", self.tag))


class Builds(Base):
    """What docker's classic builder does, too."""

    def test_says_what_docker_says(self):
        self.file("f", "content")
        # Of this test alone: another client's run may have filled the cache.
        dockerfile = f"FROM busybox\nRUN echo said; : {self.name}\nCOPY f /f\nCMD [\"cat\", \"/f\"]\n"
        out = self.build(dockerfile)
        for words in ("Step 1/4 : FROM busybox", " ---> Running in ", "said\n",
                      "Removing intermediate container ", "Successfully built ",
                      "Successfully tagged " + self.tag):
            self.assertIn(words, out)
        self.assertEqual(self.ok("run", "--rm", self.tag), "content")
        again = self.build(dockerfile)
        self.assertEqual(again.count(" ---> Using cache"), 3)
        self.assertEqual(out.split("Successfully built ")[1], again.split("Successfully built ")[1])

    def test_configuration(self):
        self.build("FROM busybox\nARG who=world\nLABEL a=b \"c d\"='e f'\nENV A=1 B=\"x $who\"\n"
                   "EXPOSE 80 53/udp 8000-8001\nVOLUME /data\nUSER 1000:1000\nWORKDIR /w\nWORKDIR sub\n"
                   "STOPSIGNAL SIGUSR1\nHEALTHCHECK --interval=5s --retries=2 CMD test -f /x\n"
                   "ENTRYPOINT [\"echo\"]\nCMD [\"a\", \"b\"]\nONBUILD RUN true\n",
                   "--label", "z=1", "--build-arg", "who=bob")
        config = self.config()
        self.assertEqual(config["Labels"], {"a": "b", "c d": "e f", "z": "1"})
        self.assertIn("B=x bob", config["Env"])
        self.assertEqual(sorted(config["ExposedPorts"]), ["53/udp", "80/tcp", "8000/tcp", "8001/tcp"])
        self.assertEqual(list(config["Volumes"]), ["/data"])
        self.assertEqual((config["User"], config["WorkingDir"]), ("1000:1000", "/w/sub"))
        self.assertEqual(config["StopSignal"], "SIGUSR1")
        self.assertEqual(config["Healthcheck"]["Test"], ["CMD-SHELL", "test -f /x"])
        self.assertEqual((config["Entrypoint"], config["Cmd"]), (["echo"], ["a", "b"]))
        self.assertEqual(config["OnBuild"], ["RUN true"])
        self.assertEqual(self.ok("run", "--rm", self.tag), "a b")

    def test_an_entrypoint_takes_the_inherited_command_away(self):
        self.build("FROM busybox\nENTRYPOINT [\"echo\", \"x\"]\n")
        self.assertFalse(self.config().get("Cmd"))

    def test_copies_as_docker_copies(self):
        self.file("a.txt", "a", 0o640)
        self.file("b.txt", "b")
        self.file("dir/d", "d", 0o755)
        self.file("dir/sub/e", "e")
        os.symlink("d", self.dir / "dir/link")
        self.build("FROM busybox\nWORKDIR /w\nCOPY a.txt .\nCOPY a.txt renamed\nCOPY *.txt /txt/\n"
                   "COPY dir /copied\nCOPY dir /copied/again/\nCOPY [\"b.txt\", \"/with blank\"]\n"
                   "COPY --chown=12:34 b.txt /owned\n")
        self.assertEqual(self.shell("cat /w/a.txt /w/renamed '/with blank' /txt/b.txt"), "aabb")
        self.assertEqual(self.shell("stat -c '%a %u %g' /w/a.txt /owned /copied/d"), "640 0 0\n644 12 34\n755 0 0")
        self.assertEqual(self.shell("readlink /copied/link; cat /copied/again/sub/e"), "d\ne")

    def test_adds_archives(self):
        with tarfile.open(self.dir / "x.tar.gz", "w:gz") as tar:
            info = tarfile.TarInfo("in/file")
            info.size, info.uid, info.mode = 2, 42, 0o600
            tar.addfile(info, io.BytesIO(b"hi"))
        self.file("fake.gz", "no archive")
        self.build("FROM busybox\nADD x.tar.gz /unpacked/\nADD fake.gz /fake\nCOPY x.tar.gz /kept\n")
        self.assertEqual(self.shell("cat /unpacked/in/file; stat -c ' %u %a' /unpacked/in/file"), "hi 42 600")
        self.assertEqual(self.shell("cat /fake; test -s /kept && echo kept"), "no archivekept")

    def test_stages(self):
        out = self.build("FROM busybox AS one\nRUN echo 1 > /one\nFROM busybox AS two\n"
                         "RUN echo 2 > /two\nFROM busybox\nCOPY --from=one /one /\nCOPY --from=1 /two /2\n")
        self.assertEqual(self.shell("cat /one /2"), "1\n2")
        self.assertIn("Successfully", out)
        self.build("FROM busybox AS one\nRUN echo 1 > /one\nFROM one\nRUN exit 9\n", "--target", "one")
        self.assertEqual(self.shell("cat /one"), "1")

    def test_arguments_have_scopes(self):
        self.build("ARG tag=latest\nARG top=seen\nFROM busybox:$tag\nARG top\nARG own=def\n"
                   "RUN echo \"$top/$own/${none:-unset}\" > /out\n", "--build-arg", "own=given")
        self.assertEqual(self.shell("cat /out; echo [$own]"), "seen/given/unset\n[]")

    def test_triggers_run_in_the_next_build(self):
        base = self.name + ":base"
        self.addCleanup(self.docker, "rmi", "-f", base)
        self.file("Dockerfile", "FROM busybox\nONBUILD RUN echo triggered > /trigger\n")
        self.ok("build", "-t", base, str(self.dir))
        out = self.build(f"FROM {base}\nRUN cat /trigger\n")
        self.assertIn("# Executing 1 build trigger", out)
        self.assertFalse(self.config().get("OnBuild"))

    def test_ignored_files_are_not_in_the_context(self):
        self.file("secret.key")
        self.file("keep.key", "kept")
        self.file("out/deep/x")
        self.file("out/keep", "k")
        self.file(".dockerignore", "# comment\n*.key\n!keep.key\nout\n!out/keep\n.dockerignore\nDockerfile\n")
        self.build("FROM busybox\nCOPY . /ctx\n")
        self.assertEqual(self.shell("cd /ctx; find . -type f | sort"), "./keep.key\n./out/keep")

    def test_content_and_mode_decide_what_is_cached(self):
        f = self.file("f", "1" + self.name)  # another client's run may have filled the cache
        dockerfile = "FROM busybox\nCOPY f /f\nRUN cat /f\n"
        self.build(dockerfile)
        os.utime(f, (1, 1))
        self.assertEqual(self.build(dockerfile).count("Using cache"), 2)
        f.chmod(0o600)
        self.assertEqual(self.build(dockerfile).count("Using cache"), 0)
        f.write_text("2" + self.name)
        self.assertEqual(self.build(dockerfile).count("Using cache"), 0)
        self.assertEqual(self.build(dockerfile, "--no-cache").count("Using cache"), 0)
        self.assertEqual(self.build(dockerfile).count("Using cache"), 2)

    def test_steps_that_touch_no_file_are_cached(self):
        dockerfile = f"FROM busybox\nENV x={self.name}\nARG a\nENV y=$a\nLABEL l=1\nCMD [\"true\"]\n"
        first = self.build(dockerfile)
        self.assertEqual(first.count("Using cache"), 0)
        written = self.ok("image", "inspect", "--format", "{{.Metadata.LastTagTime}}", self.tag)
        again = self.build(dockerfile)
        self.assertEqual(again.count("Using cache"), 5)
        self.assertEqual(self.ok("image", "inspect", "--format", "{{.Metadata.LastTagTime}}", self.tag), written,
                         "what is all there is not written again")
        self.assertEqual(first.split("Successfully built ")[1], again.split("Successfully built ")[1])
        # A step that differs is done, and so is all that follows it.
        self.assertEqual(self.build(dockerfile, "--build-arg", "a=given").count("Using cache"), 2)
        self.assertIn("y=given", self.config()["Env"])
        self.assertEqual(self.build(dockerfile.replace("l=1", "l=2")).count("Using cache"), 3)
        self.assertEqual(self.build(dockerfile, "--no-cache").count("Using cache"), 0)

    def test_a_failing_command_fails_the_build(self):
        done = self.refused("The command '/bin/sh -c exit 3' returned a non-zero code: 3", "FROM busybox\nRUN exit 3\n")
        self.assertEqual(done.returncode, 3)
        self.refused("returned a non-zero code: 127", "FROM busybox\nRUN no-such-program\n")
        self.assertEqual(self.ok("ps", "-aq"), "")

    def test_what_is_wrong_is_named(self):
        self.refused("unknown instruction: RUNN", "FROM busybox\nRUNN x\n")
        self.refused("FROM requires either one or three arguments", "FROM\n")
        self.refused("cannot be empty", " \n")
        self.refused("file does not exist", "FROM busybox\nCOPY missing /\n")
        self.refused("no source files were specified", "FROM busybox\nCOPY no*such /\n")
        self.refused("must be a directory and end with a /", "FROM busybox\nCOPY Dockerfile Dockerfile /x\n")
        self.refused("invalid proto", "FROM busybox\nEXPOSE 80/xyz\n")
        self.refused("nvalid signal", "FROM busybox\nSTOPSIGNAL FROB\n")
        self.refused("requires the arguments to be in JSON form", "FROM busybox\nSHELL sh\n")

    def test_links_of_a_context_stay_inside(self):
        os.symlink("/etc/passwd", self.dir / "absolute")
        os.symlink("../../../../../../etc/passwd", self.dir / "relative")
        self.file("etc/passwd", "of the context")
        self.build("FROM busybox\nCOPY absolute /a\nCOPY relative /r\n")
        self.assertEqual(self.shell("cat /a /r"), "of the context" * 2)

    def test_links_of_an_image_stay_inside(self):
        mark = f"/tmp/{self.name}"
        self.file("f", "x")
        self.build(f"FROM busybox\nRUN ln -s {mark} /way && ln -s ../../../../../..{mark} /way2\n"
                   "COPY f /way/f\nCOPY f /way2/f\nWORKDIR /way/w\n")
        self.assertFalse(os.path.exists(mark))
        self.assertEqual(self.shell(f"ls {mark}"), "f\nw")

    def test_a_hostile_archive_as_context(self):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            for name, data in (("Dockerfile", b"FROM busybox\nCOPY . /x\n"), ("../escaped", b"no")):
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        done = self.docker("build", "-", stdin=buffer.getvalue(), text=False)
        self.assertNotEqual(done.returncode, 0)

    def test_a_dockerfile_on_stdin(self):
        out = self.ok("build", "-t", self.tag, "-", stdin="FROM busybox\nRUN echo piped\n")
        self.assertIn("piped", out)
        self.file("f", "with context")
        self.ok("build", "-t", self.tag, "-f", "-", str(self.dir), stdin="FROM busybox\nCOPY f /f\n")
        self.assertEqual(self.shell("cat /f"), "with context")

    def test_quiet_prints_the_id_alone(self):
        self.file("Dockerfile", "FROM busybox\nENV q=1\n")
        out = self.ok("build", "-q", "-t", self.tag, str(self.dir))
        self.assertRegex(out, r"^sha256:[0-9a-f]{64}$")
        self.assertEqual(self.ok("image", "inspect", "--format", "{{.Id}}", self.tag), out)
        self.ok("build", "--iidfile", str(self.dir / "id"), str(self.dir))
        self.assertTrue((self.dir / "id").read_text().startswith("sha256:"))

    def test_a_client_that_leaves_ends_the_build(self):
        self.file("Dockerfile", "FROM busybox\nRUN echo begun && sleep 1000\n")
        build = subprocess.Popen([self.client, "build", str(self.dir)], env=self.environment,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in build.stdout:
            if line.startswith("begun"):
                break
        build.send_signal(signal.SIGINT)
        build.wait(20)
        build.stdout.close()
        self.eventually(lambda: self.ok("ps", "-q") == "")

    def test_network_none_and_hosts(self):
        self.build("FROM busybox\nRUN ip -o link | grep -v lo: | wc -l > /links; cat /etc/hosts > /hosts.seen\n",
                   "--network", "none", "--add-host", "somebody:10.1.2.3")
        self.assertEqual(self.shell("cat /links"), "0")
        self.assertIn("somebody", self.shell("cat /hosts.seen"))

    def test_a_file_by_url(self):
        self.file("served/good.txt", "data")
        inside = []
        if self.daemon.engine is not None:  # the daemon has a network of its own
            inside = ["nsenter", "-n", "-t", str(self.daemon.engine.holder.pid)]
        server = subprocess.Popen([*inside, "python3", "-u", "-m", "http.server", "--bind", "127.0.0.1", "0",
                                   "--directory", str(self.dir / "served")],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        port = server.stdout.readline().split(" port ")[1].split()[0]
        at = f"http://127.0.0.1:{port}"
        self.build(f"FROM busybox\nADD {at}/good.txt /dir/\n")
        self.assertEqual(self.shell("cat /dir/good.txt; stat -c %a /dir/good.txt"), "data600")
        self.refused("404", f"FROM busybox\nADD {at}/missing /x\n")


class Modern(Base):
    """What BuildKit's users expect, and docker's classic builder refuses."""

    def test_heredocs(self):
        self.build("FROM busybox\nARG x=y\nRUN <<EOF\nset -e\necho one > /one\necho two > /two\nEOF\n"
                   "COPY <<A <<\"B\" /docs/\nis $x\nA\nis $x\nB\nRUN cat <<E > /three\nthree\nE\n")
        self.assertEqual(self.shell("cat /one /two /docs/A /docs/B /three"), "one\ntwo\nis y\nis $x\nthree")

    def test_run_mounts(self):
        self.file("dir/f", "mounted")
        dockerfile = ("FROM busybox\nRUN --mount=type=bind,source=dir,target=/m cat /m/f > /f && ! touch /m/x\n"
                      "RUN --mount=type=tmpfs,target=/t touch /t/x\n"
                      "RUN --mount=type=cache,target=/c,id={} echo x >> /c/n && wc -l < /c/n > /n\n")
        self.build(dockerfile.format(self.name))
        self.build(dockerfile.format(self.name), "--no-cache")
        self.assertEqual(self.shell("cat /f /n; ls -d /m /t /c 2>&1 | grep -c 'No such'"), "mounted2\n3")

    def test_copy_flags(self):
        self.file("a/b/c.txt", "c")
        self.file("a/b/d.log", "d")
        self.build("FROM busybox\nCOPY --chmod=0600 --parents a/b/c.txt /p/\nCOPY --exclude=*.log a/b /e/\n"
                   "COPY --link a/b/d.log /l\n")
        self.assertEqual(self.shell("stat -c %a /p/a/b/c.txt; ls /e; cat /l"), "600\nc.txt\nd")

    def test_unneeded_stages_are_not_built(self):
        self.build("FROM busybox AS broken\nRUN exit 1\nFROM busybox\nRUN echo fine\n")

    def test_an_epoch_gives_the_same_image_twice(self):
        self.file("f", "x")
        dockerfile = "FROM busybox\nRUN date > /dev/null; mkdir /d; echo a > /d/a\nCOPY f /f\nWORKDIR /w\n"
        ids = []
        for wait in (0, 1.1):
            time.sleep(wait)
            self.build(dockerfile, "--no-cache", "--build-arg", "SOURCE_DATE_EPOCH=1700000000")
            ids.append(self.ok("image", "inspect", "--format", "{{.Id}}", self.tag))
        self.assertEqual(ids[0], ids[1])

    def test_errors_point_into_the_dockerfile(self):
        done = self.refused("Dockerfile:2", "FROM busybox\nCOPY nothing /\n")
        self.assertIn("    2 | COPY nothing /", done.stdout + done.stderr)
        self.refused("did you mean RUN?", "FROM busybox\nRNU x\n")

    def test_the_cache_is_pruned(self):
        self.build("FROM busybox\nRUN echo " + self.name + " > /x\n")
        self.assertIn("Total", self.ok("builder", "prune", "-a", "-f"))
        self.assertNotIn("Using cache", self.build("FROM busybox\nRUN echo " + self.name + " > /x\n"))
        self.assertEqual(self.shell("cat /x"), self.name)


    def test_steps_of_another_image(self):
        self.file("f", self.name)
        dockerfile = (f"FROM busybox\nARG who\nENV x={self.name}-$who\nRUN echo $x > /x\nCOPY f /f\nWORKDIR /w\n"
                      "CMD [\"cat\", \"/x\"]\n")
        first = self.build(dockerfile, "--build-arg", "who=me")
        self.ok("builder", "prune", "-a", "-f")
        other = self.name + ":other"
        self.addCleanup(self.docker, "rmi", "-f", other)

        def again(*options):
            return self.ok("build", "-t", other, *options, str(self.dir))
        self.assertEqual(again("--build-arg", "who=you").count("Using cache"), 0)
        # Another argument makes another environment: only what is before it is the same.
        self.assertLess(again("--build-arg", "who=them", "--cache-from", self.tag).count("Using cache"), 2)
        self.ok("builder", "prune", "-a", "-f")
        out = again("--build-arg", "who=me", "--cache-from", self.tag)
        self.assertEqual(out.count("Using cache"), 6, out)
        self.assertEqual(out.split("Successfully built ")[1].split()[0], first.split("Successfully built ")[1].split()[0])
        self.file("f", "other")
        self.ok("builder", "prune", "-a", "-f")
        self.assertEqual(again("--build-arg", "who=me", "--cache-from", self.tag).count("Using cache"), 3)
        self.assertIn("[Warning] no image nosuchimage:x to take steps from",
                      again("--cache-from", "nosuchimage:x"))


class OwnClient(Base):
    """What only docker-cpp build can ask for."""

    def setUp(self):
        super().setUp()
        if not self.client.endswith("docker-cpp"):
            self.skipTest("of docker-cpp build only")

    def test_secrets_leave_no_trace(self):
        key = self.file("../" + self.name + ".key", "s3cret")
        self.addCleanup(key.unlink)
        dockerfile = ("FROM busybox\nRUN --mount=type=secret,id=k cat /run/secrets/k | wc -c > /n\n"
                      "RUN --mount=type=secret,id=k,env=K test ${#K} = 6\n")
        self.build(dockerfile, "--secret", f"id=k,src={key}")
        self.assertEqual(self.shell("cat /n; ls /run/secrets/k 2>&1 | grep -c 'No such'"), "6\n1")
        self.assertNotIn("s3cret", self.ok("history", "--no-trunc", self.tag))
        self.refused("secret k: not found", "FROM busybox\nRUN --mount=type=secret,id=k,required=true true\n")

    def test_named_contexts(self):
        with tempfile.TemporaryDirectory() as other:
            pathlib.Path(other, "g").write_text("other")
            self.build("FROM busybox\nCOPY --from=more g /g\n", "--build-context", "more=" + other)
        self.assertEqual(self.shell("cat /g"), "other")

    def test_outputs(self):
        self.file("f", "x")
        self.file("Dockerfile", "FROM scratch\nCOPY f /dir/f\n")
        self.ok("build", "-o", str(self.dir / "out"), str(self.dir))
        self.assertEqual((self.dir / "out/dir/f").read_text(), "x")
        self.ok("build", "-o", f"type=tar,dest={self.dir}/out.tar", str(self.dir))
        with tarfile.open(self.dir / "out.tar") as tar:
            self.assertIn("dir/f", [name.removeprefix("./") for name in tar.getnames()])

    def test_a_cache_in_a_folder(self):
        self.file("../" + self.name + ".cache/x").unlink()
        cache = str(self.dir.parent / (self.name + ".cache"))
        self.addCleanup(subprocess.run, ["rm", "-rf", cache])
        dockerfile = f"FROM busybox\nRUN echo {self.name} > /x\nENV a=b\n"
        first = self.build(dockerfile, "--cache-to", "type=local,dest=" + cache, "--cache-to", "type=inline")
        self.assertTrue(os.path.exists(cache + "/index.json"))
        self.ok("rmi", self.tag)
        self.ok("builder", "prune", "-a", "-f")
        again = self.build(dockerfile, "--cache-from", "type=local,src=" + cache)
        self.assertEqual(again.count("Using cache"), 2)
        self.assertEqual(first.split("Successfully built ")[1], again.split("Successfully built ")[1])
        self.refused('unknown cache importer: "gha"', dockerfile, "--cache-from", "type=gha")
        self.refused('unknown cache exporter: "s3"', dockerfile, "--cache-to", "type=s3,ref=x")
        self.refused("src is required", dockerfile, "--cache-from", "type=local")
        self.refused("ref is required", dockerfile, "--cache-to", "type=registry")
        self.refused("/nosuchfolder", dockerfile, "--cache-from", "type=local,src=/nosuchfolder")

    def test_progress_on_a_terminal(self):
        self.file("Dockerfile", "FROM busybox\nRUN echo shown\nENV a=b\n")
        terminal = self.terminal("build", "-t", self.tag, str(self.dir))
        terminal.until("Successfully tagged")
        self.assertEqual(terminal.wait(), 0)
        self.assertRegex(terminal.shown, r"=> \[2/3\] RUN echo shown +(\d+\.\ds|CACHED)")


if __name__ == "__main__":
    # Docker's own classic builder knows the first kind only.
    blackbox.main(*([Builds] if blackbox.UNDER_TEST else [Builds, Modern, OwnClient]))
