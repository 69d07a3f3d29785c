// SPDX-License-Identifier: Apache-2.0
#include "backend.hpp"

#include <utility>

namespace docker_cpp::cgroups {

Backend::Backend(std::vector<ControlDirectory> directories)
    : directories_(std::move(directories)) {}

Backend::~Backend() = default;

const ControlDirectory* Backend::unified() const {
  for (const ControlDirectory& directory : directories_) {
    if (directory.hierarchy.unified) {
      return &directory;
    }
  }
  return nullptr;
}

}  // namespace docker_cpp::cgroups
