#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes an OCI image archive of one static program, the same bytes each time.

    make_image.py busybox /bin/busybox OUT
    make_image.py hello-world PROGRAM OUT

Nothing of this machine gets in but the program: times, owners, the order of
entries and the compression are fixed.
"""
import gzip
import hashlib
import io
import json
import os
import platform
import subprocess
import sys
import tarfile

# SOURCE_DATE_EPOCH is the convention of reproducible-builds.org.
EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "1704067200"))
CREATED = "2024-01-01T00:00:00Z"
ARCH = {"x86_64": "amd64", "aarch64": "arm64"}.get(
    platform.machine(), platform.machine())

FOLDERS = {
    "bin": 0o755, "dev": 0o755, "etc": 0o755, "home": 0o755, "lib": 0o755,
    "proc": 0o755, "root": 0o700, "sys": 0o755, "tmp": 0o1777, "usr": 0o755,
    "usr/bin": 0o755, "usr/sbin": 0o755, "sbin": 0o755, "var": 0o755,
    "var/log": 0o755, "var/run": 0o755, "var/spool": 0o755,
    "var/spool/mail": 0o755, "var/tmp": 0o1777, "var/www": 0o755,
}
FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n"
                  "daemon:x:1:1:daemon:/usr/sbin:/bin/false\n"
                  "bin:x:2:2:bin:/bin:/bin/false\n"
                  "sys:x:3:3:sys:/dev:/bin/false\n"
                  "sync:x:4:100:sync:/bin:/bin/sync\n"
                  "mail:x:8:8:mail:/var/spool/mail:/bin/false\n"
                  "www-data:x:33:33:www-data:/var/www:/bin/false\n"
                  "operator:x:37:37:Operator:/var:/bin/false\n"
                  "nobody:x:65534:65534:nobody:/home:/bin/false\n",
    "etc/group": "root:x:0:\ndaemon:x:1:\nbin:x:2:\nsys:x:3:\nadm:x:4:\n"
                 "tty:x:5:\ndisk:x:6:\nwheel:x:10:root\nmail:x:8:\n"
                 "www-data:x:33:\noperator:x:37:\nusers:x:100:\n"
                 "nogroup:x:65534:\n",
    "etc/shadow": "root:*:::::::\nnobody:*:::::::\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}


def add(tar, name, kind, mode, data=b"", link=""):
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.mtime, info.linkname = kind, mode, EPOCH, link
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data) if data else None)


def busybox_layer(program):
    applets = subprocess.run(["busybox", "--list"], executable=program,
                             check=True, text=True, capture_output=True).stdout.split()
    content = open(program, "rb").read()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(FOLDERS):
            add(tar, name + "/", tarfile.DIRTYPE, FOLDERS[name])
        add(tar, "bin/busybox", tarfile.REGTYPE, 0o755, content)
        for applet in sorted(set(applets) - {"busybox"}):
            add(tar, "bin/" + applet, tarfile.LNKTYPE, 0o755,
                link="bin/busybox")
        # Scripts name it so.
        add(tar, "usr/bin/env", tarfile.LNKTYPE, 0o755, link="bin/busybox")
        for name in sorted(FILES):
            mode = 0o640 if name == "etc/shadow" else 0o644
            add(tar, name, tarfile.REGTYPE, mode, FILES[name].encode())
    return out.getvalue()


def hello_layer(program):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        add(tar, "hello", tarfile.REGTYPE, 0o755, open(program, "rb").read())
    return out.getvalue()


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def compact(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def image(name, layer, command, comment):
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9, mtime=0,
                       filename="") as stream:
        stream.write(layer)
    packed = packed.getvalue()
    config = compact({
        "architecture": ARCH, "os": "linux", "created": CREATED,
        "config": {"Cmd": command, "Env": [
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        ]},
        "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
        "history": [{"created": CREATED, "created_by": comment}],
    })
    prefix = "application/vnd.oci.image."
    manifest = compact({
        "schemaVersion": 2, "mediaType": prefix + "manifest.v1+json",
        "config": {"mediaType": prefix + "config.v1+json",
                   "digest": digest(config), "size": len(config)},
        "layers": [{"mediaType": prefix + "layer.v1.tar+gzip",
                    "digest": digest(packed), "size": len(packed)}],
    })
    full = "docker.io/library/%s:latest" % name
    index = compact({
        "schemaVersion": 2, "mediaType": prefix + "index.v1+json",
        "manifests": [{
            "mediaType": prefix + "manifest.v1+json",
            "digest": digest(manifest), "size": len(manifest),
            "platform": {"architecture": ARCH, "os": "linux"},
            "annotations": {"org.opencontainers.image.ref.name": full,
                            "io.containerd.image.name": full}}],
    })
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        add(tar, "oci-layout", tarfile.REGTYPE, 0o644,
            compact({"imageLayoutVersion": "1.0.0"}))
        add(tar, "index.json", tarfile.REGTYPE, 0o644, index)
        for blob in (manifest, config, packed):
            add(tar, "blobs/sha256/" + digest(blob)[7:], tarfile.REGTYPE,
                0o644, blob)
    return out.getvalue()


def main():
    name, program, out = sys.argv[1:4]
    if name == "busybox":
        data = image(name, busybox_layer(program), ["sh"],
                     "Debian's busybox-static and its applets")
    else:
        data = image(name, hello_layer(program), ["/hello"],
                     "a program of two system calls")
    with open(out + ".new", "wb") as file:
        file.write(data)
    os.replace(out + ".new", out)


if __name__ == "__main__":
    main()
