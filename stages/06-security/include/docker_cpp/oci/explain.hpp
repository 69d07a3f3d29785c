// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "docker_cpp/sys/trace.hpp"

namespace docker_cpp::oci {

/// How a container's start is told: for people, as JSON, or for the trace
/// viewers of Chrome and Perfetto.
enum class ExplainFormat : std::uint8_t { text, json, chrome_trace };

struct ExplainRequest {
  ExplainFormat format = ExplainFormat::text;
  std::string file;  ///< where a Chrome trace goes
};

/// "text" (also ""), "json" or "trace:FILE".
[[nodiscard]] std::expected<ExplainRequest, std::string> parse_explain(
    const std::string& text);

/// What one kind of step asks of the kernel, and where to read about it.
struct Background {
  const char* begins;   ///< the step's text begins with this
  const char* calls;    ///< "sethostname(2)"
  const char* manual;   ///< "uts_namespaces(7)"
  unsigned char stage;  ///< the chapter; 0: none
};

/// Or null, when nothing is known of such a step.
[[nodiscard]] const Background* background_of(const char* text) noexcept;

/// The story of a start, step by step. Steps of an isolation's moment that it
/// has no use for are left out.
[[nodiscard]] std::string explain(std::vector<sys::TraceRecord> records,
                                  ExplainFormat format);

}  // namespace docker_cpp::oci
