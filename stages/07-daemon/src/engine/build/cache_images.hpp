// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "docker_cpp/images/build_session.hpp"
#include "docker_cpp/images/image.hpp"

namespace docker_cpp::daemon {

/// --cache-from: images whose layers stand in for steps that made the same of
/// the same. Their history says which those are: of a COPY it has the digest of
/// the files, of a RUN the command with its arguments, and it must be that of
/// the build, line by line, up to the step. Filled before it is asked.
class CacheImages {
 public:
  struct Found {
    images::BuildLayers layers;  ///< after the step
    std::string created;         ///< as its history has it
  };

  void add(const images::BuildSession& session, images::Image image);

  /// What a step comes to that would get this line in the history.
  [[nodiscard]] std::optional<Found> find(const images::Image& now,
                                          const images::BuildLayers& below,
                                          const std::string& created_by) const;

 private:
  struct One {
    images::Image image;
    images::BuildLayers layers;
  };
  std::vector<One> images_;
};

}  // namespace docker_cpp::daemon
