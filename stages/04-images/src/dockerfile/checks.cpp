// SPDX-License-Identifier: Apache-2.0
#include "checks.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "text.hpp"

#include "docker_cpp/dockerfile/parser.hpp"
#include "docker_cpp/dockerfile/problem.hpp"

namespace docker_cpp::dockerfile {
namespace {

enum class Takes : std::uint8_t { text, truth, many };

struct KnownFlag {
  std::string_view name;
  Takes takes = Takes::text;
};

constexpr std::array from_flags = {KnownFlag{"platform"}};
constexpr std::array run_flags = {KnownFlag{"mount", Takes::many},
                                  KnownFlag{"network"}, KnownFlag{"security"}};
constexpr std::array copy_flags = {KnownFlag{"from"},
                                   KnownFlag{"chown"},
                                   KnownFlag{"chmod"},
                                   KnownFlag{"link", Takes::truth},
                                   KnownFlag{"parents", Takes::truth},
                                   KnownFlag{"exclude", Takes::many}};
constexpr std::array add_flags = {KnownFlag{"chown"},
                                  KnownFlag{"chmod"},
                                  KnownFlag{"link", Takes::truth},
                                  KnownFlag{"checksum"},
                                  KnownFlag{"keep-git-dir", Takes::truth},
                                  KnownFlag{"unpack", Takes::truth},
                                  KnownFlag{"parents", Takes::truth},
                                  KnownFlag{"exclude", Takes::many}};
constexpr std::array health_flags = {
    KnownFlag{"interval"}, KnownFlag{"timeout"}, KnownFlag{"start-period"},
    KnownFlag{"start-interval"}, KnownFlag{"retries"}};

std::span<const KnownFlag> flags_of(Keyword keyword) {
  switch (keyword) {
    case Keyword::from:
      return from_flags;
    case Keyword::run:
      return run_flags;
    case Keyword::copy:
      return copy_flags;
    case Keyword::add:
      return add_flags;
    case Keyword::healthcheck:
      return health_flags;
    default:
      return {};
  }
}

[[noreturn]] void fail(std::string message, std::string_view word = {},
                       std::string hint = {}) {
  throw Problem{.message = std::move(message),
                .line = 0,
                .word = std::string(word),
                .hint = std::move(hint)};
}

void check_flag(const Flag& flag, std::span<const KnownFlag> known,
                const Instruction& in) {
  const std::string shown = "--" + flag.name;
  const auto found = std::ranges::find(known, flag.name, &KnownFlag::name);
  if (found == known.end()) {
    std::vector<std::string_view> names;
    for (const KnownFlag& one : known) {
      names.push_back(one.name);
    }
    const std::string near = nearest(flag.name, names);
    fail("unknown flag: " + shown, shown,
         near.empty() ? "" : "did you mean --" + near + "?");
  }
  if (found->takes == Takes::truth) {
    const std::string value = lowered(flag.value.value_or("true"));
    if (value != "true" && value != "false") {
      fail("expecting boolean value for flag " + flag.name + ", not: " + value,
           shown);
    }
  } else if (!flag.value || flag.value->empty()) {
    fail("missing a value on flag: " + flag.name, shown,
         "write " + shown + "=VALUE");
  }
  if (found->takes != Takes::many && in.values(flag.name).size() > 1) {
    fail("duplicate flag specified: " + flag.name, shown);
  }
}

void exactly_one(const Instruction& in) {
  if (in.rest.empty()) {
    fail(std::string(name_of(in.keyword)) + " requires exactly one argument");
  }
}

void at_least_one(const Instruction& in) {
  if (in.rest.empty() && in.heredocs.empty()) {
    fail(std::string(name_of(in.keyword)) + " requires at least one argument");
  }
}

void check_from(const Instruction& in) {
  const auto& words = in.words;
  if (words.size() != 1 && (words.size() != 3 || lowered(words[1]) != "as")) {
    fail("FROM requires either one or three arguments",
         words.empty() ? "" : words.back(), "write FROM IMAGE [AS NAME]");
  }
  if (words.size() == 1) {
    return;
  }
  const std::string name = lowered(words[2]);
  const bool proper =
      !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") ==
          std::string::npos;
  if (!proper) {
    fail("invalid name for build stage: \"" + words[2] +
             "\", name can't start with a number or contain symbols",
         words[2]);
  }
}

void check_copy(const Instruction& in) {
  const std::string name(name_of(in.keyword));
  if (in.words.empty() || (in.words.size() == 1 && in.heredocs.empty())) {
    fail(name + " requires at least two arguments, but only " +
             (in.words.empty() ? "none was" : "one was") +
             " provided. Destination could not be determined",
         in.words.empty() ? "" : in.words[0]);
  }
  if (in.words.back().find("<<") == 0) {
    fail(name + " cannot accept a heredoc as a destination", in.words.back());
  }
  if (in.value("from").find('$') != std::string::npos) {
    fail("variable expansion is not supported for --from", in.value("from"),
         "define a new stage with FROM using ARG from global scope as a "
         "workaround");
  }
}

void check_healthcheck(const Instruction& in) {
  at_least_one(in);
  const std::string& type = in.words[0];
  if (type == "NONE") {
    if (in.words.size() > 1) {
      fail("HEALTHCHECK NONE takes no arguments", in.words[1]);
    }
    return;
  }
  if (type != "CMD") {
    fail("Unknown type \"" + type + "\" in HEALTHCHECK (try CMD)", type);
  }
  if (in.words.size() == 1) {
    fail("Missing command after HEALTHCHECK CMD", type);
  }
  for (const Flag& flag : in.flags) {
    if (flag.name == "retries") {
      const bool number =
          flag.value->find_first_not_of("0123456789") == std::string::npos &&
          flag.value->size() < 7;
      if (!number) {
        fail("--retries must be at least 0 (not '" + *flag.value + "')",
             *flag.value);
      }
      continue;
    }
    const auto time = parse_duration(*flag.value);
    if (!time) {
      fail(time.error(), *flag.value, "write a time like 30s or 1m30s");
    }
    constexpr std::int64_t least = 1'000'000;
    if (*time != 0 && *time < least) {
      fail("Interval \"" + flag.name + "\" cannot be less than 1ms",
           *flag.value);
    }
  }
}

void check_shell(const Instruction& in) {
  if (!in.json) {
    fail("SHELL requires the arguments to be in JSON form", in.rest,
         "write SHELL [\"/bin/sh\", \"-c\"]");
  }
  if (in.words.empty()) {
    fail("SHELL requires at least one argument");
  }
}

void check_run(const Instruction& in) {
  at_least_one(in);
  const std::string network = in.value("network");
  if (!network.empty() && network != "default" && network != "none" &&
      network != "host") {
    fail("invalid network mode: " + network, network,
         "it is one of default, none, host");
  }
  const std::string security = in.value("security");
  if (!security.empty() && security != "sandbox" && security != "insecure") {
    fail("security \"" + security + "\" is not valid", security,
         "it is one of sandbox, insecure");
  }
}

}  // namespace

void check(const Instruction& in) {
  for (const Flag& flag : in.flags) {
    check_flag(flag, flags_of(in.keyword), in);
  }
  switch (in.keyword) {
    case Keyword::from:
      return check_from(in);
    case Keyword::copy:
    case Keyword::add:
      return check_copy(in);
    case Keyword::run:
      return check_run(in);
    case Keyword::shell:
      return check_shell(in);
    case Keyword::healthcheck:
      return check_healthcheck(in);
    case Keyword::workdir:
    case Keyword::user:
    case Keyword::stopsignal:
    case Keyword::maintainer:
      return exactly_one(in);
    case Keyword::volume:
      at_least_one(in);
      for (const std::string& one : in.words) {
        if (trim(one).empty()) {
          fail("VOLUME specified can not be an empty string");
        }
      }
      return;
    case Keyword::expose:
    case Keyword::onbuild:
      return at_least_one(in);
    case Keyword::cmd:
      if (!in.json) {
        at_least_one(in);
      }
      return;
    default:
      return;
  }
}

}  // namespace docker_cpp::dockerfile
