// SPDX-License-Identifier: Apache-2.0
#include "output.hpp"

#include <utility>

namespace docker_cpp::daemon {

void OrderedOutput::text(std::size_t stage, std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (stage == live_) {
    output_->text(text);
  } else {
    parts_[stage].waiting += text;
  }
}

void OrderedOutput::done(std::size_t stage) {
  const std::lock_guard lock(mutex_);
  parts_[stage].done = true;
  while (live_ < parts_.size() && parts_[live_].done) {
    ++live_;
    if (live_ < parts_.size() && !parts_[live_].waiting.empty()) {
      output_->text(std::exchange(parts_[live_].waiting, {}));
    }
  }
}

void OrderedOutput::progress(const images::Progress& step) {
  const std::lock_guard lock(mutex_);
  output_->progress(step);
}

}  // namespace docker_cpp::daemon
