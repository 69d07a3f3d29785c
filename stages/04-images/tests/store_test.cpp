// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support.hpp"
#include "tar_builder.hpp"

#include "docker_cpp/images/digest.hpp"
#include "docker_cpp/images/image_store.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Reason = ImageError::Reason;

class StoreTest : public testing::Test {
 protected:
  std::unique_ptr<ImageStore> open() {
    return std::make_unique<ImageStore>(options_for(root_));
  }

  void load(ImageStore& store, const std::string& content,
            const std::vector<std::string>& names) {
    const std::string layer = TarBuilder().file("f", content).finish();
    store.load(readable(oci_archive({.layers = {base_, layer}, .names = names}))
                   .get());
  }

  template <typename Action>
  static Reason reason_of(Action action) {
    try {
      action();
    } catch (const ImageError& error) {
      return error.reason();
    }
    ADD_FAILURE() << "nothing was thrown";
    return Reason::failed;
  }

  [[nodiscard]] std::string record_of(const Image& image) const {
    return root_ / ("data/images/records/" + image.id.substr(7));
  }

  TempDir root_;
  std::string base_ = TarBuilder().file("base").finish();
};

TEST_F(StoreTest, FindsByEveryNameOfAnImage) {
  const auto store = open();
  load(*store, "1", {"test/image:1"});
  const std::string id = store->find("test/image:1")->id;
  for (const std::string& ref :
       {std::string("docker.io/test/image:1"), id, id.substr(7),
        id.substr(7, 12), id.substr(7, 3), id.substr(0, 15),
        "test/image@" + store->find(id)->manifest_digest}) {
    ASSERT_TRUE(store->find(ref)) << ref;
    EXPECT_EQ(store->find(ref)->id, id) << ref;
  }
  for (const std::string& ref :
       {std::string("test/image"), std::string("test/image:2"),
        std::string(64, '0'), std::string(""), std::string("sha256:"),
        std::string("../x"), "other@" + store->find(id)->manifest_digest}) {
    EXPECT_FALSE(store->find(ref)) << ref;
  }
}

TEST_F(StoreTest, EmbeddedImagesAreFoundOnAFreshStore) {
  const auto store = open();
  EXPECT_FALSE(store->find_stored("busybox"));
  const auto image = store->find("busybox");
  ASSERT_TRUE(image);
  EXPECT_THAT(image->repo_tags, ElementsAre("busybox:latest"));
  EXPECT_THAT(*image->config.cmd, ElementsAre("sh"));
  const std::string layer = store->layer_directories(*image).at(0);
  EXPECT_EQ(shell("test -u " + layer + "/bin/busybox"), 1);
  EXPECT_EQ(shell("test -k " + layer + "/tmp"), 0);
  EXPECT_EQ(shell("cmp -s /bin/busybox " + layer + "/bin/sh"), 0);
  EXPECT_TRUE(store->find("hello-world:latest"));
  EXPECT_FALSE(store->find("busybox:nosuch"));
  EXPECT_FALSE(store->find("quay.io/library/busybox"));
  EXPECT_THAT(store->list(), SizeIs(2));
}

TEST_F(StoreTest, RemembersAcrossRestarts) {
  Image before;
  {
    const auto store = open();
    load(*store, "1", {"a:1", "b:2"});
    store->tag("a:1", "c:3");
    before = *store->find("a:1");
  }
  const auto store = open();
  EXPECT_THAT(store->problems(), IsEmpty());
  const auto after = store->find("c:3");
  ASSERT_TRUE(after);
  EXPECT_EQ(after->id, before.id);
  EXPECT_EQ(after->size, before.size);
  EXPECT_EQ(after->last_tagged, before.last_tagged);
  EXPECT_THAT(after->repo_tags, ElementsAre("a:1", "b:2", "c:3"));
}

TEST_F(StoreTest, TagMovesANameAndRefusesBadOnes) {
  const auto store = open();
  load(*store, "1", {"a:1"});
  load(*store, "2", {"b:1"});
  store->tag("b:1", "a:1");
  EXPECT_EQ(store->find("a:1")->id, store->find("b:1")->id);
  EXPECT_THAT(store->list(), SizeIs(2));
  EXPECT_EQ(reason_of([&] { store->tag("nosuch", "x"); }), Reason::not_found);
  EXPECT_EQ(reason_of([&] { store->tag("a:1", "X"); }), Reason::invalid);
  EXPECT_EQ(
      reason_of([&] { store->tag("a:1", "x@sha256:" + std::string(64, 'a')); }),
      Reason::invalid);
}

TEST_F(StoreTest, RemoveUntagsThenDeletes) {
  const auto store = open();
  load(*store, "1", {"a:1", "b:1"});
  load(*store, "2", {"c:1"});
  const Image image = *store->find("a:1");
  EXPECT_EQ(reason_of([&] { store->remove("nosuch"); }), Reason::not_found);
  EXPECT_EQ(reason_of([&] { store->remove(image.id); }), Reason::conflict);
  const RemoveResult first = store->remove("a:1");
  EXPECT_THAT(first.untagged, ElementsAre("a:1"));
  EXPECT_THAT(first.deleted, IsEmpty());
  const RemoveResult last = store->remove("b:1");
  EXPECT_THAT(last.untagged, ElementsAre("b:1"));
  // The lower layer is also the other image's.
  EXPECT_THAT(last.deleted, ElementsAre(image.id, image.chain_ids.at(1)));
  expect_clean(*store, root_.path());
  EXPECT_THAT(store->remove("c:1").deleted, SizeIs(3));
  expect_clean(*store, root_.path());
}

TEST_F(StoreTest, RemoveByForcedIdTakesAllNames) {
  const auto store = open();
  load(*store, "1", {"a:1", "b:1"});
  const std::string id = store->find("a:1")->id;
  EXPECT_THAT(store->remove(id, {.force = true}).untagged, SizeIs(2));
  EXPECT_THAT(store->list(), IsEmpty());
}

TEST_F(StoreTest, RemoveWithoutPruneKeepsTheImage) {
  const auto store = open();
  load(*store, "1", {"a:1"});
  const std::string id = store->find("a:1")->id;
  EXPECT_THAT(store->remove("a:1", {.prune = false}).deleted, IsEmpty());
  EXPECT_TRUE(store->find(id));
  EXPECT_TRUE(open()->find(id));
}

TEST_F(StoreTest, DamagedIndexIsMadeAgain) {
  for (const char* text : {"", "{", "[]", "{\"schemaVersion\":2"}) {
    {
      const auto store = open();
      load(*store, "1", {"a:1"});
      store->tag("a:1", "b:1");
    }
    write_text(root_ / "data/images/index.json", text);
    const auto store = open();
    EXPECT_THAT(store->problems(), ElementsAre(HasSubstr("index.json")));
    EXPECT_TRUE(store->find("b:1")) << text;
    EXPECT_THAT(open()->problems(), IsEmpty());
  }
}

TEST_F(StoreTest, DamagedRecordSetsOneImageAside) {
  Image bad;
  {
    const auto store = open();
    load(*store, "1", {"bad:1"});
    load(*store, "2", {"good:1"});
    bad = *store->find("bad:1");
  }
  fs::resize_file(record_of(bad), 20);
  const auto store = open();
  EXPECT_THAT(store->problems(), ElementsAre(HasSubstr(bad.id)));
  EXPECT_FALSE(store->find("bad:1"));
  EXPECT_TRUE(store->find("good:1"));
  // What it was made of is still there for a repair, and loading heals.
  EXPECT_TRUE(fs::exists(store->layer_directories(bad).at(0)));
  EXPECT_TRUE(fs::exists(open()->layer_directories(bad).at(0)));
  load(*store, "1", {"bad:1"});
  EXPECT_EQ(store->find("bad:1")->id, bad.id);
}

TEST_F(StoreTest, DamageBelowAnImageIsNoticed) {
  const auto damage = [&](const std::string& name, auto action) {
    Image image;
    {
      const auto store = open();
      load(*store, name, {name + ":1"});
      image = *store->find(name + ":1");
      action(image);
    }
    const auto store = open();
    EXPECT_THAT(store->problems(), ElementsAre(HasSubstr(image.id))) << name;
    EXPECT_FALSE(store->find(name + ":1"));
    load(*store, name, {name + ":1"});
    EXPECT_TRUE(store->find(name + ":1")) << name;
  };
  const auto layer = [&](const Image& image) {
    return root_ / ("data/layers/" + image.chain_ids.at(1).substr(7));
  };
  const auto blob = [&](const std::string& digest) {
    return root_ / ("data/images/blobs/sha256/" + digest.substr(7));
  };
  damage("record",
         [&](const Image& i) { write_text(layer(i) + "/record", "nonsense"); });
  damage("norecord", [&](const Image& i) { fs::remove(layer(i) + "/record"); });
  damage("nofs", [&](const Image& i) { fs::remove_all(layer(i) + "/fs"); });
  damage("nolayer", [&](const Image& i) { fs::remove_all(layer(i)); });
  damage("config", [&](const Image& i) { write_text(blob(i.id), "{}"); });
  damage("manifest",
         [&](const Image& i) { fs::remove(blob(i.manifest_digest)); });
}

TEST_F(StoreTest, WhatContainersStandOnStays) {
  const auto stopped = [](const std::string&) {
    return ImageUse::stopped;
  };
  const auto running = [](const std::string&) {
    return ImageUse::running;
  };
  const auto nobody = [](const std::string&) {
    return ImageUse::none;
  };
  auto store = open();
  load(*store, "1", {"a:1"});
  const Image image = *store->find("a:1");
  EXPECT_THAT(store->remove("a:1", {.force = true, .use = running}).deleted,
              IsEmpty());
  EXPECT_TRUE(store->find_stored(image.id)) << "without a name";
  EXPECT_THAT(store->remove(image.id, {.use = stopped}).deleted,
              ElementsAre(image.id));
  for (int start = 0; start < 2; ++start, store.reset(), store = open()) {
    EXPECT_FALSE(store->find_stored(image.id)) << start;
    EXPECT_THAT(store->list(), IsEmpty()) << start;
    store->release_held(stopped);
    ASSERT_TRUE(store->find_held(image.id)) << start;
    for (const std::string& folder :
         store->layer_directories(*store->find_held(image.id))) {
      EXPECT_TRUE(fs::exists(folder)) << folder;
    }
  }
  load(*store, "1", {"a:2"});  // it comes back
  store->release_held(nobody);
  EXPECT_EQ(store->find("a:2")->id, image.id);
  store->remove("a:2", {.use = stopped});
  store->release_held(nobody);
  EXPECT_FALSE(store->find_held(image.id));
  expect_clean(*store, root_.path());
  EXPECT_FALSE(
      fs::exists(root_ / ("data/layers/" + image.chain_ids.at(1).substr(7))));
}

TEST_F(StoreTest, WhoIsAskedForUseFindsTheImageGone) {
  const auto store = open();
  load(*store, "1", {"a:1"});
  bool asked = false;
  store->remove("a:1", {.use = [&](const std::string& id) {
                  asked = true;
                  EXPECT_FALSE(store->find_stored(id));
                  return ImageUse::none;
                }});
  EXPECT_TRUE(asked);
}

TEST_F(StoreTest, WhatIsBeingSavedStays) {
  const auto store = open();
  load(*store, std::string(1 << 20, 'x'), {"a:1"});  // more than a pipe holds
  sys::Pipe pipe = *sys::pipe_cloexec();
  std::string archive;
  {
    WorkerTask task = store->save({"a:1"}, pipe.write_end.get());
    pipe.write_end.reset();
    store->remove("a:1");
    archive = sys::read_all(pipe.read_end.get(), 8 << 20).value();
    task.finish();
  }
  EXPECT_THAT(store->list(), IsEmpty());
  expect_clean(*store, root_.path());
  store->load(readable(archive).get());
  EXPECT_TRUE(store->find("a:1"));
}

TEST_F(StoreTest, LeftoversAreCleaned) {
  {
    const auto store = open();
    load(*store, "1", {"a:1"});
  }
  const std::string hex(64, 'a');
  fs::create_directories(root_ / "data/staging/17/t0/fs/deep");
  fs::create_directories(root_ / ("data/layers/" + hex + "/fs"));
  write_text(root_ / ("data/images/blobs/sha256/" + hex), "x");
  write_text(root_ / "data/images/records/x.new", "x");
  expect_clean(*open(), root_.path());
  EXPECT_FALSE(fs::exists(root_ / ("data/images/blobs/sha256/" + hex)));
}

TEST_F(StoreTest, TheWorkOfOthersInStagingIsLeftAlone) {
  const auto store = open();
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  std::thread loading([&] { EXPECT_THROW(store->load(pipe[0]), ImageError); });
  while (fs::is_empty(root_ / "data/staging")) {
    std::this_thread::yield();
  }
  open();
  EXPECT_FALSE(fs::is_empty(root_ / "data/staging"));
  ::close(pipe[1]);
  loading.join();
  ::close(pipe[0]);
  EXPECT_TRUE(fs::is_empty(root_ / "data/staging"));
}

TEST_F(StoreTest, IsThreadSafe) {
  const auto store = open();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const std::string name = "t" + std::to_string(i % 2) + ":1";
      for (int round = 0; round < 4; ++round) {
        load(*store, std::to_string(i % 2), {name});
        static_cast<void>(store->list());
        if (const auto image = store->find(name)) {
          store->tag(image->id, name + "x");
        }
        try {
          store->remove(name);
        } catch (const ImageError&) {  // the other thread was first
        }
      }
    });
  }
  threads.emplace_back([&] { EXPECT_TRUE(store->find("busybox")); });
  threads.emplace_back([&] { EXPECT_TRUE(store->find("busybox")); });
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const Image& image : open()->list()) {
    for (const std::string& one : store->layer_directories(image)) {
      EXPECT_TRUE(fs::exists(one)) << one;
    }
  }
}

TEST_F(StoreTest, SaysWhenThereIsNoWorker) {
  ImageStore store({.data_root = root_ / "data", .worker = "/nonexistent"});
  EXPECT_THAT(load_error(store, "x"), HasSubstr("start the worker"));
  expect_clean(store, root_.path());
}

}  // namespace
}  // namespace docker_cpp::images
