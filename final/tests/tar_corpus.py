# SPDX-License-Identifier: Apache-2.0
"""Archives that want out of the folder they are unpacked in, and archives that
are odd but right. Each is (name, bytes)."""
import io
import struct
import tarfile

TYPES = {"file": b"0", "hardlink": b"1", "symlink": b"2", "chr": b"3", "blk": b"4", "dir": b"5", "fifo": b"6"}


def octal(value, width):
    return b"%0*o\0" % (width - 1, value)


def block(data):
    return data + b"\0" * (-len(data) % 512)


def raw(name, kind="file", link=b"", data=b"", size=None, mode=0o755, uid=0, mtime=0, typeflag=None, magic=b"ustar\00000",
        checksum=None, size_field=None, uid_field=None):
    """One header as it is wanted, right or wrong, and its data."""
    name = name if isinstance(name, bytes) else name.encode()
    link = link if isinstance(link, bytes) else link.encode()
    size = len(data) if size is None else size
    head = bytearray(512)
    head[0:100] = name[:100].ljust(100, b"\0")
    head[100:108] = octal(mode, 8)
    head[108:116] = uid_field or octal(uid, 8)
    head[116:124] = octal(0, 8)
    head[124:136] = size_field or octal(size, 12)
    head[136:148] = octal(mtime, 12)
    head[148:156] = b" " * 8
    head[156:157] = typeflag or TYPES[kind]
    head[157:257] = link[:100].ljust(100, b"\0")
    head[257:265] = magic
    head[329:345] = octal(1, 8) + octal(3, 8)
    head[148:156] = octal(sum(head) if checksum is None else checksum, 7) + b" "
    return bytes(head) + block(data)


def pax(records, kind=b"x"):
    text = b""
    for key, value in records.items():
        key = key if isinstance(key, bytes) else key.encode()
        value = value if isinstance(value, bytes) else value.encode()
        line = b" " + key + b"=" + value + b"\n"
        length = len(line)
        while len(str(length)) + len(line) != length:
            length = len(str(length)) + len(line)
        text += str(length).encode() + line
    return raw("pax", data=text, typeflag=kind)


def gnu_long(text, kind=b"L"):
    return raw("././@LongLink", data=text + b"\0", typeflag=kind, magic=b"ustar  \0")


END = b"\0" * 1024


def hostile(canary):
    """`canary` is a folder of the host with a file named `file`."""
    out = []

    def add(name, *parts, end=END):
        out.append((name, b"".join(parts) + end))

    names = {"absolute": f"{canary}/planted", "absolute existing": f"{canary}/file", "double slash": f"/{canary}/planted",
             "dots in the middle": f"a/../../../../../../..{canary}/planted", "dots at the end": f"..{canary}/..",
             "only dots": "..", "dots and slash": "../", "the root": "/", "nothing": "", "a nul": b"a\0/../b",
             "not utf-8": b"\xff\xfe/../../x", "dots after dot": f"./.././..{canary}/planted"}
    names.update({f"{n} times up": "../" * n + canary[1:] + "/planted" for n in (1, 2, 5, 12)})
    for what, name in names.items():
        for kind in TYPES:
            add(f"{kind} with {what}", raw(name, kind, link=f"{canary}/file", data=b"bad" if kind == "file" else b""))
    targets = {"absolute link": canary, "link upwards": "../" * 12 + canary[1:], "link to /proc": f"/proc/self/root{canary}",
               "link to its cwd": "/proc/self/cwd"}
    seconds = {"file": raw("l/planted", data=b"bad"), "folder": raw("l/planted", "dir"), "link": raw("l/planted", "symlink", "x"),
               "hard link": raw("l/planted", "hardlink", "l/file"), "fifo": raw("l/planted", "fifo"),
               "device": raw("l/planted", "chr"), "whiteout": raw("l/.wh.file"), "opaque": raw("l/.wh..wh..opq"),
               "the folder itself": raw("l/", "dir", mode=0o777), "file over file": raw("l/file", data=b"bad")}
    for what, target in targets.items():
        for second, entry in seconds.items():
            add(f"{second} through {what}", raw("l", "symlink", target), entry)
    for depth in (2, 5, 45):
        chain = [raw("l0", "symlink", canary)] + [raw(f"l{i}", "symlink", f"l{i - 1}") for i in range(1, depth)]
        add(f"chain of {depth} links", *chain, raw(f"l{depth - 1}/planted", data=b"bad"))
    for target in (f"{canary}/file", "../" * 12 + canary[1:] + "/file", "/etc/shadow"):
        add(f"write through a hard link to {target[:9]}", raw("h", "hardlink", target), raw("h", data=b"bad"))
        add(f"write through a hard link to a link to {target[:9]}", raw("l", "symlink", target), raw("h", "hardlink", "l"),
            raw("h", data=b"bad"))
        add(f"mode through a link to {target[:9]}", raw("l", "symlink", target), raw("l", mode=0o777, data=b""))
    add("folder becomes link", raw("d", "dir"), raw("d", "symlink", canary), raw("d/planted", data=b"bad"))
    add("link becomes folder", raw("d", "symlink", canary), raw("d", "dir"), raw("d/planted", data=b"in it"))
    add("links in a circle", raw("a", "symlink", "b"), raw("b", "symlink", "a"), raw("a/planted", data=b"bad"))
    add("hard link to itself", raw("a", "hardlink", "a"))
    add("hard link to what is not there", raw("a", "hardlink", "nothing"))
    add("file under a file", raw("a", data=b"x"), raw("a/b", data=b"bad"))
    for name in (".wh.", ".wh...", ".wh..", "a/.wh.../", ".wh./etc"):
        add(f"whiteout {name}", raw(name))
    for key in ("trusted.overlay.redirect", "trusted.overlay.opaque", "trusted.overlay.metacopy", "security.selinux",
                "user.overlay.redirect", "security.ima", "trusted.x", "system.posix_acl_access"):
        add(f"attribute {key}", pax({f"SCHILY.xattr.{key}": f"{canary}/file"}), raw("x", data=b"x"))
    for where in ("path", "linkpath"):
        for value in (f"{canary}/planted", "../" * 12 + canary[1:] + "/planted", "", ".", "a\0b"):
            add(f"pax {where} {value[:9]!r}", pax({where: value}), raw("x", "symlink" if where == "linkpath" else "file", "y"))
    add("long name upwards", gnu_long(b"../" * 60 + canary[1:].encode() + b"/planted"), raw("x", data=b"bad"))
    add("long link upwards", gnu_long(b"../" * 60 + canary[1:].encode(), b"K"), raw("l", "symlink"), raw("l/planted"))
    add("name of 5000 letters", gnu_long(b"n" * 5000), raw("x", data=b"bad"))
    add("path of 5000 folders", gnu_long(b"d/" * 2500 + b"f"), raw("x", data=b"bad"))
    add("wrong sum", raw("x", data=b"x", checksum=1))
    add("cut in a header", raw("x", data=b"x")[:300], end=b"")
    add("cut in the data", raw("x", data=b"x" * 5000)[:1024], end=b"")
    add("no end", raw("x", data=b"x"), end=b"")
    add("size of 8 EiB", raw("x", size_field=b"\x80" + b"\0" * 3 + struct.pack(">Q", 1 << 63)))
    add("negative size", raw("x", size_field=b"\xff" * 12))
    add("size that is no number", raw("x", size_field=b"zzzzzzzzzzz\0"))
    add("size of 8 GiB without data", raw("x", size_field=b"77777777777\0"))
    add("owner beyond 32 bits", raw("x", uid_field=b"\x80" + b"\0" * 2 + b"\1" + b"\0" * 4))
    add("owner -1", pax({"uid": "4294967295", "gid": "4294967295"}), raw("x"))
    add("negative owner", pax({"uid": "-1"}), raw("x"))
    add("time of the far future", pax({"mtime": "99999999999999999999"}), raw("x"))
    add("pax without length", raw("pax", data=b"path=x\n", typeflag=b"x"), raw("x"))
    add("pax with a lie", raw("pax", data=b"999999999 path=x\n", typeflag=b"x"), raw("x"))
    add("pax of a megabyte", pax({"comment": "c" * (1 << 20)}), raw("x"))
    add("global pax path", pax({"path": f"{canary}/planted"}, b"g"), raw("x", data=b"bad"))
    for real, holes in (("1", "0,9999999999999,1,1"), ("99999999999999999", "0,1"), ("10", "5,9,1,9"), ("10", "-5,9")):
        add(f"sparse {holes}", pax({"GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.size": real,
                                    "GNU.sparse.numblocks": "1", "GNU.sparse.map": holes}), raw("x", data=b"x" * 9))
    for flag in (b"7", b"9", b"A", b"D", b"M", b"N", b"S", b"V", b"Z", b"\xff"):
        add(f"type {flag!r}", raw("x", data=b"x" * 10, typeflag=flag))
    add("all bytes the same", b"\xaa" * 10240, end=b"")
    add("a device of the host", raw("sda", "blk"), raw("sda", data=b"bad"))
    return out


def legal():
    """Archives that must be taken, with the names that are there afterwards."""
    out = []

    def add(name, expected, *parts, end=END):
        out.append((name, b"".join(parts) + end, expected))

    for kind in ("file", "dir", "symlink", "fifo", "chr", "blk"):
        add(f"one {kind}", ["x"], raw("x", kind, link="target", data=b"data" if kind == "file" else b""))
    for mode in (0, 0o1777, 0o4755, 0o2755, 0o7777):
        add(f"mode {mode:o}", ["x"], raw("x", mode=mode, data=b"x"))
    for name in ("./x", "././x", "x", "x/", "a/../x", ".//x", "/x"):
        add(f"name {name}", ["x"], raw(name, "dir" if name.endswith("/") else "file"))
    for name in ("with space", "ünïcode", "new\nline", "-dash", "star*", "quote'\"", "back\\slash", "...", "a" * 99, "..x", "x.."):
        add(f"name {name[:20]!r}", [name], raw(name, data=b"x"))
    add("long name (gnu)", ["d/" + "n" * 150], gnu_long(b"d/" + b"n" * 150), raw("x", data=b"x"))
    add("long name (pax)", ["d/" + "n" * 200], pax({"path": "d/" + "n" * 200}), raw("x", data=b"x"))
    add("long link (gnu)", ["x"], gnu_long(b"l" * 300, b"K"), raw("x", "symlink", "l", magic=b"ustar  \0"))
    add("parents that are not there", ["a/b/c"], raw("a/b/c", data=b"x"))
    add("the same twice", ["x"], raw("x", data=b"1"), raw("x", data=b"2"))
    add("folder after its file", ["d/x", "d"], raw("d/x", data=b"1"), raw("d", "dir", mode=0o700))
    add("file becomes folder", ["x/y"], raw("x", data=b"1"), raw("x", "dir"), raw("x/y", data=b"2"))
    add("folder becomes file", ["x"], raw("x", "dir"), raw("x", data=b"2"))
    add("hard link", ["x", "y"], raw("x", data=b"1"), raw("y", "hardlink", "x"))
    add("hard link to a link", ["x", "y"], raw("x", "symlink", "z"), raw("y", "hardlink", "x"))
    add("hard link with ./", ["x", "y"], raw("./x", data=b"1"), raw("./y", "hardlink", "./x"))
    add("through a link inside", ["d/x"], raw("d", "dir"), raw("l", "symlink", "d"), raw("l/x", data=b"1"))
    add("through an absolute link inside", ["d/x"], raw("d", "dir"), raw("l", "symlink", "/d"), raw("l/x", data=b"1"))
    add("link that dangles", ["x"], raw("x", "symlink", "/nowhere"))
    add("no end blocks", ["x"], raw("x", data=b"1"), end=b"")
    add("much padding", ["x"], raw("x", data=b"1"), end=END * 10)
    add("nothing at all", [], b"")
    add("old v7", ["x"], raw("x", data=b"1", magic=b"\0" * 8))
    add("gnu magic", ["x"], raw("x", data=b"1", magic=b"ustar  \0"))
    add("global pax comment", ["x"], pax({"comment": "of git"}, b"g"), raw("x", data=b"1"))
    add("sub-second time", ["x"], pax({"mtime": "1234567890.123456789"}), raw("x", data=b"1"))
    add("time before 1970", ["x"], pax({"mtime": "-1"}), raw("x", data=b"1"))
    add("large owner", ["x"], pax({"uid": "4000000000", "gid": "4000000000"}), raw("x", data=b"1"))
    add("attribute", ["x"], pax({"SCHILY.xattr.user.a": "b"}), raw("x", data=b"1"))
    add("unknown pax key", ["x"], pax({"VENDOR.key": "b"}), raw("x", data=b"1"))
    add("empty folder deep", ["a/b/c/d"], raw("a/b/c/d", "dir"))
    add("a megabyte", ["x"], raw("x", data=b"m" * (1 << 20)))
    add("contiguous file", ["x"], raw("x", data=b"1", typeflag=b"7"))
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w", format=form) as tar:
            entry = tarfile.TarInfo("d/" + "e" * 90)
            entry.size = 3
            tar.addfile(entry, io.BytesIO(b"abc"))
        add(f"python format {form}", ["d/" + "e" * 90], file.getvalue(), end=b"")
    return out
