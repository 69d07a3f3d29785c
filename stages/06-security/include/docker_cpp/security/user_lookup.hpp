// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace docker_cpp::security {

/// The two files of an image that give numbers names.
struct AccountFiles {
  std::string passwd;
  std::string group;
};

/// Reads etc/passwd and etc/group below an opened root. Links are followed
/// inside the root only; what is missing, no regular file, or larger than
/// 1 MiB counts as empty. \man{passwd,5}
[[nodiscard]] AccountFiles read_account_files(int root);

struct UserLookup {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  ///< supplementary, sorted, without doubles
  std::string home = "/";
};

/// Understands `--user`: "", name, uid, name:group, uid:gid. All digits are a
/// number in range or an error, never a name. `group_add` are `--group-add`'s.
[[nodiscard]] std::expected<UserLookup, std::string> look_up_user(
    const AccountFiles& files, std::string_view user,
    const std::vector<std::string>& group_add = {});

}  // namespace docker_cpp::security
