// SPDX-License-Identifier: Apache-2.0
// What is asked of the machine itself: its memory nodes, caches and links.
#include <net/if.h>

#include <charconv>

#include "oci_parse.hpp"

namespace docker_cpp::oci {
namespace {

// linux/mempolicy.h, which Debian 12 has without the youngest.
constexpr std::array<Word<int>, 7> mode_words = {{
    {"MPOL_DEFAULT", 0},
    {"MPOL_PREFERRED", 1},
    {"MPOL_BIND", 2},
    {"MPOL_INTERLEAVE", 3},
    {"MPOL_LOCAL", 4},
    {"MPOL_PREFERRED_MANY", 5},
    {"MPOL_WEIGHTED_INTERLEAVE", 6},
}};

constexpr std::array<Word<int>, 3> mode_flag_words = {{
    {"MPOL_F_NUMA_BALANCING", 1 << 13},
    {"MPOL_F_RELATIVE_NODES", 1 << 14},
    {"MPOL_F_STATIC_NODES", 1 << 15},
}};

constexpr unsigned bits_per_word = 8 * sizeof(unsigned long);
constexpr unsigned most_bits = bits_per_word * std::tuple_size_v<BitSet>;

/// "3" or "0-3", into the set; false when it is neither.
bool take_range(std::string_view text, BitSet& set) {
  unsigned first = 0;
  const char* end = text.data() + text.size();
  auto [at, error] = std::from_chars(text.data(), end, first);
  unsigned last = first;
  if (error == std::errc{} && at != end && *at == '-') {
    const auto more = std::from_chars(at + 1, end, last);
    at = more.ptr;
    error = more.ec;
  }
  if (error != std::errc{} || at != end || last < first || last >= most_bits) {
    return false;
  }
  for (unsigned bit = first; bit <= last; ++bit) {
    set[bit / bits_per_word] |= 1UL << (bit % bits_per_word);
  }
  return true;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

MemoryPolicy read_memory_policy(const JsonView& json) {
  MemoryPolicy policy;
  policy.mode = read_word(json.at("mode"), mode_words);
  const bool takes_nodes = policy.mode != 0 && policy.mode != 4;
  if (const auto nodes = json.find("nodes")) {
    policy.nodes = read_bit_set(*nodes);
    if (policy.nodes && !takes_nodes) {
      nodes->refuse(json.at("mode").string() + " takes no nodes");
    }
  }
  // An empty set of nodes means "local" to MPOL_PREFERRED alone.
  if (takes_nodes && policy.mode != 1 && !policy.nodes) {
    json.refuse(json.at("mode").string() + " needs nodes");
  }
  if (const auto flags = json.find("flags")) {
    for (const JsonView& flag : flags->items()) {
      policy.mode |= read_word(flag, mode_flag_words);
    }
  }
  return policy;
}

/// As the kernel's dev_valid_name().
bool is_link_name(const std::string& name) {
  return !name.empty() && name.size() < IFNAMSIZ && name != "." &&
         name != ".." && name.find_first_of("/: \t\n") == std::string::npos;
}

void read_net_devices(const JsonView& json, LinuxSpec& linux_spec) {
  for (const auto& [host_name, item] : json.members()) {
    NetDevice device{.host_name = host_name, .name = host_name};
    item.read("name", device.name);
    if (device.name.empty()) {
      device.name = host_name;
    }
    for (const std::string* name : {&device.host_name, &device.name}) {
      if (!is_link_name(*name)) {
        item.refuse("\"" + *name + "\" is not the name of a network link");
      }
    }
    for (const NetDevice& other : linux_spec.net_devices) {
      if (other.name == device.name) {
        item.refuse("the name " + device.name + " is given twice");
      }
    }
    linux_spec.net_devices.push_back(std::move(device));
  }
}

RdtSpec read_rdt(const JsonView& json) {
  RdtSpec rdt;
  json.read("closID", rdt.clos_id);
  if (rdt.clos_id == "." || rdt.clos_id == ".." ||
      rdt.clos_id.find_first_of("/\n") != std::string::npos) {
    json.at("closID").refuse("\"" + rdt.clos_id + "\" is not a file name");
  }
  json.read("schemata", rdt.schemata);
  for (const char* key : {"l3CacheSchema", "memBwSchema"}) {
    std::string lines;
    json.read(key, lines);
    if (!lines.empty()) {
      rdt.schemata.push_back(std::move(lines));
    }
  }
  json.read("enableMonitoring", rdt.monitoring);
  return rdt;
}

}  // namespace

std::optional<BitSet> read_bit_set(const JsonView& json) {
  const std::string text = json.string();
  if (trimmed(text).empty()) {
    return std::nullopt;
  }
  BitSet set{};
  std::string_view rest = text;
  while (true) {
    const std::size_t comma = rest.find(',');
    if (!take_range(trimmed(rest.substr(0, comma)), set)) {
      json.refuse("\"" + text + "\" is not a list such as \"0-3,7\" below " +
                  std::to_string(most_bits));
    }
    if (comma == std::string_view::npos) {
      return set;
    }
    rest.remove_prefix(comma + 1);
  }
}

void read_machine(const JsonView& json, LinuxSpec& linux_spec) {
  if (const auto devices = json.find("netDevices")) {
    read_net_devices(*devices, linux_spec);
  }
  if (const auto policy = json.find("memoryPolicy")) {
    linux_spec.memory_policy = read_memory_policy(*policy);
  }
  if (const auto rdt = json.find("intelRdt"); rdt && !rdt->members().empty()) {
    linux_spec.intel_rdt = read_rdt(*rdt);
  }
}

}  // namespace docker_cpp::oci
