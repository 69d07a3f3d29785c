// SPDX-License-Identifier: Apache-2.0
#include <sys/mman.h>
#include <unistd.h>

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

/// What the hook says; without a word of it, what whoever runs it has: as with
/// runc.
std::vector<char*> environment(Hook& hook,
                               const std::vector<std::string>* container) {
  if (hook.env.empty() && container != nullptr) {
    hook.env = *container;
  }
  if (!hook.env.empty() || container != nullptr) {
    return pointers(hook.env);
  }
  std::vector<char*> inherited;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    inherited.push_back(*entry);
  }
  inherited.push_back(nullptr);
  return inherited;
}

std::unique_ptr<HookPlan> plan_hook(const Hook& hook, std::string attempt,
                                    const std::vector<std::string>* env) {
  auto plan = std::make_unique<HookPlan>();
  plan->hook = hook;
  plan->timeout_ms = milliseconds(hook.timeout);
  plan->attempt = std::move(attempt);
  if (hook.args.empty()) {
    plan->hook.args.push_back(hook.path);
  }
  plan->argv = pointers(plan->hook.args);
  plan->envp = environment(plan->hook, env);
  return plan;
}

void run_one(const HookPlan& plan, int state_file) {
  const int code = must(run_hook(plan, state_file), plan.attempt);
  if (code != 0) {
    throw Error({.code = ECANCELED, .call = "hook"},
                plan.attempt + ": exit status " + std::to_string(code));
  }
}

}  // namespace

std::vector<std::unique_ptr<HookPlan>> plan_hooks(
    const std::vector<Hook>& hooks, const std::string& moment,
    const std::vector<std::string>* env) {
  std::vector<std::unique_ptr<HookPlan>> plans;
  for (const Hook& hook : hooks) {
    std::string attempt = "error running " + moment + " hook #";
    attempt += std::to_string(plans.size()) + ": " + hook.path;
    plans.push_back(plan_hook(hook, std::move(attempt), env));
  }
  return plans;
}

void run_hooks(const std::vector<Hook>& hooks, const std::string& moment,
               const State& state) {
  if (hooks.empty()) {
    return;
  }
  const sys::UniqueFd file = memory_file();
  put_state(file.get(), state);
  for (const auto& plan : plan_hooks(hooks, moment)) {
    run_one(*plan, file.get());
  }
}

std::vector<std::string> run_all_hooks(const std::vector<Hook>& hooks,
                                       const std::string& moment,
                                       const State& state) {
  std::vector<std::string> failures;
  if (hooks.empty()) {
    return failures;
  }
  const sys::UniqueFd file = memory_file();
  put_state(file.get(), state);
  for (const auto& plan : plan_hooks(hooks, moment)) {
    try {
      run_one(*plan, file.get());
    } catch (const Error& error) {
      failures.emplace_back(error.what());
    }
  }
  return failures;
}

const char* RuntimeHooks::name() const noexcept {
  return "run the createRuntime hooks";
}

void RuntimeHooks::while_child_waits(const namespaces::ChildHandle& child) {
  state_.pid = child.pid;
  state_.status = Status::creating;
  run_hooks(hooks_.prestart, "prestart", state_);
  run_hooks(hooks_.create_runtime, "createRuntime", state_);
}

ContainerHooks::ContainerHooks(Moment moment, const std::vector<Hook>& hooks,
                               State state, const std::vector<std::string>& env)
    : moment_(moment) {
  const bool creating = moment == Moment::create_container;
  plans_ = creating ? plan_hooks(hooks, "createContainer")
                    : plan_hooks(hooks, "startContainer", &env);
  state.pid = INT_MAX;
  state.status = creating ? Status::creating : Status::created;
  text_ = text_of(state);
}

ContainerHooks::~ContainerHooks() = default;

ContainerHooks::Text ContainerHooks::text_of(const State& state) {
  const std::string text = print_state(state);
  const std::string pid = std::to_string(state.pid);
  // The first of several: what stands before it, the id, holds no quotes.
  const std::string key = R"(,"pid":)";
  const std::size_t at = text.find(key + pid) + key.size();
  return {.before_pid = text.substr(0, at),
          .after_pid = text.substr(at + pid.size())};
}

const char* ContainerHooks::name() const noexcept {
  return "run the container's hooks";
}

}  // namespace docker_cpp::oci
