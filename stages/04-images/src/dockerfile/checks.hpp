// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker_cpp/dockerfile/instruction.hpp"

namespace docker_cpp::dockerfile {

/// Has the instruction the flags and as many arguments as it may have?
/// \throws Problem, in Docker's words
void check(const Instruction& instruction);

}  // namespace docker_cpp::dockerfile
