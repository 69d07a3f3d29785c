// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/api_server.hpp"

#include <utility>

#include "context.hpp"
#include "handlers.hpp"

#include "docker_cpp/daemon/http/server.hpp"
#include "docker_cpp/daemon/plugin_registry.hpp"
#include "docker_cpp/images/image_store.hpp"

namespace docker_cpp::daemon {
namespace {

api::Router all_routes() {
  api::Router router;
  api::add_system(router);
  api::add_containers(router);
  api::add_container_queries(router);
  api::add_streams(router);
  api::add_registry(router);
  api::add_images(router);
  api::add_archives(router);
  api::add_commit(router);
  api::add_save(router);
  api::add_build(router);
  api::add_snapshots(router);
  api::add_disk_usage(router);
  api::add_events(router);
  api::add_networks(router);
  api::add_volumes(router);
  api::add_native_plugins(router);
  api::add_not_here(router);
  return router;
}

/// Archives may be of any size: they go to their reader as they come.
http::Service::Body body_of(std::string_view method, std::string_view path) {
  const std::string_view plain = api::Router::strip_version(path);
  const bool archive = (method == "POST" && plain == "/images/load") ||
                       (method == "POST" && plain == "/images/create") ||
                       (method == "POST" && plain == "/build") ||
                       (method == "PUT" && plain.starts_with("/containers/") &&
                        plain.ends_with("/archive"));
  return archive ? http::Service::Body::streamed : http::Service::Body::whole;
}

/// Plugins may take their time: not on the event loop.
void ask_first(const std::shared_ptr<const api::Context>& context,
               const std::shared_ptr<const api::Router>& router,
               http::Request request, http::ExchangePtr exchange) {
  context->executor.blocking([context, router, request = std::move(request),
                              exchange = std::move(exchange)]() mutable {
    const std::string why = context->info.plugins->refusal(
        {.user = "", .method = request.method, .uri = request.path});
    if (why.empty()) {
      router->route(context, std::move(request), std::move(exchange));
    } else {
      exchange->reply({.status = 403, .content_type = "application/json"},
                      api::error_body(why));
    }
  });
}

std::shared_ptr<FolderWatcher> new_watcher(Executor& executor) {
  auto watcher = std::make_shared<FolderWatcher>(executor);
  watcher->start();
  return watcher;
}

std::shared_ptr<Builder> new_builder(ContainerRuntime& runtime,
                                     images::ImageStore& images,
                                     const EngineInfo& info) {
  return std::make_shared<Builder>(
      runtime, images,
      Builder::Options{.data_root = info.data_root,
                       .exec_root = info.exec_root,
                       .pull = [&images](const images::PullRequest& request) {
                         static_cast<void>(images.pull(request));
                       }});
}

}  // namespace

struct ApiServer::Impl {
  Impl(Executor& executor, ContainerRuntime& runtime,
       images::ImageStore& images, EngineInfo info)
      : context(std::make_shared<const api::Context>(
            api::Context{executor, runtime, images, info, new_watcher(executor),
                         new_builder(runtime, images, info)})),
        router(std::make_shared<const api::Router>(all_routes())),
        server(executor, service()) {}

  http::Service service() {
    return {
        .body = body_of,
        .handle =
            [context = context, router = router](http::Request request,
                                                 http::ExchangePtr exchange) {
              const auto& plugins = context->info.plugins;
              if (plugins && plugins->authorizes()) {
                ask_first(context, router, std::move(request),
                          std::move(exchange));
                return;
              }
              router->route(context, std::move(request), std::move(exchange));
            },
        .refuse =
            [](int status, const std::string& why) {
              return std::pair{http::Head{.status = status,
                                          .content_type = "application/json"},
                               api::error_body(why)};
            }};
  }

  std::shared_ptr<const api::Context> context;
  std::shared_ptr<const api::Router> router;
  http::Server server;
};

ApiServer::ApiServer(Executor& executor, ContainerRuntime& runtime,
                     images::ImageStore& images, EngineInfo info)
    : impl_(
          std::make_unique<Impl>(executor, runtime, images, std::move(info))) {}

ApiServer::~ApiServer() = default;

void ApiServer::listen_unix(const std::string& path, mode_t mode, gid_t group) {
  impl_->server.listen_unix(path, mode, group);
}

std::uint16_t ApiServer::listen_tcp(const std::string& address,
                                    std::uint16_t port) {
  return impl_->server.listen_tcp(address, port);
}

void ApiServer::listen_fd(sys::UniqueFd socket) {
  impl_->server.listen_fd(std::move(socket));
}

void ApiServer::stop() noexcept {
  impl_->server.stop();
  static_cast<void>(impl_->context->builder->cancel(""));
}

}  // namespace docker_cpp::daemon
