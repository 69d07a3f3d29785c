// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>

#include <gtest/gtest.h>

#include "../src/exchange_executable.hpp"

#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::sys {
namespace {

// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables)
int written_before = 1;       // in the data
std::string made_before;      // beyond the file's part of it
const char* relocated = "x";  // an address that the loader has filled in
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)

UniqueFd read_only_mount_of_own_file() {
  const auto own = open("/proc/self/exe", O_PATH);
  const long tree = ::syscall(SYS_open_tree, own->get(), "",
                              OPEN_TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH);
  UniqueFd mount(static_cast<int>(tree));
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  EXPECT_EQ(::syscall(SYS_mount_setattr, mount.get(), "", AT_EMPTY_PATH,
                      &attributes, sizeof attributes),
            0);
  return mount;
}

TEST(OwnExecutable, IsExchangedWhileItRuns) {
  written_before = 4711;
  made_before = std::string(100, 'x');
  const UniqueFd mount = read_only_mount_of_own_file();
  ASSERT_TRUE(exchange_executable(mount.get()));
  struct statvfs info{};
  ASSERT_EQ(::statvfs("/proc/self/exe", &info), 0);
  EXPECT_NE(info.f_flag & ST_RDONLY, 0U) << "it leads to the other mount";
  EXPECT_EQ(written_before, 4711);
  EXPECT_EQ(made_before.size(), 100U);
  EXPECT_STREQ(relocated, "x");
  // Nothing is mapped from where the file can be written.
  const std::string maps = read_file("/proc/self/maps").value_or("");
  EXPECT_EQ(maps.find("docker_cpp_namespaces_test"), std::string::npos) << maps;
  // And what is allocated, thrown and started goes on as before.
  EXPECT_THROW(static_cast<void>(std::string().at(1)), std::out_of_range);
  EXPECT_EQ(::system("true"), 0);  // NOLINT(cert-env33-c)
}

TEST(OwnExecutable, IsNotExchangedForAnotherProgram) {
  const auto other = open("/bin/sh", O_PATH);
  EXPECT_FALSE(exchange_executable(other->get()));
}

}  // namespace
}  // namespace docker_cpp::sys
