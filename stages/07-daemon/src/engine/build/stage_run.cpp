// SPDX-License-Identifier: Apache-2.0
// RUN: a container of the engine like any other, on the stage's layers.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "../identifiers.hpp"
#include "run_mounts.hpp"
#include "stage_build.hpp"

#include "docker_cpp/dockerfile/graph.hpp"

namespace docker_cpp::daemon {
namespace {

std::string joined(const Strings& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

/// Which mode of the network the step gets.
std::string network_of(const dockerfile::Instruction& in,
                       const BuildRequest& request) {
  const std::string said = in.value("network");
  const std::string& whole = request.host.network_mode;
  if (said == "host" && whole != "host" &&
      std::ranges::find(request.allow, "network.host") == request.allow.end()) {
    throw BuildFailure(
        "network.host is not allowed: build with --allow network.host");
  }
  return said.empty() || said == "default" ? whole : said;
}

bool read_exactly(int stream, char* into, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::read(stream, into, size);
    if (got == 0 || (got < 0 && errno != EINTR)) {
      return false;
    }
    if (got > 0) {
      into += got;
      size -= static_cast<std::size_t>(got);
    }
  }
  return true;
}

}  // namespace

/// `RUN <<EOF` is a script; with more words, the shell reads the documents.
Strings StageBuild::command_of(const Instruction& in) const {
  if (in.json) {
    return in.words;
  }
  Strings command = shell();
  if (in.heredocs.empty()) {
    command.push_back(in.rest);
    return command;
  }
  const bool script = in.heredocs.size() == 1 && in.words.size() == 1 &&
                      in.words[0].starts_with("<<");
  if (script) {
    const std::string& text = in.heredocs[0].content;
    if (!text.starts_with("#!")) {
      command.push_back(text);
      return command;
    }
    // The kernel looks at the first line of files only: the interpreter is
    // given the script as it would be, on a descriptor.
    const std::size_t end = text.find('\n');
    command.push_back("exec " + text.substr(2, end - 2) + " /dev/fd/9 9<<'" +
                      in.heredocs[0].name + "'\n" + text + in.heredocs[0].name);
    return command;
  }
  std::string text = in.rest;
  for (const dockerfile::Heredoc& doc : in.heredocs) {
    text += "\n" + doc.content + doc.name;
  }
  command.push_back(text);
  return command;
}

/// What ARG has declared, but for what ENV says otherwise.
std::map<std::string, std::string> StageBuild::run_arguments() const {
  std::map<std::string, std::string> all;
  for (const auto& [name, value] : args_) {
    const std::string prefix = name + "=";
    const bool set = std::ranges::any_of(
        now_.image.config.env,
        [&](const std::string& one) { return one.starts_with(prefix); });
    if (!set) {
      all[name] = value;
    }
  }
  return all;
}

CreateRequest StageBuild::container_of(const Instruction& in,
                                       const Strings& command) const {
  CreateRequest request;
  request.host_config = build_.request.host;
  request.host_config.auto_remove = true;
  request.host_config.log_driver = "none";
  request.host_config.network_mode = network_of(in, build_.request);
  if (in.value("security") == "insecure") {
    if (std::ranges::find(build_.request.allow, "security.insecure") ==
        build_.request.allow.end()) {
      throw BuildFailure(
          "security.insecure is not allowed: build with --allow "
          "security.insecure");
    }
    request.host_config.privileged = true;
  }
  Config& config = request.config;
  config.image = stage_.base;
  config.cmd = command;
  config.env = now_.image.config.env;
  for (const auto& [name, value] : run_arguments()) {
    config.env.push_back(name + "=" + value);
  }
  for (const auto& [name, value] : build_.graph_options.build_args) {
    if (dockerfile::is_proxy_variable(name) && !args_.contains(name)) {
      config.env.push_back(name + "=" + value);
    }
  }
  config.user = now_.image.config.user;
  config.working_dir = now_.image.config.working_dir;
  config.attach_stdout = config.attach_stderr = true;
  return request;
}

void StageBuild::run(const Instruction& in) {
  const Strings command = command_of(in);
  CreateRequest request = container_of(in, command);
  RunMounts mounts(*this, in);
  const auto arguments = run_arguments();
  Strings key = {"RUN", request.config.user, request.config.working_dir,
                 request.host_config.network_mode, in.value("security")};
  key.insert(key.end(), command.begin(), command.end());
  key.emplace_back("env");
  key.insert(key.end(), now_.image.config.env.begin(),
             now_.image.config.env.end());
  std::string with;
  for (const auto& [name, value] : arguments) {
    if (!dockerfile::is_proxy_variable(name)) {
      key.push_back("arg " + name + "=" + value);
      with += " " + name + "=" + value;
    }
  }
  const Strings mounted = mounts.key();
  key.insert(key.end(), mounted.begin(), mounted.end());
  const std::string hash = key_of(key);
  const auto count = std::ranges::count_if(arguments, [](const auto& argument) {
    return !dockerfile::is_proxy_variable(argument.first);
  });
  const std::string line =
      (count == 0 ? "" : "|" + std::to_string(count) + with + " ") +
      joined(command);
  // The history does not know what was mounted.
  if (!recall(hash, mounted.empty() ? line : "")) {
    const auto step = build_.session.begin_step(now_.layers);
    mounts.attach(request);
    OwnRoot root{.image_id = {},
                 .lower = build_.session.directories(now_.layers),
                 .upper = step.upper,
                 .work = step.work};
    root.lower.insert(root.lower.begin(), mounts.make_places(request));
    request.own_root = std::move(root);
    execute(std::move(request), command);
    keep(hash, in.original,
         build_.session.seal(step, now_.layers, build_.epoch));
  }
  note(line, last_was_empty_);
}

void StageBuild::execute(CreateRequest request, const Strings& command) {
  ContainerRuntime& runtime = build_.runtime;
  const Created created = await<Created>([&](Done<Created> done) {
    runtime.create(std::move(request), std::move(done));
  });
  const std::string shown = short_id(created.id);
  say(" ---> Running in " + shown + "\n");
  auto stream = std::make_shared<std::promise<Outcome<Attachment>>>();
  auto ended = std::make_shared<std::promise<Outcome<WaitResult>>>();
  auto attached = stream->get_future();
  auto result = ended->get_future();
  try {
    runtime.attach(
        created.id,
        {.stdout_stream = true, .stderr_stream = true, .stream = true},
        [stream](Outcome<Attachment> got) {
          stream->set_value(std::move(got));
        });
    runtime.wait(
        created.id, WaitCondition::removed,
        [ended](Outcome<WaitResult> got) { ended->set_value(std::move(got)); });
    build_.running(created.id);
    await<void>(
        [&](Done<void> done) { runtime.start(created.id, std::move(done)); });
    // A cancellation that came before the start found nothing to kill.
    build_.running(created.id);
  } catch (const BuildFailure&) {
    runtime.remove(created.id, {.force = true}, [](Outcome<void>) {});
    throw;
  } catch (const ApiError& error) {
    throw BuildFailure(error.what(), 127);
  }
  Outcome<Attachment> attachment = attached.get();
  if (attachment) {
    listen(attachment->stream.get());
  }
  const Outcome<WaitResult> end = result.get();
  build_.ended(created.id);
  build_.check();
  if (!end) {
    throw end.error();
  }
  if (build_.request.remove) {
    say("Removing intermediate container " + shown + "\n");
  }
  if (end->exit_code != 0) {
    throw BuildFailure(
        "The command '" + joined(command) +
            "' returned a non-zero code: " + std::to_string(end->exit_code),
        end->exit_code);
  }
}

/// Frames of the Engine API: a kind, three zeros, a length.
void StageBuild::listen(int stream) {
  std::array<char, 8> head{};
  std::string body;
  while (read_exactly(stream, head.data(), head.size())) {
    std::size_t size = 0;
    for (std::size_t i = 4; i < head.size(); ++i) {
      size = size << 8U | static_cast<unsigned char>(head.at(i));
    }
    while (size > 0) {
      body.resize(std::min<std::size_t>(size, 64 << 10));
      if (!read_exactly(stream, body.data(), body.size())) {
        return;
      }
      size -= body.size();
      say(body);
    }
  }
}

}  // namespace docker_cpp::daemon
