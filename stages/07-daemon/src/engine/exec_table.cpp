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
  order_.push_back(id);
  forget_oldest();
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

/// Clients ask for an exit code soon after the end. Those that still run stay.
void ExecTable::forget_oldest() {
  for (std::size_t i = order_.size(); order_.size() > remembered && i > 0;
       --i) {
    std::string id = std::move(order_.front());
    order_.pop_front();
    const auto found = all_.find(id);
    if (found == all_.end()) {
      continue;
    }
    if (found->second.exit_code) {
      all_.erase(found);
    } else {
      order_.push_back(std::move(id));
    }
  }
}

void ExecTable::forget(const std::string& id) {
  const std::lock_guard lock(mutex_);
  all_.erase(id);
  std::erase(order_, id);
}

void ExecTable::forget_container(std::string_view container_id) {
  const std::lock_guard lock(mutex_);
  std::erase_if(all_, [&](const auto& one) {
    return one.second.container_id == container_id;
  });
}

}  // namespace docker_cpp::daemon
