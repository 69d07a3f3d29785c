// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "docker_cpp/cli/value.hpp"

namespace docker_cpp::cli {

using Finder = std::function<Value(const std::string&)>;

/// What `inspect` of any kind of object does: finds each name, prints what was
/// found as one JSON array or through a template, then tells what was not
/// found. \returns the exit code \throws NoDaemon, Failure for a bad template
int inspect_all(const std::string& format,
                const std::vector<std::string>& names, const Finder& find);

}  // namespace docker_cpp::cli
