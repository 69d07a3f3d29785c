// SPDX-License-Identifier: Apache-2.0
#include "log_config.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "docker_cpp/daemon/api_error.hpp"

namespace docker_cpp::daemon {
namespace {

using Names = std::initializer_list<std::string_view>;

constexpr std::uint64_t usual_size = 20U << 20;
constexpr unsigned usual_files = 5;

[[noreturn]] void refuse(const std::string& why) {
  throw ApiError(ErrorCode::invalid_argument, why);
}

bool has(Names names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool is_file_driver(const std::string& driver) {
  return driver == "json-file" || driver == "local";
}

/// What every driver that keeps or sends lines understands.
constexpr std::array<std::string_view, 14> common = {
    "mode",           "max-buffer-size",
    "max-size",       "max-file",
    "compress",       "labels",
    "labels-regex",   "env",
    "env-regex",      "tag",
    "cache-disabled", "cache-max-size",
    "cache-max-file", "cache-compress"};

/// "syslog-address" is the driver's own, the list says which there are.
constexpr std::array<std::string_view, 10> special = {
    "syslog-address",        "syslog-facility",
    "syslog-format",         "fluentd-address",
    "fluentd-async",         "fluentd-buffer-limit",
    "gelf-address",          "fluentd-sub-second-precision",
    "gelf-compression-type", "journald-address"};

bool knows(const std::string& driver, std::string_view key) {
  return std::ranges::find(common, key) != common.end() ||
         (key.starts_with(driver + "-") &&
          std::ranges::find(special, key) != special.end());
}

std::string option(const Labels& options, const std::string& key,
                   const std::string& standard = "") {
  const auto found = options.find(key);
  return found == options.end() || found->second.empty() ? standard
                                                         : found->second;
}

/// "10m", "1g"; "-1" is without a limit.
std::uint64_t parse_size(const std::string& name, const std::string& text) {
  if (text == "-1") {
    return 0;
  }
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  std::string unit(rest, end);
  std::ranges::transform(unit, unit.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  const unsigned shift = unit.starts_with('k')   ? 10
                         : unit.starts_with('m') ? 20
                         : unit.starts_with('g') ? 30
                                                 : 0;
  const bool known = has(
      {"", "b", "k", "kb", "kib", "m", "mb", "mib", "g", "gb", "gib"}, unit);
  if (error != std::errc() || !known || !(value > 0) || value > 1e12) {
    refuse("invalid value for " + name + ": \"" + text + "\"");
  }
  return static_cast<std::uint64_t>(value * static_cast<double>(1ULL << shift));
}

unsigned parse_count(const std::string& name, const std::string& text) {
  unsigned value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || value == 0 || value > 1000) {
    refuse("invalid value for " + name + ": \"" + text +
           "\": wants a number from 1 to 1000");
  }
  return value;
}

bool parse_flag(const std::string& name, const std::string& text) {
  if (text != "true" && text != "false") {
    refuse("invalid value for " + name + ": \"" + text + "\"");
  }
  return text == "true";
}

void check_values(const Labels& options) {
  const std::string mode = option(options, "mode", "blocking");
  if (mode != "blocking" && mode != "non-blocking") {
    refuse("logger: logging mode not supported: " + mode);
  }
  if (mode == "blocking" && options.contains("max-buffer-size")) {
    refuse(
        "logger: max-buffer-size option is only supported with "
        "'mode=non-blocking'");
  }
  for (const std::string name :
       {"max-size", "max-buffer-size", "cache-max-size"}) {
    if (options.contains(name)) {
      static_cast<void>(parse_size(name, options.at(name)));
    }
  }
  for (const std::string name : {"max-file", "cache-max-file"}) {
    if (options.contains(name)) {
      static_cast<void>(parse_count(name, options.at(name)));
    }
  }
  for (const std::string name :
       {"compress", "cache-disabled", "cache-compress"}) {
    if (options.contains(name)) {
      static_cast<void>(parse_flag(name, options.at(name)));
    }
  }
}

void check_syslog(const Labels& options) {
  const std::string format = option(options, "syslog-format", "rfc3164");
  if (!has({"rfc3164", "rfc5424", "rfc5424micro"}, format)) {
    refuse("invalid syslog format: " + format);
  }
}

/// `labels=a,b` and `env=X`: what of the container goes beside each line.
void add_attributes(const Container& container,
                    std::map<std::string, std::string>& into) {
  const Labels& options = container.host_config.log_options;
  const auto each = [](const std::string& list, auto use) {
    std::size_t begin = 0;
    while (begin < list.size()) {
      const std::size_t end = std::min(list.find(',', begin), list.size());
      use(list.substr(begin, end - begin));
      begin = end + 1;
    }
  };
  each(option(options, "labels"), [&](const std::string& key) {
    if (const auto found = container.config.labels.find(key);
        found != container.config.labels.end()) {
      into[key] = found->second;
    }
  });
  each(option(options, "env"), [&](const std::string& key) {
    for (const std::string& entry : container.config.env) {
      if (entry.starts_with(key + "=")) {
        into[key] = entry.substr(key.size() + 1);
      }
    }
  });
}

void add_address(const Labels& options, monitor::MonitorConfig& config) {
  const std::string& driver = config.log_driver;
  std::string address;
  if (driver == "syslog") {
    address = option(options, "syslog-address", "unix:///dev/log");
    address = numeric_address(address, "514");
  } else if (driver == "fluentd") {
    address = option(options, "fluentd-address", "127.0.0.1:24224");
    address = numeric_address(address, "24224");
  } else if (driver == "gelf") {
    address = option(options, "gelf-address");
    if (address.empty()) {
      refuse("gelf-address is a required parameter");
    }
    address = numeric_address(address, "12201");
  } else if (driver == "journald") {
    address = "unix:" + option(options, "journald-address",
                               "/run/systemd/journal/socket");
  }
  if (!address.empty()) {
    config.log_options["address"] = address;
  }
}

}  // namespace

void check_log_config(const HostConfig& host) {
  const std::string& driver = host.log_driver;
  if (!has({"json-file", "local", "none", "syslog", "journald", "fluentd",
            "gelf"},
           driver)) {
    refuse("error looking up logging plugin " + driver + ": plugin \"" +
           driver + "\" not found");
  }
  if (driver == "none") {
    return;
  }
  for (const auto& [key, value] : host.log_options) {
    if (!knows(driver, key)) {
      refuse("unknown log opt '" + key + "' for " + driver + " log driver");
    }
  }
  check_values(host.log_options);
  check_syslog(host.log_options);
}

bool keeps_log(const HostConfig& host) {
  return host.log_driver != "none" &&
         (is_file_driver(host.log_driver) ||
          option(host.log_options, "cache-disabled") != "true");
}

void configure_log(const Container& container, monitor::MonitorConfig& config) {
  const HostConfig& host = container.host_config;
  const Labels& options = host.log_options;
  // What is sent elsewhere is kept here as the local driver keeps it.
  const std::string cache = is_file_driver(host.log_driver) ? "" : "cache-";
  const bool compressed = host.log_driver != "json-file";
  config.log_driver = host.log_driver;
  config.log_path = keeps_log(host) ? container.log_path : "";
  config.log_max_size = usual_size;
  config.log_max_file = usual_files;
  if (options.contains(cache + "max-size")) {
    config.log_max_size =
        parse_size("max-size", options.at(cache + "max-size"));
    // Docker's: who only limits the size has one file.
    config.log_max_file = host.log_driver == "json-file" ? 1 : usual_files;
  }
  if (options.contains(cache + "max-file")) {
    config.log_max_file =
        parse_count("max-file", options.at(cache + "max-file"));
  }
  config.log_compress = option(options, cache + "compress",
                               compressed ? "true" : "false") == "true";
  config.log_tag = expand_tag(option(options, "tag", "{{.ID}}"), container);
  add_attributes(container, config.log_attributes);
  if (options.contains("tag") && is_file_driver(host.log_driver)) {
    config.log_attributes["tag"] = config.log_tag;
  }
  if (cache.empty() || host.log_driver == "none") {
    return;
  }
  config.log_options = options;
  config.log_options["container-id"] = container.id;
  config.log_options["container-name"] = container.name;
  config.log_options["image-name"] = container.config.image;
  config.log_options["max-buffer-size"] = std::to_string(
      parse_size("max-buffer-size", option(options, "max-buffer-size", "1m")));
  add_address(options, config);
}

}  // namespace docker_cpp::daemon
