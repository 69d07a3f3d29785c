// SPDX-License-Identifier: Apache-2.0
// Files of containers as archives: `docker cp` in both directions, and
// `docker export`. All of it happens in a worker that has nothing but the
// handles of the container's files; see docs/formats/worker.md.
#include <fcntl.h>

#include <chrono>
#include <thread>

#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include "byte_stream.hpp"
#include "context.hpp"
#include "handlers.hpp"

#include "docker_cpp/daemon/container_storage.hpp"
#include "docker_cpp/daemon/model_json.hpp"
#include "docker_cpp/images/image_store.hpp"
#include "docker_cpp/security/user_lookup.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

std::string base64(const std::string& text) {
  std::string out((text.size() + 2) / 3 * 4, '\0');
  ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                    reinterpret_cast<const unsigned char*>(text.data()),
                    static_cast<int>(text.size()));
  return out;
}

std::string path_of(const CallPtr& call) {
  auto path = call->query().get("path");
  if (path.empty()) {
    throw ApiError(ErrorCode::invalid_argument,
                   "bad parameter: path cannot be empty");
  }
  return path;
}

using FileWork = std::function<void(const Container&)>;

/// Until what was killed has become stopped.
constexpr int patience = 200;
constexpr std::chrono::milliseconds pause_between(10);

void with_files(const CallPtr& call, FileWork work, int attempts = patience);

/// Does `work`; a container whose process is just gone will be stopped soon,
/// and then its files are to be had in another way.
void work_or_again(const CallPtr& call, const FileWork& work, int attempts) {
  const auto ref = call->variable("id");
  call->guard([&] {
    try {
      work(*call->context->runtime.get(ref));
    } catch (const ApiError& error) {
      if (error.code() != ErrorCode::conflict || attempts == 0) {
        throw;
      }
      std::this_thread::sleep_for(pause_between);
      with_files(call, work, attempts - 1);
    }
  });
}

/// Does `work` on the container's files, on a thread that may block.
void with_files(const CallPtr& call, FileWork work, int attempts) {
  const auto ref = call->variable("id");
  static_cast<void>(call->context->runtime.get(ref));
  call->context->runtime.hold(ref, [call, attempts, work = std::move(work)](
                                       Outcome<HoldPtr> hold) mutable {
    if (!hold) {
      call->fail(hold.error());
      return;
    }
    call->context->executor.blocking(
        [call, attempts, work = std::move(work), hold = *std::move(hold)] {
          work_or_again(call, work, attempts);
        });
  });
}

images::WorkerTask start_worker(const CallPtr& call, const Container& container,
                                std::vector<std::string> args, int input,
                                int output) {
  const ContainerStorage storage(call->context->images,
                                 call->context->info.data_root);
  const ContainerTree tree = storage.open(container);
  images::TreeRun run{.worker = call->context->images.worker(),
                      .args = std::move(args),
                      .tree = tree.root.get(),
                      .mounts = {},
                      .input = input,
                      .output = output};
  for (const auto& mount : tree.mounts) {
    run.mounts.push_back({mount.destination, mount.handle.get()});
  }
  return images::start_tree_worker(run);
}

/// What the worker found wrong, with Docker's status and words.
void check(const json& said, const Container& container,
           const std::string& path) {
  if (said.value("type", "") != "error") {
    return;
  }
  const auto kind = said.value("kind", "");
  if (kind == "not_found") {
    throw ApiError(ErrorCode::not_found, "Could not find the file " + path +
                                             " in container " + container.name);
  }
  if (kind == "not_a_directory") {
    throw ApiError(ErrorCode::invalid_argument,
                   "extraction point is not a directory");
  }
  if (kind == "read_only_root") {
    throw ApiError(ErrorCode::forbidden,
                   "container rootfs is marked read-only");
  }
  if (kind == "read_only_volume") {
    throw ApiError(ErrorCode::forbidden, "mounted volume is marked read-only");
  }
  throw ApiError(said.value("machine", false) ? ErrorCode::internal
                                              : ErrorCode::invalid_argument,
                 said.value("message", ""));
}

json last_line(std::string text) {
  while (text.ends_with('\n')) {
    text.pop_back();
  }
  return json::parse(text.substr(text.rfind('\n') + 1), nullptr, false);
}

http::Head stat_head(const CallPtr& call, const std::string& line) {
  auto head = call->head(200);
  head.headers.emplace_back("X-Docker-Container-Path-Stat", base64(line));
  return head;
}

void look(const CallPtr& call) {
  const auto path = path_of(call);
  with_files(call, [call, path](const Container& container) {
    auto worker =
        start_worker(call, container, {"stat", "--path", path}, -1, -1);
    const auto line = worker.first_line();
    check(json::parse(line, nullptr, false), container, path);
    worker.finish();
    call->exchange->reply(stat_head(call, line));
  });
}

/// Sends the worker's archive; the client sees a broken stream when the
/// worker did not come to its end.
void send_archive(const CallPtr& call, images::WorkerTask worker,
                  sys::Pipe pipe, http::Head head) {
  head.content_type = "application/x-tar";
  call->exchange->begin_stream(std::move(head));
  if (!send_bytes(call, pipe.read_end.get())) {
    return;
  }
  const auto said = last_line(worker.finish());
  if (said.value("type", "") == "done") {
    call->exchange->finish();
  } else {
    call->exchange->abort();
  }
}

void copy_out(const CallPtr& call) {
  const auto path = path_of(call);
  with_files(call, [call, path](const Container& container) {
    sys::Pipe pipe = must(sys::pipe_cloexec(), "open a pipe");
    auto worker = start_worker(call, container, {"pack", "--path", path}, -1,
                               pipe.write_end.get());
    pipe.write_end.reset();
    const auto line = worker.first_line();
    check(json::parse(line, nullptr, false), container, path);
    send_archive(call, std::move(worker), std::move(pipe),
                 stat_head(call, line));
  });
}

void export_container(const CallPtr& call) {
  with_files(call, [call](const Container& container) {
    const ContainerStorage storage(call->context->images,
                                   call->context->info.data_root);
    const auto root = storage.open_root(container);
    sys::Pipe pipe = must(sys::pipe_cloexec(), "open a pipe");
    auto worker =
        images::start_tree_worker({.worker = call->context->images.worker(),
                                   .args = {"pack", "--path", "/", "--export"},
                                   .tree = root.get(),
                                   .mounts = {},
                                   .input = -1,
                                   .output = pipe.write_end.get()});
    pipe.write_end.reset();
    const auto line = worker.first_line();
    check(json::parse(line, nullptr, false), container, "/");
    call->context->runtime.publish(
        {.type = "container",
         .action = "export",
         .actor_id = container.id,
         .attributes = {{"name", container.name},
                        {"image", container.config.image}}});
    send_archive(call, std::move(worker), std::move(pipe), call->head(200));
  });
}

std::string owner_of(const CallPtr& call, const Container& container) {
  const ContainerStorage storage(call->context->images,
                                 call->context->info.data_root);
  const auto root = storage.open_root(container);
  const auto user = security::look_up_user(
      security::read_account_files(root.get()), container.config.user);
  if (!user) {
    throw ApiError(ErrorCode::invalid_argument, user.error());
  }
  return std::to_string(user->uid) + ":" + std::to_string(user->gid);
}

void copy_in(const CallPtr& call) {
  const auto path = path_of(call);
  with_files(call, [call, path](const Container& container) {
    std::vector<std::string> args = {"unpack", "--path", path};
    if (call->query().flag("noOverwriteDirNonDir")) {
      args.emplace_back("--no-overwrite");
    }
    if (call->query().flag("copyUIDGID") && !container.config.user.empty()) {
      args.insert(args.end(), {"--owner", owner_of(call, container)});
    }
    const auto body = std::move(call->request.body_stream);
    auto worker =
        start_worker(call, container, std::move(args), body.get(), -1);
    check(last_line(worker.finish()), container, path);
    call->context->runtime.publish(
        {.type = "container",
         .action = "extract-to-dir",
         .actor_id = container.id,
         .attributes = {{"name", container.name},
                        {"image", container.config.image}}});
    call->reply_empty(200);
  });
}

}  // namespace

void add_archives(Router& router) {
  router.add("HEAD", "/containers/{id}/archive", look);
  router.add("GET", "/containers/{id}/archive", copy_out);
  router.add("PUT", "/containers/{id}/archive", copy_in);
  router.add("GET", "/containers/{id}/export", export_container);
}

}  // namespace docker_cpp::daemon::api
