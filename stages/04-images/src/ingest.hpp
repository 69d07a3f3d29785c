// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::images {

/// `<data_root>/ingest`: what interrupted pulls had received of blobs, named
/// "p<digits of the digest>". While a pull runs they are in its staging folder;
/// what it has not turned into blobs when it ends goes back, so that the next
/// one goes on from there. Nothing here is trusted: the digest is verified over
/// the whole blob, and a day later it is deleted.
class Ingest {
 public:
  Ingest(int data_root, int staging);
  ~Ingest();
  Ingest(const Ingest&) = delete;
  Ingest& operator=(const Ingest&) = delete;

  /// Rescues from a staging folder that a crash left.
  static void rescue(int data_root, int staging);
  /// Deletes what nobody has asked for again.
  static void clean(int data_root);

 private:
  sys::UniqueFd folder_;
  int staging_;
};

}  // namespace docker_cpp::images
