#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stand-in for criu: takes one request of its RPC, writes it down as JSON
beside the image (request.json), and answers as criu does. A dump ends the
process, a restore makes one that sleeps. CRIU_REFUSES=1: it says no.

The field numbers are those of criu's images/rpc.proto, decoded here by another
hand than the one that has encoded them.
"""
import json
import os
import signal
import socket
import sys

OPTIONS = {1: "images_dir_fd", 2: "pid", 3: "leave_running", 4: "ext_unix_sk", 5: "tcp_established", 7: "shell_job",
           8: "file_locks", 9: "log_level", 10: "log_file", 11: "ps", 12: "notify_scripts", 13: "root",
           14: "parent_img", 15: "track_mem", 16: "auto_dedup", 17: "work_dir_fd", 18: "link_remap", 23: "ext_mnt",
           24: "manage_cgroups", 25: "cg_root", 26: "rst_sibling", 27: "inherit_fd", 34: "manage_cgroups_mode",
           38: "empty_ns", 44: "freeze_cgroup", 46: "tcp_skip_in_flight", 48: "lazy_pages", 49: "status_fd",
           50: "orphan_pts_master", 53: "lsm_profile"}
MESSAGES = {"ps", "ext_mnt", "cg_root", "inherit_fd"}


def fields(data):
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
        else:
            assert key & 7 == 2, key
            size = varint()
            yield key >> 3, data[at:at + size]
            at += size


def plain(value):
    return value.decode() if isinstance(value, bytes) else value


def options(data):
    found = {}
    for number, value in fields(data):
        name = OPTIONS.get(number, str(number))
        if name in MESSAGES:
            found.setdefault(name, []).append([plain(v) for _, v in fields(value)])
        else:
            found[name] = plain(value)
    return found


def number(field, value):
    out = bytearray()
    for part in (field << 3, value):
        while part > 127:
            out.append(part & 127 | 128)
            part >>= 7
        out.append(part)
    return bytes(out)


def text(field, value):
    return number(field, 0)[:-1].replace(bytes([field << 3]), bytes([field << 3 | 2])) + bytes([len(value)]) + value


def main():
    assert sys.argv[1] == "swrk", sys.argv
    link = socket.socket(fileno=int(sys.argv[2]))
    request = dict(fields(link.recv(1 << 20)))
    asked = options(request[2])
    folder = f"/proc/self/fd/{asked['images_dir_fd']}"
    with open(f"{folder}/request.json", "w", encoding="utf-8") as file:
        json.dump({"type": request[1], **asked}, file)
    if os.environ.get("CRIU_REFUSES"):
        link.send(number(1, request[1]) + number(2, 0) + number(7, 16) + text(9, b"Device or resource busy"))
        return
    link.send(number(1, 6) + number(2, 1) + text(5, text(1, b"pre-" + (b"restore" if request[1] == 2 else b"dump"))))
    answer = dict(fields(link.recv(1 << 20)))
    assert answer == {1: 6, 3: 1}, answer
    if request[1] == 1 and not asked.get("leave_running"):
        os.kill(asked["pid"], signal.SIGKILL)
    extra = b""
    if request[1] == 2:
        # criu's "sibling" is our caller's child; a stand-in can only make a
        # child of its own, which its caller then adopts as a subreaper.
        child = os.fork()
        if child == 0:
            link.close()
            os.setsid()
            os.execvp("sleep", ["sleep", "60"])
        extra = text(4, number(1, child))
    link.send(number(1, request[1]) + number(2, 1) + extra)


main()
