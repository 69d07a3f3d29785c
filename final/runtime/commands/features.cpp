// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include <seccomp.h>

#include "../command.hpp"

#include "docker_cpp/oci/json_view.hpp"
#include "docker_cpp/security/capabilities.hpp"

namespace docker_cpp::runtime {
namespace {

constexpr const char* mount_options = R"(  "mountOptions": [
    "async", "atime", "bind", "copy-symlink", "defaults", "dest-nofollow",
    "dev", "diratime", "dirsync", "exec", "idmap", "iversion", "lazytime", "loud", "mand", "noatime", "nodev",
    "nodiratime", "noexec", "noiversion", "nolazytime", "nomand",
    "norelatime", "nostrictatime", "nosuid", "nosymfollow", "private",
    "ratime", "rbind", "rdev", "rdiratime", "relatime", "remount", "rexec",
    "ridmap",    "rnoatime", "rnodev", "rnodiratime", "rnoexec", "rnorelatime",
    "rnostrictatime", "rnosuid", "rnosymfollow", "ro", "rprivate",
    "rrelatime", "rro", "rrw", "rshared", "rslave", "rstrictatime", "rsuid",
    "rsymfollow", "runbindable", "rw", "shared", "silent", "slave",
    "src-nofollow", "strictatime", "suid", "symfollow", "sync", "tmpcopyup", "unbindable"
  ],
)";

constexpr const char* seccomp_features = R"(    "seccomp": {
      "enabled": true,
      "actions": [
        "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL",
        "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG",
        "SCMP_ACT_NOTIFY", "SCMP_ACT_TRACE", "SCMP_ACT_TRAP"
      ],
      "operators": [
        "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_LE",
        "SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE"
      ],
      "archs": [
        "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", "SCMP_ARCH_MIPS",
        "SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL",
        "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC",
        "SCMP_ARCH_PPC64", "SCMP_ARCH_PPC64LE", "SCMP_ARCH_RISCV64",
        "SCMP_ARCH_S390", "SCMP_ARCH_S390X", "SCMP_ARCH_X32", "SCMP_ARCH_X86",
        "SCMP_ARCH_X86_64"
      ],
      "knownFlags": [
        "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG",
        "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
        "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"
      ],
      "supportedFlags": [
        "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG",
        "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
        "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"
      ]
    },
)";

constexpr const char* machine_features =
    R"(    "intelRdt": {"enabled": true, "schemata": true, "monitoring": true},
    "memoryPolicy": {
      "modes": [
        "MPOL_DEFAULT", "MPOL_BIND", "MPOL_INTERLEAVE", "MPOL_LOCAL",
        "MPOL_PREFERRED", "MPOL_PREFERRED_MANY", "MPOL_WEIGHTED_INTERLEAVE"
      ],
      "flags": [
        "MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES",
        "MPOL_F_STATIC_NODES"
      ]
    },
    "mountExtensions": {"idmap": {"enabled": true}},
)";

std::string capabilities() {
  std::string json = "    \"capabilities\": [";
  const char* comma = "\n      ";
  for (const std::string& name :
       security::capability_names(security::all_capabilities())) {
    json += comma + oci::json_quote(name);
    comma = ",\n      ";
  }
  return json + "\n    ],\n";
}

std::string enabled(const char* name, bool yes) {
  return std::string("    \"") + name +
         "\": {\"enabled\": " + (yes ? "true" : "false") + "}";
}

}  // namespace

// \oci{runtime,features}
int features(Context& /*context*/, Arguments arguments) {
  Flags flags;
  static_cast<void>(flags.parse(arguments));
  std::printf(
      "{\n  \"ociVersionMin\": \"1.0.0\",\n  \"ociVersionMax\": \"%s\",\n"
      "  \"hooks\": [\n    \"prestart\", \"createRuntime\", "
      "\"createContainer\",\n    \"startContainer\", \"poststart\", "
      "\"poststop\"\n  ],\n%s  \"linux\": {\n"
      "    \"namespaces\": [\n      \"cgroup\", \"ipc\", \"mount\", "
      "\"network\", \"pid\", \"time\",\n      \"user\", \"uts\"\n    ],\n%s"
      "    \"cgroup\": {\"v1\": true, \"v2\": true, \"systemd\": true, "
      "\"systemdUser\": false, \"rdma\": true},\n%s%s,\n%s,\n%s%s\n  },\n",
      oci::oci_version, mount_options, capabilities().c_str(), seccomp_features,
      enabled("apparmor", true).c_str(), enabled("selinux", true).c_str(),
      machine_features, enabled("netDevices", true).c_str());
  const scmp_version* library = ::seccomp_version();
  std::printf(
      "  \"annotations\": {\n"
      "    \"io.github.seccomp.libseccomp.version\": \"%u.%u.%u\"\n  },\n"
      "  \"potentiallyUnsafeConfigAnnotations\": [\n"
      "    \"org.systemd.property.\"\n  ]\n}\n",
      library->major, library->minor, library->micro);
  return 0;
}

}  // namespace docker_cpp::runtime
