// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "exercise.hpp"

namespace fs = std::filesystem;

TEST(OpenBeneath, StaysInside) {
  const fs::path place =
      fs::temp_directory_path() / ("beneath-" + std::to_string(::getpid()));
  fs::create_directories(place / "root/etc");
  std::ofstream(place / "secret") << "outside";
  std::ofstream(place / "root/etc/name") << "inside";
  std::ofstream(place / "root/a..b") << "inside";
  fs::create_symlink("/etc/name", place / "root/absolute");
  fs::create_symlink("../secret", place / "root/climbs");
  fs::create_symlink("/proc/self/root", place / "root/jumps");
  const int root = ::open((place / "root").c_str(), O_PATH | O_DIRECTORY);
  const auto read = [&](const char* path) -> std::string {
    const int fd = open_beneath(root, path);
    char text[16] = {};
    const auto size = fd < 0 ? 0 : ::read(fd, text, sizeof text - 1);
    if (fd >= 0) {
      ::close(fd);
    }
    return {text, size > 0 ? static_cast<std::size_t>(size) : 0};
  };
  EXPECT_EQ(read("etc/name"), "inside");
  EXPECT_EQ(read("a..b"), "inside") << "two dots in a name mean nothing";
  EXPECT_EQ(read("/etc/name"), "inside") << "a slash begins at the root";
  EXPECT_EQ(read("absolute"), "inside")
      << "an absolute link begins at the root: /bin is one in most images";
  EXPECT_EQ(read("../secret"), "");
  EXPECT_NE(read("climbs"), "outside")
      << "the path has no dots, and the link it names has: let the kernel "
         "resolve it, openat2(2) RESOLVE_IN_ROOT";
  const fs::path through = fs::path("jumps") / place.relative_path() / "secret";
  EXPECT_NE(read(through.c_str()), "outside");
  ::close(root);
  fs::remove_all(place);
}
