// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "../launch.hpp"

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::runtime {
namespace {

/// Of all that `start` may fail of, hooks alone end in step 12 of the
/// lifecycle, which is that of `delete`. \oci{runtime,runtime,lifecycle}
bool is_hook(const Error& error) {
  return std::string_view(error.what()).find(" hook #") !=
         std::string_view::npos;
}

void begin(const Container& container) {
  container.open_gate();
  after_start(container, container.spec());
}

}  // namespace

int start(Context& context, Arguments arguments) {
  Flags flags;
  const std::string id = only_id("start", flags.parse(arguments));
  Container container = Container::open(context.root, id, Access::change);
  switch (container.status()) {
    case oci::Status::created:
      break;
    case oci::Status::stopped:
      throw Refusal("cannot start a container that has stopped");
    default:
      throw Refusal("cannot start an already running container");
  }
  try {
    begin(container);
  } catch (const Error& error) {
    if (is_hook(error)) {
      end(container);
      destroy(context, container, container.spec());
    }
    throw;
  }
  return 0;
}

}  // namespace docker_cpp::runtime
