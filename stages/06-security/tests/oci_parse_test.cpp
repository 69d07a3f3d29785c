// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oci_bundle.hpp"

#include "docker_cpp/oci/spec.hpp"
#include "docker_cpp/oci/state.hpp"
#include "docker_cpp/oci/template.hpp"

namespace docker_cpp::oci {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::StartsWith;

std::string complaint_about(const std::string& json) {
  try {
    static_cast<void>(parse_spec(json));
  } catch (const SpecError& error) {
    return error.what();
  }
  return "(accepted)";
}

/// What is said of a working configuration with one thing changed.
std::string complaint_about_patch(const std::string& patch) {
  return complaint_about(Bundle::config({"true"}, patch));
}

TEST(ParseSpec, ReadsTheTemplate) {
  const Spec spec = parse_spec(template_for_root());
  EXPECT_EQ(spec.oci_version, "1.3.0");
  ASSERT_TRUE(spec.process);
  EXPECT_TRUE(spec.process->terminal);
  EXPECT_TRUE(spec.process->no_new_privileges);
  EXPECT_THAT(spec.process->args, ElementsAre("sh"));
  EXPECT_EQ(spec.process->capabilities->bounding.size(), 3U);
  EXPECT_EQ(spec.process->rlimits.at(0).resource, RLIMIT_NOFILE);
  EXPECT_EQ(spec.root->path, "rootfs");
  EXPECT_TRUE(spec.root->readonly);
  EXPECT_EQ(spec.mounts.size(), 7U);
  EXPECT_EQ(spec.linux_spec.namespaces.size(), 6U);
  EXPECT_EQ(find_namespace(spec.linux_spec, namespaces::Kind::user), nullptr);
  EXPECT_THAT(spec.linux_spec.masked_paths, ::testing::Contains("/proc/kcore"));
}

TEST(ParseSpec, ReadsTheTemplateForAUser) {
  const Spec spec = parse_spec(template_for_user(1000, 100));
  ASSERT_EQ(spec.linux_spec.uid_mappings.size(), 1U);
  EXPECT_EQ(spec.linux_spec.uid_mappings[0].outside, 1000U);
  EXPECT_EQ(spec.linux_spec.gid_mappings[0].outside, 100U);
  EXPECT_EQ(find_namespace(spec.linux_spec, namespaces::Kind::network),
            nullptr);
}

TEST(ParseSpec, WantsNothingButAVersion) {
  const Spec spec = parse_spec(R"({"ociVersion": "1.0.2-dev"})");
  EXPECT_FALSE(spec.process);
  EXPECT_FALSE(spec.root);
}

TEST(ParseSpec, IgnoresWhatItDoesNotKnow) {
  EXPECT_EQ(complaint_about_patch(R"({"shape": "round", "process":
            {"mood": 1}, "linux": {"x": [], "resources": {"y": {}}}})"),
            "(accepted)");
}

TEST(ParseSpec, TakesNullForAbsent) {
  const Spec spec = parse_spec(
      R"({"ociVersion": "1.3.0", "process": null, "mounts": null,
          "linux": {"resources": {"pids": null}}})");
  EXPECT_FALSE(spec.process);
}

TEST(ParseSpec, ReadsResources) {
  const Spec spec = parse_spec(Bundle::config({"true"}, R"({"linux":
    {"resources": {
      "memory": {"limit": 1048576, "swap": -1, "reservation": 0,
                 "swappiness": 18446744073709551615, "checkBeforeUpdate": true},
      "cpu": {"shares": 512, "quota": 0, "period": 100000, "cpus": "0-1"},
      "pids": {"limit": 7},
      "blockIO": {"weight": 100,
        "throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": 600}]},
      "hugepageLimits": [{"pageSize": "2MB", "limit": 9}],
      "rdma": {"mlx5_1": {"hcaHandles": 3}},
      "network": {"classID": 1048577, "priorities":
        [{"name": "eth0", "priority": 5}]},
      "unified": {"memory.high": "1000000"},
      "devices": [{"allow": true, "type": "c", "major": 10, "minor": -1,
                   "access": "rw"}]}}})"));
  const cgroups::Resources& resources = spec.linux_spec.resources;
  EXPECT_EQ(resources.memory_limit, 1048576);
  EXPECT_EQ(resources.memory_swap, -1);
  EXPECT_FALSE(resources.memory_reservation) << "0 means: as it is";
  EXPECT_FALSE(resources.memory_swappiness) << "all ones mean: as it is";
  EXPECT_TRUE(resources.memory_check_before_update);
  EXPECT_EQ(resources.cpu_shares, 512U);
  EXPECT_FALSE(resources.cpu_quota);
  EXPECT_EQ(resources.cpuset_cpus, "0-1");
  EXPECT_EQ(resources.pids_limit, 7);
  EXPECT_EQ(resources.io_read_bytes.at(0).rate, 600U);
  EXPECT_EQ(resources.hugepages.at(0).page_size, "2MB");
  EXPECT_EQ(resources.rdma.at(0).handles, 3U);
  EXPECT_EQ(resources.network_priorities.at(0).interface, "eth0");
  EXPECT_THAT(resources.unified, ElementsAre(Pair("memory.high", "1000000")));
  EXPECT_EQ(resources.devices.at(0).major, 10);
  EXPECT_FALSE(resources.devices.at(0).minor) << "-1 means: any";
}

TEST(ParseSpec, TakesNumbersWrittenAsFloatsWhenTheyAreWhole) {
  const Spec spec = parse_spec(Bundle::config(
      {"true"}, R"({"linux": {"resources": {"pids": {"limit": 1e2}}}})"));
  EXPECT_EQ(spec.linux_spec.resources.pids_limit, 100);
}

TEST(ParseSpec, ReadsHooksAndOffsetsAndScheduling) {
  const Spec spec = parse_spec(Bundle::config({"true"}, R"({
    "hooks": {"poststop": [{"path": "/bin/x", "args": ["x", "y"],
                            "env": ["a=b"], "timeout": 5}]},
    "process": {"ioPriority": {"class": "IOPRIO_CLASS_IDLE", "priority": 7},
                "scheduler": {"policy": "SCHED_BATCH", "nice": 3}},
    "linux": {"namespaces": [{"type": "mount"}, {"type": "time"}],
              "hostname": null, "personality": {"domain": "LINUX32"},
              "timeOffsets": {"monotonic": {"secs": -5, "nanosecs": 6}}},
    "hostname": null})"));
  EXPECT_EQ(spec.hooks.poststop.at(0).timeout, 5);
  EXPECT_EQ(spec.process->io_priority->level, 7);
  EXPECT_EQ(spec.process->scheduler->nice, 3);
  EXPECT_EQ(spec.linux_spec.monotonic_offset->seconds, -5);
  EXPECT_FALSE(spec.linux_spec.boottime_offset);
  EXPECT_TRUE(spec.linux_spec.personality);
}

TEST(ParseSpec, DeviceModesLoseTheirTypeBits) {
  const Spec spec = parse_spec(Bundle::config({"true"}, R"({"linux":
    {"devices": [{"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229,
                  "fileMode": 8630}]}})"));
  EXPECT_EQ(spec.linux_spec.devices.at(0).mode, 0666U);
}

struct BadValue {
  const char* patch;
  const char* complaint;
};

class ParseSpecRefuses : public ::testing::TestWithParam<BadValue> {};

TEST_P(ParseSpecRefuses, NamingTheProperty) {
  EXPECT_THAT(complaint_about_patch(GetParam().patch),
              StartsWith(GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(
    BadValues, ParseSpecRefuses,
    ::testing::Values(
        BadValue{R"({"ociVersion": null})", "ociVersion: is missing"},
        BadValue{R"({"ociVersion": "2.0.0"})", "ociVersion: unknown version"},
        BadValue{R"({"ociVersion": 1})", "ociVersion: must be a string"},
        BadValue{R"({"process": []})", "process: must be an object"},
        BadValue{R"({"process": {"cwd": null}})", "process.cwd: is missing"},
        BadValue{R"({"process": {"cwd": "x"}})",
                 "process.cwd: \"x\" is not an absolute path"},
        BadValue{R"({"process": {"args": ["a", 1]}})",
                 "process.args[1]: must be a string"},
        BadValue{R"({"process": {"args": ["a\u0000b"]}})",
                 "process.args[0]: must not contain a NUL"},
        BadValue{R"({"process": {"user": {"uid": -1}}})",
                 "process.user.uid: -1 is negative"},
        BadValue{R"({"process": {"user": {"gid": 4294967296}}})",
                 "process.user.gid: 4294967296 is more than 4294967295"},
        BadValue{R"({"process": {"rlimits": [
                   {"type": "RLIMIT_LUCK", "soft": 1, "hard": 1}]}})",
                 "process.rlimits[0].type: unknown value \"RLIMIT_LUCK\""},
        BadValue{R"({"process": {"rlimits": [
                   {"type": "RLIMIT_CORE", "soft": 1, "hard": 1},
                   {"type": "RLIMIT_CORE", "soft": 1, "hard": 1}]}})",
                 "process.rlimits[1]: limits RLIMIT_CORE a second time"},
        BadValue{R"({"process": {"oomScoreAdj": 1001}})",
                 "process.oomScoreAdj: is not between -1000 and 1000"},
        BadValue{R"({"root": {"path": null}})", "root.path: is missing"},
        BadValue{R"({"root": {"readonly": "yes"}})",
                 "root.readonly: must be true or false"},
        BadValue{R"({"mounts": [{"source": "x"}]})",
                 "mounts[0].destination: is missing"},
        BadValue{R"({"hooks": {"poststart": [{"path": "x"}]}})",
                 "hooks.poststart[0].path: \"x\" is not an absolute path"},
        BadValue{R"({"hooks": {"prestart": [{"path": "/x", "timeout": 0}]}})",
                 "hooks.prestart[0].timeout: must be at least 1"},
        BadValue{R"({"hooks": {"prestart": {}}})",
                 "hooks.prestart: must be an array"},
        BadValue{R"({"annotations": {"a": 1}})",
                 "annotations[\"a\"]: must be a string"}));

INSTANTIATE_TEST_SUITE_P(
    BadLinuxValues, ParseSpecRefuses,
    ::testing::Values(
        BadValue{R"({"linux": {"namespaces": [{"type": "space"}]}})",
                 "linux.namespaces[0].type: unknown value \"space\""},
        BadValue{R"({"linux": {"namespaces": [{"type": "pid"},
                                              {"type": "pid"}]}})",
                 "linux.namespaces[1]: asks for a second pid namespace"},
        BadValue{R"({"linux": {"namespaces": [{"type": "mount"}]}})",
                 "hostname: needs a uts namespace"},
        BadValue{R"({"linux": {"uidMappings": [
                   {"containerID": 0, "hostID": 1, "size": 1}]}})",
                 "linux.uidMappings: needs a user namespace"},
        BadValue{R"({"linux": {"timeOffsets": {}}})",
                 "linux.timeOffsets: needs a time namespace"},
        BadValue{R"({"linux": {"resources": {"memory": {"limit": "1g"}}}})",
                 "linux.resources.memory.limit: must be an integer"},
        BadValue{R"({"linux": {"resources": {"memory": {"limit": -2}}}})",
                 "linux.resources.memory.limit: -2 is neither -1"},
        BadValue{R"({"linux": {"resources": {"memory":
                   {"limit": 2097152, "swap": 1048576}}}})",
                 "linux.resources.memory.swap: 1048576 is memory plus swap"},
        BadValue{R"({"linux": {"resources": {"memory": {"swappiness": 101}}}})",
                 "linux.resources.memory.swappiness: is not between"},
        BadValue{R"({"linux": {"resources": {"cpu": {"shares": 0.5}}}})",
                 "linux.resources.cpu.shares: must be a non-negative integer"},
        BadValue{R"({"linux": {"resources": {"pids": {}}}})",
                 "linux.resources.pids.limit: is missing"},
        BadValue{R"({"linux": {"resources": {"hugepageLimits":
                   [{"pageSize": "64kB", "limit": 1}]}}})",
                 "linux.resources.hugepageLimits[0].pageSize: \"64kB\""},
        BadValue{R"({"linux": {"resources": {"rdma":
                   {"m": {"hcaHandles": "many"}}}}})",
                 "linux.resources.rdma[\"m\"].hcaHandles: must be"},
        BadValue{R"({"linux": {"resources": {"devices":
                   [{"allow": true, "access": "rx"}]}}})",
                 "linux.resources.devices[0].access: \"rx\" is not made of"},
        BadValue{R"({"linux": {"netDevices": {"eth/0": {}}}})",
                 "linux.netDevices[\"eth/0\"]: \"eth/0\" is not the name of"},
        BadValue{R"({"linux": {"netDevices": {"a": {"name": "c"},
                                              "b": {"name": "c"}}}})",
                 "linux.netDevices[\"b\"]: the name c is given twice"},
        BadValue{R"({"linux": {"memoryPolicy": {"mode": "MPOL_GUESS"}}})",
                 "linux.memoryPolicy.mode: unknown value \"MPOL_GUESS\""},
        BadValue{R"({"linux": {"memoryPolicy": {"mode": "MPOL_BIND"}}})",
                 "linux.memoryPolicy: MPOL_BIND needs nodes"},
        BadValue{R"({"linux": {"memoryPolicy": {"mode": "MPOL_BIND",
                                                "nodes": "0-x"}}})",
                 "linux.memoryPolicy.nodes: \"0-x\" is not a list"},
        BadValue{R"({"linux": {"memoryPolicy": {"mode": "MPOL_LOCAL",
                                                "nodes": "0"}}})",
                 "linux.memoryPolicy.nodes: MPOL_LOCAL takes no nodes"},
        BadValue{R"({"linux": {"intelRdt": {"closID": "../x"}}})",
                 "linux.intelRdt.closID: \"../x\" is not a file name"},
        BadValue{R"({"process": {"execCPUAffinity": {"initial": "1024"}}})",
                 "process.execCPUAffinity.initial: \"1024\" is not a list"},
        BadValue{R"({"process": {"execCPUAffinity": {"final": "3-1"}}})",
                 "process.execCPUAffinity.final: \"3-1\" is not a list"},
        BadValue{R"({"mounts": [{"destination": "/x", "uidMappings":
                   [{"containerID": 0, "hostID": 1, "size": 1}]}]})",
                 "mounts[0]: needs both uidMappings and gidMappings"},
        BadValue{R"({"linux": {"namespaces": [{"type": "uts"}, {"type": "user",
                   "path": "/proc/1/ns/user"}], "uidMappings":
                   [{"containerID": 0, "hostID": 1, "size": 1}]}})",
                 "linux.uidMappings: a user namespace that exists"},
        BadValue{R"({"linux": {"netDevices": {"eth0": {"name": 23}}}})",
                 "linux.netDevices[\"eth0\"].name: must be a string"},
        BadValue{R"({"linux": {"devices": [{"path": "/dev/x", "type": "d"}]}})",
                 "linux.devices[0].type: unknown value \"d\""},
        BadValue{R"({"linux": {"devices": [{"path": "/dev/x", "type": "c"}]}})",
                 "linux.devices[0].major: is missing"},
        BadValue{R"({"linux": {"maskedPaths": ["x"]}})",
                 "linux.maskedPaths[0]: \"x\" is not an absolute path"},
        BadValue{R"({"linux": {"rootfsPropagation": "loud"}})",
                 "linux.rootfsPropagation: unknown value \"loud\""},
        BadValue{R"({"linux": {"sysctl": {"a": 1}}})",
                 "linux.sysctl[\"a\"]: must be a string"}));

TEST(ParseSpec, RefusesWhatIsNotJson) {
  EXPECT_THAT(complaint_about("{]"), StartsWith("not JSON: "));
  EXPECT_THAT(complaint_about(""), StartsWith("not JSON: "));
  EXPECT_THAT(complaint_about("[]"), HasSubstr("must be an object"));
  EXPECT_THAT(complaint_about(std::string(100'000, '[')),
              StartsWith("nested too deep"));
}

TEST(PrintState, IsWhatTheSpecificationWants) {
  const std::string json = print_state({.id = "a\"b",
                                        .status = Status::created,
                                        .pid = 42,
                                        .bundle = "/b",
                                        .annotations = {{"k", "v\n"}}});
  EXPECT_EQ(json_at(json, "/ociVersion"), "1.3.0");
  EXPECT_EQ(json_at(json, "/id"), "a\"b");
  EXPECT_EQ(json_at(json, "/status"), "created");
  EXPECT_EQ(json_at(json, "/pid"), "42");
  EXPECT_EQ(json_at(json, "/annotations/k"), "v\n");
}

}  // namespace
}  // namespace docker_cpp::oci
