// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace docker_cpp {

/// Which source a program was built from, as `version` tells it.
struct BuildInfo {
  const char* version;
  const char* commit;  ///< short; "source" outside of a git clone
  const char* time;    ///< of the commit, RFC 3339; empty when not known
};

extern const BuildInfo build_info;

}  // namespace docker_cpp
