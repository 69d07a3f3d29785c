// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array build_options = {
    OptionSpec{0, "add-host", Kind::list, "strings",
               "Add a custom host-to-IP mapping (format: \"host:ip\")"},
    OptionSpec{0, "allow", Kind::list, "strings",
               "Allow extra privileged entitlement (e.g., \"network.host\", "
               "\"security.insecure\")"},
    OptionSpec{0, "build-arg", Kind::list, "stringArray",
               "Set build-time variables"},
    OptionSpec{0, "build-context", Kind::list, "stringArray",
               "Additional build contexts (e.g., name=path)"},
    // Without an effect: a context on a local socket is not worth compressing,
    // and there is no notary.
    OptionSpec{0, "compress", Kind::flag, "", ""},
    OptionSpec{0, "disable-content-trust", Kind::flag, "", ""},
    OptionSpec{0, "cgroup-parent", Kind::text, "string",
               "Set the parent cgroup for the \"RUN\" instructions during "
               "build"},
    OptionSpec{0, "cpu-period", Kind::integer, "int",
               "Limit the CPU CFS (Completely Fair Scheduler) period"},
    OptionSpec{0, "cpu-quota", Kind::integer, "int",
               "Limit the CPU CFS (Completely Fair Scheduler) quota"},
    OptionSpec{'c', "cpu-shares", Kind::integer, "int",
               "CPU shares (relative weight)"},
    OptionSpec{0, "cpuset-cpus", Kind::text, "string",
               "CPUs in which to allow execution (0-3, 0,1)"},
    OptionSpec{0, "cpuset-mems", Kind::text, "string",
               "MEMs in which to allow execution (0-3, 0,1)"},
    OptionSpec{'f', "file", Kind::text, "string",
               "Name of the Dockerfile (default: \"PATH/Dockerfile\")"},
    OptionSpec{0, "force-rm", Kind::flag, "",
               "Always remove intermediate containers"},
    OptionSpec{0, "iidfile", Kind::text, "string",
               "Write the image ID to a file"},
    OptionSpec{0, "label", Kind::list, "stringArray",
               "Set metadata for an image"},
    OptionSpec{0, "load", Kind::flag, "", "Keep the image here; it always is"},
    OptionSpec{'m', "memory", Kind::bytes, "bytes", "Memory limit"},
    OptionSpec{0, "memory-swap", Kind::swap_bytes, "bytes",
               "Swap limit equal to memory plus swap: -1 to enable unlimited "
               "swap"},
    OptionSpec{0, "network", Kind::text, "string",
               "Set the networking mode for the \"RUN\" instructions during "
               "build (default \"default\")"},
    OptionSpec{0, "cache-from", Kind::list, "stringArray",
               "Images, or places, whose steps need not be done again"},
    OptionSpec{0, "cache-to", Kind::list, "stringArray",
               "Where the steps of this build are kept for others"},
    OptionSpec{0, "no-cache", Kind::flag, "",
               "Do not use cache when building the image"},
    OptionSpec{'o', "output", Kind::list, "stringArray",
               "Output destination (format: \"type=local,dest=path\")"},
    OptionSpec{0, "platform", Kind::text, "string",
               "Set target platform for build"},
    OptionSpec{0, "progress", Kind::text, "string",
               "Set type of progress output (\"auto\", \"plain\", \"tty\") "
               "(default \"auto\")"},
    OptionSpec{0, "pull", Kind::flag, "",
               "Always attempt to pull all referenced images"},
    OptionSpec{'q', "quiet", Kind::flag, "",
               "Suppress the build output and print image ID on success"},
    OptionSpec{0, "rm", Kind::flag, "",
               "Remove intermediate containers after a successful build"},
    OptionSpec{0, "secret", Kind::list, "stringArray",
               "Secret to expose to the build (format: "
               "\"id=mysecret[,src=/local/secret]\")"},
    OptionSpec{0, "shm-size", Kind::bytes, "bytes",
               "Shared memory size for build containers"},
    OptionSpec{0, "ssh", Kind::list, "stringArray",
               "SSH agent socket to expose to the build (format: "
               "\"default|<id>[=<socket>]\")"},
    OptionSpec{'t', "tag", Kind::list, "stringArray",
               "Name and optionally a tag (format: \"name:tag\")"},
    OptionSpec{0, "target", Kind::text, "string",
               "Set the target build stage to build"},
};

inline constexpr std::array builder_prune_options = {
    OptionSpec{'a', "all", Kind::flag, "",
               "Remove all unused build cache, not just dangling ones"},
    OptionSpec{0, "filter", Kind::filter, "filter",
               "Provide filter values (e.g., \"until=24h\")"},
    OptionSpec{'f', "force", Kind::flag, "", "Do not prompt for confirmation"},
    OptionSpec{0, "keep-storage", Kind::bytes, "bytes",
               "Amount of disk space to keep for cache"},
};

}  // namespace docker_cpp::cli::tables
