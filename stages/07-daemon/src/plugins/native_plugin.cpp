// SPDX-License-Identifier: Apache-2.0
#include "native_plugin.hpp"

#include <dlfcn.h>

#include <array>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/daemon/executor.hpp"
#include "docker_cpp/daemon/plugin_abi.h"

namespace docker_cpp::daemon {
namespace {

constexpr std::size_t most_waiting = 256;

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw ApiError(ErrorCode::invalid_argument, "plugin " + path + ": " + why);
}

const docker_cpp_plugin* entry_of(void* object, const std::string& path) {
  void* symbol = ::dlsym(object, DOCKER_CPP_PLUGIN_ENTRY);
  if (symbol == nullptr) {
    refuse(path, "has no " DOCKER_CPP_PLUGIN_ENTRY);
  }
  const auto entry = reinterpret_cast<docker_cpp_plugin_entry_type>(symbol);
  const docker_cpp_plugin* plugin = entry();
  if (plugin == nullptr || plugin->abi != DOCKER_CPP_PLUGIN_ABI ||
      plugin->size != sizeof(docker_cpp_plugin)) {
    refuse(path, "was made for version " +
                     std::to_string(plugin == nullptr ? 0 : plugin->abi) +
                     " of the interface, this daemon has version " +
                     std::to_string(DOCKER_CPP_PLUGIN_ABI));
  }
  if (plugin->name == nullptr || plugin->start == nullptr ||
      plugin->stop == nullptr) {
    refuse(path, "says neither its name nor how it starts and stops");
  }
  return plugin;
}

}  // namespace

/// What the thread and the daemon share. A thread that hangs keeps its part
/// for ever; nobody waits for it.
struct NativePlugin::Worker {
  std::string path;
  void* object = nullptr;
  const docker_cpp_plugin* plugin = nullptr;
  void* self = nullptr;
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Task> jobs;
  bool ending = false;
  std::string trouble;  ///< why it is not asked any more
  std::thread thread;

  void run() {
    for (;;) {
      Task job;
      {
        std::unique_lock lock(mutex);
        wake.wait(lock, [this] { return ending || !jobs.empty(); });
        if (jobs.empty()) {
          return;
        }
        job = std::move(jobs.front());
        jobs.pop_front();
      }
      job();
    }
  }

  bool post(Task job) {
    {
      const std::lock_guard lock(mutex);
      if (!trouble.empty() || jobs.size() >= most_waiting) {
        return false;
      }
      jobs.push_back(std::move(job));
    }
    wake.notify_one();
    return true;
  }

  void give_up(const std::string& why) {
    const std::lock_guard lock(mutex);
    trouble = why;
    jobs.clear();
  }

  /// Waits for the thread, then lets the object go.
  void end() {
    {
      const std::lock_guard lock(mutex);
      ending = true;
    }
    wake.notify_one();
    thread.join();
    ::dlclose(object);
  }

  [[nodiscard]] std::string state() {
    const std::lock_guard lock(mutex);
    return trouble.empty() ? "running" : trouble;
  }

  /// Runs `call` on the thread; what it throws, and taking too long, is a
  /// reason to give the plugin up.
  template <typename Call>
  std::string ask(const std::shared_ptr<Worker>& me, Call call,
                  std::chrono::milliseconds patience) {
    auto promise = std::make_shared<std::promise<std::string>>();
    auto answer = promise->get_future();
    const bool taken = post([me, promise, call = std::move(call)] {
      std::string out;
      try {
        out = call(*me);
      } catch (...) {  // through C, but C++ all the same
        out = "it threw an exception";
        me->give_up(out);
      }
      promise->set_value(std::move(out));
    });
    if (!taken) {
      return state();
    }
    if (answer.wait_for(patience) != std::future_status::ready) {
      give_up("it does not answer");
      return state();
    }
    return answer.get();
  }
};

NativePlugin::NativePlugin(const std::string& path,
                           const std::string& configuration,
                           std::chrono::milliseconds patience)
    : worker_(std::make_shared<Worker>()), patience_(patience) {
  worker_->path = path;
  worker_->object = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (worker_->object == nullptr) {
    const char* why = ::dlerror();
    refuse(path, why == nullptr ? "cannot be loaded" : why);
  }
  try {
    worker_->plugin = entry_of(worker_->object, path);
  } catch (...) {
    ::dlclose(worker_->object);
    throw;
  }
  worker_->thread = std::thread([worker = worker_] { worker->run(); });
  const std::string trouble = worker_->ask(
      worker_,
      [configuration](Worker& worker) {
        worker.self = worker.plugin->start(configuration.c_str());
        return std::string(worker.self == nullptr ? "it refused to start" : "");
      },
      patience);
  if (!trouble.empty()) {
    worker_->give_up(trouble);
    if (trouble != "it does not answer") {
      worker_->end();
    } else {
      worker_->thread.detach();
    }
    refuse(path, trouble);
  }
}

NativePlugin::~NativePlugin() {
  if (!worker_->thread.joinable()) {
    return;
  }
  const std::string trouble = worker_->ask(
      worker_,
      [](Worker& worker) {
        worker.plugin->stop(std::exchange(worker.self, nullptr));
        return std::string();
      },
      patience_);
  if (trouble == "it does not answer") {
    worker_->thread.detach();  // its code is in use: it stays loaded
    return;
  }
  worker_->end();
}

PluginInfo NativePlugin::info() const {
  const docker_cpp_plugin& plugin = *worker_->plugin;
  return {.name = plugin.name,
          .version = plugin.version == nullptr ? "" : plugin.version,
          .path = worker_->path,
          .state = worker_->state()};
}

bool NativePlugin::authorizes() const {
  return worker_->plugin->authorize != nullptr;
}

std::string NativePlugin::refusal(const std::string& question) {
  return worker_->ask(
      worker_,
      [question](Worker& worker) {
        std::array<char, 512> reason{};
        const int answer = worker.plugin->authorize(
            worker.self, question.c_str(), reason.data(), reason.size() - 1);
        if (answer == DOCKER_CPP_ALLOW) {
          return std::string();
        }
        return std::string(reason[0] == '\0' ? "no reason given"
                                             : reason.data());
      },
      patience_);
}

void NativePlugin::tell(std::string event) {
  if (worker_->plugin->on_event == nullptr) {
    return;
  }
  static_cast<void>(worker_->post([worker = worker_, event = std::move(event)] {
    try {
      worker->plugin->on_event(worker->self, event.c_str());
    } catch (...) {
      worker->give_up("it threw an exception");
    }
  }));
}

}  // namespace docker_cpp::daemon
