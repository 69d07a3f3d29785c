// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "docker_cpp/namespaces/isolation.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::namespaces {

/// Both ends of a pseudo terminal. \man{pty,7}
struct Pty {
  sys::UniqueFd master;
  sys::UniqueFd slave;
  unsigned number = 0;  ///< its name is /dev/pts/NUMBER
};

struct WindowSize {
  std::uint16_t rows = 0;
  std::uint16_t columns = 0;
};

/// A new pseudo terminal of the devpts instance whose root `devpts` is (the
/// host's when -1). The slave is opened through the master (TIOCGPTPEER), so
/// no path of a container is ever followed.
/// \throws Error
[[nodiscard]] Pty open_pty(int devpts = -1);

/// \throws Error
void resize(int terminal, WindowSize size);

/// A session of its own. With a terminal on descriptor 0, that terminal
/// becomes the controlling one. \man{setsid,2}
class Session final : public Isolation {
 public:
  enum class Terminal : std::uint8_t { none, on_stdin };
  explicit Session(Terminal terminal) : terminal_(terminal) {}

  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;

 private:
  Terminal terminal_;
};

}  // namespace docker_cpp::namespaces
