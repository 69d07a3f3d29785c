// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "docker_cpp/cli/create_parts.hpp"
#include "docker_cpp/cli/option_spec.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/units.hpp"

namespace docker_cpp::cli {
namespace {

template <typename T>
std::string error_of(const Parsed<T>& parsed) {
  return parsed ? std::string() : parsed.error();
}

std::string check_attach(const std::string& value) {
  const auto stream = to_lower(value);
  return stream == "stdin" || stream == "stdout" || stream == "stderr"
             ? ""
             : "valid streams are STDIN, STDOUT and STDERR";
}

std::string check_link(const std::string& value) {
  const auto parts = split(value, ":");
  return value.empty()      ? "empty string specified for links"
         : parts.size() > 2 ? "bad format for links: " + value
                            : "";
}

std::string check_map(const OptionSpec& option, const std::string& value) {
  if (option.name != "sysctl") {
    return {};
  }
  constexpr std::array allowed = {"kernel.msgmax", "kernel.msgmnb",
                                  "kernel.msgmni", "kernel.sem",
                                  "kernel.shmall", "kernel.shmmax",
                                  "kernel.shmmni", "kernel.shm_rmid_forced"};
  const auto name = cut(value, '=').first;
  if (value.find('=') != std::string::npos &&
      (name.starts_with("net.") || name.starts_with("fs.mqueue.") ||
       std::ranges::find(allowed, name) != allowed.end())) {
    return {};
  }
  return "sysctl '" + value + "' is not allowed";
}

std::string check_swap(const std::string& value) {
  return value == "-1" ? "" : error_of(parse_bytes(value));
}

std::string check_cgroup_rule(const std::string& value) {
  // "c 1:3 rwm"; numbers may be "*". As docker's own expression checks it.
  const auto words = split(value, " ");
  const auto number = [](const std::string& text) {
    return text == "*" ||
           (!text.empty() &&
            text.find_first_not_of("0123456789") == std::string::npos);
  };
  if (words.size() == 3 && words[0].size() == 1 &&
      std::string_view("acb").find(words[0][0]) != std::string_view::npos &&
      !words[2].empty() && words[2].size() <= 3 &&
      words[2].find_first_not_of("rwm") == std::string::npos) {
    const auto [major, minor] = cut(words[1], ':');
    if (number(major) && number(minor)) {
      return {};
    }
  }
  return "invalid device cgroup format '" + value + "'";
}

std::string check_list(const OptionSpec& option, const std::string& value) {
  if (option.name == "device-cgroup-rule") {
    return check_cgroup_rule(value);
  }
  return {};
}

std::string check_number(const OptionSpec& option, const std::string& value) {
  switch (option.kind) {
    case Kind::flag:
      return error_of(parse_bool(value));
    case Kind::integer:
      return error_of(parse_integer(value));
    case Kind::int32:
      return error_of(parse_integer(value, 64));
    case Kind::unsigned16:
      return error_of(parse_unsigned(value, 16));
    case Kind::unsigned64:
      return error_of(parse_unsigned(value));
    case Kind::bytes:
      return error_of(parse_bytes(value));
    case Kind::swap_bytes:
      return check_swap(value);
    case Kind::duration:
      return error_of(parse_duration(value));
    case Kind::cpus:
      return error_of(parse_nano_cpus(value));
    default:
      return {};
  }
}

}  // namespace

std::string check_value(const OptionSpec& option, const std::string& value) {
  switch (option.kind) {
    case Kind::list:
      return check_list(option, value);
    case Kind::filter:
      return value.empty() || value.find('=') != std::string::npos
                 ? ""
                 : "bad format of filter (expected name=value)";
    case Kind::env:
      return value.empty() || value.front() == '='
                 ? "invalid environment variable: " + value
                 : "";
    case Kind::label:
      return value.starts_with('=')
                 ? "invalid label '" + value + "': empty name"
                 : "";
    case Kind::attach:
      return check_attach(value);
    case Kind::ip:
      return is_ip(value) ? ""
                          : "IP address is not correctly formatted: " + value;
    case Kind::link:
      return check_link(value);
    case Kind::host:
      return error_of(parse_extra_host(value));
    case Kind::mount:
      return error_of(parse_mount(value));
    case Kind::map:
      return check_map(option, value);
    case Kind::ulimit:
      return error_of(parse_ulimit(value));
    case Kind::weight:
      return error_of(parse_weight(value));
    case Kind::rate:
      return error_of(parse_rate(value));
    case Kind::count_rate:
      return error_of(parse_count_rate(value));
    default:
      return check_number(option, value);
  }
}

}  // namespace docker_cpp::cli
