// SPDX-License-Identifier: Apache-2.0
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstddef>

#include "docker_cpp/cgroups/device_program.hpp"
#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::cgroups {
namespace {

sys::Result<int> bpf(bpf_cmd command, bpf_attr& attributes, const char* call) {
  return sys::check(static_cast<int>(::syscall(SYS_bpf, command, &attributes,
                                               sizeof attributes)),
                    call);
}

std::uint64_t address(const void* pointer) {
  return reinterpret_cast<std::uint64_t>(pointer);
}

sys::Result<int> load(const std::vector<bpf_insn>& program) {
  bpf_attr how{};
  how.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  how.insns = address(program.data());
  how.insn_cnt = static_cast<__u32>(program.size());
  how.license = address("Apache-2.0");
  return bpf(BPF_PROG_LOAD, how, "bpf BPF_PROG_LOAD");
}

std::vector<__u32> attached_to(int cgroup) {
  std::array<__u32, 64> ids{};  // the kernel attaches no more to one cgroup
  bpf_attr query{};
  query.query.target_fd = static_cast<__u32>(cgroup);
  query.query.attach_type = BPF_CGROUP_DEVICE;
  query.query.prog_ids = address(ids.data());
  query.query.prog_cnt = ids.size();
  if (!bpf(BPF_PROG_QUERY, query, "bpf BPF_PROG_QUERY")) {
    return {};
  }
  return {ids.begin(), ids.begin() + query.query.prog_cnt};
}

void detach(int cgroup, __u32 id) {
  bpf_attr get{};
  get.prog_id = id;
  const auto program = bpf(BPF_PROG_GET_FD_BY_ID, get, "bpf");
  if (!program) {
    return;  // ended by itself
  }
  const sys::UniqueFd fd(*program);
  bpf_attr how{};
  how.target_fd = static_cast<__u32>(cgroup);
  how.attach_bpf_fd = static_cast<__u32>(fd.get());
  how.attach_type = BPF_CGROUP_DEVICE;
  must(bpf(BPF_PROG_DETACH, how, "bpf BPF_PROG_DETACH"),
       "detach the former device program");
}

}  // namespace

void attach_device_program(const ControlDirectory& cgroup,
                           const std::vector<bpf_insn>& program) {
  const sys::UniqueFd fd(
      must(load(program), "load the device program of " + cgroup.path));
  const auto before = attached_to(cgroup.fd.get());
  bpf_attr how{};
  how.target_fd = static_cast<__u32>(cgroup.fd.get());
  how.attach_bpf_fd = static_cast<__u32>(fd.get());
  how.attach_type = BPF_CGROUP_DEVICE;
  // Of several, all must agree: the new one joins before the old ones leave.
  how.attach_flags = BPF_F_ALLOW_MULTI;
  must(bpf(BPF_PROG_ATTACH, how, "bpf BPF_PROG_ATTACH"),
       "attach the device program to " + cgroup.path);
  for (const __u32 id : before) {
    detach(cgroup.fd.get(), id);
  }
}

}  // namespace docker_cpp::cgroups
