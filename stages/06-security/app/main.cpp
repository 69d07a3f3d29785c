// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/namespaces/exec_error.hpp"
#include "docker_cpp/oci/assemble.hpp"
#include "docker_cpp/oci/template.hpp"
#include "docker_cpp/security/capabilities.hpp"
#include "docker_cpp/security/seccomp_profile.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"

namespace oci = docker_cpp::oci;
namespace security = docker_cpp::security;

namespace {

constexpr const char* usage =
    "usage: stage06 [--insecure] [--user USER] BUNDLE\n"
    "       stage06 [--insecure] [--user USER] ROOTFS PROGRAM [ARG...]\n";

struct Options {
  bool insecure = false;
  std::string user;
  std::string folder;
  std::vector<std::string> program;
};

Options parse(std::span<char* const> arguments) {
  Options options;
  std::size_t at = 0;
  const auto next = [&]() -> std::string {
    if (at == arguments.size()) {
      throw std::invalid_argument(usage);
    }
    return arguments[at++];
  };
  options.folder = next();
  for (; options.folder.starts_with("--"); options.folder = next()) {
    if (options.folder == "--insecure") {
      options.insecure = true;
    } else if (options.folder == "--user") {
      options.user = next();
    } else {
      throw std::invalid_argument(usage);
    }
  }
  options.program = {arguments.begin() + static_cast<std::ptrdiff_t>(at),
                     arguments.end()};
  return options;
}

/// What a BUNDLE says, or for a ROOTFS the usual.
oci::Spec spec_of(const Options& options) {
  if (options.program.empty()) {
    const std::string path = options.folder + "/config.json";
    return oci::parse_spec(docker_cpp::must(
        docker_cpp::sys::read_file(path.c_str()), "read " + path));
  }
  oci::Spec spec = oci::parse_spec(oci::template_for_root());
  spec.root->path = std::filesystem::absolute(options.folder);
  spec.process->args = options.program;
  spec.process->terminal = false;
  return spec;
}

// [harden]
/// What Docker gives a container: 14 of root's 41 capabilities, no way to gain
/// any other, and the system calls that such a program needs.
void harden(oci::Spec& spec, oci::AssemblyOptions& how) {
  const auto mask = security::default_capabilities();
  const auto names = security::capability_names(mask);
  spec.process->capabilities = oci::CapabilitiesSpec{
      .bounding = names, .effective = names, .permitted = names};
  spec.process->no_new_privileges = true;
  auto filter = security::compile_seccomp(security::default_profile(mask));
  if (!filter) {
    throw std::runtime_error(filter.error());
  }
  how.seccomp = *std::move(filter);
}

/// The same container as the stages before this one would build it.
void soften(oci::Spec& spec) {
  const auto names =
      security::capability_names(security::grantable_capabilities());
  spec.process->capabilities = oci::CapabilitiesSpec{
      .bounding = names, .effective = names, .permitted = names};
  spec.process->no_new_privileges = false;
  spec.process->apparmor_profile.clear();
  spec.linux_spec.seccomp.reset();
  spec.linux_spec.masked_paths.clear();
  spec.linux_spec.readonly_paths.clear();
}
// [harden]

int run(const Options& options) {
  oci::Spec spec = spec_of(options);
  if (!spec.process) {
    throw std::invalid_argument("config.json has no process");
  }
  spec.process->user.username = options.user;
  spec.process->terminal = false;
  oci::AssemblyOptions how;
  how.bundle = std::filesystem::absolute(options.folder);
  if (options.insecure) {
    soften(spec);
  } else if (!options.program.empty()) {
    harden(spec, how);
  }
  const std::string id = "stage06-" + std::to_string(::getpid());
  oci::Assembly container = oci::assemble(spec, id, std::move(how));
  for (const std::string& warning : container.warnings) {
    std::fprintf(stderr, "stage06: %s\n", warning.c_str());
  }
  int code = 125;
  try {
    code = docker_cpp::namespaces::Process::start(container.program,
                                                  container.isolations)
               .wait();
  } catch (...) {
    container.cgroup->remove();
    throw;
  }
  container.cgroup->remove();
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(parse({argv + 1, argv + argc}));
  } catch (const std::invalid_argument& error) {
    std::fputs(error.what(), stderr);
    return 125;
  } catch (const docker_cpp::namespaces::ExecError& error) {
    std::fprintf(stderr, "stage06: %s\n", error.what());
    return error.exit_code();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "stage06: %s\n", error.what());
    return 125;
  }
}
