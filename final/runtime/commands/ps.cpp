// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>

#include "../command.hpp"

#include "docker_cpp/cgroups/cgroup.hpp"
#include "docker_cpp/namespaces/process.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::runtime {
namespace {

void print_json(const std::vector<pid_t>& pids) {
  std::string json = "[";
  for (const pid_t pid : pids) {
    json += (json.size() > 1 ? "," : "") + std::to_string(pid);
  }
  std::printf("%s]\n", json.c_str());
}

/// What the host's ps(1) says with these arguments.
std::string ask_ps(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "ps");
  sys::Pipe pipe = must(sys::pipe_cloexec(), "open a pipe for ps");
  auto process = namespaces::Process::start(
      {.args = std::move(arguments), .stdio = {0, pipe.write_end.get(), 2}},
      {});
  pipe.write_end.reset();
  std::string text =
      must(sys::read_all(pipe.read_end.get(), 16U << 20), "hear from ps");
  if (process.wait() != 0) {
    throw Refusal("ps failed");
  }
  return text;
}

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::size_t at = line.find_first_not_of(' ');
  while (at != std::string::npos) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    words.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(' ', end);
  }
  return words;
}

/// The heading, and the lines whose PID is one of these.
void print_filtered(const std::string& text, const std::vector<pid_t>& pids) {
  std::size_t column = std::string::npos;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    const std::vector<std::string> words = words_of(line);
    if (at == 0) {
      const auto heading = std::ranges::find(words, "PID");
      if (heading == words.end()) {
        throw Refusal("couldn't find PID field in ps output");
      }
      column = static_cast<std::size_t>(heading - words.begin());
      std::puts(line.c_str());
    } else if (column < words.size() && std::ranges::any_of(
                                            pids,
                                            [&](pid_t pid) {
                                              return words[column] ==
                                                     std::to_string(pid);
                                            })) {
      std::puts(line.c_str());
    }
    at = end + 1;
  }
}

/// Nobody where it has stopped, as with runc; but those who outlived its first
/// process, where they did.
std::vector<pid_t> processes_of(const Container& container) {
  try {
    return cgroups::Cgroup::open(container.record().cgroup_path).processes();
  } catch (const Error& error) {
    if (error.code().value() == ENOENT &&
        container.status() == oci::Status::stopped) {
      return {};
    }
    throw;
  }
}

}  // namespace

int ps(Context& context, Arguments arguments) {
  std::string format = "table";
  Flags flags;
  flags.text("format f", format);
  auto words = flags.parse(arguments, 1);  // the rest is ps's
  if (words.empty()) {
    throw UsageError("\"ps\" requires a minimum of 1 argument");
  }
  const Container container =
      Container::open(context.root, words[0], Access::look);
  const std::vector<pid_t> pids = processes_of(container);
  words.erase(words.begin());
  if (format == "json") {
    print_json(pids);
  } else if (format == "table") {
    print_filtered(ask_ps(words.empty() ? std::vector<std::string>{"-ef"}
                                        : std::move(words)),
                   pids);
  } else {
    throw UsageError("invalid format option");
  }
  return 0;
}

}  // namespace docker_cpp::runtime
