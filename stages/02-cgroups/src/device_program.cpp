// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cgroups/device_program.hpp"

#include <cstddef>

namespace docker_cpp::cgroups {
namespace {

enum Register : std::uint8_t { r0, r1, r2, r3, r4, r5 };

constexpr Register answer = r0;
constexpr Register scratch = r1;  // on entry: the context
constexpr Register type = r2;
constexpr Register access = r3;
constexpr Register major_number = r4;
constexpr Register minor_number = r5;

static_assert(+DeviceList::may_mknod == +BPF_DEVCG_ACC_MKNOD);
static_assert(+DeviceList::may_read == +BPF_DEVCG_ACC_READ);
static_assert(+DeviceList::may_write == +BPF_DEVCG_ACC_WRITE);

constexpr std::uint8_t full_access = 7;

bpf_insn instruction(int code, Register to, Register from, std::int16_t offset,
                     std::int32_t value) {
  bpf_insn one{};
  one.code = static_cast<__u8>(code);
  one.dst_reg = to & 0xF;
  one.src_reg = from & 0xF;
  one.off = offset;
  one.imm = value;
  return one;
}

bpf_insn load(Register to, std::size_t offset) {
  return instruction(BPF_LDX | BPF_MEM | BPF_W, to, r1,
                     static_cast<std::int16_t>(offset), 0);
}

bpf_insn operate(int operation, Register to, std::int64_t value) {
  return instruction(BPF_ALU | operation | BPF_K, to, r0, 0,
                     static_cast<std::int32_t>(value));
}

bpf_insn copy(Register to, Register from) {
  return instruction(BPF_ALU | BPF_MOV | BPF_X, to, from, 0, 0);
}

bpf_insn jump(int condition, Register value, std::int64_t other) {
  return instruction(BPF_JMP | condition | BPF_K, value, r0, 0,
                     static_cast<std::int32_t>(other));
}

bpf_insn leave() {
  return instruction(BPF_JMP | BPF_EXIT, r0, r0, 0, 0);
}

bool is_jump(const bpf_insn& one) {
  return (one.code & 0x07) == BPF_JMP && one.code != (BPF_JMP | BPF_EXIT);
}

/// One exception: jumps behind itself unless it applies.
void append(std::vector<bpf_insn>& program, const DeviceList& list,
            const DeviceList::Device& device, std::uint8_t bits) {
  const std::size_t start = program.size();
  program.push_back(
      jump(BPF_JNE, type,
           device.type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR));
  if (bits != full_access) {
    program.push_back(copy(scratch, access));
    if (list.allows_all_but()) {  // denied: any of these
      program.push_back(operate(BPF_AND, scratch, bits));
      program.push_back(jump(BPF_JEQ, scratch, 0));
    } else {  // allowed: nothing but these
      program.push_back(operate(BPF_AND, scratch, full_access & ~bits));
      program.push_back(jump(BPF_JNE, scratch, 0));
    }
  }
  if (device.major >= 0) {
    program.push_back(jump(BPF_JNE, major_number, device.major));
  }
  if (device.minor >= 0) {
    program.push_back(jump(BPF_JNE, minor_number, device.minor));
  }
  program.push_back(operate(BPF_MOV, answer, list.allows_all_but() ? 0 : 1));
  program.push_back(leave());
  for (std::size_t i = start; i < program.size(); ++i) {
    if (is_jump(program[i])) {
      program[i].off = static_cast<__s16>(program.size() - i - 1);
    }
  }
}

}  // namespace

// [device-program]
std::vector<bpf_insn> device_program(const DeviceList& list) {
  constexpr std::size_t both = offsetof(bpf_cgroup_dev_ctx, access_type);
  std::vector<bpf_insn> program = {
      load(type, both),
      operate(BPF_AND, type, 0xFFFF),  // access_type: access << 16 | type
      load(access, both),
      operate(BPF_RSH, access, 16),
      load(major_number, offsetof(bpf_cgroup_dev_ctx, major)),
      load(minor_number, offsetof(bpf_cgroup_dev_ctx, minor)),
  };
  for (const auto& [device, bits] : list.exceptions()) {
    append(program, list, device, bits);
  }
  program.push_back(operate(BPF_MOV, answer, list.allows_all_but() ? 1 : 0));
  program.push_back(leave());
  return program;
}
// [device-program]

}  // namespace docker_cpp::cgroups
