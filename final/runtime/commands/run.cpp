// SPDX-License-Identifier: Apache-2.0
#include <sys/prctl.h>

#include <csignal>

#include "../foreground.hpp"
#include "../launch.hpp"

namespace docker_cpp::runtime {
namespace {

int run_detached(Context& context, const std::string& id,
                 const LaunchOptions& options) {
  Launched launched =
      launch(context, id, options, Gate::open, Attendance::detached);
  try {
    after_start(launched.container, launched.spec);
  } catch (const std::exception&) {
    launched.process.wait();
    destroy(context, launched.container, launched.spec,
            launched.cgroup ? &*launched.cgroup : nullptr);
    throw;
  }
  launched.container.unlock();
  static_cast<void>(launched.process.release());
  return 0;
}

/// With a limit that is too low even for setting the container up, there is
/// nobody else who could say why it ended.
void tell_of_memory(Context& context, const Launched& launched) {
  try {
    const std::string reason =
        launched.cgroup
            ? out_of_memory(*launched.cgroup, launched.spec)
            : out_of_memory(cgroups::Cgroup::open(
                                launched.container.record().cgroup_path),
                            launched.spec);
    if (!reason.empty()) {
      context.log.warning("container " + launched.container.record().id +
                          reason);
    }
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
    // Deleted meanwhile, by force.
  }
}

enum class Afterwards : std::uint8_t { remove, keep };

int run_attended(Context& context, const std::string& id,
                 const LaunchOptions& options, Afterwards afterwards) {
  Foreground foreground;
  Launched launched =
      launch(context, id, options, Gate::open, Attendance::foreground);
  std::optional<std::string> failure;
  try {
    after_start(launched.container, launched.spec);
  } catch (const std::exception& error) {
    failure = error.what();  // and the container has been killed
  }
  launched.container.unlock();
  const int code = foreground.attend(launched.process, launched.terminal);
  if (code == 128 + SIGKILL) {
    tell_of_memory(context, launched);
  }
  if (afterwards == Afterwards::remove && launched.container.lock_again()) {
    destroy(context, launched.container, launched.spec,
            launched.cgroup ? &*launched.cgroup : nullptr);
  }
  if (failure) {
    throw Refusal(*failure);
  }
  return code;
}

}  // namespace

int run(Context& context, Arguments arguments) {
  LaunchOptions options;
  bool detach = false;
  bool keep = false;
  bool no_subreaper = false;
  Flags flags;
  add_launch_flags(flags, options);
  flags.flag("detach d", detach, "do not wait for its end");
  flags.flag("keep", keep, "do not delete it when it has ended");
  flags.flag("no-subreaper", no_subreaper,
             "orphans of the container go to init");
  const std::string id = only_id("run", flags.parse(arguments));
  // A container without a PID namespace of its own leaves its orphans to
  // whoever waits for it. \man{PR_SET_CHILD_SUBREAPER,2const}
  if (!detach && !no_subreaper) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  }
  int code = 0;
  naming_failure("run failed", [&] {
    code = detach ? run_detached(context, id, options)
                  : run_attended(context, id, options,
                                 keep ? Afterwards::keep : Afterwards::remove);
  });
  return code;
}

}  // namespace docker_cpp::runtime
