// SPDX-License-Identifier: Apache-2.0
#include "progress_stream.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include <nlohmann/json.hpp>

#include "docker_cpp/images/image_error.hpp"

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

/// go-units' HumanSize: four digits, powers of 1000.
std::string human_size(std::uint64_t bytes) {
  static constexpr std::array units = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1000.0 && unit + 1 < units.size()) {
    value /= 1000.0;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g%s", value, units.at(unit));
  return text.data();
}

}  // namespace

std::string progress_bar(std::uint64_t current, std::uint64_t total) {
  constexpr std::uint64_t width = 50;
  const auto padded = [](const std::string& text) {
    return std::string(text.size() < 8 ? 8 - text.size() : 0, ' ') + text;
  };
  const auto done = total == 0 ? 0 : std::min(width, current * width / total);
  std::string bar = "[" + std::string(done, '=') + ">";
  if (done < width) {
    bar += std::string(width - done, ' ');
  }
  bar += "] " + padded(human_size(current));
  return current <= total ? bar + "/" + human_size(total) : bar;
}

json progress_line(const images::Progress& step) {
  json out = {{"status", step.status}};
  if (step.id.empty()) {
    return out;
  }
  out["id"] = step.id;
  if (step.status.starts_with("Pulling from ")) {
    return out;
  }
  out["progressDetail"] = json::object();
  if (step.total != 0) {
    out["progressDetail"] = {{"current", step.current}, {"total", step.total}};
    out["progress"] = progress_bar(step.current, step.total);
  }
  return out;
}

void ProgressStream::line(const json& line) {
  if (!begun_) {
    begun_ = true;
    call_->begin_stream("application/json");
  }
  static_cast<void>(call_->send(line));
}

void ProgressStream::status(const std::string& text) {
  line({{"status", text}});
}

void ProgressStream::step(const images::Progress& step) {
  line(progress_line(step));
}

void ProgressStream::finish() {
  call_->exchange->finish();
}

void ProgressStream::fail(const std::string& message) {
  line({{"errorDetail", {{"message", message}}}, {"error", message}});
  finish();
}

void ProgressStream::run(
    const std::function<void(const images::Cancellation&)>& work) {
  const auto cancel = std::make_shared<images::Cancellation>();
  call_->exchange->on_gone([cancel] { cancel->cancel(); });
  if (call_->exchange->gone()) {
    return;
  }
  try {
    work(*cancel);
    finish();
  } catch (const std::exception& error) {
    if (!begun_) {
      throw;  // the call answers with a status
    }
    fail(error.what());
  }
}

}  // namespace docker_cpp::daemon::api
