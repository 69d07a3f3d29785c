// SPDX-License-Identifier: Apache-2.0
// Pulls and pushes against a registry that does what it should, and against
// one that does not: then nothing may be left but what the next pull goes on
// from, and the sentence must say what happened.
#include <chrono>
#include <filesystem>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry_under_test.hpp"
#include "support.hpp"

#include "docker_cpp/images/image_store.hpp"

namespace docker_cpp::images {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class PullTest : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<ImageStore> open() const {
    return std::make_unique<ImageStore>(impatient(root_));
  }

  static PullRequest request(const RegistryUnderTest& registry,
                             const std::string& which = ":1") {
    PullRequest request;
    request.reference = registry.host() + "/x" + which;
    return request;
  }

  /// The sentence of a pull that must fail.
  static std::string error_of(ImageStore& store, const PullRequest& request) {
    try {
      store.pull(request);
    } catch (const ImageError& error) {
      return error.what();
    }
    ADD_FAILURE() << "the pull did not fail";
    return "";
  }

  [[nodiscard]] std::size_t partials() const {
    const fs::path folder = root_ / "data/ingest";
    return fs::exists(folder)
               ? static_cast<std::size_t>(std::distance(
                     fs::directory_iterator(folder), fs::directory_iterator()))
               : 0;
  }

  TempDir root_;
};

TEST_F(PullTest, BringsAnImageAndSaysSo) {
  const RegistryUnderTest registry;
  const auto store = open();
  std::vector<std::string> said;
  PullRequest asked = request(registry);
  asked.listener = [&](const Progress& step) {
    said.push_back(step.id + ": " + step.status);
  };
  const auto pulled = store->pull(asked);
  ASSERT_THAT(pulled, SizeIs(1));
  EXPECT_EQ(pulled[0].name, registry.host() + "/x:1");
  EXPECT_TRUE(pulled[0].changed);
  const auto image = store->find(registry.host() + "/x:1");
  ASSERT_TRUE(image);
  EXPECT_EQ(image->id, pulled[0].id);
  EXPECT_THAT(image->repo_digests,
              ElementsAre(registry.host() + "/x@" + pulled[0].digest));
  EXPECT_TRUE(store->find(registry.host() + "/x@" + pulled[0].digest));
  EXPECT_EQ(image->size, 640'000 + 100'003);
  EXPECT_EQ(shell("test $(cat " + store->layer_directories(*image).at(0) +
                  "/b) = two"),
            0);
  EXPECT_EQ(said.at(0), "1: Pulling from x");
  EXPECT_THAT(said, Contains(HasSubstr(": Pulling fs layer")).Times(2));
  EXPECT_THAT(said, Contains(HasSubstr(": Download complete")).Times(2));
  EXPECT_THAT(said, Contains(HasSubstr(": Pull complete")).Times(2));
  EXPECT_EQ(said.back(), ": Digest: " + pulled[0].digest);
  expect_clean(*store, root_.path());
  EXPECT_EQ(partials(), 0U);

  EXPECT_FALSE(store->pull(asked).at(0).changed);
  EXPECT_EQ(registry.asked("GET /v2/x/blobs/"), 3U);  // no second time
}

TEST_F(PullTest, RemembersDigestsAcrossRestarts) {
  const RegistryUnderTest registry;
  const std::string digest = open()->pull(request(registry)).at(0).digest;
  const auto store = open();
  EXPECT_THAT(store->problems(), IsEmpty());
  const std::string name = registry.host() + "/x@" + digest;
  ASSERT_TRUE(store->find(name));
  const auto gone = store->remove(registry.host() + "/x:1");
  EXPECT_THAT(gone.untagged, ElementsAre(registry.host() + "/x:1", name));
  EXPECT_THAT(store->list(), IsEmpty());
  expect_clean(*store, root_.path());
}

TEST_F(PullTest, OfADigestHasNoTag) {
  const RegistryUnderTest registry;
  const auto store = open();
  const std::string digest = store->pull(request(registry)).at(0).digest;
  store->remove(registry.host() + "/x:1");
  const auto pulled = store->pull(request(registry, "@" + digest)).at(0);
  EXPECT_EQ(pulled.name, registry.host() + "/x@" + digest);
  const auto image = store->find(pulled.name);
  ASSERT_TRUE(image);
  EXPECT_THAT(image->repo_tags, IsEmpty());
  EXPECT_THAT(store->remove(pulled.name).deleted, Contains(image->id));
}

TEST_F(PullTest, ChoosesOfAnIndexAndKeepsIt) {
  const RegistryUnderTest registry;
  const auto store = open();
  const auto pulled = store->pull(request(registry, ":multi")).at(0);
  const auto image = store->find(registry.host() + "/x:multi");
  ASSERT_TRUE(image);
  EXPECT_EQ(image->architecture, "amd64");
  EXPECT_NE(image->manifest_digest, pulled.digest);
  const auto blob = [&](const std::string& digest) {
    return fs::exists(root_ / ("data/images/blobs/sha256/" + digest.substr(7)));
  };
  EXPECT_TRUE(blob(pulled.digest));
  EXPECT_TRUE(blob(image->manifest_digest));
  EXPECT_EQ(shell("grep -qrl '\"from\":\"source\"' " + (root_ / "data/images")),
            0);
  static_cast<void>(open());  // a start-up collects garbage, but not these
  EXPECT_TRUE(blob(pulled.digest));

  PullRequest other = request(registry, ":multi");
  other.platform = "linux/riscv64";
  EXPECT_EQ(store->find(store->pull(other).at(0).id)->architecture, "riscv64");
  other.platform = "linux/s390x";
  EXPECT_EQ(error_of(*store, other),
            "no matching manifest for linux/s390x in the manifest list "
            "entries");
  other.platform = "a/b/c/d";
  EXPECT_THAT(error_of(*store, other), HasSubstr("invalid platform"));
}

TEST_F(PullTest, OfAllTags) {
  const RegistryUnderTest registry;
  const auto store = open();
  PullRequest all = request(registry);
  all.all_tags = true;
  const auto pulled = store->pull(all);
  ASSERT_THAT(pulled, SizeIs(2));
  EXPECT_EQ(pulled[0].name, registry.host() + "/x:1");
  EXPECT_EQ(pulled[1].name, registry.host() + "/x:multi");
}

TEST_F(PullTest, OfWhatIsNotThere) {
  const RegistryUnderTest registry;
  const auto store = open();
  EXPECT_EQ(error_of(*store, request(registry, ":nosuch")),
            "manifest for " + registry.host() +
                "/x:nosuch not found: manifest unknown: manifest unknown");
  PullRequest nobody;
  nobody.reference = "127.0.0.1:1/x";
  EXPECT_THAT(
      error_of(*store, nobody),
      AllOf(HasSubstr("Get \"http://127.0.0.1:1/v2/\""), HasSubstr("onnect")));
  nobody.reference = "Bad/NAME";
  EXPECT_THAT(error_of(*store, nobody), HasSubstr("invalid reference format"));
}

/// What a patient client overcomes.
class Overcome : public PullTest,
                 public testing::WithParamInterface<const char*> {};

TEST_P(Overcome, AndTheImageIsWhole) {
  std::vector<std::string> behaviour;
  std::istringstream words(GetParam());
  for (std::string word; words >> word;) {
    behaviour.push_back(word);
  }
  const RegistryUnderTest registry(behaviour);
  const auto store = open();
  EXPECT_THAT(store->pull(request(registry)), SizeIs(1));
  expect_clean(*store, root_.path());
}

INSTANTIATE_TEST_SUITE_P(Registry, Overcome,
                         testing::Values("reset=2", "stall=1", "truncate=2",
                                         "truncate=1 no-range", "length=1",
                                         "busy=2", "elsewhere"));

struct Misbehaviour {
  const char* what;
  const char* sentence;
};
class Refused : public PullTest,
                public testing::WithParamInterface<Misbehaviour> {};

TEST_P(Refused, AndNothingIsKept) {
  const RegistryUnderTest registry({GetParam().what});
  const auto store = open();
  EXPECT_THAT(error_of(*store, request(registry)),
              HasSubstr(GetParam().sentence));
  EXPECT_THAT(store->list(), IsEmpty());
  expect_clean(*store, root_.path());
}

INSTANTIATE_TEST_SUITE_P(
    Registry, Refused,
    testing::Values(Misbehaviour{"truncate", "transfer closed"},
                    Misbehaviour{"stall", "nothing was received for 1 seconds"},
                    Misbehaviour{"length", "it ended after"},
                    Misbehaviour{"long", "is longer than the"},
                    Misbehaviour{"wrong-digest", "layer"},
                    Misbehaviour{"wrong-size", "it ended after"},
                    Misbehaviour{"busy", "status 429"},
                    Misbehaviour{"redirect-loop", "redirects"},
                    Misbehaviour{"unauthorized-loop", "unauthorized"},
                    Misbehaviour{"basic", "no basic auth credentials"},
                    Misbehaviour{"schema1", "schema 1"},
                    Misbehaviour{"huge-manifest",
                                 "longer than 4194304 bytes"}));

TEST_F(PullTest, GoesOnWhereTheLastOneStopped) {
  const auto store = open();
  RegistryUnderTest broken({"truncate"});
  EXPECT_THAT(error_of(*store, request(broken)), HasSubstr("transfer closed"));
  EXPECT_GE(partials(), 1U);
  const RegistryUnderTest whole;
  store->pull(request(whole));
  EXPECT_GE(whole.asked("range=bytes="), 1U);
  EXPECT_EQ(partials(), 0U);
}

TEST_F(PullTest, WhatWasLeftIsNotTrusted) {
  const RegistryUnderTest registry;
  const auto store = open();
  const auto digests = [&] {
    std::vector<std::string> all;
    for (const auto& one :
         fs::directory_iterator(root_ / "data/images/blobs/sha256")) {
      all.push_back(one.path().filename());
    }
    return all;
  };
  store->pull(request(registry));
  const auto names = digests();
  store->remove(registry.host() + "/x:1");
  for (const std::string& name : names) {
    write_text(root_ / ("data/ingest/p" + name), "something else");
  }
  EXPECT_THAT(store->pull(request(registry)), SizeIs(1));
  expect_clean(*store, root_.path());
}

TEST_F(PullTest, CancelledEndsWithinASecond) {
  const RegistryUnderTest registry({"stall"});
  ImageStore::Options options = impatient(root_);
  options.registry.stall_seconds = 60;
  ImageStore store(options);
  Cancellation cancel;
  PullRequest asked = request(registry);
  asked.cancel = &cancel;
  std::chrono::steady_clock::time_point cancelled;
  std::jthread canceller([&] {
    for (int i = 0; i < 500 && registry.asked("/blobs/") < 2; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    cancelled = std::chrono::steady_clock::now();
    cancel.cancel();
  });
  EXPECT_EQ(error_of(store, asked), "context canceled");
  EXPECT_LT(std::chrono::steady_clock::now() - cancelled,
            std::chrono::seconds(1));
}

TEST_F(PullTest, CredentialsGoToTheRegistryOnly) {
  const RegistryUnderTest registry({"basic", "elsewhere"});
  const auto store = open();
  PullRequest asked = request(registry);
  asked.credentials = {.username = "who", .password = "secret"};
  EXPECT_THAT(store->pull(asked), SizeIs(1));
  EXPECT_EQ(registry.asked("GET /v2/x/manifests/1 auth=Basic"), 1U);
  EXPECT_GE(registry.asked("GET /elsewhere/"), 1U);
  EXPECT_EQ(registry.asked("/elsewhere/"),
            registry.asked(" auth=none range=") -
                registry.asked("GET /v2/ auth=none"));
  EXPECT_NO_THROW(store->log_in(asked));
  asked.credentials.password = "wrong";
  EXPECT_THROW(store->log_in(asked), ImageError);
}

TEST_F(PullTest, TokensComeFromTheServerThatIsNamed) {
  const RegistryUnderTest registry({"token"});
  const auto store = open();
  PullRequest asked = request(registry);
  EXPECT_THAT(store->pull(asked), SizeIs(1));
  EXPECT_EQ(registry.asked("token for repository:x:pull service ['s, \"q\"']"),
            1U);
  asked.credentials = {.username = "who", .password = "wrong"};
  EXPECT_THAT(error_of(*store, asked), HasSubstr("incorrect username"));
}

TEST_F(PullTest, ACheckFindsWhatIsDamagedAndAPullBringsItAgain) {
  const RegistryUnderTest registry;
  const auto store = open();
  store->pull(request(registry));
  EXPECT_THAT(store->check(Repair::no).problems, IsEmpty());
  const std::string blobs = root_ / "data/images/blobs/sha256";
  ASSERT_EQ(shell("f=$(ls -S " + blobs + " | head -1); printf X | dd of=" +
                  blobs + "/$f conv=notrunc bs=1 seek=1000 2>/dev/null"),
            0);
  const CheckReport found = store->check(Repair::no);
  EXPECT_THAT(found.problems, SizeIs(2));  // the blob, and its image
  EXPECT_THAT(found.repaired, IsEmpty());
  EXPECT_THAT(store->check(Repair::yes).repaired, SizeIs(2));
  EXPECT_FALSE(store->find(registry.host() + "/x:1"));
  EXPECT_TRUE(store->pull(request(registry)).at(0).changed);
  EXPECT_THAT(store->check(Repair::no).problems, IsEmpty());
  EXPECT_THAT(open()->problems(), IsEmpty());
}

TEST_F(PullTest, AMirrorIsAskedFirstAndNotToldWhoAsks) {
  const RegistryUnderTest registry;
  ImageStore::Options options = impatient(root_);
  options.registry.mirrors = {"http://127.0.0.1:1",
                              "http://" + registry.host()};
  ImageStore store(options);
  PullRequest asked;
  asked.reference = "x:1";
  asked.credentials = {.username = "who", .password = "secret"};
  EXPECT_EQ(store.pull(asked).at(0).name, "x:1");
  EXPECT_GE(registry.asked("GET /v2/library/x/"), 4U);
  EXPECT_EQ(registry.asked("auth=Basic"), 0U);
}

TEST_F(PullTest, GoesThroughAProxy) {
  const RegistryUnderTest registry;
  ImageStore::Options options = impatient(root_);
  options.registry.http_proxy = "http://" + registry.host();
  options.registry.insecure = {"registry.invalid:5000"};
  PullRequest asked;
  asked.reference = "registry.invalid:5000/x:1";
  EXPECT_EQ(ImageStore(options).pull(asked).at(0).name,
            "registry.invalid:5000/x:1");
  EXPECT_GE(registry.asked("GET http://registry.invalid:5000/v2/"), 1U);
  options.registry.no_proxy = "registry.invalid";
  EXPECT_THROW(ImageStore(options).pull(asked), ImageError);
}

TEST_F(PullTest, DescribesAndSearches) {
  const RegistryUnderTest registry;
  const auto store = open();
  const auto found = store->distribution(request(registry, ":multi"));
  EXPECT_EQ(found.media_type, "application/vnd.oci.image.index.v1+json");
  EXPECT_THAT(found.platforms, SizeIs(3));
  EXPECT_THAT(store->list(), IsEmpty());
  RegistryRequest term;
  term.reference = registry.host() + "/tool";
  const auto repositories = store->search(term, 25);
  ASSERT_THAT(repositories, SizeIs(1));
  EXPECT_EQ(repositories[0].name, registry.host() + "/team/tool");
}

TEST_F(PullTest, PushedBytesAreThoseThatCame) {
  const auto store = open();
  const RegistryUnderTest from;
  const auto pulled = store->pull(request(from)).at(0);
  for (const char* behaviour : {"well", "break-patch=1", "busy=1"}) {
    const RegistryUnderTest to({"empty", behaviour});
    store->tag(from.host() + "/x:1", to.host() + "/x:pushed");
    PushRequest request;
    request.reference = to.host() + "/x:pushed";
    const auto pushed = store->push(request);
    ASSERT_THAT(pushed, SizeIs(1));
    EXPECT_GE(to.asked("PATCH "), 3U);
    EXPECT_EQ(pushed[0].digest, pulled.digest);
    EXPECT_EQ(pushed[0].tag, "pushed");
    const TempDir other;
    ImageStore fresh(impatient(other));
    PullRequest back;
    back.reference = request.reference;
    EXPECT_EQ(fresh.pull(back).at(0).digest, pulled.digest);
  }
  PushRequest nothing;
  nothing.reference = from.host() + "/x:nosuch";
  EXPECT_THROW(store->push(nothing), ImageError);
}

}  // namespace
}  // namespace docker_cpp::images
