// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace docker_cpp::images {

/// To the daemon, or whoever started this worker.
void report_text(std::string_view text);

/// One JSON document on a line of its own.
void report_line(const nlohmann::json& line);

/// What has to read files of the host comes before the confinement.
void prepare_worker();

/// The words after a command: options with a value ("--owner 1:1"), flags,
/// and one path.
class WorkerWords {
 public:
  explicit WorkerWords(std::span<char* const> words) : words_(words) {}
  [[nodiscard]] bool has(std::string_view flag) const;
  /// Empty when it is not given.
  [[nodiscard]] std::string value(std::string_view option) const;
  [[nodiscard]] std::span<char* const> all() const { return words_; }

 private:
  std::span<char* const> words_;
};

/// The commands; each returns the exit code and throws what fails.
int make_layer(const WorkerWords& words);
int import_layer(const WorkerWords& words);
int pack_tree(const WorkerWords& words);
int unpack_tree(const WorkerWords& words);
int stat_path(const WorkerWords& words);
int save_blobs(const WorkerWords& words);

}  // namespace docker_cpp::images
