// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/engine.hpp"

#include <utility>

#include "answer.hpp"
#include "container_layers.hpp"
#include "engine_impl.hpp"
#include "engine_snapshots.hpp"
#include "exec_event.hpp"
#include "identifiers.hpp"

#include "docker_cpp/security/capabilities.hpp"

namespace docker_cpp::daemon {
namespace {

Folders make_folders(const EngineOptions& options) {
  Folders folders{.data_root = options.data_root,
                  .exec_root = options.exec_root};
  make_folder(folders.containers(), 0710);
  make_folder(folders.volumes(), 0711);
  make_init_folder(folders.data_root);
  make_folder(folders.running(), 0711);
  make_folder(folders.exec_root + "/seccomp", 0700);
  return folders;
}

}  // namespace

Engine::Impl::Impl(Executor& executor, images::ImageStore& images,
                   NetworkManager* networks, EventSystem& events,
                   EngineOptions options)
    : context{.executor = executor,
              .images = images,
              .networks = networks,
              .events = events,
              .options = options,
              .folders = make_folders(options),
              .registry = {},
              .execs = {},
              .volumes = VolumeManager(options.data_root + "/volumes"),
              .frozen = SnapshotStore(options.data_root + "/snapshots"),
              .seccomp = SeccompCache(options.exec_root + "/seccomp"),
              .defaults = {},
              .forget = {}} {
  context.defaults.set(options.defaults);
  snapshots = std::make_unique<EngineSnapshots>(*this);
  context.forget = [this](const std::string& id) {
    const std::lock_guard lock(mutex_);
    actors_.erase(id);
  };
  // Takes longer than a whole start: not in the middle of the first one.
  executor.blocking([this] {
    static_cast<void>(context.seccomp.file_for(
        {},
        security::default_capabilities() & security::grantable_capabilities()));
  });
}

std::shared_ptr<ContainerActor> Engine::Impl::actor(std::string_view ref) {
  const std::string id = context.registry.find(ref)->id;
  const std::lock_guard lock(mutex_);
  const auto found = actors_.find(id);
  if (found == actors_.end()) {  // being created, or just removed
    throw ApiError(ErrorCode::not_found,
                   "No such container: " + std::string(ref));
  }
  return found->second;
}

Engine::Engine(Executor& executor, images::ImageStore& images,
               NetworkManager* networks, EventSystem& events,
               EngineOptions options)
    : impl_(std::make_unique<Impl>(executor, images, networks, events,
                                   std::move(options))) {}

Engine::~Engine() = default;

void Engine::recover() {
  for (const std::string& name : impl_->context.volumes.damaged()) {
    impl_->context.warn("the record of the volume " + name +
                        " is damaged or missing: its files are left alone");
  }
  for (const std::string& problem : impl_->context.frozen.problems()) {
    impl_->context.warn(problem);
  }
  impl_->recover();
  impl_->context.collect_frozen();
  impl_->context.release_images();
}

void Engine::create(CreateRequest request, Done<Created> done) {
  impl_->context.executor.blocking(
      [this, request = std::move(request), done = std::move(done)]() mutable {
        answer(done, [&] { return impl_->create(std::move(request)); });
      });
}

void Engine::start(std::string_view ref, Done<void> done) {
  impl_->actor(ref)->start(std::move(done));
}

void Engine::stop(std::string_view ref, StopOptions options, Done<void> done) {
  impl_->actor(ref)->stop(std::move(options), std::move(done));
}

void Engine::restart(std::string_view ref, StopOptions options,
                     Done<void> done) {
  impl_->actor(ref)->restart(std::move(options), std::move(done));
}

void Engine::kill(std::string_view ref, std::string_view signal,
                  Done<void> done) {
  impl_->actor(ref)->kill(std::string(ref), std::string(signal),
                          std::move(done));
}

void Engine::pause(std::string_view ref, Done<void> done) {
  impl_->actor(ref)->pause(std::move(done));
}

void Engine::unpause(std::string_view ref, Done<void> done) {
  impl_->actor(ref)->unpause(std::move(done));
}

void Engine::rename(std::string_view ref, std::string_view new_name,
                    Done<void> done) {
  impl_->actor(ref)->rename(std::string(new_name), std::move(done));
}

void Engine::remove(std::string_view ref, RemoveOptions options,
                    Done<void> done) {
  impl_->actor(ref)->remove(options, std::move(done));
}

void Engine::hold(std::string_view ref, Done<HoldPtr> done) {
  impl_->actor(ref)->hold(std::move(done));
}

void Engine::update(std::string_view ref, UpdateRequest request,
                    Done<Strings> done) {
  impl_->actor(ref)->update(std::move(request), std::move(done));
}

void Engine::clear_logs(std::string_view ref, Done<void> done) {
  impl_->actor(ref)->clear_logs(std::move(done));
}

void Engine::set_defaults(ContainerDefaults defaults) {
  impl_->context.defaults.set(std::move(defaults));
}

ContainerPtr Engine::get(std::string_view ref) const {
  return impl_->context.registry.find(ref);
}

std::vector<ContainerPtr> Engine::list() const {
  return impl_->context.registry.list();
}

Snapshots* Engine::snapshots() {
  return impl_->snapshots.get();
}

NetworkManager* Engine::networks() {
  return impl_->context.networks;
}

void Engine::connect_network(std::string_view ref, std::string_view network,
                             Endpoint wanted, Done<void> done) {
  impl_->actor(ref)->connect_network(std::string(network), std::move(wanted),
                                     std::move(done));
}

void Engine::disconnect_network(std::string_view ref, std::string_view network,
                                Done<void> done) {
  impl_->actor(ref)->disconnect_network(std::string(network), std::move(done));
}

void Engine::wait(std::string_view ref, WaitCondition condition,
                  Done<WaitResult> done) {
  impl_->actor(ref)->wait(condition, std::move(done));
}

void Engine::attach(std::string_view ref, AttachOptions options,
                    Done<Attachment> done) {
  impl_->actor(ref)->attach(options, std::move(done));
}

void Engine::resize(std::string_view ref, TerminalSize size, Done<void> done) {
  impl_->actor(ref)->resize(size, std::move(done));
}

std::string Engine::create_exec(std::string_view ref, ExecRequest request) {
  const ContainerPtr container = get(ref);
  if (container->state == State::paused) {
    throw ApiError(ErrorCode::conflict,
                   "Container " + container->id +
                       " is paused, unpause the container before exec");
  }
  if (container->state != State::running) {
    throw ApiError(ErrorCode::conflict,
                   "Container " + container->id + " is not running");
  }
  if (request.args.empty()) {
    throw ApiError(ErrorCode::invalid_argument, "No exec command specified");
  }
  Exec exec{.id = new_id(),
            .container_id = container->id,
            .args = std::move(request.args),
            .env = std::move(request.env),
            .user = std::move(request.user),
            .working_dir = std::move(request.working_dir),
            .tty = request.tty,
            .privileged = request.privileged,
            .attach_stdin = request.attach_stdin,
            .attach_stdout = request.attach_stdout,
            .attach_stderr = request.attach_stderr,
            .detach_keys = std::move(request.detach_keys),
            .console_size = request.console_size};
  const std::string id = exec.id;
  impl_->context.events.publish(exec_event("exec_create", *container, exec));
  impl_->context.execs.insert(std::move(exec));
  return id;
}

void Engine::start_exec(std::string_view id, Done<Attachment> done) {
  const Exec exec = get_exec(id);
  impl_->actor(exec.container_id)->start_exec(exec.id, std::move(done));
}

void Engine::start_exec_detached(std::string_view id, Done<void> done) {
  const Exec exec = get_exec(id);
  impl_->actor(exec.container_id)
      ->start_exec_detached(exec.id, std::move(done));
}

void Engine::resize_exec(std::string_view id, TerminalSize size,
                         Done<void> done) {
  const Exec exec = get_exec(id);
  impl_->actor(exec.container_id)->resize_exec(exec.id, size, std::move(done));
}

Exec Engine::get_exec(std::string_view id) const {
  return impl_->context.execs.get(id);
}

Subscription Engine::subscribe(EventFilter filter, EventListener listener) {
  return impl_->context.events.subscribe(std::move(filter),
                                         std::move(listener));
}

void Engine::publish(Event event) {
  impl_->context.events.publish(std::move(event));
}

std::vector<Event> Engine::event_history() const {
  return impl_->context.events.history();
}

}  // namespace docker_cpp::daemon
