// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/security/seccomp.hpp"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include <seccomp.h>

#include "default_profile_tables.hpp"
#include "filter_prefix.hpp"

#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::security {
namespace {

using Context = std::unique_ptr<void, decltype(&::seccomp_release)>;
using Failure = std::unexpected<std::string>;

template <typename Number>
struct Named {
  std::string_view name;
  Number number;
};

constexpr std::array operators = {
    Named<scmp_compare>{"SCMP_CMP_NE", SCMP_CMP_NE},
    Named<scmp_compare>{"SCMP_CMP_LT", SCMP_CMP_LT},
    Named<scmp_compare>{"SCMP_CMP_LE", SCMP_CMP_LE},
    Named<scmp_compare>{"SCMP_CMP_EQ", SCMP_CMP_EQ},
    Named<scmp_compare>{"SCMP_CMP_GE", SCMP_CMP_GE},
    Named<scmp_compare>{"SCMP_CMP_GT", SCMP_CMP_GT},
    Named<scmp_compare>{"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ},
};

constexpr std::array flags_by_name = {
    Named<unsigned>{"SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC},
    Named<unsigned>{"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
    Named<unsigned>{"SECCOMP_FILTER_FLAG_SPEC_ALLOW",
                    SECCOMP_FILTER_FLAG_SPEC_ALLOW},
    Named<unsigned>{"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 1U << 5U},
};

std::expected<std::uint32_t, std::string> action_of(
    std::string_view name, std::optional<unsigned> errno_return) {
  const unsigned code = errno_return.value_or(EPERM);
  if (code > 4095) {  // MAX_ERRNO: the kernel would make another one of it
    return Failure("seccomp: errnoRet " + std::to_string(code) +
                   " is not an error number");
  }
  // "If the action does not support an errnoRet, the runtime MUST print an
  // error message": config-linux.md, Seccomp.
  if (errno_return.value_or(0) != 0 && name != "SCMP_ACT_ERRNO" &&
      name != "SCMP_ACT_TRACE") {
    return Failure("seccomp: " + std::string(name) + " takes no errnoRet");
  }
  if (name == "SCMP_ACT_ERRNO") {
    return SCMP_ACT_ERRNO(code);
  }
  if (name == "SCMP_ACT_TRACE") {
    return SCMP_ACT_TRACE(code);
  }
  constexpr std::array plain = {
      Named<std::uint32_t>{"SCMP_ACT_ALLOW", SCMP_ACT_ALLOW},
      Named<std::uint32_t>{"SCMP_ACT_KILL", SCMP_ACT_KILL_THREAD},
      Named<std::uint32_t>{"SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD},
      Named<std::uint32_t>{"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS},
      Named<std::uint32_t>{"SCMP_ACT_TRAP", SCMP_ACT_TRAP},
      Named<std::uint32_t>{"SCMP_ACT_LOG", SCMP_ACT_LOG},
      Named<std::uint32_t>{"SCMP_ACT_NOTIFY", SCMP_ACT_NOTIFY},
  };
  for (const auto& known : plain) {
    if (known.name == name) {
      return known.number;
    }
  }
  return Failure("seccomp: '" + std::string(name) + "' is not an action");
}

/// "SCMP_ARCH_X86_64" to libseccomp's token.
std::expected<std::uint32_t, std::string> architecture_of(
    const std::string& name) {
  std::string low = name.starts_with("SCMP_ARCH_") ? name.substr(10) : name;
  std::ranges::transform(low, low.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  const std::uint32_t token = ::seccomp_arch_resolve_name(low.c_str());
  if (token == 0) {
    return Failure("seccomp: '" + name + "' is not an architecture");
  }
  return token;
}

std::expected<scmp_arg_cmp, std::string> comparison_of(
    const SeccompArgument& argument) {
  if (argument.index > 5) {
    return Failure("seccomp: argument index " + std::to_string(argument.index) +
                   " is beyond 5");
  }
  for (const auto& known : operators) {
    if (known.name == argument.op) {
      return scmp_arg_cmp{.arg = argument.index,
                          .op = known.number,
                          .datum_a = argument.value,
                          .datum_b = argument.value_two};
    }
  }
  return Failure("seccomp: '" + argument.op + "' is not an operator");
}

/// Adds one call to the filter; names the library does not know are no error,
/// since profiles name the calls of all architectures.
std::expected<void, std::string> add_call(
    void* filter, std::uint32_t action, const std::string& name,
    const std::vector<scmp_arg_cmp>& comparisons) {
  const int number = ::seccomp_syscall_resolve_name(name.c_str());
  if (number == __NR_SCMP_ERROR) {
    return {};
  }
  const int code = ::seccomp_rule_add_array(
      filter, action, number, static_cast<unsigned>(comparisons.size()),
      comparisons.data());
  // EEXIST: said before. EACCES: the same as the default action.
  if (code != 0 && code != -EEXIST && code != -EACCES) {
    return Failure("seccomp: rule for '" + name + "': " + std::strerror(-code));
  }
  return {};
}

std::expected<void, std::string> add_rule(void* filter,
                                          const SeccompRule& rule) {
  const auto action = action_of(rule.action, rule.errno_return);
  if (!action) {
    return Failure(action.error());
  }
  std::vector<scmp_arg_cmp> comparisons;
  for (const SeccompArgument& argument : rule.arguments) {
    const auto one = comparison_of(argument);
    if (!one) {
      return Failure(one.error());
    }
    comparisons.push_back(*one);
  }
  for (const std::string& name : rule.names) {
    if (const auto added = add_call(filter, *action, name, comparisons);
        !added) {
      return added;
    }
  }
  return {};
}

std::expected<void, std::string> add_architectures(
    void* filter, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const auto token = architecture_of(name);
    if (!token) {
      return Failure(token.error());
    }
    const int code = ::seccomp_arch_add(filter, *token);
    if (code != 0 && code != -EEXIST) {
      return Failure("seccomp: architecture " + name + ": " +
                     std::strerror(-code));
    }
  }
  return {};
}

std::expected<FilterProgram, std::string> exported(void* filter) {
  const sys::UniqueFd file(::memfd_create("seccomp", MFD_CLOEXEC));
  const int code = ::seccomp_export_bpf(filter, file.get());
  const off_t size = ::lseek(file.get(), 0, SEEK_END);
  if (code != 0 || size < 0) {
    return Failure(std::string("seccomp: export the filter: ") +
                   std::strerror(code != 0 ? -code : errno));
  }
  FilterProgram program(static_cast<std::size_t>(size) / sizeof(sock_filter));
  if (::pread(file.get(), program.data(), static_cast<std::size_t>(size), 0) !=
      size) {
    return Failure("seccomp: read the filter back");
  }
  return program;
}

bool allows_plainly(const SeccompRule& rule) {
  return rule.action == "SCMP_ACT_ALLOW" && rule.arguments.empty();
}

/// The number of a call on an architecture, however young it is.
std::optional<std::uint32_t> number_of(const std::string& name,
                                       std::uint32_t token) {
  const int number = ::seccomp_syscall_resolve_name_arch(token, name.c_str());
  if (number >= 0) {
    return static_cast<std::uint32_t>(number);
  }
  for (const tables::YoungCall& call : tables::young_calls) {
    if (call.name == name) {
      return call.number;
    }
  }
  return std::nullopt;
}

/// The young calls of one architecture, from the rules that name them.
YoungCalls young_calls(const SeccompProfile& profile, std::uint32_t token,
                       std::uint32_t audit) {
  constexpr std::uint32_t first_young = tables::young_calls.front().number;
  YoungCalls young{
      .audit_architecture = audit, .allowed = {}, .newest_known = 0};
  for (const SeccompRule& rule : profile.rules) {
    for (const std::string& name : rule.names) {
      const std::uint32_t number = number_of(name, token).value_or(0);
      young.newest_known = std::max(young.newest_known, number);
      if (number >= first_young && allows_plainly(rule)) {
        young.allowed.push_back(number);
      }
    }
  }
  std::ranges::sort(young.allowed);
  const auto doubles = std::ranges::unique(young.allowed);
  young.allowed.erase(doubles.begin(), doubles.end());
  return young;
}

/// A profile that looks at the arguments of `socket` means them.
bool filters_sockets(const SeccompProfile& profile) {
  return std::ranges::any_of(profile.rules, [](const SeccompRule& rule) {
    return !rule.arguments.empty() &&
           std::ranges::find(rule.names, "socket") != rule.names.end();
  });
}

/// Only for profiles that refuse by default: to one that allows by default,
/// an unknown call is allowed.
FilterProgram prefix_of(const SeccompProfile& profile) {
  if (profile.default_action != "SCMP_ACT_ERRNO") {
    return {};
  }
  std::vector<YoungCalls> all;
  const auto covers = [&](const char* name) {
    return std::ranges::find(profile.architectures, name) !=
           profile.architectures.end();
  };
  if (profile.architectures.empty() || covers("SCMP_ARCH_X86_64")) {
    all.push_back(young_calls(profile, SCMP_ARCH_X86_64, AUDIT_ARCH_X86_64));
  }
  if (covers("SCMP_ARCH_X86")) {
    all.push_back(young_calls(profile, SCMP_ARCH_X86, AUDIT_ARCH_I386));
  }
  FilterProgram prefix = filter_prefix(all);
  if (covers("SCMP_ARCH_X86") && filters_sockets(profile)) {
    const FilterProgram refusal = refuse_hidden_socket();
    prefix.insert(prefix.begin(), refusal.begin(), refusal.end());
  }
  return prefix;
}

}  // namespace

std::expected<unsigned, std::string> seccomp_flags(
    const SeccompProfile& profile) {
  unsigned flags = 0;
  for (const std::string& name : profile.flags) {
    const auto* const known =
        std::ranges::find(flags_by_name, name, &Named<unsigned>::name);
    if (known == flags_by_name.end()) {
      return Failure("seccomp: '" + name + "' is not a flag");
    }
    flags |= known->number;
  }
  return flags;
}

std::expected<FilterProgram, std::string> compile_seccomp(
    const SeccompProfile& profile) {
  const auto standard =
      action_of(profile.default_action, profile.default_errno_return);
  if (!standard) {
    return Failure(standard.error());
  }
  const Context filter(::seccomp_init(*standard), &::seccomp_release);
  if (!filter) {
    return Failure("seccomp: cannot start a filter");
  }
  // A call of an architecture that the profile leaves out is refused as the
  // default says, not killed. Optimised as a binary tree: a list of 400
  // comparisons would slow every system call down.
  ::seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, *standard);
  ::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
  if (const auto added = add_architectures(filter.get(), profile.architectures);
      !added) {
    return Failure(added.error());
  }
  for (const SeccompRule& rule : profile.rules) {
    if (const auto added = add_rule(filter.get(), rule); !added) {
      return Failure(added.error());
    }
  }
  auto program = exported(filter.get());
  if (program) {
    const FilterProgram prefix = prefix_of(profile);
    program->insert(program->begin(), prefix.begin(), prefix.end());
  }
  return program;
}

Seccomp::Seccomp(FilterProgram program, When when, unsigned flags)
    : program_(std::move(program)), when_(when), flags_(flags) {}

const char* Seccomp::name() const noexcept {
  return "load the system call filter";
}

}  // namespace docker_cpp::security
