// SPDX-License-Identifier: Apache-2.0
#include "../launch.hpp"

namespace docker_cpp::runtime {

int create(Context& context, Arguments arguments) {
  LaunchOptions options;
  Flags flags;
  add_launch_flags(flags, options);
  const std::string id = only_id("create", flags.parse(arguments));
  naming_failure("create failed", [&] {
    Launched launched =
        launch(context, id, options, Gate::closed, Attendance::detached);
    launched.container.unlock();
    static_cast<void>(launched.process.release());
  });
  return 0;
}

}  // namespace docker_cpp::runtime
