// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/record.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::daemon {
namespace {

using Kind = RecordProblem::Kind;

class Record : public testing::Test {
 protected:
  Record() {
    std::string name = "/tmp/docker-cpp-record-XXXXXX";
    path_ = ::mkdtemp(name.data());
    dir_ = must(sys::open(path_.c_str(), O_RDONLY | O_DIRECTORY), "open");
  }
  ~Record() override { std::filesystem::remove_all(path_); }

  void overwrite(const std::string& content) const {
    std::ofstream(path_ + "/record", std::ios::trunc) << content;
  }

  std::string path_;
  sys::UniqueFd dir_;
};

TEST_F(Record, ReadsBackWhatWasWrittenLast) {
  write_record(dir_.get(), "record", "{\"a\":1}");
  write_record(dir_.get(), "record", "{\"b\":22}", Durability::volatile_record);
  EXPECT_EQ(read_record(dir_.get(), "record").value(), "{\"b\":22}");
}

TEST_F(Record, LeavesNothingBeside) {
  write_record(dir_.get(), "record", "{}");
  int files = 0;
  for ([[maybe_unused]] const auto& one :
       std::filesystem::directory_iterator(path_)) {
    ++files;
  }
  EXPECT_EQ(files, 1);
}

TEST_F(Record, TellsMissingFromDamaged) {
  EXPECT_EQ(read_record(dir_.get(), "record").error().kind, Kind::missing);
  overwrite("");
  EXPECT_EQ(read_record(dir_.get(), "record").error().kind, Kind::damaged);
}

TEST_F(Record, FailedWriteKeepsTheOldOneAndNamesTheRecord) {
  write_record(dir_.get(), "record", "old");
  std::filesystem::create_directory(path_ + "/.record.new");
  try {
    write_record(dir_.get(), "record", "new");
    FAIL() << "written through a folder";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("record 'record'"));
  }
  EXPECT_EQ(read_record(dir_.get(), "record").value(), "old");
}

TEST_F(Record, SetAsideKeepsTheContent) {
  overwrite("rubbish");
  EXPECT_TRUE(set_aside(dir_.get(), "record"));
  EXPECT_EQ(read_record(dir_.get(), "record").error().kind, Kind::missing);
  EXPECT_TRUE(std::filesystem::exists(path_ + "/record.damaged"));
}

TEST(RecordFrame, EveryBitFlipIsSeen) {
  const std::string whole = frame_record("{\"name\":\"web\"}");
  ASSERT_TRUE(unframe_record(whole));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string bad = whole;
      bad[at] =
          static_cast<char>(static_cast<unsigned char>(bad[at]) ^ (1U << bit));
      const auto read = unframe_record(bad);
      // The hexadecimal digits of the checksum may change their case.
      EXPECT_TRUE(!read || *read == "{\"name\":\"web\"}")
          << "byte " << at << " bit " << bit;
    }
  }
}

TEST(RecordFrame, EveryTruncationIsSeen) {
  const std::string whole = frame_record("{\"name\":\"web\"}");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(unframe_record(whole.substr(0, length))) << length;
  }
  EXPECT_FALSE(unframe_record(whole + "x"));
}

TEST(RecordFrame, NewerFormatIsNotCalledDamaged) {
  EXPECT_EQ(unframe_record("docker-cpp-record 2 0 00000000\n\n").error().kind,
            Kind::newer);
}

}  // namespace
}  // namespace docker_cpp::daemon
