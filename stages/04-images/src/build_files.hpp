// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

/// What a build does to the trees that its steps leave, by handle only.
namespace docker_cpp::images {

/// Where a link of /proc leads. \throws Error
[[nodiscard]] std::string must_read_link(const std::string& path);

/// Gives an empty folder the owner, mode and times that another one has.
void copy_top(const std::string& from, int into);

struct TreeSize {
  std::int64_t bytes = 0;  ///< of regular files
  std::int64_t files = 0;  ///< entries of any type
};
[[nodiscard]] TreeSize measure(int tree);

/// Makes nothing in the tree younger than `latest`, seconds since the epoch.
void limit_times(int tree, std::int64_t latest);

/// The chain id of a layer on top of others. \oci{image,config,layer-chainid}
[[nodiscard]] std::string chain_on(const std::string& parent,
                                   const std::string& diff_id);

}  // namespace docker_cpp::images
