// SPDX-License-Identifier: Apache-2.0
#include "mounts.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identifiers.hpp"
#include "image_config.hpp"

#include "docker_cpp/daemon/api_error.hpp"

namespace docker_cpp::daemon {
namespace {

TEST(Mounts, BindIsTakenApart) {
  const MountPoint mount = parse_bind("/src/:/dst/:ro,rslave");
  EXPECT_EQ(mount.type, "bind");
  EXPECT_EQ(mount.source, "/src");
  EXPECT_EQ(mount.destination, "/dst");
  EXPECT_FALSE(mount.rw);
  EXPECT_EQ(mount.propagation, "rslave");
  const MountPoint volume = parse_bind("data:/var/lib");
  EXPECT_EQ(volume.type, "volume");
  EXPECT_EQ(volume.name, "data");
  EXPECT_TRUE(volume.rw);
}

TEST(Mounts, NonsenseIsRefused) {
  for (const char* text : {"", "/only", ":/dst", "/src:", "/src:relative",
                           "/src:/", "/a:/b:x", "/a:/b:ro:more"}) {
    EXPECT_THROW(static_cast<void>(parse_bind(text)), ApiError) << text;
  }
}

TEST(Mounts, VolumeOfTheImageGivesWayToWhatTheUserMounts) {
  Config config;
  config.volumes = {"/data", "/more"};
  HostConfig host;
  host.binds = {"/src:/data"};
  const auto mounts = requested_mounts(config, host);
  ASSERT_EQ(mounts.size(), 2U);
  EXPECT_EQ(mounts[0].source, "/src");
  EXPECT_EQ(mounts[1].destination, "/more");
  EXPECT_TRUE(mounts[1].name.empty());
  host.binds.emplace_back("/other:/data");
  EXPECT_THROW(static_cast<void>(requested_mounts(config, host)), ApiError);
}

TEST(Identifiers, IdIsHexAndNamesAreAllowed) {
  const std::string id = new_id();
  EXPECT_EQ(id.size(), 64U);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_NE(id, new_id());
  for (int i = 0; i < 100; ++i) {
    EXPECT_NO_THROW(check_name(made_up_name(i % 2)));
  }
  for (const char* name : {"a", "-bad", "b/d", "b d", ""}) {
    EXPECT_THROW(check_name(name), ApiError) << name;
  }
}

TEST(Identifiers, SignalsByNameAndNumber) {
  EXPECT_EQ(parse_signal("TERM"), 15);
  EXPECT_EQ(parse_signal("sigkill"), 9);
  EXPECT_EQ(parse_signal("10"), 10);
  EXPECT_EQ(parse_signal("SIGRTMIN+3"), 37);
  for (const char* name : {"", "0", "65", "-1", "NOSUCH", "9x"}) {
    EXPECT_THROW(static_cast<void>(parse_signal(name)), ApiError) << name;
  }
}

TEST(ImageConfig, MergesByDockersRules) {
  Config config;
  config.env = {"A=mine"};
  images::ImageConfig image;
  image.env = {"A=image", "B=image"};
  image.cmd = Strings{"serve"};
  image.entrypoint = Strings{"/entry"};
  image.labels = {{"k", "image"}};
  Config plain = config;
  merge_image_config(plain, image);
  EXPECT_EQ(plain.env, (Strings{"A=mine", "B=image"}));
  EXPECT_EQ(command_line(plain), (Strings{"/entry", "serve"}));
  config.entrypoint = Strings{"/own"};
  merge_image_config(config, image);
  EXPECT_EQ(command_line(config), (Strings{"/own"}));
}

TEST(ImageConfig, EmptyEntrypointOnlyResets) {
  Config config;
  config.entrypoint = Strings{""};
  config.cmd = Strings{"ls"};
  EXPECT_EQ(command_line(config), (Strings{"ls"}));
  EXPECT_THROW(static_cast<void>(command_line(Config{})), ApiError);
}

}  // namespace
}  // namespace docker_cpp::daemon
