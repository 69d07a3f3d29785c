// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/bpf.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace docker_cpp::cgroups {

/// What a process wants of a device.
struct Asked {
  char type;
  std::uint32_t major;
  std::uint32_t minor;
  std::uint32_t access = 7;
};

/// Runs the few instructions that device programs are made of, as the kernel
/// would; anything else is an error.
inline bool interpret(const std::vector<bpf_insn>& program, Asked asked) {
  const bpf_cgroup_dev_ctx context{
      .access_type =
          asked.access << 16 |
          static_cast<std::uint32_t>(asked.type == 'b' ? BPF_DEVCG_DEV_BLOCK
                                                       : BPF_DEVCG_DEV_CHAR),
      .major = asked.major,
      .minor = asked.minor};
  const std::array fields = {context.access_type, context.major, context.minor};
  std::array<std::uint64_t, 11> r{};
  for (std::size_t at = 0; at < program.size(); ++at) {
    const bpf_insn& one = program[at];
    std::uint64_t& to = r.at(one.dst_reg);
    const auto value = static_cast<std::uint32_t>(one.imm);
    switch (one.code) {
      case BPF_LDX | BPF_MEM | BPF_W:
        to = fields.at(static_cast<std::size_t>(one.off) / 4);
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        to = static_cast<std::uint32_t>(to) & value;
        break;
      case BPF_ALU | BPF_RSH | BPF_K:
        to = static_cast<std::uint32_t>(to) >> value;
        break;
      case BPF_ALU | BPF_MOV | BPF_K:
        to = value;
        break;
      case BPF_ALU | BPF_MOV | BPF_X:
        to = static_cast<std::uint32_t>(r.at(one.src_reg));
        break;
      case BPF_JMP | BPF_JNE | BPF_K:
        at += to != value ? static_cast<std::size_t>(one.off) : 0;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        at += to == value ? static_cast<std::size_t>(one.off) : 0;
        break;
      case BPF_JMP | BPF_EXIT:
        return r[0] == 1;
      default:
        throw std::logic_error("an instruction that is not known here");
    }
  }
  throw std::logic_error("ran off the end of the program");
}

}  // namespace docker_cpp::cgroups
