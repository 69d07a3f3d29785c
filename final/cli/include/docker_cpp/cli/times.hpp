// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace docker_cpp::cli {

struct Instant {
  std::int64_t seconds = 0;  ///< since 1970
  int nanoseconds = 0;
};

[[nodiscard]] Instant now();

/// RFC 3339, whole or cut ("2026-11-21", "2026-11-21T18:51", with fraction and
/// zone); local time when no zone is given.
[[nodiscard]] std::optional<Instant> parse_time(std::string_view text);

/// What --since and --until send: "90m" becomes a moment that long ago, dates
/// become seconds, numbers stay. \returns what is wrong otherwise
[[nodiscard]] std::string timestamp(const std::string& text,
                                    std::string_view option = {});

/// "2026-11-21 19:08:18 +0000 UTC", local time as Go prints it.
[[nodiscard]] std::string go_time(std::int64_t seconds);
/// "2026-11-21T19:08:18Z", local time.
[[nodiscard]] std::string rfc3339(std::int64_t seconds);
/// The same with nine digits of nanoseconds.
[[nodiscard]] std::string rfc3339_nano(Instant at);
/// "Thu May  7 21:09:36 2026", UTC, from an RFC 3339 time; else as given.
[[nodiscard]] std::string ansi_time(const std::string& text);

}  // namespace docker_cpp::cli
