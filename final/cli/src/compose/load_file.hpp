// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "compose/project.hpp"

namespace docker_cpp::cli::compose {

/// Reads compose files into a project, one over the other: interpolation,
/// `include`, `extends`, short forms, merging.
class FileLoader {
 public:
  FileLoader(Project& project, bool interpolates)
      : project_(project), interpolates_(interpolates) {}

  /// \throws Failure
  void add(const std::string& path, const std::string& folder);
  /// Checks what the whole must satisfy, and says which variables were not
  /// set. \throws Failure
  void finish();

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  Value read(const std::string& path);
  void include(const Value& entry, const std::string& folder);
  void take(const Value& document, const std::string& path,
            const std::string& folder);
  Value extended(const std::string& name, const Value& service,
                 const Value& services, const std::string& path,
                 const std::string& folder, std::vector<std::string>& trail);
  void check_references() const;

  Project& project_;
  bool interpolates_;
  std::string name_;
  std::vector<std::string> missing_;
  std::vector<std::string> reading_;  ///< the files that led here
};

}  // namespace docker_cpp::cli::compose
