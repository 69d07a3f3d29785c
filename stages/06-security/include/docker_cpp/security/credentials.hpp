// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

#include "docker_cpp/namespaces/isolation.hpp"

namespace docker_cpp::security {

/// Becomes a user, with exactly these groups. Permitted capabilities survive
/// until Capabilities sets them; \man{credentials,7}
class Credentials final : public namespaces::Isolation {
 public:
  struct Identity {
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;    ///< supplementary ones; empty clears them
    std::optional<mode_t> umask;  ///< 022 unless given
  };
  explicit Credentials(Identity identity);

  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;

 private:
  Identity identity_;
};

/// The program, and all it starts, can never gain privileges by exec.
/// \man{prctl,2} PR_SET_NO_NEW_PRIVS
class NoNewPrivileges final : public namespaces::Isolation {
 public:
  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;
};

/// A session keyring of its own, so that the host's keys are out of sight.
/// \man{keyrings,7}
class SessionKeyring final : public namespaces::Isolation {
 public:
  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;
};

}  // namespace docker_cpp::security
