// SPDX-License-Identifier: Apache-2.0
// Instructions that change the configuration only.
#include <algorithm>
#include <charconv>

#include "../identifiers.hpp"
#include "stage_build.hpp"

#include "docker_cpp/dockerfile/parser.hpp"

namespace docker_cpp::daemon {
namespace {

using dockerfile::Keyword;
using dockerfile::Pair;

/// Docker shows lists of words as Go prints them: ["a" "b"].
std::string quoted(const Strings& words) {
  std::string text = "[";
  for (const std::string& word : words) {
    text += (text.size() == 1 ? "\"" : " \"") + word + "\"";
  }
  return text + "]";
}

void insert_sorted(Strings& list, const std::string& value) {
  const auto at = std::ranges::lower_bound(list, value);
  if (at == list.end() || *at != value) {
    list.insert(at, value);
  }
}

/// "8000-8002/udp" is three ports.
Strings ports_of(const std::string& text) {
  const auto refuse = [&]() -> Strings {
    throw BuildFailure("invalid containerPort: " + text);
  };
  const std::size_t slash = text.find('/');
  std::string protocol = slash == text.npos ? "tcp" : text.substr(slash + 1);
  std::ranges::transform(protocol, protocol.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (protocol != "tcp" && protocol != "udp" && protocol != "sctp") {
    throw BuildFailure("invalid proto: " + protocol);
  }
  const std::string range = text.substr(0, slash);
  unsigned first = 0;
  const char* end = range.data() + range.size();
  auto read = std::from_chars(range.data(), end, first);
  unsigned last = first;
  if (read.ec == std::errc{} && read.ptr != end && *read.ptr == '-') {
    read = std::from_chars(read.ptr + 1, end, last);
  }
  if (read.ec != std::errc{} || read.ptr != end || last < first ||
      last > 65535) {
    return refuse();
  }
  Strings ports;
  for (unsigned port = first; port <= last; ++port) {
    ports.push_back(std::to_string(port) + "/" + protocol);
  }
  return ports;
}

}  // namespace

void StageBuild::note(const std::string& created_by, bool empty_layer) {
  now_.image.id.clear();
  now_.image.history.push_back({.created = time_,
                                .created_by = created_by,
                                .author = now_.image.author,
                                .comment = "",
                                .empty_layer = empty_layer});
}

Strings StageBuild::shell() const {
  const Strings& own = now_.image.config.shell;
  return own.empty() ? Strings{"/bin/sh", "-c"} : own;
}

void StageBuild::configure(const Instruction& in) {
  std::string what(name_of(in.keyword));
  what += " " + in.rest;
  images::ImageConfig& config = now_.image.config;
  switch (in.keyword) {
    case Keyword::arg:
      set_arg(in);
      break;
    case Keyword::env:
      set_env(in);
      what = "ENV " + expanded_pairs(in);
      break;
    case Keyword::label:
      set_labels(in);
      what = "LABEL " + expanded_pairs(in);
      break;
    case Keyword::cmd:
    case Keyword::entrypoint:
      set_command(in);
      what =
          std::string(name_of(in.keyword)) + " " +
          quoted((in.keyword == Keyword::cmd ? config.cmd : config.entrypoint)
                     .value_or(Strings()));
      break;
    case Keyword::expose:
      expose(in);
      break;
    case Keyword::volume:
      set_volumes(in);
      break;
    case Keyword::user:
      config.user = expand(in.rest);
      if (config.user.empty()) {
        throw BuildFailure("USER requires exactly one argument");
      }
      what = "USER " + config.user;
      break;
    case Keyword::stopsignal:
      set_stop_signal(in);
      break;
    case Keyword::shell:
      config.shell = in.words;
      what = "SHELL " + quoted(in.words);
      break;
    case Keyword::healthcheck:
      set_healthcheck(in);
      break;
    case Keyword::onbuild:
      config.on_build.push_back(in.rest);
      break;
    case Keyword::maintainer:
      now_.image.author = in.rest;
      break;
    default:
      break;
  }
  const std::string line = "/bin/sh -c #(nop)  " + what;
  recall_metadata(line);
  note(line, true);
}

/// With the values that they have, so that the history tells builds with other
/// arguments apart.
std::string StageBuild::expanded_pairs(const Instruction& in) const {
  std::string text;
  for (const Pair& pair : in.pairs) {
    text += text.empty() ? "" : " ";
    text += expand(pair.key) + "=" + expand(pair.value.value_or(""));
  }
  return text;
}

void StageBuild::set_arg(const Instruction& in) {
  const auto platforms = dockerfile::platform_variables(build_.graph_options);
  for (const Pair& pair : in.pairs) {
    const auto& given = build_.graph_options.build_args;
    const auto& globals = build_.graph.globals;
    if (const auto found = given.find(pair.key); found != given.end()) {
      args_[pair.key] = found->second;
    } else if (pair.value) {
      args_[pair.key] = expand(*pair.value);
    } else if (const auto global = globals.find(pair.key);
               global != globals.end()) {
      args_[pair.key] = global->second;
    } else if (const auto known = platforms.find(pair.key);
               known != platforms.end()) {
      args_[pair.key] = known->second;
    }
  }
}

void StageBuild::set_env(const Instruction& in) {
  Strings& env = now_.image.config.env;
  Strings fresh;
  for (const Pair& pair : in.pairs) {
    fresh.push_back(expand(pair.key) + "=" + expand(pair.value.value_or("")));
  }
  for (const std::string& entry : fresh) {
    const std::string key = entry.substr(0, entry.find('=') + 1);
    const auto same = std::ranges::find_if(
        env, [&](const std::string& one) { return one.starts_with(key); });
    if (same == env.end()) {
      env.push_back(entry);
    } else {
      *same = entry;
    }
  }
}

void StageBuild::set_labels(const Instruction& in) {
  for (const Pair& pair : in.pairs) {
    now_.image.config.labels[expand(pair.key)] =
        expand(pair.value.value_or(""));
  }
}

void StageBuild::set_command(const Instruction& in) {
  Strings words = in.words;
  if (!in.json) {
    words = shell();
    if (in.rest.empty()) {
      words.clear();
    } else {
      words.push_back(in.rest);
    }
  }
  images::ImageConfig& config = now_.image.config;
  if (in.keyword == Keyword::cmd) {
    config.cmd = words;
    command_set_ = true;
    return;
  }
  config.entrypoint = words;
  // The base's arguments mean nothing to another program.
  if (!command_set_) {
    config.cmd.reset();
  }
}

void StageBuild::expose(const Instruction& in) {
  for (const std::string& text : expander().words(in.rest)) {
    for (const std::string& port : ports_of(text)) {
      insert_sorted(now_.image.config.exposed_ports, port);
    }
  }
}

void StageBuild::set_volumes(const Instruction& in) {
  for (const std::string& word : in.words) {
    const std::string path = expand(word);
    if (path.empty()) {
      throw BuildFailure("VOLUME specified can not be an empty string");
    }
    insert_sorted(now_.image.config.volumes, path);
  }
}

void StageBuild::set_stop_signal(const Instruction& in) {
  const std::string name = expand(in.rest);
  static_cast<void>(parse_signal(name));
  now_.image.config.stop_signal = name;
}

void StageBuild::set_healthcheck(const Instruction& in) {
  images::Healthcheck check;
  const auto time = [&](std::string_view flag) -> std::int64_t {
    const std::string text = in.value(flag);
    return text.empty() ? 0 : dockerfile::parse_duration(text).value_or(0);
  };
  if (in.words[0] == "NONE") {
    check.test = {"NONE"};
  } else {
    check = {.test = {in.json ? "CMD" : "CMD-SHELL"},
             .interval = time("interval"),
             .timeout = time("timeout"),
             .start_period = time("start-period"),
             .start_interval = time("start-interval"),
             .retries = 0};
    check.test.insert(check.test.end(), in.words.begin() + 1, in.words.end());
    const std::string retries = in.value("retries");
    std::from_chars(retries.data(), retries.data() + retries.size(),
                    check.retries);
  }
  now_.image.config.healthcheck = check;
}

}  // namespace docker_cpp::daemon
