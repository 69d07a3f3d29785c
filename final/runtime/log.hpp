// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace docker_cpp::runtime {

/// Where complaints go: `--log`, `--log-format`, `--debug`, in the shapes that
/// containerd, Docker and Podman read back.
class Log {
 public:
  /// `file` empty: standard error. \throws Error, UsageError
  void configure(const std::string& file, const std::string& format,
                 const std::string& level);

  void error(std::string_view message) const { write("error", message); }
  void warning(std::string_view message) const {
    if (warnings_) {
      write("warning", message);
    }
  }

 private:
  void write(std::string_view level, std::string_view message) const;

  int fd_ = 2;
  bool json_ = false;
  bool warnings_ = true;
};

/// Now, as RFC 3339 with seconds or nanoseconds.
enum class Precision : unsigned char { seconds, nanoseconds };
[[nodiscard]] std::string timestamp(Precision precision);

}  // namespace docker_cpp::runtime
