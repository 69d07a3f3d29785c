// SPDX-License-Identifier: Apache-2.0
#include "container_list.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#include "filters.hpp"

#include "docker_cpp/images/image_store.hpp"

namespace docker_cpp::daemon::api {
namespace {

bool is_up(const Container& container) {
  return container.state == State::running ||
         container.state == State::paused ||
         container.state == State::restarting;
}

void check_values(const Filters& filters) {
  for (const auto& name : filters.values("status")) {
    if (!parse_state(name)) {
      throw ApiError(ErrorCode::invalid_argument,
                     "invalid filter 'status=" + name + "'");
    }
  }
  static constexpr std::array healths = {"starting", "healthy", "unhealthy",
                                         "none"};
  for (const auto& health : filters.values("health")) {
    if (std::ranges::find(healths, health) == healths.end()) {
      throw ApiError(ErrorCode::invalid_argument,
                     "invalid filter 'health=" + health + "'");
    }
  }
  for (const auto& code : filters.values("exited")) {
    int value = 0;
    const auto [end, error] =
        std::from_chars(code.data(), code.data() + code.size(), value);
    if (error != std::errc() || end != code.data() + code.size()) {
      throw ApiError(ErrorCode::invalid_argument,
                     "invalid filter 'exited=" + code + "'");
    }
  }
}

bool accepts_exit_code(const Filters& filters, const Container& container) {
  return !filters.has("exited") ||
         (container.state == State::exited &&
          filters.accepts("exited", std::to_string(container.exit_code)));
}

bool accepts_network(const Filters& filters, const Container& container) {
  return !filters.has("network") ||
         std::ranges::any_of(
             container.endpoints, [&](const Endpoint& endpoint) {
               return filters.accepts("network", endpoint.network) ||
                      (!endpoint.network_id.empty() &&
                       filters.accepts("network", endpoint.network_id));
             });
}

bool accepts_volume(const Filters& filters, const Container& container) {
  return !filters.has("volume") ||
         std::ranges::any_of(container.mounts, [&](const MountPoint& mount) {
           return filters.accepts("volume", mount.name) ||
                  filters.accepts("volume", mount.source) ||
                  filters.accepts("volume", mount.destination);
         });
}

/// "80" stands for "80/tcp".
bool wants_port(const Filters& filters, const std::string& key,
                const std::string& port, const std::string& protocol) {
  return filters.accepts(key, port + "/" + protocol) ||
         (protocol == "tcp" && filters.accepts(key, port));
}

bool accepts_port(const Filters& filters, const std::string& key,
                  const Container& container) {
  if (!filters.has(key)) {
    return true;
  }
  return std::ranges::any_of(container.ports, [&](const auto& entry) {
    const auto& [port, bindings] = entry;
    const auto slash = std::min(port.find('/'), port.size());
    const auto protocol =
        slash < port.size() ? port.substr(slash + 1) : std::string("tcp");
    if (key == "expose") {
      return wants_port(filters, key, port.substr(0, slash), protocol);
    }
    return std::ranges::any_of(bindings, [&](const PortBinding& binding) {
      return wants_port(filters, key, binding.host_port, protocol);
    });
  });
}

/// The ids of the images named, so that any of an image's names finds it.
Strings ancestor_ids(const Context& context, const Filters& filters) {
  Strings out;
  for (const auto& name : filters.values("ancestor")) {
    if (const auto image = context.images.find_stored(name)) {
      out.push_back(image->id);
    }
  }
  return out;
}

bool accepts(const Filters& filters, const Container& container) {
  return filters.accepts_prefix("id", container.id) &&
         (filters.accepts_part("name", container.name) ||
          filters.accepts_part("name", "/" + container.name)) &&
         filters.accepts("status", to_string(container.state)) &&
         filters.accepts(
             "health", container.health ? container.health->status : "none") &&
         filters.flag("is-task", false) == false &&
         filters.accepts_labels("label", container.config.labels) &&
         accepts_exit_code(filters, container) &&
         accepts_network(filters, container) &&
         accepts_volume(filters, container) &&
         accepts_port(filters, "expose", container) &&
         accepts_port(filters, "publish", container);
}

/// The creation times between which a container must lie, exclusive.
struct Window {
  Time after = Time::min();
  Time before = Time::max();
};

Window window(const Context& context, const Filters& filters) {
  Window out;
  for (const auto& ref : filters.values("since")) {
    out.after = std::max(out.after, context.runtime.get(ref)->created);
  }
  for (const auto& ref : filters.values("before")) {
    out.before = std::min(out.before, context.runtime.get(ref)->created);
  }
  return out;
}

}  // namespace

std::vector<ContainerPtr> select_containers(const Context& context,
                                            const http::Query& query) {
  const Filters filters(query.get("filters"),
                        {"ancestor", "before", "exited", "expose", "health",
                         "id", "is-task", "isolation", "label", "name",
                         "network", "publish", "since", "status", "volume"});
  check_values(filters);
  const int limit = query.number("limit").value_or(0);
  const bool all = query.flag("all") || limit > 0 || filters.has("status") ||
                   filters.has("since") || filters.has("before");
  const auto between = window(context, filters);
  const auto ancestors = ancestor_ids(context, filters);
  auto out = context.runtime.list();
  std::erase_if(out, [&](const ContainerPtr& container) {
    const bool related =
        !filters.has("ancestor") ||
        std::ranges::find(ancestors, container->image_id) != ancestors.end();
    return (!all && !is_up(*container)) || !related ||
           container->created <= between.after ||
           container->created >= between.before ||
           !accepts(filters, *container);
  });
  std::ranges::sort(out, std::greater<>{},
                    [](const ContainerPtr& one) { return one->created; });
  if (limit > 0 && out.size() > static_cast<std::size_t>(limit)) {
    out.resize(static_cast<std::size_t>(limit));
  }
  return out;
}

std::vector<ContainerPtr> prunable_containers(const Context& context,
                                              const http::Query& query) {
  const Filters filters(query.get("filters"),
                        {"until", "unused-for", "label", "label!"});
  const auto earliest = [&](const char* key) {
    Time moment = Time::max();
    for (const auto& text : filters.values(key)) {
      moment = std::min(moment, parse_moment(text).value_or(moment));
    }
    return moment;
  };
  const Time until = earliest("until");
  const Time last_use = earliest("unused-for");  // not Docker's
  auto out = context.runtime.list();
  std::erase_if(out, [&](const ContainerPtr& container) {
    const auto& labels = container->config.labels;
    const bool stopped = container->state == State::created ||
                         container->state == State::exited ||
                         container->state == State::dead;
    return !stopped || container->created > until ||
           std::max(container->created, container->finished_at) > last_use ||
           !filters.accepts_labels("label", labels) ||
           (filters.has("label!") && filters.accepts_labels("label!", labels));
  });
  return out;
}

}  // namespace docker_cpp::daemon::api
