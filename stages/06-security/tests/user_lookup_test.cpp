// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/security/user_lookup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::security {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const AccountFiles files{
    .passwd =
        "root:x:0:0:root:/root:/bin/sh\n"
        "broken line\n"
        "ann:x:1000:1000::/home/ann:/bin/sh\n"
        "wrap:x:4294967296:0::/:\n"
        "2000:x:7:7::/seven:\n",
    .group = "root:x:0:\nann:x:1000:\nwheel:x:10:root,ann\naudio:x:29:ann\n"};

TEST(LookUpUser, FindsNamesAndNumbers) {
  const auto ann = look_up_user(files, "ann").value();
  EXPECT_EQ(ann.uid, 1000U);
  EXPECT_EQ(ann.gid, 1000U);
  EXPECT_EQ(ann.home, "/home/ann");
  EXPECT_THAT(ann.groups, ElementsAre(10, 29));
  EXPECT_EQ(look_up_user(files, "1000").value().home, "/home/ann");
  EXPECT_EQ(look_up_user(files, "").value().home, "/root");
}

TEST(LookUpUser, UnknownNumbersAreFineUnknownNamesAreNot) {
  const auto nobody = look_up_user(files, "12345").value();
  EXPECT_EQ(nobody.uid, 12345U);
  EXPECT_EQ(nobody.gid, 0U);
  EXPECT_EQ(nobody.home, "/");
  EXPECT_EQ(look_up_user(files, "bob").error(),
            "unable to find user bob: no matching entries in passwd file");
  EXPECT_EQ(look_up_user(files, "ann:bobs").error(),
            "unable to find group bobs: no matching entries in group file");
}

TEST(LookUpUser, AnExplicitGroupReplacesTheMemberships) {
  const auto ann = look_up_user(files, "ann:audio").value();
  EXPECT_EQ(ann.gid, 29U);
  EXPECT_THAT(ann.groups, IsEmpty());
  EXPECT_THAT(look_up_user(files, "ann:5", {"wheel", "77"}).value().groups,
              ElementsAre(10, 77));
}

TEST(LookUpUser, DigitsAreANumberOrAnErrorNeverAName) {
  EXPECT_EQ(look_up_user(files, "2000").value().uid, 2000U);
  EXPECT_THAT(look_up_user(files, "4294967296").error(),
              HasSubstr("out of range"));
  EXPECT_THAT(look_up_user(files, "2147483648").error(),
              HasSubstr("out of range"));
  EXPECT_FALSE(look_up_user(files, "wrap")) << "its uid does not fit";
}

class AccountFilesOfAnImage : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "dcpp-users-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directory(root_ / "etc");
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  AccountFiles read() {
    const auto fd = sys::open(root_.c_str(), O_PATH | O_DIRECTORY);
    return read_account_files(fd->get());
  }

  std::filesystem::path root_;
};

TEST_F(AccountFilesOfAnImage, AreReadInsideTheRoot) {
  std::ofstream(root_ / "real") << "inside";
  std::filesystem::create_symlink("/real", root_ / "etc/passwd");
  EXPECT_EQ(read().passwd, "inside");
}

TEST_F(AccountFilesOfAnImage, NeverComeFromTheHost) {
  std::filesystem::create_symlink("/etc/passwd", root_ / "etc/passwd");
  EXPECT_EQ(read().passwd, "") << "a link to itself, inside the root";
  std::filesystem::remove(root_ / "etc/passwd");
  std::filesystem::create_symlink("../../../../../../etc/hostname",
                                  root_ / "etc/group");
  EXPECT_EQ(read().group, "");
}

TEST_F(AccountFilesOfAnImage, AreRegularFilesOnly) {
  ASSERT_EQ(::mkfifo((root_ / "etc/passwd").c_str(), 0600), 0);
  EXPECT_EQ(read().passwd, "") << "and does not hang";
}

TEST_F(AccountFilesOfAnImage, HaveALimitedSize) {
  std::ofstream(root_ / "etc/passwd") << std::string(2U << 20U, 'x');
  EXPECT_EQ(read().passwd, "");
}

}  // namespace
}  // namespace docker_cpp::security
