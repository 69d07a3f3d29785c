// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/plugin_registry.hpp"

#include <dirent.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include <nlohmann/json.hpp>

#include "../api/events_view.hpp"
#include "native_plugin.hpp"
#include "socket_plugin.hpp"

#include "docker_cpp/daemon/api_error.hpp"

namespace docker_cpp::daemon {
namespace {

using nlohmann::json;
using NativePtr = std::shared_ptr<NativePlugin>;

std::string print(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

struct PluginRegistry::Impl {
  explicit Impl(Options given) : options(std::move(given)) {}

  std::vector<NativePtr> all() {
    const std::lock_guard lock(mutex);
    return native;
  }

  void warn(const std::string& what) const {
    if (options.warn) {
      options.warn(what);
    }
  }

  Options options;
  std::mutex mutex;
  std::vector<NativePtr> native;
  std::vector<SocketPlugin> gates;  ///< set before requests come
};

PluginRegistry::PluginRegistry(Options options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

PluginRegistry::~PluginRegistry() = default;

void PluginRegistry::load(const std::string& path,
                          const std::string& configuration) {
  auto plugin = std::make_shared<NativePlugin>(path, configuration,
                                               impl_->options.patience);
  const std::string name = plugin->info().name;
  const std::lock_guard lock(impl_->mutex);
  const bool known = std::ranges::any_of(
      impl_->native,
      [&](const NativePtr& one) { return one->info().name == name; });
  if (known) {
    throw ApiError(ErrorCode::conflict,
                   "plugin " + name + " is loaded already");
  }
  impl_->native.push_back(std::move(plugin));
}

void PluginRegistry::load_folder(const std::string& folder) {
  const std::unique_ptr<DIR, decltype(&::closedir)> dir(
      ::opendir(folder.c_str()), &::closedir);
  std::vector<std::string> paths;
  while (const dirent* one = dir ? ::readdir(dir.get()) : nullptr) {
    if (std::string_view(one->d_name).ends_with(".so")) {
      paths.push_back(folder + "/" + one->d_name);
    }
  }
  std::ranges::sort(paths);
  for (const std::string& path : paths) {
    try {
      load(path);
    } catch (const std::exception& error) {
      impl_->warn(error.what());
    }
  }
}

bool PluginRegistry::unload(const std::string& name) {
  NativePtr gone;  // ends outside the lock: it may take its time
  const std::lock_guard lock(impl_->mutex);
  const auto found = std::ranges::find_if(
      impl_->native,
      [&](const NativePtr& one) { return one->info().name == name; });
  if (found == impl_->native.end()) {
    return false;
  }
  gone = std::move(*found);
  impl_->native.erase(found);
  return true;
}

std::vector<PluginInfo> PluginRegistry::list() const {
  std::vector<PluginInfo> out;
  for (const NativePtr& one : impl_->all()) {
    out.push_back(one->info());
  }
  for (const SocketPlugin& one : impl_->gates) {
    out.push_back({.name = one.name(),
                   .version = "",
                   .path = one.path(),
                   .state = "running"});
  }
  return out;
}

void PluginRegistry::use_for_authorization(const std::string& name) {
  SocketPlugin plugin(impl_->options.socket_folders, name,
                      impl_->options.patience);
  const auto implements = plugin.activate();
  if (std::ranges::find(implements, "authz") == implements.end()) {
    throw ApiError(ErrorCode::invalid_argument,
                   "plugin " + name + " does not implement authz");
  }
  impl_->gates.push_back(std::move(plugin));
}

bool PluginRegistry::authorizes() const {
  return !impl_->gates.empty() ||
         std::ranges::any_of(impl_->all(), [](const NativePtr& one) {
           return one->authorizes();
         });
}

std::string PluginRegistry::refusal(const Question& question) {
  const auto denied = [](const std::string& name, const std::string& why) {
    return "authorization denied by plugin " + name + ": " + why;
  };
  const std::string text = print({{"user", question.user},
                                  {"requestMethod", question.method},
                                  {"requestUri", question.uri}});
  for (const NativePtr& one : impl_->all()) {
    if (!one->authorizes()) {
      continue;
    }
    if (const std::string why = one->refusal(text); !why.empty()) {
      return denied(one->info().name, why);
    }
  }
  for (const SocketPlugin& one : impl_->gates) {
    try {
      const json answer =
          one.call("/AuthZPlugin.AuthZReq", {{"User", question.user},
                                             {"UserAuthNMethod", ""},
                                             {"RequestMethod", question.method},
                                             {"RequestURI", question.uri}});
      if (!answer.value("Allow", false)) {
        return denied(one.name(),
                      answer.value("Msg", "") + answer.value("Err", ""));
      }
    } catch (const std::exception& error) {
      return denied(one.name(), error.what());
    }
  }
  return "";
}

void PluginRegistry::tell(const Event& event) {
  const auto plugins = impl_->all();
  if (plugins.empty()) {
    return;
  }
  const std::string text = print(api::event_view(event));
  for (const NativePtr& one : plugins) {
    one->tell(text);
  }
}

}  // namespace docker_cpp::daemon
