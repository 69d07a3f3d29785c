// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::images {

/// A folder `<data_root>/staging/<name>` for one operation: whatever is still
/// in it when the operation ends, by success, error or crash, is deleted.
///
/// Its maker holds a lock on it for as long as it lives, so that a start-up
/// can tell leftovers from work in progress.
class Staging {
 public:
  explicit Staging(int data_root);
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  [[nodiscard]] int get() const { return folder_.get(); }

  /// Deletes what crashed operations left.
  static void clean(int data_root);

 private:
  sys::UniqueFd parent_;
  std::string name_;
  sys::UniqueFd folder_;
};

}  // namespace docker_cpp::images
