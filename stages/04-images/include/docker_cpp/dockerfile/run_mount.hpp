// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace docker_cpp::dockerfile {

/// One `RUN --mount=...`.
struct RunMount {
  enum class Type : std::uint8_t { bind, cache, tmpfs, secret, ssh };
  enum class Sharing : std::uint8_t { shared, exclusive, locked };

  Type type = Type::bind;
  std::string from;    ///< stage, image or named context; empty: the context
  std::string source;  ///< below `from`; of a secret: its id
  std::string target;  ///< in the container
  std::string id;      ///< of a cache, a secret, an agent
  std::string env;     ///< the variable that carries a secret
  bool writable = false;
  bool required = false;
  Sharing sharing = Sharing::shared;
  std::optional<std::uint32_t> mode;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int64_t size = 0;  ///< of a tmpfs, in bytes
};

/// Reads `type=cache,target=/x,...`, variables already put in.
[[nodiscard]] std::expected<RunMount, std::string> parse_run_mount(
    std::string_view text);

}  // namespace docker_cpp::dockerfile
