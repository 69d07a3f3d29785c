// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "docker_cpp/daemon/engine.hpp"
#include "docker_cpp/images/image_store.hpp"

namespace docker_cpp::daemon {

/// Waits for the answer of a call of the facade.
template <typename T>
class Answer {
 public:
  Done<T> done() {
    return [promise = promise_](Outcome<T> outcome) {
      promise->set_value(std::move(outcome));
    };
  }
  bool ready(std::chrono::milliseconds patience) {
    return future_.wait_for(patience) == std::future_status::ready;
  }
  Outcome<T> get() {
    if (!ready(std::chrono::seconds(30))) {
      return std::unexpected(ApiError(ErrorCode::internal, "no answer"));
    }
    return future_.get();
  }

 private:
  std::shared_ptr<std::promise<Outcome<T>>> promise_ =
      std::make_shared<std::promise<Outcome<T>>>();
  std::future<Outcome<T>> future_ = promise_->get_future();
};

/// An engine on folders and cgroups of its own, without a network.
class EngineTest : public testing::Test {
 protected:
  EngineTest() {
    std::string name = "/tmp/dcpp-engine-XXXXXX";
    root_ = ::mkdtemp(name.data());
    std::filesystem::create_directory(root_ + "/data");
    std::filesystem::create_directory(root_ + "/run");
    cgroup_ = "/docker-cpp-test-" + root_.substr(root_.size() - 6);
    boot();
  }

  ~EngineTest() override {
    if (!engine_) {
      boot();
    }
    for (const auto& one : engine_->list()) {
      Answer<void> gone;
      engine_->remove(one->id, {.force = true, .volumes = true}, gone.done());
      static_cast<void>(gone.get());
    }
    halt();
    remove_cgroups();
    std::filesystem::remove_all(root_);
  }

  /// As a daemon that starts; what an earlier one left is recovered.
  void boot() {
    executor_ = std::make_unique<Executor>();
    events_ = std::make_unique<EventSystem>();
    images_ = std::make_unique<images::ImageStore>(images::ImageStore::Options{
        .data_root = root_ + "/data", .worker = TEST_WORKER});
    engine_ =
        std::make_unique<Engine>(*executor_, *images_, nullptr, *events_,
                                 EngineOptions{.data_root = root_ + "/data",
                                               .exec_root = root_ + "/run",
                                               .monitor = {TEST_MONITOR},
                                               .cgroup_parent = cgroup_});
    engine_->recover();
  }

  /// As a daemon that ends: containers run on.
  void halt() {
    executor_->stop();
    engine_.reset();
    images_.reset();
    events_.reset();
    executor_.reset();
  }

  std::string make(Strings command, HostConfig host = {}, Config config = {}) {
    CreateRequest request{.name = "", .config = std::move(config)};
    request.config.image = "busybox";
    request.config.cmd = std::move(command);
    request.host_config = std::move(host);
    request.host_config.network_mode = "none";
    return create(std::move(request)).value().id;
  }

  Outcome<Created> create(CreateRequest request) {
    Answer<Created> created;
    engine_->create(std::move(request), created.done());
    return created.get();
  }

  Outcome<void> start(const std::string& id) {
    Answer<void> started;
    engine_->start(id, started.done());
    return started.get();
  }

  /// Attached before the start, as `docker run` does.
  Attachment attach(const std::string& id, AttachOptions options) {
    Answer<Attachment> attached;
    engine_->attach(id, options, attached.done());
    return attached.get().value();
  }

  WaitResult wait(const std::string& id,
                  WaitCondition condition = WaitCondition::not_running) {
    Answer<WaitResult> ended;
    engine_->wait(id, condition, ended.done());
    return ended.get().value();
  }

  static std::string read_all(const Attachment& from) {
    std::string all;
    std::array<char, 4096> block{};
    ssize_t n = 0;
    while ((n = ::read(from.stream.get(), block.data(), block.size())) > 0) {
      all.append(block.data(), static_cast<std::size_t>(n));
    }
    return all;
  }

  static std::string frame(char stream, const std::string& text) {
    return std::string(
               {stream, 0, 0, 0, 0, 0, 0, static_cast<char>(text.size())}) +
           text;
  }

  void remove_cgroups() const {
    std::error_code ignored;
    for (const auto& top :
         std::filesystem::directory_iterator("/sys/fs/cgroup")) {
      std::filesystem::remove(top.path().string() + cgroup_, ignored);
    }
    std::filesystem::remove("/sys/fs/cgroup" + cgroup_, ignored);
  }

  std::string root_;
  std::string cgroup_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<EventSystem> events_;
  std::unique_ptr<images::ImageStore> images_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace docker_cpp::daemon
