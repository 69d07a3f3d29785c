// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace docker_cpp::testing {

inline bool have_busybox() {
  return std::filesystem::exists("/bin/busybox");
}

/// A root file system of Debian's busybox-static, in an existing directory.
inline void make_busybox_root(const std::filesystem::path& root) {
  namespace fs = std::filesystem;
  for (const char* folder : {"bin", "etc", "root", "tmp", "var"}) {
    fs::create_directories(root / folder);
  }
  fs::permissions(root / "tmp", static_cast<fs::perms>(01777));
  fs::copy_file("/bin/busybox", root / "bin/busybox");
  for (const char* applet :
       {"sh",     "cat",      "echo",  "ls",    "mount", "umount", "id",
        "stat",   "true",     "false", "sleep", "mkdir", "touch",  "rm",
        "chroot", "readlink", "tty",   "test",  "head",  "wc",     "pwd",
        "ln",     "mknod",    "dd",    "grep",  "ps"}) {
    fs::create_symlink("busybox", root / "bin" / applet);
  }
  std::ofstream(root / "etc/passwd") << "root:x:0:0:root:/root:/bin/sh\n"
                                        "nobody:x:65534:65534::/:/bin/false\n";
  std::ofstream(root / "etc/group") << "root:x:0:\nnogroup:x:65534:\n";
}

}  // namespace docker_cpp::testing
