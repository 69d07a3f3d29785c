// SPDX-License-Identifier: Apache-2.0
#include "stage_build.hpp"

#include <array>
#include <ctime>

#include "../folders.hpp"

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/images/manifest.hpp"
#include "docker_cpp/rootfs/overlay.hpp"
#include "docker_cpp/rootfs/root_plan.hpp"

namespace docker_cpp::daemon {
namespace {

using dockerfile::Keyword;

std::string rfc3339(std::int64_t seconds) {
  const std::time_t moment = seconds;
  std::tm parts{};
  ::gmtime_r(&moment, &parts);
  std::array<char, 32> text{};
  const std::size_t length =
      std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), length};
}

std::int64_t now() {
  return static_cast<std::int64_t>(std::time(nullptr));
}

}  // namespace

StageResult StageBuild::run() {
  begin();
  for (std::size_t i = stage_.from + 1; i < stage_.end; ++i) {
    build_.check();
    const Instruction& in = build_.file.instructions[i];
    say(build_.step_label(i) + in.original);
    say("\n");
    step(in);
    say_id();
  }
  if (!time_.empty()) {
    now_.image.created_text = time_;
  }
  now_.args = args_;
  return std::move(now_);
}

void StageBuild::begin() {
  const Instruction& from = build_.file.instructions[stage_.from];
  say(build_.step_label(stage_.from) + from.original);
  say("\n");
  if (stage_.base_stage) {
    now_ = build_.result_of(*stage_.base_stage);
    time_ = now_.image.created_text;
    args_ = now_.args;
    say_id();
    return;
  }
  const std::string& platform =
      stage_.platform.empty() ? build_.request.platform : stage_.platform;
  if (stage_.base != "scratch") {
    begin_from_image(stage_.base);
    return;
  }
  const dockerfile::Variables parts = dockerfile::platform_variables(
      {.build_args = {},
       .target = {},
       .platform =
           platform.empty() ? build_.graph_options.host_platform : platform,
       .host_platform = build_.graph_options.host_platform,
       .named_contexts = {}});
  now_.image.os = parts.at("TARGETOS");
  now_.image.architecture = parts.at("TARGETARCH");
  now_.image.variant = parts.at("TARGETVARIANT");
  say(" ---> \n");
}

void StageBuild::begin_from_image(const std::string& reference) {
  const std::string& platform =
      stage_.platform.empty() ? build_.request.platform : stage_.platform;
  now_.image = build_.base_image(reference, platform);
  now_.layers = build_.session.layers_of(now_.image);
  say_id();
  run_triggers();
}

void StageBuild::run_triggers() {
  const Strings triggers = std::exchange(now_.image.config.on_build, {});
  if (triggers.empty()) {
    return;
  }
  now_.image.id.clear();
  say("# Executing " + std::to_string(triggers.size()) +
      (triggers.size() == 1 ? " build trigger\n" : " build triggers\n"));
  for (const std::string& text : triggers) {
    auto trigger = dockerfile::parse_instruction(text);
    if (!trigger) {
      throw BuildFailure("the base image's trigger '" + text +
                         "': " + trigger.error().message);
    }
    trigger->line = build_.file.instructions[stage_.from].line;
    step(*trigger);
    say_id();
  }
}

std::optional<std::string> StageBuild::variable(std::string_view name) const {
  const std::string prefix = std::string(name) + "=";
  for (const std::string& entry : now_.image.config.env) {
    if (entry.starts_with(prefix)) {
      return entry.substr(prefix.size());
    }
  }
  const auto found = args_.find(name);
  return found == args_.end() ? std::nullopt : std::optional(found->second);
}

dockerfile::Expander StageBuild::expander() const {
  return {[this](std::string_view name) { return variable(name); },
          build_.file.escape};
}

std::string StageBuild::expand(std::string_view text) const {
  return expander().word(text);
}

/// Whatever fails says where; the line with its caret goes to the output, so
/// that the error itself stays what clients of Docker's know.
void StageBuild::step(const Instruction& in) {
  const auto point = [&](std::string_view word, std::string message) {
    const dockerfile::Problem problem{.message = message,
                                      .line = in.line,
                                      .word = std::string(word),
                                      .hint = {}};
    say(build_.shown(problem) + "\n");
  };
  const std::string keyword(name_of(in.keyword));
  try {
    dispatch(in);
  } catch (const dockerfile::Problem& problem) {
    point(problem.word, problem.message);
    throw BuildFailure("failed to process " + in.original + ": " +
                       problem.message);
  } catch (const images::ImageError& error) {
    const bool files =
        in.keyword == Keyword::copy || in.keyword == Keyword::add;
    const std::string message =
        (files ? keyword + " failed: " : "") + error.what();
    point(keyword, message);
    throw BuildFailure(message);
  } catch (const BuildFailure& failure) {
    if (failure.code() != 0 || !in.original.empty()) {
      point(keyword, failure.what());
    }
    throw;
  }
}

void StageBuild::dispatch(const Instruction& in) {
  switch (in.keyword) {
    case Keyword::run:
      return run(in);
    case Keyword::copy:
    case Keyword::add:
      return copy(in);
    case Keyword::workdir:
      return workdir(in);
    default:
      return configure(in);
  }
}

void StageBuild::say_id() {
  std::string id = now_.image.id;
  if (id.empty()) {
    now_.image.created_text = time_;
    id = images::BuildSession::image_id(images::print_image_config(now_.image),
                                        now_.layers);
  }
  say(" ---> " + id.substr(7, 12) + "\n");
}

std::string StageBuild::key_of(const Strings& parts) const {
  images::Hasher hasher;
  const auto add = [&](const std::string& part) {
    hasher.update(std::to_string(part.size()) + ":" + part);
  };
  add("build 1");
  add(images::chain_of(now_.layers));
  add(now_.image.os + "/" + now_.image.architecture + "/" + now_.image.variant);
  add(build_.epoch ? std::to_string(*build_.epoch) : "");
  for (const std::string& part : parts) {
    add(part);
  }
  return hasher.finish().hex();
}

bool StageBuild::recall(const std::string& key, const std::string& created_by) {
  if (build_.request.no_cache) {
    return false;
  }
  auto found = build_.session.recall(key, now_.layers);
  if (!found) {
    auto other = created_by.empty() ? std::nullopt
                                    : build_.cache_images.find(
                                          now_.image, now_.layers, created_by);
    if (!other) {
      return false;
    }
    last_was_empty_ = other->layers.size() == now_.layers.size();
    now_.layers = std::move(other->layers);
    time_ = build_.epoch ? rfc3339(*build_.epoch) : other->created;
    say(" ---> Using cache\n");
    return true;
  }
  last_was_empty_ = found->layers.size() == now_.layers.size();
  now_.layers = std::move(found->layers);
  time_ = rfc3339(build_.epoch.value_or(found->created));
  say(" ---> Using cache\n");
  return true;
}

void StageBuild::keep(const std::string& key, const std::string& description,
                      images::BuildLayers layers) {
  last_was_empty_ = layers.size() == now_.layers.size();
  now_.layers = std::move(layers);
  const std::int64_t moment = now();
  time_ = rfc3339(build_.epoch.value_or(moment));
  build_.session.remember(key, description,
                          {.layers = now_.layers, .created = moment});
}

/// An instruction that touches no file is done in no time, but a build that
/// finds all that is before it in the cache finds it, too. It happened when the
/// files were last touched, so that the same steps make the same image again;
/// with none before it, when it was first done.
void StageBuild::recall_metadata(const std::string& line) {
  const std::string key =
      key_of({"metadata", images::print_image_config(now_.image), line});
  const auto found = build_.request.no_cache
                         ? std::nullopt
                         : build_.session.recall(key, now_.layers);
  if (const auto other =
          found || build_.request.no_cache
              ? std::nullopt
              : build_.cache_images.find(now_.image, now_.layers, line)) {
    say(" ---> Using cache\n");
    time_ = build_.epoch ? rfc3339(*build_.epoch) : other->created;
    return;
  }
  const std::int64_t moment = found ? found->created : now();
  if (found) {
    say(" ---> Using cache\n");
  } else {
    build_.session.remember(key, line,
                            {.layers = now_.layers, .created = moment});
  }
  if (time_.empty() || build_.epoch) {
    time_ = rfc3339(build_.epoch.value_or(moment));
  }
}

sys::UniqueFd StageBuild::mount_layers(
    const images::BuildSession::Step* step) const {
  rootfs::OverlayRoot root{.lower = build_.session.directories(now_.layers),
                           .upper = {},
                           .work = {}};
  if (step != nullptr) {
    root.upper = step->upper;
    root.work = step->work;
    root.durable = false;
  }
  if (root.lower.empty()) {
    root.lower.push_back(build_.session.path() + "/nothing");
    make_folder(root.lower.front(), 0755);
  }
  return rootfs::mount_overlay(root);
}

}  // namespace docker_cpp::daemon
