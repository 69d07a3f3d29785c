// SPDX-License-Identifier: Apache-2.0
#include "engine_snapshots.hpp"

#include <algorithm>

#include "answer.hpp"
#include "container_layers.hpp"
#include "identifiers.hpp"

#include "docker_cpp/images/image_store.hpp"

namespace docker_cpp::daemon {
namespace {

/// A description that can be carried out beside the one it is of.
CreateRequest request_like(const Container& source, std::string name) {
  CreateRequest request{.name = std::move(name),
                        .config = source.config,
                        .host_config = source.host_config,
                        .endpoints = source.endpoints,
                        .own_root = {},
                        .cloned = {},
                        .mac_address = {}};
  if (request.config.hostname == short_id(source.id)) {
    request.config.hostname.clear();
  }
  request.host_config.container_id_file.clear();
  for (Endpoint& endpoint : request.endpoints) {
    Endpoint fresh;
    fresh.network = endpoint.network;
    fresh.network_id = endpoint.network_id;
    fresh.aliases = endpoint.aliases;
    std::erase(fresh.aliases, short_id(source.id));
    fresh.links = endpoint.links;
    fresh.driver_options = endpoint.driver_options;
    fresh.gateway_priority = endpoint.gateway_priority;
    endpoint = std::move(fresh);
  }
  return request;
}

}  // namespace

/// A container whose record cannot be read may stand on anything.
bool Context::knows_all_containers() const {
  return std::ranges::none_of(
      names_in(folders.containers()), [this](const std::string& name) {
        return is_id(name) && registry.by_id(name) == nullptr;
      });
}

void Context::release_images() noexcept {
  try {
    images.release_held([this](const std::string& id) {
      return knows_all_containers() ? use_of_image(id, registry.list())
                                    : images::ImageUse::stopped;
    });
  } catch (const std::exception& error) {
    warn(error.what());
  }
}

void Context::collect_frozen() noexcept {
  try {
    frozen.collect([this]() -> std::optional<SnapshotStore::Used> {
      SnapshotStore::Used used;
      if (!knows_all_containers()) {
        return std::nullopt;
      }
      for (const auto& container : registry.list()) {
        used.containers.insert(container->id);
        used.layers.insert(used.layers.end(), container->frozen.begin(),
                           container->frozen.end());
      }
      return used;
    });
  } catch (const std::exception& error) {
    warn(error.what());
  }
}

Snapshot EngineSnapshots::named(const Container& container,
                                const std::string& ref) const {
  auto found = context_.frozen.find(container.id, ref);
  if (!found) {
    throw ApiError(ErrorCode::not_found,
                   "No such snapshot: " + ref + " of " + container.name);
  }
  return *std::move(found);
}

std::vector<Snapshot> EngineSnapshots::list(std::string_view ref) const {
  auto all = context_.frozen.list();
  std::erase_if(all, [&](const Snapshot& one) {
    return context_.registry.by_id(one.container) == nullptr;
  });
  if (!ref.empty()) {
    const std::string id = context_.registry.find(ref)->id;
    std::erase_if(all,
                  [&](const Snapshot& one) { return one.container != id; });
  }
  return all;
}

void EngineSnapshots::create(std::string_view ref, std::string name,
                             Done<Snapshot> done) {
  if (name.empty()) {
    name = "s-" + new_id().substr(0, 10);
  }
  const ContainerPtr container = context_.registry.find(ref);
  make(
      container, std::move(name),
      [this, container, done = std::move(done)](Outcome<Pending> made) mutable {
        if (made) {
          const Snapshot& snapshot = (*made)->snapshot;
          context_.events.publish(
              {.type = "container",
               .action = "snapshot",
               .actor_id = container->id,
               .attributes = {{"name", container->name},
                              {"snapshot", snapshot.name}}});
          done(snapshot);
        } else {
          done(std::unexpected(made.error()));
        }
      });
}

/// What runs is copied, what does not is frozen.
void EngineSnapshots::make(const ContainerPtr& container, std::string name,
                           Done<Pending> done) {
  if (container->state == State::paused) {
    copy(container, std::move(name), std::move(done));
    return;
  }
  const auto actor = engine_.actor(container->id);
  if (container->state != State::running) {
    actor->freeze_files(std::move(name), std::move(done));
    return;
  }
  actor->pause([this, container, actor, name = std::move(name),
                done = std::move(done)](Outcome<void> paused) mutable {
    if (!paused) {
      done(std::unexpected(paused.error()));
      return;
    }
    copy(
        container, std::move(name),
        [actor, done = std::move(done)](Outcome<Pending> made) mutable {
          actor->unpause([made = std::move(made), done = std::move(done)](
                             Outcome<void>) mutable { done(std::move(made)); });
        });
  });
}

void EngineSnapshots::copy(const ContainerPtr& container, std::string name,
                           Done<Pending> done) {
  context_.executor.blocking([this, container, name = std::move(name),
                              done = std::move(done)]() mutable {
    answer(done, [&] {
      const std::string home = context_.folders.container(container->id);
      Pending pending = context_.frozen.begin(*container, home, name);
      try {
        context_.frozen.copy(*pending, home);
        context_.frozen.finish(*pending);
      } catch (...) {
        pending.reset();
        context_.collect_frozen();
        throw;
      }
      return pending;
    });
  });
}

void EngineSnapshots::restore(std::string_view ref, std::string snapshot,
                              Done<void> done) {
  const ContainerPtr container = context_.registry.find(ref);
  const Snapshot wanted = named(*container, snapshot);
  engine_.actor(container->id)->restore_files(wanted, std::move(done));
}

void EngineSnapshots::remove(std::string_view ref, std::string snapshot,
                             Done<void> done) {
  const ContainerPtr container = context_.registry.find(ref);
  const Snapshot wanted = named(*container, snapshot);
  context_.executor.blocking([this, wanted, done = std::move(done)]() mutable {
    answer(done, [&] {
      context_.frozen.forget(wanted);
      context_.collect_frozen();
    });
  });
}

void EngineSnapshots::create_clone(const Container& source, std::string name,
                                   Strings frozen, Done<Created>& done) {
  answer(done, [&] {
    CreateRequest request = request_like(source, std::move(name));
    request.cloned = {.image_id = source.image_id, .frozen = std::move(frozen)};
    return engine_.create(std::move(request));
  });
}

void EngineSnapshots::clone(std::string_view ref, CloneRequest request,
                            Done<Created> done) {
  const ContainerPtr source = context_.registry.find(ref);
  if (!request.name.empty()) {
    check_name(request.name);
  }
  if (!request.snapshot.empty()) {
    const Snapshot wanted = named(*source, request.snapshot);
    context_.executor.blocking([this, source, wanted,
                                name = std::move(request.name),
                                done = std::move(done)]() mutable {
      create_clone(*source, std::move(name), wanted.layers, done);
    });
    return;
  }
  make(source, "",
       [this, source, name = std::move(request.name),
        done = std::move(done)](Outcome<Pending> made) mutable {
         if (!made) {
           done(std::unexpected(made.error()));
           return;
         }
         // Held until the new container's record has it.
         context_.executor.blocking([this, source, made = *std::move(made),
                                     name = std::move(name),
                                     done = std::move(done)]() mutable {
           create_clone(*source, std::move(name), made->snapshot.layers, done);
           made.reset();
           context_.collect_frozen();
         });
       });
}

}  // namespace docker_cpp::daemon
