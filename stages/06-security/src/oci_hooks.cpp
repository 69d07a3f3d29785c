// SPDX-License-Identifier: Apache-2.0
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <climits>

#include "oci_hook_plan.hpp"

#include "docker_cpp/oci/hooks.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::oci {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (std::string& text : texts) {
    all.push_back(text.data());
  }
  all.push_back(nullptr);
  return all;
}

sys::UniqueFd memory_file() {
  return sys::UniqueFd(
      must(sys::check(::memfd_create("state", MFD_CLOEXEC), "memfd_create"),
           "make a file for the hooks' input"));
}

void put_state(int file, const State& state) {
  must(sys::write_all(file, print_state(state)), "write the hooks' input");
}

int milliseconds(const std::optional<std::int64_t>& seconds) {
  if (!seconds) {
    return -1;
  }
  return static_cast<int>(std::min<std::int64_t>(*seconds, INT_MAX / 1000) *
                          1000);
}

}  // namespace

std::unique_ptr<HookPlan> plan_hook(const Hook& hook) {
  auto plan = std::make_unique<HookPlan>();
  plan->hook = hook;
  plan->timeout_ms = milliseconds(hook.timeout);
  if (hook.args.empty()) {
    plan->hook.args.push_back(hook.path);
  }
  plan->argv = pointers(plan->hook.args);
  plan->envp = pointers(plan->hook.env);
  return plan;
}

void run_hooks(const std::vector<Hook>& hooks, const std::string& moment,
               const State& state, int container) {
  if (hooks.empty()) {
    return;
  }
  const sys::UniqueFd file = memory_file();
  put_state(file.get(), state);
  std::size_t number = 0;
  for (const Hook& hook : hooks) {
    const auto plan = plan_hook(hook);
    const std::string what = "error running " + moment + " hook #" +
                             std::to_string(number) + ": " + hook.path;
    const int code = must(run_hook(*plan, file.get(), container), what);
    if (code != 0) {
      throw Error({.code = ECANCELED, .call = "hook"},
                  what + ": exit status " + std::to_string(code));
    }
    ++number;
  }
}

LifecycleHooks::LifecycleHooks(Hooks hooks, State state)
    : hooks_(std::move(hooks)), state_(std::move(state)) {
  for (const Hook& hook : hooks_.start_container) {
    start_container_.push_back(plan_hook(hook));
  }
  State created = state_;
  created.status = Status::created;
  created.pid = INT_MAX;
  const std::string text = print_state(created);
  const std::string key = R"("pid":)";
  const std::size_t at = text.rfind(key + std::to_string(INT_MAX)) + key.size();
  before_pid_ = text.substr(0, at);
  after_pid_ = text.substr(at + std::to_string(INT_MAX).size());
}

LifecycleHooks::~LifecycleHooks() = default;

const char* LifecycleHooks::name() const noexcept {
  return "run the startContainer hooks";
}

void LifecycleHooks::from_parent(const namespaces::ChildHandle& child) {
  state_.pid = child.pid;
  state_.status = Status::creating;
  run_hooks(hooks_.prestart, "prestart", state_);
  run_hooks(hooks_.create_runtime, "createRuntime", state_);
  run_hooks(hooks_.create_container, "createContainer", state_, child.pidfd);
}

}  // namespace docker_cpp::oci
