// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/security/capabilities.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace docker_cpp::security {
namespace {

using ::testing::Contains;
using ::testing::Not;
using ::testing::SizeIs;

TEST(ParseCapability, TakesNamesAsDockerDoes) {
  EXPECT_EQ(parse_capability("CAP_CHOWN").value(), 1U);
  EXPECT_EQ(parse_capability("chown").value(), 1U);
  EXPECT_EQ(parse_capability("Net_Raw").value(), 1U << 13U);
  EXPECT_EQ(parse_capability("ALL").value(), all_capabilities());
}

TEST(ParseCapability, RefusesWhatIsNone) {
  EXPECT_EQ(parse_capability("flying").error(),
            "invalid capability: \"flying\"");
  EXPECT_FALSE(parse_capability(""));
  EXPECT_FALSE(parse_capability("7"));
  EXPECT_FALSE(parse_capability("cap_7"));
}

TEST(DefaultCapabilities, AreDockersFourteen) {
  const auto names = capability_names(default_capabilities());
  EXPECT_THAT(names, SizeIs(14));
  EXPECT_THAT(names, Contains("CAP_NET_BIND_SERVICE"));
  EXPECT_THAT(names, Not(Contains("CAP_SYS_ADMIN")));
}

TEST(AdjustCapabilities, AddsAndDrops) {
  const CapabilityMask base = default_capabilities();
  const CapabilityMask chown = parse_capability("CHOWN").value();
  const CapabilityMask admin = parse_capability("SYS_ADMIN").value();
  EXPECT_EQ(adjust_capabilities(base, {"SYS_ADMIN"}, {"CHOWN"}).value(),
            (base | admin) & ~chown);
  EXPECT_EQ(adjust_capabilities(base, {"CHOWN"}, {"ALL"}).value(), chown);
  EXPECT_EQ(adjust_capabilities(base, {"ALL"}, {"CHOWN"}).value(),
            all_capabilities() & ~chown);
  EXPECT_FALSE(adjust_capabilities(base, {"nonsense"}, {}));
}

}  // namespace
}  // namespace docker_cpp::security
