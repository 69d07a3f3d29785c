// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "docker_cpp/cli/http.hpp"
#include "docker_cpp/cli/value.hpp"

namespace docker_cpp::cli {

/// The contexts in the docker client's folder, as docker lays them out:
/// contexts/meta/<sha256 of the name>/meta.json and
/// contexts/tls/<sha256 of the name>/docker/{ca,cert,key}.pem.
class ContextStore {
 public:
  explicit ContextStore(const std::string& config_directory)
      : root_(config_directory + "/contexts") {}

  [[nodiscard]] bool exists(const std::string& name) const;
  /// meta.json's content. \throws Failure with docker's sentence
  [[nodiscard]] Value load(const std::string& name) const;
  [[nodiscard]] std::vector<Value> list() const;
  void save(const Value& meta) const;
  void remove(const std::string& name) const;

  using File = std::pair<std::string, std::string>;  ///< name, content
  [[nodiscard]] std::vector<File> tls_files(const std::string& name) const;
  void save_tls(const std::string& name, const std::vector<File>& files) const;

  [[nodiscard]] std::string meta_folder(const std::string& name) const;
  [[nodiscard]] std::string tls_folder(const std::string& name) const;

 private:
  std::string root_;
};

/// What is wrong with a name for a context; empty when nothing is.
[[nodiscard]] std::string check_context_name(const std::string& name);

/// 64 hex digits.
[[nodiscard]] std::string sha256(std::string_view text);

}  // namespace docker_cpp::cli
