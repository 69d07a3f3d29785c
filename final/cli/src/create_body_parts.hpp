// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker_cpp/cli/arguments.hpp"
#include "docker_cpp/cli/value.hpp"

/// The create body, concern by concern. Each adds only what was asked for.
/// \throws Failure
namespace docker_cpp::cli {

void add_resources(const Arguments& arguments, Value& host);
void add_security(const Arguments& arguments, Value& host);
void add_storage(const Arguments& arguments, Value& body, Value& host,
                 const std::string& socket_path);
void add_network(const Arguments& arguments, Value& body, Value& host);
void add_health(const Arguments& arguments, Value& body);
void add_namespaces(const Arguments& arguments, Value& host);

/// Sets what was given: texts, lists, numbers, sizes.
void set_text(const Arguments& arguments, std::string_view option, Value& into,
              std::string_view key);
void set_list(const Arguments& arguments, std::string_view option, Value& into,
              std::string_view key);
void set_number(const Arguments& arguments, std::string_view option,
                Value& into, std::string_view key);
void set_bytes(const Arguments& arguments, std::string_view option, Value& into,
               std::string_view key);
void set_flag(const Arguments& arguments, std::string_view option, Value& into,
              std::string_view key);
/// "key=value" options as an object.
void set_map(const Arguments& arguments, std::string_view option, Value& into,
             std::string_view key);

}  // namespace docker_cpp::cli
