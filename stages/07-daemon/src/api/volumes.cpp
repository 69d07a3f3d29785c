// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "context.hpp"
#include "filters.hpp"
#include "handlers.hpp"

#include "docker_cpp/daemon/model_json.hpp"

/// The local volumes as they are on disk, below `<data-root>/volumes`. They
/// are made and removed with the containers that mount them.
namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

std::string folder(const Context& context) {
  return context.info.data_root + "/volumes";
}

json volume_view(const Context& context, const std::string& name) {
  const auto data = folder(context) + "/" + name + "/_data";
  struct stat about{};
  ::stat((folder(context) + "/" + name).c_str(), &about);
  return {{"CreatedAt",
           format_time(Time{std::chrono::seconds{about.st_ctim.tv_sec}})},
          {"Driver", "local"},
          {"Labels", nullptr},
          {"Mountpoint", data},
          {"Name", name},
          {"Options", nullptr},
          {"Scope", "local"}};
}

/// Names as Docker's volumes have them: nothing else becomes a path here.
bool is_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
  };
  return name.size() >= 2 && name[0] != '.' && name[0] != '-' &&
         std::ranges::all_of(name, allowed);
}

bool exists(const Context& context, const std::string& name) {
  std::error_code ignored;
  return is_name(name) && std::filesystem::is_directory(
                              folder(context) + "/" + name + "/_data", ignored);
}

bool is_mounted(const Context& context, const std::string& name) {
  return std::ranges::any_of(
      context.runtime.list(), [&](const ContainerPtr& container) {
        return std::ranges::any_of(
            container->mounts,
            [&](const MountPoint& mount) { return mount.name == name; });
      });
}

Strings names(const Context& context) {
  Strings out;
  std::error_code error;
  std::filesystem::directory_iterator at(folder(context), error);
  for (; !error && at != std::filesystem::end(at); at.increment(error)) {
    if (exists(context, at->path().filename())) {
      out.push_back(at->path().filename());
    }
  }
  std::ranges::sort(out);
  return out;
}

void list(const CallPtr& call) {
  const Filters filters(call->query().get("filters"),
                        {"dangling", "driver", "label", "name"});
  call->context->executor.blocking([call, filters] {
    call->guard([&] {
      const auto& context = *call->context;
      json out = json::array();
      for (const auto& name : names(context)) {
        const bool wanted =
            filters.accepts_part("name", name) &&
            filters.accepts("driver", "local") && !filters.has("label") &&
            (!filters.has("dangling") ||
             filters.flag("dangling", false) != is_mounted(context, name));
        if (wanted) {
          out.push_back(volume_view(context, name));
        }
      }
      call->reply(200, {{"Volumes", std::move(out)}, {"Warnings", nullptr}});
    });
  });
}

void inspect(const CallPtr& call) {
  const auto& name = call->variable("name");
  if (!exists(*call->context, name)) {
    throw ApiError(ErrorCode::not_found, "get " + name + ": no such volume");
  }
  call->reply(200, volume_view(*call->context, name));
}

}  // namespace

void add_volumes(Router& router) {
  router.add("GET", "/volumes", list);
  router.add("GET", "/volumes/{name}", inspect);
}

}  // namespace docker_cpp::daemon::api
