// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/security/user_lookup.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>

#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::security {
namespace {

std::string read_regular(int root, const char* path) {
  // O_NONBLOCK: an image may have put a fifo there, and nobody would answer.
  const auto fd =
      sys::open_beneath(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0,
                        RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  struct stat info{};
  if (!fd || ::fstat(fd->get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return {};
  }
  return sys::read_all(fd->get()).value_or("");
}

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Ids go up to 2^31 - 1 in Docker; beyond is an error, not a wrap.
std::optional<std::uint32_t> parse_id(std::string_view text) {
  std::uint32_t id = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, id);
  if (error != std::errc{} || rest != end ||
      id > std::uint32_t{std::numeric_limits<std::int32_t>::max()}) {
    return std::nullopt;
  }
  return id;
}

/// The fields of a line, separated by colons.
std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  for (std::size_t colon = line.find(':'); colon != std::string_view::npos;
       colon = line.find(':')) {
    fields.push_back(line.substr(0, colon));
    line.remove_prefix(colon + 1);
  }
  fields.push_back(line);
  return fields;
}

/// Calls `visit(fields)` per entry with at least `least` fields, until true.
template <typename Visit>
void each_entry(std::string_view text, std::size_t least, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const auto fields = fields_of(text.substr(0, end));
    if (fields.size() >= least && visit(fields)) {
      return;
    }
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
  }
}

struct Account {
  std::string name;
  uid_t uid;
  gid_t gid;
  std::string home;
};

template <typename Matches>
std::optional<Account> find_account(std::string_view passwd, Matches matches) {
  std::optional<Account> found;
  each_entry(passwd, 6, [&](const auto& fields) {
    const auto uid = parse_id(fields[2]);
    const auto gid = parse_id(fields[3]);
    if (!uid || !gid || !matches(fields[0], *uid)) {
      return false;
    }
    found = Account{.name = std::string(fields[0]),
                    .uid = *uid,
                    .gid = *gid,
                    .home = std::string(fields[5])};
    return true;
  });
  return found;
}

std::expected<gid_t, std::string> find_group(std::string_view group_file,
                                             std::string_view wanted) {
  if (all_digits(wanted)) {
    if (const auto gid = parse_id(wanted)) {
      return *gid;
    }
    return std::unexpected("gid '" + std::string(wanted) +
                           "' is out of range (0-2147483647)");
  }
  std::optional<gid_t> found;
  each_entry(group_file, 3, [&](const auto& fields) {
    if (fields[0] == wanted) {
      found = parse_id(fields[2]);
    }
    return found.has_value();
  });
  if (!found) {
    return std::unexpected("unable to find group " + std::string(wanted) +
                           ": no matching entries in group file");
  }
  return *found;
}

bool lists_member(std::string_view members, std::string_view name) {
  while (!members.empty()) {
    const std::size_t comma = members.find(',');
    if (members.substr(0, comma) == name) {
      return true;
    }
    members = comma == std::string_view::npos ? "" : members.substr(comma + 1);
  }
  return false;
}

std::vector<gid_t> groups_of_member(std::string_view group_file,
                                    std::string_view name) {
  std::vector<gid_t> groups;
  each_entry(group_file, 4, [&](const auto& fields) {
    const auto gid = parse_id(fields[2]);
    if (gid && lists_member(fields[3], name)) {
      groups.push_back(*gid);
    }
    return false;
  });
  return groups;
}

std::expected<UserLookup, std::string> find_user(const AccountFiles& files,
                                                 std::string_view wanted,
                                                 std::string& name) {
  const std::optional<std::uint32_t> number = parse_id(wanted);
  if (all_digits(wanted) && !number) {
    return std::unexpected("uid '" + std::string(wanted) +
                           "' is out of range (0-2147483647)");
  }
  const auto account =
      find_account(files.passwd, [&](std::string_view entry, uid_t uid) {
        return number ? uid == *number : entry == wanted;
      });
  if (!account && !number) {
    return std::unexpected("unable to find user " + std::string(wanted) +
                           ": no matching entries in passwd file");
  }
  if (!account) {
    return UserLookup{.uid = *number};
  }
  name = account->name;
  return UserLookup{.uid = account->uid,
                    .gid = account->gid,
                    .home = account->home.empty() ? "/" : account->home};
}

}  // namespace

AccountFiles read_account_files(int root) {
  return {.passwd = read_regular(root, "etc/passwd"),
          .group = read_regular(root, "etc/group")};
}

std::expected<UserLookup, std::string> look_up_user(
    const AccountFiles& files, std::string_view user,
    const std::vector<std::string>& group_add) {
  const std::size_t colon = user.find(':');
  const std::string_view wanted = user.substr(0, colon);
  std::string name;
  auto found = find_user(files, wanted.empty() ? "0" : wanted, name);
  if (!found) {
    return found;
  }
  if (colon != std::string_view::npos && colon + 1 < user.size()) {
    const auto gid = find_group(files.group, user.substr(colon + 1));
    if (!gid) {
      return std::unexpected(gid.error());
    }
    found->gid = *gid;
  } else if (!name.empty()) {
    found->groups = groups_of_member(files.group, name);
  }
  for (const std::string& extra : group_add) {
    const auto gid = find_group(files.group, extra);
    if (!gid) {
      return std::unexpected(gid.error());
    }
    found->groups.push_back(*gid);
  }
  std::ranges::sort(found->groups);
  const auto doubles = std::ranges::unique(found->groups);
  found->groups.erase(doubles.begin(), doubles.end());
  return found;
}

}  // namespace docker_cpp::security
