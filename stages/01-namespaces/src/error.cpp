// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/sys/error.hpp"

namespace docker_cpp {

Error::Error(const sys::SysError& cause, std::string_view doing)
    : std::system_error(cause.code, std::generic_category(),
                        std::string(doing) + ": " + cause.call) {}

}  // namespace docker_cpp
