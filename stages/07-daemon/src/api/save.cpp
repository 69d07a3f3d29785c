// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "byte_stream.hpp"
#include "context.hpp"
#include "handlers.hpp"

#include "docker_cpp/images/image_store.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::daemon::api {
namespace {

void send_images(const CallPtr& call, const std::vector<std::string>& names) {
  call->context->executor.blocking([call, names] {
    call->guard([&] {
      sys::Pipe pipe = must(sys::pipe_cloexec(), "open a pipe");
      auto worker = call->context->images.save(names, pipe.write_end.get());
      pipe.write_end.reset();
      for (const auto& name : names) {
        const auto image = call->context->images.find_stored(name);
        call->context->runtime.publish(
            {.type = "image",
             .action = "save",
             .actor_id = image ? image->id : name,
             .attributes = {{"name", image ? image->id : name}}});
      }
      call->begin_stream("application/x-tar");
      if (!send_bytes(call, pipe.read_end.get())) {
        return;
      }
      if (worker.finish().find("\"done\"") == std::string::npos) {
        call->exchange->abort();
        return;
      }
      call->exchange->finish();
    });
  });
}

void save(const CallPtr& call) {
  const auto names = call->query().all("names");
  if (names.empty()) {
    throw ApiError(ErrorCode::invalid_argument,
                   "no image was named: give names");
  }
  send_images(call, names);
}

void save_one(const CallPtr& call) {
  send_images(call, {call->variable("name")});
}

}  // namespace

void add_save(Router& router) {
  router.add("GET", "/images/get", save);
  router.add("GET", "/images/{name*}/get", save_one);
}

}  // namespace docker_cpp::daemon::api
