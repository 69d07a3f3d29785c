// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

#include "docker_cpp/oci/explain.hpp"
#include "docker_cpp/oci/json_view.hpp"

namespace docker_cpp::oci {
namespace {

using sys::TraceMoment;
using sys::TraceRecord;

/// The first that fits counts, so the longer beginning stands first.
constexpr std::array backgrounds = {
    Background{"read the configuration", "openat, read", "", 6},
    Background{"remember the container", "mkdir, openat, write, renameat",
               "rename(2)", 6},
    Background{"make the cgroup and", "mkdir, openat, write", "cgroups(7)", 2},
    Background{"make the cgroup namespace", "unshare", "cgroup_namespaces(7)",
               2},
    Background{"join the cgroup", "clone3(CLONE_INTO_CGROUP), write",
               "cgroups(7)", 2},
    Background{"compile the system call filter", "", "seccomp(2)", 6},
    Background{"load the system call filter", "seccomp", "seccomp(2)", 6},
    Background{"plan the root", "open_tree, fsopen, openat2", "openat2(2)", 3},
    Background{"create the container process", "clone3", "clone(2)", 1},
    Background{"let the container process go", "write, read", "pipe(7)", 1},
    Background{"wait until the parent", "read", "pipe(7)", 1},
    Background{"wait at the start gate", "openat, write", "fifo(7)", 6},
    Background{"make namespaces", "clone3, unshare", "namespaces(7)", 1},
    Background{"join namespaces", "setns", "setns(2)", 1},
    Background{"map users", "write, setresuid, setresgid", "user_namespaces(7)",
               1},
    Background{"offset the clocks", "unshare, write", "time_namespaces(7)", 1},
    Background{"set the hostname", "sethostname, setdomainname",
               "uts_namespaces(7)", 1},
    Background{"bring up", "socket, ioctl", "netdevice(7)", 5},
    Background{"change kernel settings", "openat2, write", "sysctl(8)", 6},
    Background{"start a session", "setsid, ioctl(TIOCSCTTY)", "setsid(2)", 1},
    Background{"join a session keyring", "keyctl", "keyctl(2)", 6},
    Background{"set up the root file system", "move_mount, pivot_root",
               "mount_namespaces(7)", 3},
    Background{"attach the root", "mount_setattr, move_mount",
               "mount_namespaces(7)", 3},
    Background{"change the root", "fchdir, pivot_root, umount2",
               "pivot_root(2)", 3},
    Background{"make the devices", "openat2, mknodat, symlinkat", "mknod(2)",
               3},
    Background{"mount ", "fsopen, fsconfig, fsmount, openat2, move_mount",
               "mount(2)", 3},
    Background{"mask", "openat2, open_tree, move_mount", "mount(2)", 3},
    Background{"make /", "openat2, open_tree, mount_setattr",
               "mount_setattr(2)", 3},
    Background{"adjust the score", "openat2, write",
               "proc_pid_oom_score_adj(5)", 6},
    Background{"set the scheduling", "sched_setattr, ioprio_set, personality",
               "sched(7)", 6},
    Background{"set resource limits", "prlimit64", "getrlimit(2)", 6},
    Background{"run the", "clone, execve, waitid", "execve(2)", 6},
    Background{"enter the working directory", "chdir, getcwd", "chdir(2)", 6},
    Background{"drop capabilities", "prctl(PR_CAPBSET_DROP)", "capabilities(7)",
               6},
    Background{"take on capabilities", "capset, prctl(PR_CAP_AMBIENT)",
               "capabilities(7)", 6},
    Background{"become the container's user", "setgroups, setresgid, setresuid",
               "credentials(7)", 6},
    Background{"forbid new privileges", "prctl(PR_SET_NO_NEW_PRIVS)",
               "PR_SET_NO_NEW_PRIVS(2const)", 6},
    Background{"execute the program", "execve", "execve(2)", 1},
    Background{"connect to the network", "socket, sendmsg", "rtnetlink(7)", 5},
};

const char* moment_name(TraceMoment moment) {
  switch (moment) {
    case TraceMoment::prepare:
      return "prepare";
    case TraceMoment::from_parent:
      return "from_parent";
    case TraceMoment::in_child:
      return "in_child";
    case TraceMoment::at_exec:
      return "at_exec";
    default:
      return "";
  }
}

std::int64_t duration(const TraceRecord& record) {
  return record.ended_ns == 0 ? 0 : record.ended_ns - record.began_ns;
}

/// An isolation whose moment was empty is over before the clock has moved.
bool says_nothing(const TraceRecord& record) {
  constexpr std::int64_t a_call_takes = 300;
  return record.moment != TraceMoment::none && record.ended_ns != 0 &&
         duration(record) < a_call_takes;
}

std::string microseconds(std::int64_t nanoseconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f",
                static_cast<double>(nanoseconds) / 1000);
  return text.data();
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size() + 1, width), ' ');
  return text;
}

std::string chapter(const Background& known) {
  constexpr std::array<std::string_view, 8> titles = {
      "",          "01 namespaces", "02 cgroups",  "03 rootfs",
      "04 images", "05 network",    "06 security", "07 daemon"};
  return std::string(titles[known.stage]);
}

std::string as_text(const std::vector<TraceRecord>& records) {
  std::string all = "     at us    took us  where   what\n";
  unsigned number = 0;
  for (const TraceRecord& one : records) {
    std::array<char, 64> times{};
    std::snprintf(
        times.data(), times.size(), "%10s %10s  ",
        microseconds(one.began_ns - records[0].began_ns).c_str(),
        one.ended_ns == 0 ? "-" : microseconds(duration(one)).c_str());
    std::string what(std::size_t{2} * one.depth, ' ');
    if (one.depth == 0) {
      what += std::to_string(++number) + ". ";
    }
    what += one.text;
    if (one.moment != TraceMoment::none) {
      what += std::string(" (") + moment_name(one.moment) + ")";
    }
    const Background* known = background_of(one.text);
    all += times.data() + padded(one.in_child ? "child" : "parent", 8);
    if (known == nullptr) {
      all += what + "\n";
      continue;
    }
    all += padded(what, 58) + padded(known->calls, 40) +
           padded(known->manual, 24) + chapter(*known) + "\n";
  }
  return all;
}

std::string references(const TraceRecord& one) {
  const Background* known = background_of(one.text);
  if (known == nullptr) {
    return "";
  }
  return R"(,"calls":)" + json_quote(known->calls) + R"(,"manual":)" +
         json_quote(known->manual) + R"(,"chapter":)" +
         json_quote(chapter(*known));
}

std::string as_json(const std::vector<TraceRecord>& records) {
  std::string all = R"({"version":1,"steps":[)";
  const char* comma = "\n";
  for (const TraceRecord& one : records) {
    all += comma;
    all +=
        R"({"at_us":)" + microseconds(one.began_ns - records[0].began_ns) +
        (one.ended_ns == 0 ? ""
                           : R"(,"took_us":)" + microseconds(duration(one))) +
        R"(,"process":")" + (one.in_child ? "child" : "parent") +
        R"(","depth":)" + std::to_string(one.depth) + R"(,"what":)" +
        json_quote(one.text);
    if (one.moment != TraceMoment::none) {
      all += R"(,"moment":")" + std::string(moment_name(one.moment)) + '"';
    }
    all += references(one) + "}";
    comma = ",\n";
  }
  return all + "\n]}\n";
}

/// The format of chrome://tracing: complete events, and instants for what has
/// no end.
std::string as_chrome_trace(const std::vector<TraceRecord>& records) {
  std::string all =
      R"({"displayTimeUnit":"ns","traceEvents":[)"
      R"({"name":"thread_name","ph":"M","pid":1,"tid":1,"args":{"name":"parent"}},)"
      R"({"name":"thread_name","ph":"M","pid":1,"tid":2,"args":{"name":"child"}})";
  for (const TraceRecord& one : records) {
    all +=
        ",\n"
        R"({"name":)" +
        json_quote(one.text) + R"(,"cat":")" + moment_name(one.moment) +
        R"(","pid":1,"tid":)" + (one.in_child ? "2" : "1") + R"(,"ts":)" +
        microseconds(one.began_ns - records[0].began_ns);
    all += one.ended_ns == 0
               ? R"(,"ph":"i","s":"t")"
               : R"(,"ph":"X","dur":)" + microseconds(duration(one));
    std::string known = references(one);
    all += R"(,"args":{)" + (known.empty() ? "" : known.substr(1)) + "}}";
  }
  return all + "]}\n";
}

}  // namespace

std::expected<ExplainRequest, std::string> parse_explain(
    const std::string& text) {
  if (text.empty() || text == "text") {
    return ExplainRequest{};
  }
  if (text == "json") {
    return ExplainRequest{.format = ExplainFormat::json, .file = {}};
  }
  if (text.starts_with("trace:") && text.size() > 6) {
    return ExplainRequest{.format = ExplainFormat::chrome_trace,
                          .file = text.substr(6)};
  }
  return std::unexpected("\"" + text +
                         "\" is none of text, json and trace:FILE");
}

const Background* background_of(const char* text) noexcept {
  const auto* found = std::ranges::find_if(backgrounds, [&](const auto& one) {
    return std::string_view(text).starts_with(one.begins);
  });
  return found == backgrounds.end() ? nullptr : found;
}

std::string explain(std::vector<TraceRecord> records, ExplainFormat format) {
  std::erase_if(records, says_nothing);
  if (records.empty()) {
    return "";
  }
  switch (format) {
    case ExplainFormat::json:
      return as_json(records);
    case ExplainFormat::chrome_trace:
      return as_chrome_trace(records);
    default:
      return as_text(records);
  }
}

}  // namespace docker_cpp::oci
