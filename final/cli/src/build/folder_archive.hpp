// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

namespace docker_cpp::cli {

/// What `write` writes to the descriptor it is given, a tar, is unpacked into
/// the folder by tar(1), which lets nothing out of it. The folder is made if
/// need be. \throws Failure
void unpack_folder(const std::string& folder,
                   const std::function<void(int into)>& write);

/// `read` is given the folder as a tar. \throws Failure
void pack_folder_for(const std::string& folder,
                     const std::function<void(int from)>& read);

}  // namespace docker_cpp::cli
