// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace docker_cpp::sys {

/// Makes sure that this program's file cannot be written through
/// /proc/PID/exe, by which a program that is to run in a container may reach
/// it ("#!/proc/self/exe" is enough: CVE-2019-5736): goes over to a read-only
/// mount of its file, which hangs nowhere, so that nobody can change it back.
/// In place where the kernel allows it, else by starting this program anew.
/// Call it first of all in a main() that starts containers.
///
/// Returns when that is so, or cannot be had: then the caller is no root whose
/// file it would be.
void protect_own_executable(char* const* argv, char* const* envp);

}  // namespace docker_cpp::sys
