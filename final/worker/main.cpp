// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <span>

#include "worker_main.hpp"

int main(int argc, char** argv) {
  const std::span all(argv, static_cast<std::size_t>(argc));
  return docker_cpp::images::worker_main(all.empty() ? all : all.subspan(1));
}
