// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/rootfs/mount_options.hpp"

#include <sys/mount.h>

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace docker_cpp::rootfs {
namespace {

MountOptions parsed(const std::vector<std::string>& words) {
  auto options = parse_mount_options(words);
  EXPECT_TRUE(options) << options.error();
  return options.value_or(MountOptions{});
}

std::string refused(const std::vector<std::string>& words) {
  const auto options = parse_mount_options(words);
  return options ? "accepted" : options.error();
}

TEST(MountOptions, SetsAttributesOfTheMount) {
  const MountOptions options = parsed({"nosuid", "noexec", "nodev", "ro"});
  EXPECT_EQ(options.attributes.set,
            std::uint64_t{MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC |
                          MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY});
  EXPECT_EQ(options.attributes.clear, 0U);
  EXPECT_TRUE(is_read_only(options));
}

TEST(MountOptions, LaterWordsWin) {
  const MountOptions options = parsed({"ro", "nosuid", "rw"});
  EXPECT_EQ(options.attributes.set, std::uint64_t{MOUNT_ATTR_NOSUID});
  EXPECT_EQ(options.attributes.clear, std::uint64_t{MOUNT_ATTR_RDONLY});
  EXPECT_FALSE(is_read_only(options));
}

TEST(MountOptions, TreatsAccessTimesAsOneField) {
  const MountOptions options = parsed({"noatime", "strictatime"});
  EXPECT_EQ(options.attributes.set, std::uint64_t{MOUNT_ATTR_STRICTATIME});
  EXPECT_EQ(options.attributes.clear, std::uint64_t{MOUNT_ATTR__ATIME});
}

TEST(MountOptions, KeepsRecursiveAttributesApart) {
  const MountOptions options = parsed({"rbind", "rro", "rnosuid"});
  EXPECT_EQ(options.attributes.set | options.attributes.clear, 0U);
  EXPECT_EQ(options.recursive_attributes.set,
            std::uint64_t{MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID});
  EXPECT_TRUE(options.bind);
  EXPECT_TRUE(options.recursive_bind);
}

TEST(MountOptions, KnowsEveryWordOfTheSpecification) {
  const std::vector<std::string> words = {"async",
                                          "atime",
                                          "bind",
                                          "defaults",
                                          "dev",
                                          "diratime",
                                          "dirsync",
                                          "exec",
                                          "iversion",
                                          "lazytime",
                                          "loud",
                                          "mand",
                                          "noatime",
                                          "nodev",
                                          "nodiratime",
                                          "noexec",
                                          "noiversion",
                                          "nolazytime",
                                          "nomand",
                                          "norelatime",
                                          "nostrictatime",
                                          "nosuid",
                                          "nosymfollow",
                                          "private",
                                          "ratime",
                                          "rbind",
                                          "rdev",
                                          "rdiratime",
                                          "relatime",
                                          "remount",
                                          "rexec",
                                          "rnoatime",
                                          "rnodev",
                                          "rnodiratime",
                                          "rnoexec",
                                          "rnorelatime",
                                          "rnosuid",
                                          "ro",
                                          "rnosymfollow",
                                          "rprivate",
                                          "rrelatime",
                                          "rro",
                                          "rrw",
                                          "rshared",
                                          "rslave",
                                          "rsuid",
                                          "rsymfollow",
                                          "rstrictatime",
                                          "runbindable",
                                          "rw",
                                          "shared",
                                          "silent",
                                          "slave",
                                          "strictatime",
                                          "rnostrictatime",
                                          "suid",
                                          "symfollow",
                                          "sync",
                                          "tmpcopyup",
                                          "unbindable"};
  // A bind mount has no settings, so a word not understood would be refused.
  EXPECT_EQ(refused(words), "accepted");
}

TEST(MountOptions, HandsOnWhatIsTheFileSystems) {
  const MountOptions options = parsed({"mode=755", "size=64k", "inode64"});
  const std::vector<FsParameter> expected = {
      {.key = "mode", .value = "755"},
      {.key = "size", .value = "64k"},
      {.key = "inode64", .value = std::nullopt}};
  EXPECT_EQ(options.parameters, expected);
}

TEST(MountOptions, ReadsPropagation) {
  EXPECT_EQ(parsed({"rslave"}).propagation,
            static_cast<unsigned long>(MS_SLAVE));
  EXPECT_TRUE(parsed({"rslave"}).propagation_recursive);
  EXPECT_FALSE(parsed({"shared"}).propagation_recursive);
  EXPECT_FALSE(parse_propagation("everywhere"));
}

TEST(MountOptions, ReadsTheWordsOfIdMappedMounts) {
  EXPECT_TRUE(parsed({"bind", "idmap"}).map_ids);
  EXPECT_FALSE(parsed({"bind", "idmap"}).map_ids_recursive);
  EXPECT_TRUE(parsed({"bind", "ridmap"}).map_ids);
  EXPECT_TRUE(parsed({"bind", "ridmap"}).map_ids_recursive);
  EXPECT_FALSE(parsed({"bind"}).map_ids);
}

TEST(MountOptions, RefusesWhatItCannotDo) {
  EXPECT_EQ(refused({"bind", "sized=1"}),
            "'sized' is not an option of bind mounts");
  EXPECT_NE(refused({std::string("a\0b", 3)}), "accepted");
}

}  // namespace
}  // namespace docker_cpp::rootfs
