// SPDX-License-Identifier: Apache-2.0
// What a plugin must not do, one kind per build: MISBEHAVIOUR says which.
#include <unistd.h>

#include <stdexcept>

#include "docker_cpp/daemon/plugin_abi.h"

namespace {

int something = 0;

void* start(const char*) {
  if (MISBEHAVIOUR == 3) {
    return nullptr;
  }
  return &something;
}

void stop(void*) {}

int authorize(void*, const char*, char*, size_t) {
  if (MISBEHAVIOUR == 1) {
    throw std::runtime_error("through C");
  }
  if (MISBEHAVIOUR == 2) {
    ::sleep(3600);
  }
  return DOCKER_CPP_ALLOW;
}

constexpr unsigned abi =
    MISBEHAVIOUR == 4 ? DOCKER_CPP_PLUGIN_ABI + 1 : DOCKER_CPP_PLUGIN_ABI;

constexpr docker_cpp_plugin plugin = {abi,           sizeof(docker_cpp_plugin),
                                      "misbehaving", "0",
                                      start,         stop,
                                      authorize,     nullptr};

}  // namespace

extern "C" const docker_cpp_plugin* docker_cpp_plugin_entry() {
  return &plugin;
}
