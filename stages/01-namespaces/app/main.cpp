// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>
#include <memory>

#include "docker_cpp/namespaces/exec_error.hpp"
#include "docker_cpp/namespaces/namespaces.hpp"
#include "docker_cpp/namespaces/process.hpp"

namespace ns = docker_cpp::namespaces;

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: stage01 PROGRAM [ARG...]\n", stderr);
    return 125;
  }
  try {
    ns::Isolations isolations;
    isolations.push_back(std::make_unique<ns::NewNamespaces>(
        std::vector{ns::Kind::pid, ns::Kind::uts, ns::Kind::ipc}));
    isolations.push_back(std::make_unique<ns::Hostname>("container"));
    return ns::Process::start({.args = {argv + 1, argv + argc}}, isolations)
        .wait();
  } catch (const ns::ExecError& error) {
    std::fprintf(stderr, "stage01: %s\n", error.what());
    return error.exit_code();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "stage01: %s\n", error.what());
    return 125;  // docker run: "the daemon itself failed"
  }
}
