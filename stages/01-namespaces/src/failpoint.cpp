// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/sys/failpoint.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::sys {
namespace {

struct ErrnoName {
  std::string_view name;
  int code;
};

constexpr std::array errno_names = {
    ErrnoName{"EACCES", EACCES}, ErrnoName{"EEXIST", EEXIST},
    ErrnoName{"EINTR", EINTR},   ErrnoName{"EIO", EIO},
    ErrnoName{"EMFILE", EMFILE}, ErrnoName{"ENOENT", ENOENT},
    ErrnoName{"ENOMEM", ENOMEM}, ErrnoName{"ENOSPC", ENOSPC},
    ErrnoName{"EPERM", EPERM},   ErrnoName{"EROFS", EROFS},
    ErrnoName{"EBUSY", EBUSY},   ErrnoName{"EAGAIN", EAGAIN},
};

std::expected<int, std::string> number(std::string_view text) {
  int value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) {
    return std::unexpected("'" + std::string(text) + "' is not a number");
  }
  return value;
}

std::expected<int, std::string> errno_of(std::string_view name) {
  for (const ErrnoName& known : errno_names) {
    if (known.name == name) {
      return known.code;
    }
  }
  return std::unexpected("'" + std::string(name) + "' is no errno known here");
}

std::expected<void, std::string> parse_action(std::string_view text,
                                              FailpointRule& rule) {
  using Action = FailpointRule::Action;
  if (text == "kill") {
    rule.action = Action::kill;
    return {};
  }
  const bool is_error = text.starts_with("error(");
  if ((!is_error && !text.starts_with("delay(")) || !text.ends_with(')')) {
    return std::unexpected("'" + std::string(text) +
                           "' is not error(E...), delay(ms) or kill");
  }
  const std::string_view inner = text.substr(6, text.size() - 7);
  const auto argument = is_error ? errno_of(inner) : number(inner);
  if (!argument) {
    return std::unexpected(argument.error());
  }
  rule.action = is_error ? Action::error : Action::delay;
  rule.argument = *argument;
  return {};
}

std::expected<FailpointRule, std::string> parse_rule(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return std::unexpected("'" + std::string(text) + "' is not name=action");
  }
  FailpointRule rule{.name = std::string(text.substr(0, equals)), .action = {}};
  std::string_view action = text.substr(equals + 1);
  if (const std::size_t at = action.rfind('@'); at != std::string_view::npos) {
    const auto nth = number(action.substr(at + 1));
    if (!nth) {
      return std::unexpected(nth.error());
    }
    rule.only_at = *nth;
    action = action.substr(0, at);
  }
  if (const auto parsed = parse_action(action, rule); !parsed) {
    return std::unexpected(parsed.error());
  }
  return rule;
}

/// The rules of this process, read once, and how often each was passed.
class Armed {
 public:
  Armed() {
    if (const char* text = std::getenv("DOCKER_CPP_FAILPOINTS")) {
      auto rules = parse_failpoints(text);
      if (!rules) {
        std::fprintf(stderr, "DOCKER_CPP_FAILPOINTS: %s\n",
                     rules.error().c_str());
        std::abort();
      }
      rules_ = *std::move(rules);
    }
    if (const char* path = std::getenv("DOCKER_CPP_FAILPOINT_LOG")) {
      if (auto fd = open(path, O_WRONLY | O_APPEND | O_CREAT, 0600)) {
        log_ = *std::move(fd);
      }
    }
  }

  const FailpointRule* pass(std::string_view name) {
    const std::lock_guard lock(mutex_);
    if (log_) {
      const std::string line = std::string(name) + "\n";
      static_cast<void>(write_all(log_.get(), line));
    }
    for (const FailpointRule& rule : rules_) {
      if (rule.name == name) {
        const int count = ++passed_[rule.name];
        return rule.only_at == 0 || rule.only_at == count ? &rule : nullptr;
      }
    }
    return nullptr;
  }

 private:
  std::mutex mutex_;
  std::vector<FailpointRule> rules_;
  std::map<std::string, int, std::less<>> passed_;
  UniqueFd log_;
};

}  // namespace

std::expected<std::vector<FailpointRule>, std::string> parse_failpoints(
    std::string_view text) {
  std::vector<FailpointRule> rules;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    auto rule = parse_rule(text.substr(0, comma));
    if (!rule) {
      return std::unexpected(rule.error());
    }
    rules.push_back(*std::move(rule));
    text = comma == std::string_view::npos ? "" : text.substr(comma + 1);
  }
  return rules;
}

Result<void> failpoint(std::string_view name) {
  static Armed armed;
  const FailpointRule* rule = armed.pass(name);
  if (rule == nullptr) {
    return {};
  }
  switch (rule->action) {
    case FailpointRule::Action::kill:
      std::raise(SIGKILL);
      break;
    case FailpointRule::Action::delay:
      std::this_thread::sleep_for(std::chrono::milliseconds(rule->argument));
      break;
    case FailpointRule::Action::error:
      return std::unexpected(
          SysError{.code = rule->argument, .call = "failpoint"});
  }
  return {};
}

}  // namespace docker_cpp::sys
