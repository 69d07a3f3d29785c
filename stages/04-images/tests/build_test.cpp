// SPDX-License-Identifier: Apache-2.0
// What COPY finds, how it is hashed and copied, and what the cache remembers.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "docker_cpp/images/build_cache.hpp"
#include "docker_cpp/images/build_copy.hpp"
#include "docker_cpp/images/image.hpp"
#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/testing/temporary_directory.hpp"

namespace docker_cpp::images {
namespace {

using ::testing::HasSubstr;

class Copying : public ::testing::Test {
 protected:
  Copying() {
    std::filesystem::create_directories(from_path() + "/dir/sub");
    std::filesystem::create_directories(into_path());
    write("a.txt", "a");
    write("b.txt", "b");
    write("dir/c", "c");
    write("dir/sub/d", "d");
    from_.emplace(must(rootfs::RootFd::of(from_path()), "open"));
    into_.emplace(must(rootfs::RootFd::of(into_path()), "open"));
  }

  std::string from_path() const { return folder_ / "from"; }
  std::string into_path() const { return folder_ / "into"; }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(from_path() + "/" + name) << text;
  }

  std::string copied(const std::string& name) const {
    return into_->read_file(name).value_or("(missing)");
  }

  void copy(const std::string& pattern, const std::string& destination,
            const CopyRules& rules = {}) {
    CopySource source(*from_);
    source.add(pattern, rules);
    source.copy(*into_, destination, rules);
  }

  std::string digest(const std::string& pattern, const CopyRules& rules = {}) {
    CopySource source(*from_);
    source.add(pattern, rules);
    return source.digest(rules).text();
  }

  std::string refusal(const std::string& pattern) {
    try {
      CopySource source(*from_);
      source.add(pattern, {});
      return "accepted";
    } catch (const ImageError& error) {
      return error.what();
    }
  }

  testing::TemporaryDirectory folder_;
  std::optional<rootfs::RootFd> from_;
  std::optional<rootfs::RootFd> into_;
};

TEST_F(Copying, FilesFoldersAndPatterns) {
  copy("a.txt", "/x");
  EXPECT_EQ(copied("/x"), "a");
  copy("a.txt", "/d/");
  EXPECT_EQ(copied("/d/a.txt"), "a");
  copy("*.txt", "/p/");
  EXPECT_EQ(copied("/p/b.txt"), "b");
  copy("dir", "/whole");
  EXPECT_EQ(copied("/whole/sub/d"), "d");
  copy("d*/su?/d", "/deep");
  EXPECT_EQ(copied("/deep"), "d");
}

TEST_F(Copying, ParentsAndExclusions) {
  CopyRules rules;
  rules.parents = true;
  copy("dir/sub/d", "/p/", rules);
  EXPECT_EQ(copied("/p/dir/sub/d"), "d");
  copy("dir/./sub/d", "/q/", rules);
  EXPECT_EQ(copied("/q/sub/d"), "d");
  CopyRules without;
  without.exclude = *dockerfile::IgnoreList::of({"**/d"});
  copy("dir", "/e", without);
  EXPECT_EQ(copied("/e/c"), "c");
  EXPECT_EQ(copied("/e/sub/d"), "(missing)");
}

TEST_F(Copying, OwnerAndMode) {
  CopyRules rules;
  rules.owner = rootfs::Owner{.uid = 12, .gid = 34};
  rules.chmod = "0640";
  copy("a.txt", "/new/x", rules);
  const auto file = must(into_->stat("/new/x"), "stat");
  EXPECT_EQ(file.st_uid, 12U);
  EXPECT_EQ(file.st_gid, 34U);
  EXPECT_EQ(file.st_mode & 07777, 0640U);
  EXPECT_EQ(must(into_->stat("/new"), "stat").st_uid, 12U);
}

TEST_F(Copying, NothingOutsideIsReadOrWritten) {
  std::filesystem::create_symlink("/etc/hostname", from_path() + "/out");
  EXPECT_THAT(refusal("out"), HasSubstr("file does not exist"));
  EXPECT_THAT(refusal("../into"), HasSubstr("forbidden path"));
  EXPECT_THAT(refusal("missing"), HasSubstr("file does not exist"));
  EXPECT_EQ(refusal("no*"), "no source files were specified");
  EXPECT_THAT(refusal("[z"), HasSubstr("syntax error in pattern"));
  const std::string outside = folder_ / "outside";
  std::filesystem::create_directories(outside);
  std::filesystem::create_symlink(outside, into_path() + "/way");
  copy("a.txt", "/way/a");
  EXPECT_TRUE(std::filesystem::is_empty(outside));
}

TEST_F(Copying, AFolderIsNotReplacedByAFile) {
  std::filesystem::create_directories(into_path() + "/t/c");
  EXPECT_THROW(copy("dir", "/t"), ImageError);
  copy("a.txt", "/f");
  EXPECT_THROW(copy("dir", "/f"), ImageError);
}

TEST_F(Copying, ContentModeAndNamesDecideTheDigestTimesDoNot) {
  const std::string before = digest("dir");
  const std::filesystem::path file = from_path() + "/dir/c";
  std::filesystem::last_write_time(file, {});
  EXPECT_EQ(digest("dir"), before);
  ::chmod(file.c_str(), 0600);
  const std::string other_mode = digest("dir");
  EXPECT_NE(other_mode, before);
  write("dir/c", "C");
  EXPECT_NE(digest("dir"), other_mode);
  CopyRules owned;
  owned.owner = rootfs::Owner{.uid = 1, .gid = 1};
  EXPECT_NE(digest("dir", owned), digest("dir"));
  const std::string with_c = digest("dir");
  std::filesystem::rename(file, from_path() + "/dir/renamed");
  EXPECT_NE(digest("dir"), with_c);
}

TEST(Modes, OctalAndSymbolic) {
  EXPECT_EQ(change_mode("", S_IFREG | 0644), S_IFREG | 0644U);
  EXPECT_EQ(change_mode("0755", S_IFREG | 0644), S_IFREG | 0755U);
  EXPECT_EQ(change_mode("u=rwX,go=rX", S_IFREG | 0600), S_IFREG | 0644U);
  EXPECT_EQ(change_mode("u=rwX,go=rX", S_IFDIR | 0700), S_IFDIR | 0755U);
  EXPECT_EQ(change_mode("a+x,g-r", S_IFREG | 0644), S_IFREG | 0715U);
  for (const char* bad : {"99", "10000", "x", "u?r", "u+q"}) {
    EXPECT_THROW(static_cast<void>(change_mode(bad, S_IFREG)), ImageError)
        << bad;
  }
}

TEST(BuildCaches, SurviveAndLoseOnlyWhatIsDamaged) {
  const testing::TemporaryDirectory folder;
  const int root = ::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY);
  const std::string one(64, '1');
  const std::string two(64, '2');
  {
    BuildCache cache(root);
    cache.add({.key = one, .chain_id = "", .description = "RUN x"});
    cache.add({.key = two, .chain_id = "", .description = "RUN y"});
  }
  std::ofstream(folder / ("build/cache/" + two)) << "damaged";
  std::ofstream(folder / "build/cache/stranger") << "";
  BuildCache cache(root);
  ASSERT_TRUE(cache.find(one));
  EXPECT_EQ(cache.find(one)->description, "RUN x");
  EXPECT_FALSE(cache.find(two));
  EXPECT_EQ(cache.list().size(), 1U);
  cache.remove(one);
  EXPECT_TRUE(BuildCache(root).list().empty());
  ::close(root);
}

TEST(ImageConfigs, ArePrintedAsTheyAreParsed) {
  Image image;
  image.architecture = "amd64";
  image.os = "linux";
  image.created_text = "2026-01-01T00:00:00Z";
  image.config.env = {"A=1"};
  image.config.cmd = {"sh"};
  image.config.exposed_ports = {"80/tcp"};
  image.config.healthcheck = Healthcheck{.test = {"CMD", "x"}, .retries = 3};
  image.history = {{.created = "2026-01-01T00:00:00Z",
                    .created_by = "RUN x",
                    .author = "",
                    .comment = "",
                    .empty_layer = true}};
  std::string json = print_image_config(image);
  json.insert(1, R"("rootfs":{"type":"layers","diff_ids":[]},)");
  const Image again = parse_image_config(json);
  EXPECT_EQ(again.config.env, image.config.env);
  EXPECT_EQ(again.config.cmd, image.config.cmd);
  EXPECT_EQ(again.config.exposed_ports, image.config.exposed_ports);
  EXPECT_EQ(again.config.healthcheck->retries, 3);
  EXPECT_TRUE(again.history.at(0).empty_layer);
  EXPECT_EQ(print_image_config(again), print_image_config(image));
}

}  // namespace
}  // namespace docker_cpp::images
