// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace docker_cpp::cli {

/// What an option's value must look like to be taken at all.
enum class Kind : std::uint8_t {
  flag,
  text,
  list,    ///< may be given several times
  csv,     ///< the same, and each value may hold several
  filter,  ///< "key=value"
  env,
  label,
  attach,
  ip,
  link,
  host,
  device,
  mount,
  map,
  ulimit,
  weight,      ///< "/dev/x:500"
  rate,        ///< "/dev/x:1mb"
  count_rate,  ///< "/dev/x:100"
  integer,
  int32,
  unsigned16,
  unsigned64,
  bytes,
  swap_bytes,  ///< or -1
  duration,
  cpus
};

/// One option of one command, as `--help` shows it. Without a help text it
/// works but is not shown.
struct OptionSpec {
  char letter;            ///< 0: none
  std::string_view name;  ///< without dashes
  Kind kind;
  std::string_view value;  ///< the word for its value
  std::string_view help;
};

/// What is wrong with a value for that kind of option; empty when nothing is.
[[nodiscard]] std::string check_value(const OptionSpec& option,
                                      const std::string& value);

}  // namespace docker_cpp::cli
