// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "registry_job.hpp"

#include "docker_cpp/images/load_report.hpp"

/// What the worker does with registries, each by its job.
namespace docker_cpp::images {

/// Tells the store, line by line, how far the work is. Thread safe.
class Reporter {
 public:
  explicit Reporter(int fd) : fd_(fd) {}

  void line(std::string_view text);
  void progress(const Progress& step);
  /// The same, but not more often than somebody can read.
  void moving(const Progress& step);

 private:
  using Clock = std::chrono::steady_clock;
  int fd_;
  std::mutex mutex_;
  std::map<std::string, Clock::time_point> last_;
};

/// Fetches and unpacks into `staging`; `blobs` is what the store has.
[[nodiscard]] LoadReport pull(const RegistryJob& job, int staging, int blobs,
                              Reporter& reporter);
void push(const RegistryJob& job, int blobs, Reporter& reporter);
void log_in(const RegistryJob& job, Reporter& reporter);
void describe(const RegistryJob& job, Reporter& reporter);
void search(const RegistryJob& job, Reporter& reporter);
/// What refers to a manifest; of the artifact type in the job's term, if any.
void referrers(const RegistryJob& job, Reporter& reporter);
/// Sends documents made elsewhere: lists of manifests.
void put_manifests(const RegistryJob& job, Reporter& reporter);

}  // namespace docker_cpp::images
