// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <pwd.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "../command.hpp"

#include "docker_cpp/oci/json_view.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::runtime {
namespace {

struct Row {
  Record record;
  oci::State state;
  std::string owner;
};

/// From the host's own file: a static program has no name service.
std::string user_name(uid_t uid) {
  const std::string passwd = sys::read_file("/etc/passwd").value_or("");
  const std::string field = ":" + std::to_string(uid) + ":";
  for (std::size_t at = 0; at < passwd.size();) {
    const std::size_t end = std::min(passwd.find('\n', at), passwd.size());
    const std::string line = passwd.substr(at, end - at);
    const std::size_t name = line.find(':');
    const std::size_t password = line.find(':', name + 1);
    if (name != std::string::npos && password != std::string::npos &&
        line.compare(password, field.size(), field) == 0) {
      return line.substr(0, name);
    }
    at = end + 1;
  }
  return "#" + std::to_string(uid);
}

std::vector<Row> rows(Context& context) {
  std::vector<Row> all;
  for (const std::string& id : list_ids(context.root)) {
    try {
      const Container one = Container::open(context.root, id, Access::look);
      all.push_back({.record = one.record(),
                     .state = one.state(one.status()),
                     .owner = user_name(one.record().owner)});
    } catch (const Refusal&) {  // NOLINT(bugprone-empty-catch)
      // Deleted while we were looking.
    } catch (const std::exception& error) {
      context.log.warning("container " + id + ": " + error.what());
    }
  }
  return all;
}

void print_json(const std::vector<Row>& all) {
  std::string json = all.empty() ? "null" : "[";
  const char* comma = "";
  for (const Row& row : all) {
    std::string one = oci::print_state(row.state);
    one.pop_back();
    json += comma + one + R"(,"rootfs":)" + oci::json_quote(row.record.rootfs) +
            R"(,"created":)" + oci::json_quote(row.record.created) +
            R"(,"owner":)" + oci::json_quote(row.owner) + "}";
    comma = ",";
  }
  std::printf("%s%s\n", json.c_str(), all.empty() ? "" : "]");
}

using Line = std::array<std::string, 6>;

/// Columns as wide as their widest field and three spaces, at least twelve:
/// Go's tabwriter as runc sets it up.
void print_table(const std::vector<Row>& all) {
  std::vector<Line> lines = {
      {"ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"}};
  for (const Row& row : all) {
    lines.push_back({row.state.id, std::to_string(row.state.pid),
                     oci::status_name(row.state.status), row.state.bundle,
                     row.record.created, row.owner});
  }
  std::array<std::size_t, 5> widths{};
  for (std::size_t i = 0; i < widths.size(); ++i) {
    widths[i] = 12;
    for (const Line& line : lines) {
      widths[i] = std::max(widths[i], line[i].size() + 3);
    }
  }
  for (const Line& line : lines) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      std::printf("%-*s", static_cast<int>(widths[i]), line[i].c_str());
    }
    std::printf("%s\n", line.back().c_str());
  }
}

}  // namespace

int list(Context& context, Arguments arguments) {
  bool quiet = false;
  std::string format = "table";
  Flags flags;
  flags.flag("quiet q", quiet);
  flags.text("format f", format);
  static_cast<void>(flags.parse(arguments));
  if (context.root_given) {
    must(sys::open(context.root.c_str(), O_PATH | O_DIRECTORY),
         "list the containers in " + context.root);
  }
  const std::vector<Row> all = rows(context);
  if (quiet) {
    for (const Row& row : all) {
      std::puts(row.state.id.c_str());
    }
  } else if (format == "json") {
    print_json(all);
  } else if (format == "table") {
    print_table(all);
  } else {
    throw UsageError("invalid format option");
  }
  return 0;
}

}  // namespace docker_cpp::runtime
