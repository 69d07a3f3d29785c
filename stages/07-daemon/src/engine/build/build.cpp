// SPDX-License-Identifier: Apache-2.0
#include "build.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <thread>

#include "../folders.hpp"
#include "../identifiers.hpp"
#include "archive_kind.hpp"
#include "stage_build.hpp"

#include "docker_cpp/dockerfile/glob.hpp"
#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/images/image_store.hpp"
#include "docker_cpp/images/manifest.hpp"
#include "docker_cpp/images/reference.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::daemon {
namespace {

constexpr std::size_t largest_secret = 500 << 10;

std::string host_platform() {
  return "linux/" + images::host_architecture();
}

}  // namespace

Build::Build(ContainerRuntime& engine, images::ImageStore& store,
             const Builder::Options& with, CacheMounts& cache_mounts,
             BuildRequest asked, std::shared_ptr<BuildOutput> output)
    : runtime(engine),
      images(store),
      options(with),
      caches(cache_mounts),
      request(std::move(asked)),
      session(store),
      output_(std::move(output)),
      folder_(options.exec_root + "/build/" + new_id().substr(0, 16)) {}

Build::~Build() {
  try {
    remove_folder(folder_);
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
    // The next start-up removes it.
  }
}

std::string Build::fresh_folder() {
  const std::lock_guard lock(mutex_);
  make_folder(options.exec_root + "/build", 0700);
  make_folder(folder_, 0700);
  std::string folder = folder_ + "/" + std::to_string(folders_++);
  make_folder(folder, 0700);
  return folder;
}

void Build::check() const {
  if (cancelled_) {
    throw BuildFailure("build cancelled");
  }
  if (failed_) {
    throw BuildFailure("build stopped: another stage failed");
  }
}

void Build::cancel() {
  cancelled_ = true;
  pulls_.cancel();
  std::set<std::string> containers;
  {
    const std::lock_guard lock(mutex_);
    containers = containers_;
  }
  for (const std::string& id : containers) {
    try {
      runtime.kill(id, "KILL", [](Outcome<void>) {});
    } catch (const ApiError&) {  // NOLINT(bugprone-empty-catch)
      // It has ended.
    }
  }
}

void Build::running(const std::string& container) {
  {
    const std::lock_guard lock(mutex_);
    containers_.insert(container);
  }
  check();
}

void Build::ended(const std::string& container) {
  const std::lock_guard lock(mutex_);
  containers_.erase(container);
}

const rootfs::RootFd* Build::context(const std::string& name) const {
  const auto found = contexts_.find(name);
  return found == contexts_.end() ? nullptr : &found->second;
}

std::optional<std::string> Build::secret(const std::string& id) const {
  if (!secrets_) {
    return std::nullopt;
  }
  auto content = secrets_->read_file("/" + id, largest_secret);
  return content ? std::optional(*std::move(content)) : std::nullopt;
}

void Build::plan() {
  for (const auto& [name, value] : request.build_args) {
    if (value) {
      graph_options.build_args[name] = *value;
    }
  }
  graph_options.target = request.target;
  graph_options.host_platform = host_platform();
  graph_options.platform =
      request.platform.empty() ? host_platform() : request.platform;
  for (const auto& [name, root] : contexts_) {
    if (!name.empty()) {
      graph_options.named_contexts.insert(name);
    }
  }
  for (const auto& [name, image] : request.image_contexts) {
    graph_options.named_contexts.insert(name);
  }
  auto planned = dockerfile::plan_stages(file, graph_options);
  if (!planned) {
    refuse(planned.error());
  }
  graph = *std::move(planned);
  const auto given = graph_options.build_args.find("SOURCE_DATE_EPOCH");
  if (given != graph_options.build_args.end()) {
    std::int64_t seconds = 0;
    const std::string& text = given->second;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc{} || end != text.data() + text.size()) {
      throw ApiError(ErrorCode::invalid_argument,
                     "invalid SOURCE_DATE_EPOCH: " + text);
    }
    epoch = seconds;
  }
  // What is done is numbered; what no stage of the target needs is not.
  labels_.resize(file.instructions.size());
  for (std::size_t i = 0; i < graph.stages.front().from; ++i) {
    labels_[i] = ++total_;
  }
  for (const dockerfile::Stage& stage : graph.stages) {
    for (std::size_t i = stage.from; graph.needed[stage.index] && i < stage.end;
         ++i) {
      labels_[i] = ++total_;
    }
  }
}

std::string Build::step_label(std::size_t instruction) const {
  return "Step " + std::to_string(labels_[instruction]) + "/" +
         std::to_string(total_) + " : ";
}

void Build::fail(std::exception_ptr why) {
  const std::lock_guard lock(mutex_);
  if (!failed_.exchange(true)) {
    failure_ = std::move(why);
    pulls_.cancel();  // nobody needs what the other stages wait for
  }
}

StageResult Build::run_stage(const dockerfile::Stage& stage) {
  try {
    for (const std::size_t other : stage.needs) {
      results_.at(other).wait();
    }
    check();
    StageResult result = StageBuild(*this, stage).run();
    out_->done(stage.index);
    return result;
  } catch (...) {
    fail(std::current_exception());
    out_->done(stage.index);
    return {};
  }
}

void Build::run_stages() {
  std::vector<std::pair<std::promise<StageResult>, const dockerfile::Stage*>>
      work;
  for (const dockerfile::Stage& stage : graph.stages) {
    if (!graph.needed[stage.index]) {
      out_->done(stage.index);
      continue;
    }
    work.emplace_back(std::promise<StageResult>(), &stage);
    results_[stage.index] = work.back().first.get_future().share();
  }
  std::vector<std::jthread> threads;
  for (auto& [promise, stage] : work) {
    const auto run = [this, &promise = promise, stage = stage] {
      promise.set_value(run_stage(*stage));
    };
    if (work.size() == 1) {
      run();
    } else {
      threads.emplace_back(run);
    }
  }
}

void Build::run(int body) {
  open_contexts(body);
  read_dockerfile();
  apply_ignore_file();
  plan();
  out_ = std::make_unique<OrderedOutput>(output_, graph.stages.size());
  for (const std::string& warning : file.warnings) {
    output_->text("[Warning] " + warning + "\n");
  }
  for (std::size_t i = 0; i < graph.stages.front().from; ++i) {
    output_->text(step_label(i) + file.instructions[i].original);
    output_->text("\n");
  }
  find_cache_images();
  run_stages();
  DOCKER_CPP_FAILPOINT("build.stages");
  if (failed_) {
    session.keep();  // what was done need not be done again
    std::rethrow_exception(failure_);
  }
  check();
  finish(result_of(graph.target));
}

void Build::finish(const StageResult& result) {
  Strings unused;
  for (const auto& [name, value] : request.build_args) {
    if (!graph.consumed.contains(name) &&
        !dockerfile::is_proxy_variable(name) && name != "SOURCE_DATE_EPOCH" &&
        !name.starts_with("BUILDKIT_")) {
      unused.push_back(name);
    }
  }
  if (!unused.empty()) {
    std::string names;
    for (const std::string& name : unused) {
      names += (names.empty() ? "" : " ") + name;
    }
    output_->text("[Warning] One or more build-args [" + names +
                  "] were not consumed\n");
  }
  images::Image image = result.image;
  for (const auto& [key, value] : request.labels) {
    image.config.labels[key] = value;
  }
  Strings names;
  for (const std::string& tag : request.tags) {
    names.push_back(images::Reference::parse(tag)->canonical());
  }
  std::string id = image.id;
  if (id.empty() || !request.labels.empty()) {
    id = session.keep_image(images::print_image_config(image), result.layers,
                            names);
  } else {  // nothing but a FROM: the base under more names
    for (const std::string& name : names) {
      images.tag(id, name);
    }
  }
  output_->image(id);
  output_->text("Successfully built " + id.substr(7, 12) + "\n");
  for (const std::string& tag : request.tags) {
    runtime.publish({.type = "image",
                     .action = "tag",
                     .actor_id = id,
                     .attributes = {{"name", tag}}});
    output_->text("Successfully tagged " +
                  images::Reference::parse(tag)->familiar() + "\n");
  }
}

}  // namespace docker_cpp::daemon
