// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/registry.hpp"

#include <algorithm>
#include <utility>

#include "docker_cpp/daemon/api_error.hpp"

namespace docker_cpp::daemon {

Registry::Registry() : index_(std::make_shared<Index>()) {}

const Registry::Entry* Registry::entry(const Index& index,
                                       std::string_view id) {
  const auto at = std::ranges::lower_bound(index.by_id, id, {}, &Entry::id);
  return at != index.by_id.end() && at->id == id ? &*at : nullptr;
}

const std::string* Registry::id_of(const Index& index, std::string_view name) {
  const auto at = std::ranges::lower_bound(
      index.names, name, {}, &std::pair<std::string, std::string>::first);
  return at != index.names.end() && at->first == name ? &at->second : nullptr;
}

const Registry::Entry* Registry::by_prefix(const Index& index,
                                           std::string_view prefix) {
  const auto at = std::ranges::lower_bound(index.by_id, prefix, {}, &Entry::id);
  if (at == index.by_id.end() || !at->id.starts_with(prefix)) {
    return nullptr;
  }
  if (const auto next = std::next(at);
      next != index.by_id.end() && next->id.starts_with(prefix)) {
    throw ApiError(
        ErrorCode::invalid_argument,
        "multiple IDs found with provided prefix: " + std::string(prefix));
  }
  return &*at;
}

Registry::ContainerPtr Registry::by_id(std::string_view id) const {
  const auto index = index_.load();
  const Entry* found = entry(*index, id);
  return found == nullptr ? nullptr : found->cell->load();
}

Registry::ContainerPtr Registry::find(std::string_view ref) const {
  const auto index = index_.load();
  const Entry* found = entry(*index, ref);
  if (found == nullptr) {
    const std::string_view name = ref.starts_with('/') ? ref.substr(1) : ref;
    if (const std::string* id = id_of(*index, name)) {
      found = entry(*index, *id);
    }
  }
  if (found == nullptr && !ref.empty()) {
    found = by_prefix(*index, ref);
  }
  if (found == nullptr) {
    throw ApiError(ErrorCode::not_found,
                   "No such container: " + std::string(ref));
  }
  return found->cell->load();
}

std::vector<Registry::ContainerPtr> Registry::list() const {
  const auto index = index_.load();
  std::vector<ContainerPtr> all;
  all.reserve(index->by_id.size());
  for (const Entry& one : index->by_id) {
    all.push_back(one.cell->load());
  }
  std::ranges::sort(all, [](const ContainerPtr& a, const ContainerPtr& b) {
    return std::pair(b->created, std::string_view(b->id)) <
           std::pair(a->created, std::string_view(a->id));
  });
  return all;
}

void Registry::take_name(Index& index, const std::string& name,
                         const std::string& id) {
  if (const std::string* owner = id_of(index, name)) {
    throw ApiError(ErrorCode::conflict,
                   "Conflict. The container name \"/" + name +
                       "\" is already in use by container \"" + *owner +
                       "\". You have to remove (or rename) that container to "
                       "be able to reuse that name.");
  }
  const std::pair added(name, id);
  index.names.insert(std::ranges::lower_bound(index.names, added), added);
}

void Registry::insert(Container container) {
  index_.update([&](const Index& now) {
    auto next = std::make_shared<Index>(now);
    take_name(*next, container.name, container.id);
    Entry added{.id = container.id, .name = container.name, .cell = nullptr};
    added.cell = std::make_shared<Published<Container>>(
        std::make_shared<const Container>(std::move(container)));
    const auto at =
        std::ranges::lower_bound(next->by_id, added.id, {}, &Entry::id);
    next->by_id.insert(at, std::move(added));
    return next;
  });
}

void Registry::publish(const Container& container) {
  const auto index = index_.load();
  if (const Entry* found = entry(*index, container.id)) {
    found->cell->store(std::make_shared<const Container>(container));
  }
}

void Registry::rename(std::string_view id, const std::string& new_name) {
  index_.update([&](const Index& now) {
    auto next = std::make_shared<Index>(now);
    const auto at = std::ranges::lower_bound(next->by_id, id, {}, &Entry::id);
    if (at == next->by_id.end() || at->id != id) {
      throw ApiError(ErrorCode::not_found,
                     "No such container: " + std::string(id));
    }
    take_name(*next, new_name, at->id);
    std::erase(next->names, std::pair(at->name, at->id));
    at->name = new_name;
    return next;
  });
}

void Registry::erase(std::string_view id) {
  index_.update([&](const Index& now) {
    auto next = std::make_shared<Index>(now);
    const auto at = std::ranges::lower_bound(next->by_id, id, {}, &Entry::id);
    if (at != next->by_id.end() && at->id == id) {
      std::erase(next->names, std::pair(at->name, at->id));
      next->by_id.erase(at);
    }
    return next;
  });
}

}  // namespace docker_cpp::daemon
