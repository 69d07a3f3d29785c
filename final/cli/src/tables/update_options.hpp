// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array update_options = {
    OptionSpec{0, "blkio-weight", Kind::unsigned16, "uint16",
               "Block IO (relative weight), between 10 and 1000, or 0 to "
               "disable (default 0)"},
    OptionSpec{0, "cpu-period", Kind::integer, "int",
               "Limit CPU CFS (Completely Fair Scheduler) period"},
    OptionSpec{0, "cpu-quota", Kind::integer, "int",
               "Limit CPU CFS (Completely Fair Scheduler) quota"},
    OptionSpec{0, "cpu-rt-period", Kind::integer, "int",
               "Limit the CPU real-time period in microseconds"},
    OptionSpec{0, "cpu-rt-runtime", Kind::integer, "int",
               "Limit the CPU real-time runtime in microseconds"},
    OptionSpec{'c', "cpu-shares", Kind::integer, "int",
               "CPU shares (relative weight)"},
    OptionSpec{0, "cpus", Kind::cpus, "decimal", "Number of CPUs"},
    OptionSpec{0, "cpuset-cpus", Kind::text, "string",
               "CPUs in which to allow execution (0-3, 0,1)"},
    OptionSpec{0, "cpuset-mems", Kind::text, "string",
               "MEMs in which to allow execution (0-3, 0,1)"},
    OptionSpec{'m', "memory", Kind::bytes, "bytes", "Memory limit"},
    OptionSpec{0, "memory-reservation", Kind::bytes, "bytes",
               "Memory soft limit"},
    OptionSpec{
        0, "memory-swap", Kind::swap_bytes, "bytes",
        "Swap limit equal to memory plus swap: -1 to enable unlimited swap"},
    OptionSpec{0, "pids-limit", Kind::integer, "int",
               "Tune container pids limit (set -1 for unlimited)"},
    OptionSpec{0, "restart", Kind::text, "string",
               "Restart policy to apply when a container exits"},
};

}  // namespace docker_cpp::cli::tables
