// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/builder.hpp"

#include <dirent.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include "../folders.hpp"
#include "build.hpp"

#include "docker_cpp/rootfs/root_fd.hpp"

namespace docker_cpp::daemon {
namespace {

/// What a daemon that was killed left mounted: folders of ours, one level of
/// builds, one of folders, a mount in each.
void clear(const std::string& folder) {
  const auto root = rootfs::RootFd::of(folder);
  if (!root) {
    return;
  }
  const auto builds = root->list("/");
  for (const std::string& build : builds ? *builds : Strings()) {
    const auto places = root->list("/" + build);
    for (const std::string& place : places ? *places : Strings()) {
      std::string mount = folder;
      mount.append("/").append(build).append("/").append(place).append("/m");
      while (::umount2(mount.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
      }
    }
  }
  remove_folder(folder);
}

}  // namespace

class Builder::Running {
 public:
  Running(std::unique_ptr<Build> build, std::string id)
      : build_(std::move(build)), id_(std::move(id)) {}

  void cancel() {
    const std::lock_guard lock(mutex_);
    if (build_) {
      build_->cancel();
    }
  }
  void run(int body) { build_->run(body); }
  void end() {
    std::unique_ptr<Build> build;
    {
      const std::lock_guard lock(mutex_);
      build = std::move(build_);
    }
  }
  [[nodiscard]] const std::string& id() const { return id_; }

 private:
  std::mutex mutex_;
  std::unique_ptr<Build> build_;
  std::string id_;
};

struct Builder::Impl {
  Impl(ContainerRuntime& engine, images::ImageStore& store, Options with)
      : runtime(engine),
        images(store),
        options(std::move(with)),
        caches(options.data_root + "/build/mounts") {}

  /// Joins the threads of builds that are done.
  void reap() {
    std::list<std::jthread> done;
    const std::lock_guard lock(mutex);
    for (auto one = threads.begin(); one != threads.end();) {
      const auto next = std::next(one);
      if (one->second->expired()) {
        done.push_back(std::move(one->first));
        threads.erase(one);
      }
      one = next;
    }
  }

  /// While the engine still runs: a build waits for its container's end.
  bool cancel_all() {
    decltype(threads) all;
    {
      const std::lock_guard lock(mutex);
      all.swap(threads);
    }
    for (auto& [thread, running] : all) {
      if (const auto build = running->lock()) {
        build->cancel();
      }
    }
    return !all.empty();  // joins them
  }

  ContainerRuntime& runtime;
  images::ImageStore& images;
  Options options;
  CacheMounts caches;
  std::mutex mutex;
  std::list<std::pair<std::jthread, std::shared_ptr<std::weak_ptr<Running>>>>
      threads;
};

Builder::Builder(ContainerRuntime& runtime, images::ImageStore& images,
                 Options options)
    : impl_(std::make_unique<Impl>(runtime, images, std::move(options))) {
  clear(impl_->options.exec_root + "/build");
}

Builder::~Builder() {
  static_cast<void>(cancel(""));  // no id: all of them
}

std::shared_ptr<Builder::Running> Builder::start(
    BuildRequest request, sys::UniqueFd body,
    std::shared_ptr<BuildOutput> output,
    std::move_only_function<void(std::exception_ptr)> done) {
  impl_->reap();
  const std::string id = request.build_id;
  auto running = std::make_shared<Running>(
      std::make_unique<Build>(impl_->runtime, impl_->images, impl_->options,
                              impl_->caches, std::move(request),
                              std::move(output)),
      id);
  std::jthread thread(
      [running, body = std::move(body), done = std::move(done)]() mutable {
        std::exception_ptr failure;
        try {
          running->run(body.get());
        } catch (...) {
          failure = std::current_exception();
        }
        body.reset();
        running->end();
        done(failure);
        running.reset();
      });
  const std::lock_guard lock(impl_->mutex);
  impl_->threads.emplace_back(
      std::move(thread), std::make_shared<std::weak_ptr<Running>>(running));
  return running;
}

void Builder::cancel(Running& build) {
  build.cancel();
}

bool Builder::cancel(const std::string& build_id) {
  if (build_id.empty()) {
    return impl_->cancel_all();
  }
  bool found = false;
  const std::lock_guard lock(impl_->mutex);
  for (auto& [thread, running] : impl_->threads) {
    const auto build = running->lock();
    if (build && build->id() == build_id) {
      build->cancel();
      found = true;
    }
  }
  return found;
}

std::int64_t Builder::prune_mounts() {
  return impl_->caches.prune();
}

}  // namespace docker_cpp::daemon
