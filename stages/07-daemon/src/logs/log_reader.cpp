// SPDX-License-Identifier: Apache-2.0
#include "log_reader.hpp"

#include <nlohmann/json.hpp>

#include "../api/stream_frame.hpp"

#include "docker_cpp/daemon/model_json.hpp"

namespace docker_cpp::daemon {
namespace {

std::string moment(const std::optional<Time>& time) {
  return time ? fixed_width_time(format_time(*time)) : std::string{};
}

/// {"a":"1"} as a=1,b=2: what --details puts before a line.
std::string details_text(std::string_view attrs) {
  std::string out;
  const auto object = attrs.empty()
                          ? nlohmann::json::object()
                          : nlohmann::json::parse(attrs, nullptr, false);
  if (object.is_object()) {
    for (auto it = object.begin(); it != object.end(); ++it) {
      out += out.empty() ? "" : ",";
      out += it.key() + "=";
      out += it->is_string() ? it->get<std::string>() : it->dump();
    }
  }
  return out;
}

}  // namespace

LogReader::LogReader(std::string path, LogOptions options)
    : files_(std::move(path), options.tail),
      options_(options),
      since_(moment(options.since)),
      until_(moment(options.until)) {}

LogReader::Progress LogReader::read(std::string& into, std::size_t room) {
  while (into.size() < room) {
    const auto text = files_.next();
    if (!text) {
      return Progress::caught_up;
    }
    const auto line = parse_log_line(*text);
    if (!line) {
      continue;
    }
    if (!until_.empty() && fixed_width_time(line->time) > until_) {
      return Progress::finished;
    }
    if (wanted(*line)) {
      append(*line, into);
    }
  }
  return Progress::more;
}

bool LogReader::wanted(const LogLine& line) const {
  const bool stream =
      line.is_stderr ? options_.standard_error : options_.standard_output;
  return stream && (since_.empty() || fixed_width_time(line.time) >= since_);
}

void LogReader::append(const LogLine& line, std::string& into) const {
  std::string text;
  if (options_.timestamps) {
    text += fixed_width_time(line.time) + " ";
  }
  if (options_.details) {
    text += details_text(line.attrs) + " ";
  }
  text += line.text;
  if (options_.framed) {
    api::append_frame(into,
                      line.is_stderr ? api::StreamId::standard_error
                                     : api::StreamId::standard_output,
                      text);
  } else {
    into += text;
  }
}

}  // namespace docker_cpp::daemon
