// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <utility>

#include "engine_impl.hpp"
#include "identifiers.hpp"
#include "leftover_cgroup.hpp"

#include "docker_cpp/daemon/model_json.hpp"
#include "docker_cpp/daemon/networks.hpp"
#include "docker_cpp/daemon/record.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::daemon {
namespace {

constexpr std::string_view removing = ".removing-";

bool exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

}  // namespace

// [recover]
void Engine::Impl::recover() {
  for (const std::string& name : names_in(context.folders.containers())) {
    try {
      recover_folder(name);
    } catch (const std::exception& error) {
      context.warn("container " + name + ": " + error.what());
    }
  }
  release_strays();
  std::map<std::string, Actor, std::less<>> all;
  {
    const std::lock_guard lock(mutex_);
    all = actors_;
  }
  for (const auto& [id, one] : all) {
    try {
      one->recover();
    } catch (const std::exception& error) {
      context.warn("container " + id + ": " + error.what());
    }
  }
  if (context.networks != nullptr) {
    context.networks->reconcile();
  }
  for (const auto& [id, one] : all) {
    one->autostart();
  }
}
// [recover]

void Engine::Impl::recover_folder(const std::string& name) {
  if (name.starts_with(removing)) {
    remove_folder(context.folders.containers() + "/" + name);
    return;
  }
  if (!is_id(name)) {
    return;  // not ours
  }
  if (auto container = read_container(name)) {
    if (container->own_root) {  // its build is no more: release_strays()
      remove_folder(context.folders.container(name));
      return;
    }
    insert_recovered(*container);
    adopt(*container);
  }
}

std::optional<Container> Engine::Impl::read_container(
    const std::string& id) const {
  const std::string home = context.folders.container(id);
  struct Place {
    std::string folder;
    std::string name;
  };
  std::string why;
  // Newest first: of the run, of the last end, and what is durable.
  for (const Place& place : {Place{context.folders.run(id), "state"},
                             Place{home, "state"}, Place{home, "record"}}) {
    const auto folder =
        sys::open(place.folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!folder) {
      continue;
    }
    const auto body = read_record(folder->get(), place.name);
    if (body) {
      try {
        return container_from_record(*body);
      } catch (const std::exception& error) {
        why = error.what();
      }
    } else if (body.error().kind == RecordProblem::Kind::missing) {
      continue;
    } else {
      why = body.error().reason;
    }
    context.warn("container " + id + ": the " + place.name + " in " +
                 place.folder + " is damaged (" + why + ") and was set aside");
    static_cast<void>(set_aside(folder->get(), place.name));
  }
  // Neither was ever written: the creation was cut short. But what a container
  // has written is never thrown away for want of a record.
  if (why.empty() && !exists(home + "/record.damaged") &&
      !exists(home + "/" + id + "-json.log")) {
    remove_folder(home);
  }
  return std::nullopt;
}

void Engine::Impl::insert_recovered(Container& container) {
  try {
    context.registry.insert(container);
  } catch (const ApiError&) {  // a rename that was cut short on one of the two
    context.warn("container " + container.id + ": its name " + container.name +
                 " is taken");
    insert(container, "");
  }
}

/// Runs of containers that are no more: a removal that was cut short.
void Engine::Impl::release_strays() {
  for (const std::string& id : names_in(context.folders.running())) {
    if (context.registry.by_id(id) != nullptr || !is_id(id)) {
      continue;
    }
    if (const auto monitor =
            MonitorClient::reconnect(context.folders.run(id))) {
      monitor->send("signal " + std::to_string(SIGKILL));
      monitor->send("taken");
    }
    release_leftover_cgroup(context.options.cgroup_parent + "/" + id);
    try {
      remove_folder(context.folders.run(id));
    } catch (const std::exception& error) {
      context.warn(error.what());
    }
  }
}

}  // namespace docker_cpp::daemon
