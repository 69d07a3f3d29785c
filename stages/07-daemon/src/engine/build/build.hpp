// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cache_images.hpp"
#include "cache_mounts.hpp"
#include "output.hpp"

#include "docker_cpp/daemon/builder.hpp"
#include "docker_cpp/dockerfile/graph.hpp"
#include "docker_cpp/images/build_session.hpp"
#include "docker_cpp/images/image.hpp"
#include "docker_cpp/images/reference.hpp"
#include "docker_cpp/rootfs/root_fd.hpp"

namespace docker_cpp::daemon {

/// What a stage ends as, and another may begin from.
struct StageResult {
  images::Image image;
  images::BuildLayers layers;
  dockerfile::Variables args;  ///< what its ARGs declared
};

/// One build: what its stages share.
class Build {
 public:
  Build(ContainerRuntime& runtime, images::ImageStore& images,
        const Builder::Options& options, CacheMounts& caches,
        BuildRequest request, std::shared_ptr<BuildOutput> output);
  ~Build();
  Build(const Build&) = delete;
  Build& operator=(const Build&) = delete;

  /// \throws BuildFailure, ApiError, ImageError, Error
  void run(int body);
  /// From any thread.
  void cancel();

  /// \throws BuildFailure when the build has been cancelled
  void check() const;
  void text(const dockerfile::Stage& stage, std::string_view text) {
    out_->text(stage.index, text);
  }
  /// "Step 3/7 : "
  [[nodiscard]] std::string step_label(std::size_t instruction) const;

  /// Its container is killed when the build is cancelled meanwhile.
  void running(const std::string& container);
  void ended(const std::string& container);

  [[nodiscard]] images::Image base_image(const std::string& reference,
                                         const std::string& platform);
  [[nodiscard]] const StageResult& result_of(std::size_t stage) const {
    return results_.at(stage).get();
  }
  /// A context by its name; empty: the main one. Null when there is none.
  [[nodiscard]] const rootfs::RootFd* context(const std::string& name) const;
  [[nodiscard]] std::optional<std::string> secret(const std::string& id) const;
  [[nodiscard]] std::string fresh_folder();
  /// The line at fault with a caret, as the Dockerfile has it.
  [[nodiscard]] std::string shown(const dockerfile::Problem& problem) const {
    return dockerfile::show(problem, request.dockerfile, source_);
  }

  ContainerRuntime& runtime;
  images::ImageStore& images;
  const Builder::Options& options;
  CacheMounts& caches;
  const BuildRequest request;
  images::BuildSession session;
  CacheImages cache_images;
  dockerfile::Dockerfile file;
  dockerfile::Graph graph;
  dockerfile::GraphOptions graph_options;
  std::optional<std::int64_t> epoch;  ///< SOURCE_DATE_EPOCH

 private:
  void open_contexts(int body);
  void fetch_context(const rootfs::RootFd& top);
  void read_dockerfile();
  void apply_ignore_file();
  void plan();
  void find_cache_images();
  void run_stages();
  StageResult run_stage(const dockerfile::Stage& stage);
  void fail(std::exception_ptr why);
  void finish(const StageResult& result);
  void pull(const images::Reference& name, const std::string& platform);
  [[nodiscard]] images::Credentials login_for(const std::string& domain) const;
  [[noreturn]] void refuse(const dockerfile::Problem& problem) const;

  std::shared_ptr<BuildOutput> output_;
  std::unique_ptr<OrderedOutput> out_;
  std::string source_;  ///< the Dockerfile's text
  std::map<std::string, rootfs::RootFd> contexts_;
  std::optional<rootfs::RootFd> secrets_;
  std::vector<std::size_t> labels_;  ///< step number by instruction
  std::size_t total_ = 0;
  std::map<std::size_t, std::shared_future<StageResult>> results_;
  std::atomic<bool> cancelled_ = false;
  std::atomic<bool> failed_ = false;
  mutable std::mutex mutex_;
  std::set<std::string> containers_;
  std::exception_ptr failure_;
  images::Cancellation pulls_;
  std::string folder_;  ///< below the exec root
  int folders_ = 0;
};

/// Waits for an answer of the engine's. \throws ApiError
template <typename T>
T await(const std::function<void(Done<T>)>& begin) {
  auto promise = std::make_shared<std::promise<Outcome<T>>>();
  auto future = promise->get_future();
  begin([promise](Outcome<T> outcome) {
    promise->set_value(std::move(outcome));
  });
  promise.reset();
  Outcome<T> outcome = future.get();
  if (!outcome) {
    throw outcome.error();
  }
  if constexpr (!std::is_void_v<T>) {
    return *std::move(outcome);
  }
}

}  // namespace docker_cpp::daemon
