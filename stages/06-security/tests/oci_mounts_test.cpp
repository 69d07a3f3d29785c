// SPDX-License-Identifier: Apache-2.0
// Mounts that need more than a bind: id maps, links, copies into memory.
#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "assemble_fixture.hpp"

namespace docker_cpp::oci {
namespace {

using ::testing::HasSubstr;

class Mounts : public Assemble {
 protected:
  void SetUp() override {
    fs::create_directories(source());
    spill(source() + "/file", "content\n");
    fs::create_directories(bundle_.root() + "/mnt");
  }
  [[nodiscard]] std::string source() const { return bundle_.path() + "/src"; }

  /// The template's mounts, and this one.
  Outcome with_mount(const std::string& script, const std::string& mount,
                     const std::string& patch = "{}") {
    Spec spec = parse_spec(Bundle::config({"sh", "-c", script}, patch));
    const Spec extra =
        parse_spec(Bundle::config({"true"}, R"({"mounts": [)" + mount + "]}"));
    spec.mounts.push_back(extra.mounts.at(0));
    return run(spec, options());
  }
};

TEST_F(Mounts, ABindIsIdMappedByMapsOfItsOwn) {
  const Outcome result = with_mount(
      "stat -c %u:%g /mnt/file",
      R"({"destination": "/mnt", "type": "bind", "source": ")" + source() +
          R"(", "options": ["bind", "idmap"],
          "uidMappings": [{"containerID": 0, "hostID": 1000, "size": 10}],
          "gidMappings": [{"containerID": 0, "hostID": 2000, "size": 10}]})");
  EXPECT_EQ(result.output, "1000:2000\n");
}

TEST_F(Mounts, MapsAloneAskForTheMapping) {
  const Outcome result = with_mount(
      "stat -c %u /mnt/file",
      R"({"destination": "/mnt", "type": "bind", "source": ")" + source() +
          R"(", "options": ["rbind", "ridmap", "rro"],
          "uidMappings": [{"containerID": 0, "hostID": 7, "size": 1}],
          "gidMappings": [{"containerID": 0, "hostID": 7, "size": 1}]})");
  EXPECT_EQ(result.output, "7\n");
}

TEST_F(Mounts, WithoutMapsTheContainersAreTaken) {
  for (const auto& entry : fs::recursive_directory_iterator(bundle_.root())) {
    ASSERT_EQ(::lchown(entry.path().c_str(), 100'000, 100'000), 0);
  }
  ASSERT_EQ(::chown(bundle_.root().c_str(), 100'000, 100'000), 0);
  const Outcome result =
      with_mount("stat -c %u /mnt/file; echo x > /mnt/new",
                 R"({"destination": "/mnt", "type": "bind", "source": ")" +
                     source() + R"(", "options": ["bind", "idmap"]})",
                 R"({"linux": {"namespaces": [{"type": "user"}, {"type": "pid"},
          {"type": "mount"}, {"type": "uts"}, {"type": "network"},
          {"type": "ipc"}],
          "uidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}],
          "gidMappings": [{"containerID": 0, "hostID": 100000,
                           "size": 65536}]}})");
  EXPECT_EQ(result.output, "0\n");
  struct stat info{};
  ASSERT_EQ(::stat((source() + "/new").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 0U) << "root of the container writes as root's";
}

TEST_F(Mounts, AnIdMappingThatCannotBeIsNamed) {
  const auto mount = [&](const char* type, const char* options) {
    return R"({"destination": "/mnt", "type": ")" + std::string(type) +
           R"(", "source": ")" + source() + R"(", "options": )" + options + "}";
  };
  for (const auto& one : {mount("bind", R"(["bind", "idmap"])"),
                          mount("tmpfs", R"(["idmap"])")}) {
    try {
      with_mount("true", one);
      FAIL() << one;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("idmap")) << one;
      EXPECT_THAT(error.what(), HasSubstr("/mnt")) << one;
    }
  }
}

TEST_F(Mounts, ALinkIsCopiedInsteadOfFollowed) {
  fs::create_symlink("somewhere/else", source() + "/link");
  const auto mount = [&](const char* at, const char* word) {
    return R"({"destination": ")" + std::string(at) +
           R"(", "type": "bind", "source": ")" + source() +
           R"(/link", "options": ["bind", ")" + word + "\"]}";
  };
  EXPECT_EQ(with_mount("readlink /dev/link", mount("/dev/link", "copy-symlink"))
                .output,
            "somewhere/else\n");
  EXPECT_THROW(with_mount("true", mount("/dev/link", "bind")), Error)
      << "followed, it leads nowhere";
}

TEST_F(Mounts, ASourceThatIsALinkIsBoundAsSuch) {
  fs::create_symlink("file", source() + "/link");
  spill(bundle_.root() + "/target", "");
  fs::create_symlink("nowhere", bundle_.root() + "/dangling");
  const std::string from =
      R"("type": "bind", "source": ")" + source() + R"(/link", "options": )";
  EXPECT_EQ(
      with_mount("readlink /target", R"({"destination": "/target", )" + from +
                                         R"(["bind", "src-nofollow"]})")
          .output,
      "file\n");
  EXPECT_EQ(with_mount("readlink /dangling",
                       R"({"destination": "/dangling", )" + from +
                           R"(["bind", "src-nofollow", "dest-nofollow"]})")
                .output,
            "file\n")
      << "the link itself is covered, not what it leads to";
}

TEST_F(Mounts, CopiesIntoMemoryAreChargedToTheContainer) {
  constexpr std::uint64_t size = 8U << 20;
  fs::create_directories(bundle_.root() + "/data");
  spill(bundle_.root() + "/data/big", std::string(size, 'x'));
  Spec spec = parse_spec(Bundle::config({"wc", "-c", "/data/big"}));
  spec.mounts.push_back({.destination = "/data",
                         .type = "tmpfs",
                         .source = "tmpfs",
                         .options = {"tmpcopyup"}});
  Assembly assembly = assemble(spec, bundle_.id(), options());
  EXPECT_GE(assembly.cgroup->statistics().memory.usage, size);
  auto process =
      namespaces::Process::start(assembly.program, assembly.isolations);
  EXPECT_EQ(process.wait(), 0);
  assembly.cgroup->remove();
  EXPECT_EQ(slurp(bundle_.path() + "/out"),
            std::to_string(size) + " /data/big\n");
}

TEST_F(Mounts, ACopyThatIsTooLargeForTheLimitSaysSo) {
  fs::create_directories(bundle_.root() + "/data");
  spill(bundle_.root() + "/data/big", std::string(8U << 20, 'x'));
  EXPECT_THROW(with_mount("true", R"({"destination": "/data", "type": "tmpfs",
          "source": "tmpfs", "options": ["tmpcopyup", "size=1m"]})"),
               Error);
}

TEST_F(Mounts, DestinationsMayBeRelative) {
  EXPECT_EQ(with_mount("cat /mnt/file",
                       R"({"destination": "mnt", "type": "bind", "source": ")" +
                           source() + R"(", "options": ["bind"]})")
                .output,
            "content\n");
}

}  // namespace
}  // namespace docker_cpp::oci
