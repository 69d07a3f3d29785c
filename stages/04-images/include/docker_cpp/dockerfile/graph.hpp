// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/dockerfile/parser.hpp"
#include "docker_cpp/dockerfile/words.hpp"

namespace docker_cpp::dockerfile {

using Variables = std::map<std::string, std::string, std::less<>>;

/// What a person gives along with a Dockerfile.
struct GraphOptions {
  Variables build_args;
  std::string target;                    ///< empty: the last stage
  std::string platform;                  ///< "linux/amd64", to build for
  std::string host_platform;             ///< of this machine
  std::set<std::string> named_contexts;  ///< they come before images
};

/// From one FROM to the next.
struct Stage {
  std::size_t index = 0;
  std::string name;                       ///< lower case; empty without AS
  std::string base;                       ///< image, "scratch"
  std::optional<std::size_t> base_stage;  ///< in place of an image
  std::string platform;                   ///< of FROM; empty: the build's
  std::size_t from = 0;                   ///< its FROM, in the instructions
  std::size_t end = 0;                    ///< behind its last instruction
  std::set<std::size_t> needs;            ///< stages before it
};

/// Which stages there are, what each stands on, and which the target needs.
struct Graph {
  std::vector<Stage> stages;
  std::size_t target = 0;
  std::vector<bool> needed;
  Variables globals;               ///< what stands above the first FROM
  std::set<std::string> consumed;  ///< build args that some ARG names

  /// The stage that `--from` or FROM means, among those before `before`.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name,
                                                std::size_t before) const;
};

/// TARGETPLATFORM, TARGETOS, ..., BUILDVARIANT.
[[nodiscard]] Variables platform_variables(const GraphOptions& options);

/// HTTP_PROXY and its kind: usable without ARG, and in no cache key.
[[nodiscard]] bool is_proxy_variable(std::string_view name);

[[nodiscard]] std::expected<Graph, Problem> plan_stages(
    const Dockerfile& file, const GraphOptions& options);

}  // namespace docker_cpp::dockerfile
