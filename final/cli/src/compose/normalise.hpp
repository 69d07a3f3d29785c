// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "compose/interpolate.hpp"

#include "docker_cpp/cli/value.hpp"

namespace docker_cpp::cli::compose {

/// A compose file's word and the API's for the same thing, several times.
using Pairs = std::initializer_list<std::pair<const char*, const char*>>;

/// Turns the short forms of a service (`ports: ["8080:80"]`, environment as a
/// list, …) into the long ones, and relative paths into absolute ones.
/// Environment variables without a value take that of `variables`.
/// \throws Failure with the place of what does not fit
[[nodiscard]] Value normalise_service(const std::string& name,
                                      const Value& service,
                                      const std::string& folder,
                                      const Variables& variables);

/// "KEY=value" entries, or a mapping, as a mapping of texts (or nulls).
[[nodiscard]] Value as_mapping(const Value& value, char separator = '=');
/// A text or a list, as a list of texts.
[[nodiscard]] std::vector<std::string> as_texts(const Value& value);
/// A number, a boolean or a text, as a text.
[[nodiscard]] std::string scalar(const Value& value);
/// true, "true", "yes"…
[[nodiscard]] bool truth(const Value& value);
/// A number, also where interpolation left a text.
[[nodiscard]] std::int64_t whole_number(const Value& value);
/// "~/x" and "x" as absolute paths.
[[nodiscard]] std::string absolute(const std::string& path,
                                   const std::string& folder);

/// Later files over earlier ones: mappings merge, lists append, scalars,
/// command, entrypoint and healthcheck.test are replaced, ports and mounts
/// are known by their targets.
[[nodiscard]] Value merge_services(const Value& base, const Value& over);
[[nodiscard]] Value merge_mappings(const Value& base, const Value& over);

}  // namespace docker_cpp::cli::compose
