// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/daemon/builder.hpp"

namespace docker_cpp::daemon {

/// Stages that run side by side tell their stories one after the other, in the
/// order of the Dockerfile: the first that is not done is heard live.
class OrderedOutput {
 public:
  OrderedOutput(std::shared_ptr<BuildOutput> output, std::size_t stages)
      : output_(std::move(output)), parts_(stages) {}

  void text(std::size_t stage, std::string_view text);
  void done(std::size_t stage);
  /// Of a pull: shown at once, whichever stage needs it.
  void progress(const images::Progress& step);

 private:
  struct Part {
    std::string waiting;
    bool done = false;
  };
  std::shared_ptr<BuildOutput> output_;
  std::mutex mutex_;
  std::vector<Part> parts_;
  std::size_t live_ = 0;
};

}  // namespace docker_cpp::daemon
