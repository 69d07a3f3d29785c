// SPDX-License-Identifier: Apache-2.0
// The parts of the client that are no pull and no push.
#include <fcntl.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "challenge.hpp"
#include "http.hpp"
#include "manifest_fetch.hpp"
#include "registry_under_test.hpp"
#include "registry_work.hpp"
#include "support.hpp"

namespace docker_cpp::images {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

TEST(Challenges, AreReadAsTheRfcHasThem) {
  const auto one = parse_challenges(
      R"(Bearer realm="https://a.example/t",service="r \"x\"",scope="a b")");
  ASSERT_THAT(one, SizeIs(1));
  EXPECT_EQ(one[0].scheme, "bearer");
  EXPECT_THAT(one[0].parameters,
              ElementsAre(Pair("realm", "https://a.example/t"),
                          Pair("scope", "a b"), Pair("service", "r \"x\"")));
  const auto many = parse_challenges(
      "Negotiate, BASIC Realm = here , Digest nonce=abc, qop=\"auth,int\", "
      "Other dG9rZW4=, Last");
  ASSERT_THAT(many, SizeIs(5));
  EXPECT_EQ(many[1].scheme, "basic");
  EXPECT_THAT(many[1].parameters, ElementsAre(Pair("realm", "here")));
  EXPECT_THAT(many[2].parameters,
              ElementsAre(Pair("nonce", "abc"), Pair("qop", "auth,int")));
  EXPECT_EQ(many[4].scheme, "last");
}

TEST(Challenges, WhatIsImproperEndsTheList) {
  EXPECT_THAT(parse_challenges(""), IsEmpty());
  EXPECT_THAT(parse_challenges("\"x\""), IsEmpty());
  EXPECT_THAT(parse_challenges("Bearer realm=\"open"), IsEmpty());
  EXPECT_THAT(parse_challenges("Basic, Bearer realm=\"open"), SizeIs(1));
  EXPECT_THAT(parse_challenges("Bearer realm=").at(0).parameters, IsEmpty());
  EXPECT_THAT(parse_challenges(std::string(1000, ',')), IsEmpty());
}

TEST(Trust, OfTheLoopbackAndOfWhatIsNamed) {
  for (const char* host :
       {"127.0.0.1:5000", "127.8.9.1", "localhost:5000", "[::1]:5000"}) {
    EXPECT_TRUE(is_insecure(host, {})) << host;
  }
  for (const char* host : {"registry.example", "10.0.0.1:5000", "[fe80::1]"}) {
    EXPECT_FALSE(is_insecure(host, {})) << host;
  }
  EXPECT_TRUE(is_insecure("10.1.2.3:5000", {"10.0.0.0/8"}));
  EXPECT_FALSE(is_insecure("11.1.2.3:5000", {"10.0.0.0/8", "10.0.0.0/99"}));
  EXPECT_TRUE(is_insecure("r.example:5000", {"r.example:5000"}));
  EXPECT_TRUE(is_insecure("r.example:5000", {"r.example"}));
  EXPECT_FALSE(is_insecure("r.example:5001", {"r.example:5000"}));
  EXPECT_TRUE(is_insecure("[fd00::7]:1", {"fd00::/8"}));
}

TEST(Trust, CertificatesComeInPairs) {
  const TempDir folder;
  shell("mkdir -p " + (folder / "host:1"));
  write_text(folder / "host:1/ca.crt", "AUTHORITY");
  EXPECT_TRUE(read_trust({folder.path()}, "host:1")
                  .authorities.starts_with("AUTHORITY\n"));
  EXPECT_TRUE(read_trust({folder.path()}, "host:2").authorities.empty());
  write_text(folder / "host:1/client.cert", "CERT");
  EXPECT_THROW(static_cast<void>(read_trust({folder.path()}, "host:1")),
               std::exception);
  write_text(folder / "host:1/client.key", "KEY");
  EXPECT_EQ(read_trust({folder.path()}, "host:1").key, "KEY");
}

TEST(Platforms, AreParsedAndChosen) {
  EXPECT_EQ(print(parse_platform("linux/arm64/v8")), "linux/arm64/v8");
  EXPECT_EQ(print(parse_platform("arm64")), "linux/arm64");
  EXPECT_EQ(print(parse_platform("linux/x86_64")), "linux/amd64");
  EXPECT_EQ(parse_platform("").os, "linux");
  for (const char* bad : {"/", "linux/", "a//b", "a/b/c/d"}) {
    EXPECT_THROW(static_cast<void>(parse_platform(bad)), std::exception) << bad;
  }
  const auto entry = [](const char* architecture, const char* variant) {
    return Descriptor{
        .media_type = "",
        .digest = Digest::of(std::string(architecture) + variant),
        .size = 0,
        .annotations = {},
        .platform = Platform{
            .architecture = architecture, .os = "linux", .variant = variant}};
  };
  const Index index{.manifests = {entry("arm", "v6"), entry("arm", "v7"),
                                  entry("arm64", "v8"), entry("amd64", "")}};
  const auto chosen = [&](const char* text) {
    const Descriptor* one = choose(index, parse_platform(text));
    return one == nullptr ? std::string("none") : print(*one->platform);
  };
  EXPECT_EQ(chosen("linux/arm/v7"), "linux/arm/v7");
  EXPECT_EQ(chosen("linux/arm"), "linux/arm/v6");
  EXPECT_EQ(chosen("linux/arm64"), "linux/arm64/v8");
  EXPECT_EQ(chosen("linux/amd64"), "linux/amd64");
  EXPECT_EQ(chosen("linux/arm/v5"), "none");
  EXPECT_EQ(chosen("windows/amd64"), "none");
}

/// The lines of the worker's report.
std::string asked_for_referrers(const RegistryUnderTest& registry,
                                const std::string& name,
                                const std::string& type = "") {
  const TempDir folder;
  write_text(folder / "said", "");
  const int file = ::open((folder / "said").c_str(), O_WRONLY);
  Reporter reporter(file);
  const RegistryJob job{.operation = "referrers",
                        .reference = registry.host() + name,
                        .options = impatient(folder).registry,
                        .term = type};
  referrers(job, reporter);
  ::close(file);
  return read_text(folder / "said");
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

TEST(Referrers, AreListedByRequestAndByTag) {
  for (const char* behaviour : {"none", "no-referrers"}) {
    const RegistryUnderTest registry({behaviour});
    const std::string all = asked_for_referrers(registry, "/x:1");
    EXPECT_EQ(count(all, "artifactType"), 2U) << behaviour << all;
    EXPECT_EQ(count(all, R"({"about":"sha256:)"), 2U) << all;
    const std::string one =
        asked_for_referrers(registry, "/x:1", "application/spdx+json");
    EXPECT_EQ(count(one, "artifactType"), 1U) << behaviour << one;
    EXPECT_EQ(count(one, R"("application/spdx+json")"), 1U) << one;
    const std::string none = asked_for_referrers(registry, "/x:multi");
    EXPECT_EQ(count(none, R"("manifests":[])"), 1U) << behaviour << none;
  }
}

TEST(Referrers, OfWhatIsNotThere) {
  const RegistryUnderTest registry;
  EXPECT_THROW(asked_for_referrers(registry, "/x:nosuch"), ImageError);
  EXPECT_THROW(asked_for_referrers(registry, "/x@sha256:1"), ImageError);
}

TEST(Pages, WithoutEndAreNotReadForEver) {
  const RegistryUnderTest registry({"endless"});
  const TempDir folder;
  const RegistryJob job{.operation = "pull",
                        .reference = registry.host() + "/x",
                        .options = impatient(folder).registry};
  RegistrySession session(job, *Reference::parse(job.reference),
                          RegistrySession::Access::pull);
  session.connect();
  EXPECT_THROW(static_cast<void>(fetch_tags(session)), ImageError);
  EXPECT_THROW(
      asked_for_referrers(registry, "/x@sha256:" + std::string(64, '0')),
      ImageError);
  EXPECT_LT(registry.asked("GET"), 40U);
}

TEST(Pages, AreFoundInLinkHeaders) {
  EXPECT_EQ(next_page("</v2/x/tags/list?n=2&last=b>; rel=\"next\""),
            "/v2/x/tags/list?n=2&last=b");
  EXPECT_EQ(next_page(""), "");
  EXPECT_EQ(next_page("</a>; rel=\"prev\""), "");
  EXPECT_EQ(next_page("<unclosed; rel=\"next\""), "");
}

}  // namespace
}  // namespace docker_cpp::images
