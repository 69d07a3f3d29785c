// SPDX-License-Identifier: Apache-2.0
#include "size_limit.hpp"

#include <charconv>
#include <cmath>

#include "folders.hpp"

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/rootfs/project_quota.hpp"
#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::daemon {

std::expected<std::uint64_t, std::string> parse_size(std::string_view text) {
  const auto refuse = [&] {
    return std::unexpected("invalid size: '" + std::string(text) + "'");
  };
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [last, error] =
      std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc{} || !std::isfinite(number) || number < 0) {
    return refuse();
  }
  std::string unit;
  for (const char c : std::string_view(last, end)) {
    if (c != ' ') {
      unit += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  constexpr std::string_view units = "bkmgtp";
  const std::size_t power = unit.empty() ? 0 : units.find(unit.front());
  const std::string_view rest =
      std::string_view(unit).substr(unit.empty() ? 0 : 1);
  const double bytes = std::ldexp(number, static_cast<int>(10 * power));
  if (power == units.npos || (!rest.empty() && rest != "b" && rest != "ib") ||
      (power == 0 && !rest.empty()) || bytes >= std::ldexp(1.0, 63)) {
    return refuse();
  }
  return static_cast<std::uint64_t>(bytes);
}

std::optional<std::uint64_t> size_limit(const HostConfig& host) {
  std::optional<std::uint64_t> limit;
  for (const auto& [key, value] : host.storage_options) {
    if (key != "size") {
      throw ApiError(ErrorCode::invalid_argument, "Unknown option " + key);
    }
    const auto bytes = parse_size(value);
    if (!bytes) {
      throw ApiError(ErrorCode::invalid_argument, bytes.error());
    }
    if (*bytes != 0) {
      limit = *bytes;
    }
  }
  return limit;
}

/// FNV-1a; the highest bit is for the kernel, the next says that it is ours.
std::uint32_t project_of(std::string_view id) {
  std::uint32_t hash = 2166136261U;
  for (const char c : id) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  }
  return (hash & 0x3fffffffU) | 0x40000000U;
}

void limit_folder(const std::string& folder, std::uint32_t project,
                  std::uint64_t bytes, const std::string& refusal) {
  const sys::UniqueFd opened = open_folder(folder);
  if (!rootfs::has_project_quota(opened.get())) {
    throw ApiError(ErrorCode::invalid_argument, refusal);
  }
  const std::string doing = "limit the size of " + folder;
  must(rootfs::set_project(opened.get(), project), doing);
  must(rootfs::limit_project(opened.get(), project, bytes), doing);
}

void forget_limit(const std::string& folder, std::uint32_t project) noexcept {
  try {
    static_cast<void>(
        rootfs::limit_project(open_folder(folder).get(), project, 0));
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
    // A number that nothing counts for any more harms nobody.
  }
}

void limit_layer(const Container& container, const std::string& folder) {
  if (const auto bytes = size_limit(container.host_config)) {
    limit_folder(folder, project_of(container.id), *bytes,
                 "--storage-opt is supported only for overlay over xfs with "
                 "'pquota' mount option, or ext4 with 'prjquota'");
  }
}

}  // namespace docker_cpp::daemon
