// SPDX-License-Identifier: Apache-2.0
#include "launch.hpp"

#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "foreign_runtime.hpp"
#include "gate.hpp"

#include "docker_cpp/namespaces/process.hpp"
#include "docker_cpp/oci/assemble.hpp"
#include "docker_cpp/oci/spec.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::monitor {
namespace {

security::FilterProgram read_filter(const std::string& path) {
  const std::string bytes =
      must(sys::read_file(path.c_str()), "read the system call filter " + path);
  security::FilterProgram program(bytes.size() / sizeof(sock_filter));
  std::memcpy(program.data(), bytes.data(),
              program.size() * sizeof(sock_filter));
  return program;
}

oci::AssemblyOptions options_of(const MonitorConfig& config,
                                const LaunchOptions& options) {
  oci::AssemblyOptions assembly;
  assembly.stdio = options.stdio;
  if (!config.upper.empty()) {
    assembly.overlay = rootfs::OverlayRoot{.lower = config.lower,
                                           .upper = config.upper,
                                           .work = config.work,
                                           .durable = config.durable};
  }
  if (!config.seccomp_program.empty()) {
    assembly.seccomp = read_filter(config.seccomp_program);
  }
  return assembly;
}

std::string read_config(int folder) {
  return must(sys::read_file_at(folder, "config.json"), "read config.json");
}

Launched start(oci::Assembly assembly, LaunchOptions options) {
  assembly.isolations.push_back(
      std::make_unique<Gate>(options.go, std::move(options.created)));
  Launched launched;
  try {
    auto process =
        namespaces::Process::start(assembly.program, assembly.isolations);
    launched.pid = process.pid();
    // The monitor reaps all its children itself: the pidfd is not needed.
    static_cast<void>(process.release());
  } catch (...) {
    if (assembly.cgroup) {
      assembly.cgroup->remove();
    }
    throw;
  }
  if (assembly.console) {
    launched.console = std::move(assembly.console->master);
  }
  launched.cgroup = std::move(assembly.cgroup);
  return launched;
}

}  // namespace

Launched launch_container(const MonitorConfig& config, LaunchOptions options) {
  if (!config.runtime.empty()) {
    return launch_foreign(config, std::move(options));
  }
  oci::Assembly assembly =
      oci::assemble(oci::parse_spec(read_config(options.folder)), config.id,
                    options_of(config, options));
  return start(std::move(assembly), std::move(options));
}

Launched launch_exec(const MonitorConfig& config, LaunchOptions options) {
  oci::Assembly assembly = oci::assemble_exec(
      oci::parse_process(read_config(options.folder)), config.container_pid,
      config.cgroup, options_of(config, options));
  assembly.cgroup.reset();  // the container's: it outlives the session
  return start(std::move(assembly), std::move(options));
}

}  // namespace docker_cpp::monitor
