// SPDX-License-Identifier: Apache-2.0
#include "exec_table.hpp"

#include <utility>

#include "docker_cpp/daemon/api_error.hpp"

namespace docker_cpp::daemon {
namespace {

[[noreturn]] void not_found(std::string_view id) {
  throw ApiError(ErrorCode::not_found,
                 "No such exec instance: " + std::string(id));
}

}  // namespace

void ExecTable::insert(Exec exec) {
  const std::lock_guard lock(mutex_);
  std::string id = exec.id;
  all_.insert_or_assign(std::move(id), std::move(exec));
}

Exec ExecTable::get(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  // A unique prefix does, as for containers.
  const auto found = all_.lower_bound(id);
  if (id.empty() || found == all_.end() || !found->first.starts_with(id)) {
    not_found(id);
  }
  return found->second;
}

Exec ExecTable::begin(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = all_.find(id);
  if (found == all_.end()) {
    not_found(id);
  }
  if (std::exchange(found->second.started, true)) {
    throw ApiError(ErrorCode::conflict,
                   "Error: Exec command " + id + " has already run");
  }
  found->second.running = true;
  return found->second;
}

void ExecTable::forget_container(std::string_view container_id) {
  const std::lock_guard lock(mutex_);
  std::erase_if(all_, [&](const auto& one) {
    return one.second.container_id == container_id;
  });
}

}  // namespace docker_cpp::daemon
