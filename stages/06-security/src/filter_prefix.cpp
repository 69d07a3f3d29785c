// SPDX-License-Identifier: Apache-2.0
#include "filter_prefix.hpp"

#include <linux/audit.h>
#include <linux/seccomp.h>

#include <cerrno>
#include <cstddef>

namespace docker_cpp::security {
namespace {

/// x32 calls have this bit set: they are the library filter's business.
constexpr std::uint32_t x32_bit = 0x40000000;

sock_filter statement(unsigned code, std::uint32_t value) {
  return {
      .code = static_cast<std::uint16_t>(code), .jt = 0, .jf = 0, .k = value};
}

sock_filter jump(unsigned test, std::uint32_t value, std::size_t if_true,
                 std::size_t if_false) {
  return {.code = static_cast<std::uint16_t>(BPF_JMP | test | BPF_K),
          .jt = static_cast<std::uint8_t>(if_true),
          .jf = static_cast<std::uint8_t>(if_false),
          .k = value};
}

/// One architecture: entered with its number in the accumulator; falls out at
/// its end when there is nothing to decide.
FilterProgram section(const YoungCalls& young) {
  FilterProgram code;
  const std::size_t count = young.allowed.size();
  // Past: load, x32 test, one test per allowed call, "newer" test, two returns.
  const std::size_t length = 1 + 1 + count + 1 + 2;
  code.push_back(
      statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  code.push_back(jump(BPF_JGE, x32_bit, length - 2, 0));
  for (std::size_t i = 0; i < count; ++i) {
    code.push_back(jump(BPF_JEQ, young.allowed[i], count - i, 0));
  }
  code.push_back(jump(BPF_JGT, young.newest_known, 1, 2));
  code.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  code.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS));
  return code;
}

}  // namespace

FilterProgram filter_prefix(const std::vector<YoungCalls>& architectures) {
  FilterProgram prefix;
  for (const YoungCalls& young : architectures) {
    const FilterProgram code = section(young);
    prefix.push_back(
        statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)));
    prefix.push_back(jump(BPF_JEQ, young.audit_architecture, 0, code.size()));
    prefix.insert(prefix.end(), code.begin(), code.end());
  }
  return prefix;
}

FilterProgram refuse_hidden_socket() {
  constexpr std::uint32_t socketcall_number = 102;
  constexpr std::uint32_t sys_socket = 1;
  return {
      statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      jump(BPF_JEQ, AUDIT_ARCH_I386, 0, 5),
      statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      jump(BPF_JEQ, socketcall_number, 0, 3),
      statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
      jump(BPF_JEQ, sys_socket, 0, 1),
      statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
  };
}

}  // namespace docker_cpp::security
