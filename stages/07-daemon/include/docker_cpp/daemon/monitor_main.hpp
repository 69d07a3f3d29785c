// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace docker_cpp::monitor {

/// The whole of docker-cpp-monitor: `run DIR` or `exec DIR`. Descriptor 3 is
/// the daemon's conversation, 4 the pipe that lets the container begin.
int monitor_main(int argc, char** argv);

}  // namespace docker_cpp::monitor
