// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array network_connect_options = {
    OptionSpec{0, "alias", Kind::csv, "strings",
               "Add network-scoped alias for the container"},
    OptionSpec{0, "driver-opt", Kind::csv, "strings",
               "driver options for the network"},
    OptionSpec{0, "gw-priority", Kind::integer, "int",
               "Highest gw-priority provides the default gateway. Accepts "
               "positive and negative values."},
    OptionSpec{0, "ip", Kind::text, "string",
               "IPv4 address (e.g., \"172.30.100.104\")"},
    OptionSpec{0, "ip6", Kind::text, "string",
               "IPv6 address (e.g., \"2001:db8::33\")"},
    OptionSpec{0, "link", Kind::link, "list", "Add link to another container"},
    OptionSpec{0, "link-local-ip", Kind::csv, "strings",
               "Add a link-local address for the container"},
};

inline constexpr std::array network_create_options = {
    OptionSpec{0, "attachable", Kind::flag, "",
               "Enable manual container attachment"},
    OptionSpec{0, "aux-address", Kind::map, "map",
               "Auxiliary IPv4 or IPv6 addresses used by Network driver "
               "(default map[])"},
    OptionSpec{0, "config-from", Kind::text, "string",
               "The network from which to copy the configuration"},
    OptionSpec{0, "config-only", Kind::flag, "",
               "Create a configuration only network"},
    OptionSpec{'d', "driver", Kind::text, "string",
               "Driver to manage the Network (default \"bridge\")"},
    OptionSpec{0, "gateway", Kind::csv, "strings",
               "IPv4 or IPv6 Gateway for the master subnet"},
    OptionSpec{0, "ingress", Kind::flag, "",
               "Create swarm routing-mesh network"},
    OptionSpec{0, "internal", Kind::flag, "",
               "Restrict external access to the network"},
    OptionSpec{0, "ip-range", Kind::csv, "strings",
               "Allocate container ip from a sub-range"},
    OptionSpec{0, "ipam-driver", Kind::text, "string",
               "IP Address Management Driver (default \"default\")"},
    OptionSpec{0, "ipam-opt", Kind::map, "map",
               "Set IPAM driver specific options (default map[])"},
    OptionSpec{0, "ipv4", Kind::flag, "",
               "Enable or disable IPv4 address assignment (default true)"},
    OptionSpec{0, "ipv6", Kind::flag, "",
               "Enable or disable IPv6 address assignment"},
    OptionSpec{0, "label", Kind::label, "list", "Set metadata on a network"},
    OptionSpec{'o', "opt", Kind::map, "map",
               "Set driver specific options (default map[])"},
    OptionSpec{0, "scope", Kind::text, "string", "Control the network's scope"},
    OptionSpec{0, "subnet", Kind::csv, "strings",
               "Subnet in CIDR format that represents a network segment"},
};

inline constexpr std::array network_disconnect_options = {
    OptionSpec{'f', "force", Kind::flag, "",
               "Force the container to disconnect from a network"},
};

inline constexpr std::array network_inspect_options = {
    OptionSpec{
        'f', "format", Kind::text, "string",
        "Format output using a custom template:\n'json':             Print in "
        "JSON format\n'TEMPLATE':         Print output using the given Go "
        "template.\nRefer to https://docs.docker.com/go/formatting/ for more "
        "information about formatting output with templates"},
    OptionSpec{'v', "verbose", Kind::flag, "",
               "Verbose output for diagnostics"},
};

inline constexpr std::array network_ls_options = {
    OptionSpec{'f', "filter", Kind::filter, "filter",
               "Provide filter values (e.g. \"driver=bridge\")"},
    OptionSpec{0, "format", Kind::text, "string",
               "Format output using a custom template:\n'table':            "
               "Print output in table format with column headers "
               "(default)\n'table TEMPLATE':   Print output in table format "
               "using the given Go template\n'json':             Print in JSON "
               "format\n'TEMPLATE':         Print output using the given Go "
               "template.\nRefer to https://docs.docker.com/go/formatting/ for "
               "more information about formatting output with templates"},
    OptionSpec{0, "no-trunc", Kind::flag, "", "Do not truncate the output"},
    OptionSpec{'q', "quiet", Kind::flag, "", "Only display network IDs"},
};

inline constexpr std::array network_prune_options = {
    OptionSpec{0, "filter", Kind::filter, "filter",
               "Provide filter values (e.g. \"until=<timestamp>\")"},
    OptionSpec{'f', "force", Kind::flag, "", "Do not prompt for confirmation"},
};

inline constexpr std::array network_rm_options = {
    OptionSpec{'f', "force", Kind::flag, "",
               "Do not error if the network does not exist"},
};

}  // namespace docker_cpp::cli::tables
