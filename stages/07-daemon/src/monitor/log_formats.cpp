// SPDX-License-Identifier: Apache-2.0
#include "log_formats.hpp"

#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <map>

namespace docker_cpp::monitor {
namespace {

using std::chrono::duration_cast;
using std::chrono::nanoseconds;
using Options = std::map<std::string, std::string>;

std::string option(const Options& options, const std::string& key,
                   const std::string& standard = "") {
  const auto found = options.find(key);
  return found == options.end() || found->second.empty() ? standard
                                                         : found->second;
}

std::int64_t nanoseconds_of(const LogEntry& entry) {
  return duration_cast<nanoseconds>(entry.time.time_since_epoch()).count();
}

std::string formatted_time(const LogEntry& entry, const char* format) {
  const std::time_t seconds = nanoseconds_of(entry) / 1'000'000'000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

std::string fraction(const LogEntry& entry, int digits) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), ".%09ld",
                static_cast<long>(nanoseconds_of(entry) % 1'000'000'000));
  return {text.data(), static_cast<std::size_t>(digits) + 1};
}

std::string host_name() {
  std::array<char, 65> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

/// RFC 3164, 4.1.1; unknown words are the daemons'.
int facility_code(const std::string& name) {
  constexpr std::array names = {"kern", "user",   "mail",     "daemon",
                                "auth", "syslog", "lpr",      "news",
                                "uucp", "cron",   "authpriv", "ftp"};
  constexpr int daemons = 3;
  constexpr int first_local = 16;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (name == names.at(i)) {
      return static_cast<int>(i);
    }
  }
  if (name.size() == 6 && name.starts_with("local") && name[5] >= '0' &&
      name[5] <= '7') {
    return first_local + (name[5] - '0');
  }
  int number = daemons;
  std::from_chars(name.data(), name.data() + name.size(), number);
  return number;
}

int severity(Stream stream) {
  return stream == Stream::standard_error ? 3 : 6;
}

LogFormat syslog_format(const MonitorConfig& config) {
  const Options& options = config.log_options;
  const std::string format = option(options, "syslog-format");
  const int facility = facility_code(option(options, "syslog-facility"));
  const bool local = option(options, "address").starts_with("unix:");
  const bool stream = option(options, "address").starts_with("tcp:");
  const std::string process = std::to_string(::getpid());
  return [=, tag = config.log_tag, host = host_name()](const LogEntry& entry) {
    std::string out =
        "<" + std::to_string(facility * 8 + severity(entry.stream)) + ">";
    if (format.starts_with("rfc5424")) {
      out += "1 " + formatted_time(entry, "%Y-%m-%dT%H:%M:%S");
      out += format == "rfc5424micro" ? fraction(entry, 6) : "";
      out += "Z " + host + " " + tag + " " + process + " " + tag + " - ";
    } else {
      out +=
          formatted_time(entry, format.empty() && !local ? "%Y-%m-%dT%H:%M:%SZ"
                                                         : "%b %e %H:%M:%S");
      out += " " + (local ? "" : host + " ") + tag + "[" + process + "]: ";
    }
    out += entry.text;
    return stream ? out + "\n" : out;
  };
}

/// A value that holds a line end goes with its length.
/// https://systemd.io/JOURNAL_NATIVE_PROTOCOL
void add_field(std::string& out, const std::string& name,
               std::string_view value) {
  out += name;
  if (value.find('\n') == std::string_view::npos) {
    out += "=";
    out += value;
  } else {
    out += '\n';
    std::uint64_t size = value.size();
    for (int i = 0; i < 8; ++i, size >>= 8U) {
      out += static_cast<char>(size & 0xffU);
    }
    out += value;
  }
  out += '\n';
}

/// Only capitals, digits and underscores name a field.
std::string field_name(std::string text) {
  for (char& c : text) {
    const bool letter = c >= 'a' && c <= 'z';
    const bool good = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    c = letter ? static_cast<char>(c - 'a' + 'A') : good ? c : '_';
  }
  return text;
}

LogFormat journald_format(const MonitorConfig& config) {
  std::string fixed;
  const std::string id = option(config.log_options, "container-id");
  add_field(fixed, "CONTAINER_ID", id.substr(0, 12));
  add_field(fixed, "CONTAINER_ID_FULL", id);
  add_field(fixed, "CONTAINER_NAME",
            option(config.log_options, "container-name"));
  add_field(fixed, "IMAGE_NAME", option(config.log_options, "image-name"));
  add_field(fixed, "CONTAINER_TAG", config.log_tag);
  add_field(fixed, "SYSLOG_IDENTIFIER", config.log_tag);
  for (const auto& [key, value] : config.log_attributes) {
    add_field(fixed, field_name(key), value);
  }
  return [fixed](const LogEntry& entry) {
    std::string out = fixed;
    add_field(out, "PRIORITY", std::to_string(severity(entry.stream)));
    if (!entry.whole) {
      add_field(out, "CONTAINER_PARTIAL_MESSAGE", "true");
    }
    add_field(
        out, "SYSLOG_TIMESTAMP",
        formatted_time(entry, "%Y-%m-%dT%H:%M:%S") + fraction(entry, 9) + "Z");
    add_field(out, "MESSAGE", entry.text);
    return out;
  };
}

/// MessagePack, as much of it as the forward protocol needs.
void pack_size(std::string& out, std::size_t size, char small, char wide) {
  constexpr std::size_t fits_small = 16;
  if (small != 0 && size < fits_small) {
    out += static_cast<char>(static_cast<unsigned char>(small) | size);
    return;
  }
  out += wide;
  for (int shift = 24; shift >= 0; shift -= 8) {
    out += static_cast<char>(size >> static_cast<unsigned>(shift));
  }
}

void pack_text(std::string& out, std::string_view text) {
  pack_size(out, text.size(), 0, '\xdb');
  out += text;
}

LogFormat fluentd_format(const MonitorConfig& config) {
  const Options& options = config.log_options;
  std::map<std::string, std::string> fixed = config.log_attributes;
  fixed["container_id"] = option(options, "container-id");
  fixed["container_name"] = "/" + option(options, "container-name");
  const bool precise =
      option(options, "fluentd-sub-second-precision") == "true";
  return [=, tag = config.log_tag](const LogEntry& entry) {
    std::string out = "\x93";
    pack_text(out, tag);
    const auto time = nanoseconds_of(entry);
    if (precise) {  // ext type 0: seconds and nanoseconds, 32 bits each
      out += std::string("\xd7\x00", 2);
      std::string both;
      pack_size(both, static_cast<std::size_t>(time / 1'000'000'000), 0, ' ');
      out += both.substr(1);
      both.clear();
      pack_size(both, static_cast<std::size_t>(time % 1'000'000'000), 0, ' ');
      out += both.substr(1);
    } else {
      pack_size(out, static_cast<std::size_t>(time / 1'000'000'000), 0, '\xce');
    }
    auto record = fixed;
    record["source"] =
        entry.stream == Stream::standard_error ? "stderr" : "stdout";
    record["log"] = std::string(entry.text);
    if (!entry.whole) {
      record["partial_message"] = "true";
    }
    pack_size(out, record.size(), '\x80', '\xdf');
    for (const auto& [key, value] : record) {
      pack_text(out, key);
      pack_text(out, value);
    }
    return out;
  };
}

LogFormat gelf_format(const MonitorConfig& config) {
  const Options& options = config.log_options;
  std::map<std::string, std::string> fixed = {
      {"version", "1.1"},
      {"host", host_name()},
      {"_container_id", option(options, "container-id")},
      {"_container_name", option(options, "container-name")},
      {"_image_name", option(options, "image-name")},
      {"_tag", config.log_tag}};
  for (const auto& [key, value] : config.log_attributes) {
    fixed["_" + key] = value;
  }
  const bool stream = option(options, "address").starts_with("tcp:");
  return [=](const LogEntry& entry) {
    std::string out = "{";
    for (const auto& [key, value] : fixed) {
      out += '"';
      append_escaped(out, key);
      out += R"(":")";
      append_escaped(out, value);
      out += R"(",)";
    }
    const auto time = nanoseconds_of(entry);
    out += R"("timestamp":)" + std::to_string(time / 1'000'000'000) +
           fraction(entry, 3);
    out += R"(,"level":)" + std::to_string(severity(entry.stream));
    out += R"(,"short_message":")";
    append_escaped(out, entry.text);
    out += R"("})";
    return stream ? out + '\0' : out;
  };
}

}  // namespace

LogFormat log_format(const MonitorConfig& config) {
  if (config.log_driver == "syslog") {
    return syslog_format(config);
  }
  if (config.log_driver == "journald") {
    return journald_format(config);
  }
  if (config.log_driver == "fluentd") {
    return fluentd_format(config);
  }
  if (config.log_driver == "gelf") {
    return gelf_format(config);
  }
  return {};
}

}  // namespace docker_cpp::monitor
