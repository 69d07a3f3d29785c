// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/build_info.hpp"

namespace docker_cpp {

const BuildInfo build_info{DOCKER_CPP_BUILD_VERSION, DOCKER_CPP_BUILD_COMMIT,
                           DOCKER_CPP_BUILD_TIME};

}  // namespace docker_cpp
