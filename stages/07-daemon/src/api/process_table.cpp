// SPDX-License-Identifier: Apache-2.0
#include "process_table.hpp"

#include <pwd.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <sstream>

#include <nlohmann/json.hpp>

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

constexpr std::array<std::pair<std::string_view, std::string_view>, 22> known =
    {{{"pid", "PID"},         {"ppid", "PPID"},
      {"uid", "UID"},         {"user", "USER"},
      {"euser", "EUSER"},     {"gid", "GID"},
      {"comm", "COMMAND"},    {"ucomm", "COMMAND"},
      {"cmd", "CMD"},         {"args", "COMMAND"},
      {"command", "COMMAND"}, {"stat", "STAT"},
      {"state", "S"},         {"s", "S"},
      {"tty", "TT"},          {"time", "TIME"},
      {"stime", "STIME"},     {"c", "C"},
      {"pcpu", "%CPU"},       {"rss", "RSS"},
      {"vsz", "VSZ"},         {"pmem", "%MEM"}}};

/// One process, as /proc/PID/stat and status have it. \man{proc_pid_stat,5}
struct Process {
  pid_t pid = 0;
  std::string name;
  std::string state;
  long parent = 0;
  long terminal = 0;
  unsigned long long ticks = 0;
  unsigned long long start_ticks = 0;
  unsigned long long virtual_bytes = 0;
  long resident_pages = 0;
  std::string uid;
  std::string gid;
  std::string command;
};

std::string proc(pid_t pid, std::string_view file) {
  const auto path = "/proc/" + std::to_string(pid) + "/" + std::string(file);
  return sys::read_file(path.c_str()).value_or("");
}

std::string status_field(const std::string& status, std::string_view key) {
  const auto at = status.find("\n" + std::string(key) + ":");
  std::istringstream rest(at == std::string::npos
                              ? std::string{}
                              : status.substr(at + 2 + key.size()));
  std::string real;
  std::string effective;
  rest >> real >> effective;
  return effective;
}

bool read_stat(Process& out) {
  const auto text = proc(out.pid, "stat");
  const auto open = text.find('(');
  const auto close = text.rfind(')');  // a name may hold any character
  if (open == std::string::npos || close == std::string::npos) {
    return false;
  }
  out.name = text.substr(open + 1, close - open - 1);
  std::istringstream rest(text.substr(close + 2));
  std::string skip;
  unsigned long long user = 0;
  unsigned long long kernel = 0;
  rest >> out.state >> out.parent >> skip >> skip >> out.terminal;
  for (int i = 0; i < 6; ++i) {
    rest >> skip;
  }
  rest >> user >> kernel;
  for (int i = 0; i < 6; ++i) {
    rest >> skip;
  }
  rest >> out.start_ticks >> out.virtual_bytes >> out.resident_pages;
  out.ticks = user + kernel;
  return static_cast<bool>(rest);
}

std::optional<Process> read_process(pid_t pid) {
  Process out{.pid = pid};
  if (!read_stat(out)) {
    return std::nullopt;
  }
  const auto status = proc(pid, "status");
  out.uid = status_field(status, "Uid");
  out.gid = status_field(status, "Gid");
  out.command = proc(pid, "cmdline");
  while (out.command.ends_with('\0')) {
    out.command.pop_back();
  }
  std::ranges::replace(out.command, '\0', ' ');
  if (out.command.empty()) {
    out.command = "[" + out.name + "]";
  }
  return out;
}

std::string user_name(const std::string& uid) {
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> room{};
  const auto number =
      static_cast<uid_t>(std::strtoul(uid.c_str(), nullptr, 10));
  ::getpwuid_r(number, &entry, room.data(), room.size(), &found);
  return found != nullptr ? found->pw_name : uid;
}

unsigned long long ticks_per_second() {
  return static_cast<unsigned long long>(::sysconf(_SC_CLK_TCK));
}

long uptime() {
  struct sysinfo about{};
  ::sysinfo(&about);
  return about.uptime;
}

std::string clock_text(unsigned long long seconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%02llu:%02llu:%02llu",
                seconds / 3600, seconds / 60 % 60, seconds % 60);
  return text.data();
}

std::string start_text(const Process& process) {
  const auto age =
      uptime() - static_cast<long>(process.start_ticks / ticks_per_second());
  const time_t start = ::time(nullptr) - age;
  tm parts{};
  ::localtime_r(&start, &parts);
  std::array<char, 16> text{};
  constexpr long day = 24 * 3600;
  std::strftime(text.data(), text.size(), age < day ? "%H:%M" : "%b%d", &parts);
  return text.data();
}

std::string terminal_text(long terminal) {
  const auto device = static_cast<dev_t>(terminal);
  constexpr unsigned pts_major = 136;
  if (terminal == 0) {
    return "?";
  }
  return major(device) >= pts_major && major(device) < pts_major + 8
             ? "pts/" + std::to_string(minor(device))
             : "tty" + std::to_string(minor(device));
}

std::string percent(double part, double whole) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.1f",
                whole > 0 ? 100.0 * part / whole : 0.0);
  return text.data();
}

double cpu_share(const Process& process) {
  const auto ticks = static_cast<double>(ticks_per_second());
  const auto age = static_cast<double>(uptime()) -
                   static_cast<double>(process.start_ticks) / ticks;
  return age > 0 ? static_cast<double>(process.ticks) / ticks / age : 0;
}

std::string memory_percent(const Process& process) {
  struct sysinfo about{};
  ::sysinfo(&about);
  const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
  return percent(static_cast<double>(process.resident_pages) * page,
                 static_cast<double>(about.totalram) * about.mem_unit);
}

std::string cell(const Process& process, const std::string& key) {
  const auto page = ::sysconf(_SC_PAGESIZE);
  if (key == "pid") {
    return std::to_string(process.pid);
  }
  if (key == "ppid") {
    return std::to_string(process.parent);
  }
  if (key == "uid") {
    return process.uid;
  }
  if (key == "gid") {
    return process.gid;
  }
  if (key == "user" || key == "euser") {
    return user_name(process.uid);
  }
  if (key == "comm" || key == "ucomm") {
    return process.name;
  }
  if (key == "cmd" || key == "args" || key == "command") {
    return process.command;
  }
  if (key == "stat" || key == "state" || key == "s") {
    return process.state;
  }
  if (key == "tty") {
    return terminal_text(process.terminal);
  }
  if (key == "time") {
    return clock_text(process.ticks / ticks_per_second());
  }
  if (key == "stime") {
    return start_text(process);
  }
  if (key == "c") {
    return std::to_string(
        static_cast<int>(std::min(99.0, 100 * cpu_share(process))));
  }
  if (key == "pcpu") {
    return percent(cpu_share(process), 1);
  }
  if (key == "rss") {
    return std::to_string(process.resident_pages * page / 1024);
  }
  if (key == "vsz") {
    return std::to_string(process.virtual_bytes / 1024);
  }
  return memory_percent(process);
}

std::vector<PsColumn> columns_of(std::string_view list) {
  std::vector<PsColumn> out;
  while (!list.empty()) {
    const auto end = std::min(list.find_first_of(", "), list.size());
    const auto key = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    if (key.empty()) {
      continue;
    }
    const auto* found = std::ranges::find(
        known, key, [](const auto& entry) { return entry.first; });
    if (found == known.end()) {
      throw ApiError(ErrorCode::invalid_argument,
                     "unknown column '" + std::string(key) + "' for ps");
    }
    out.push_back({std::string(key), std::string(found->second)});
  }
  return out;
}

}  // namespace

std::vector<PsColumn> parse_ps_arguments(const std::string& text) {
  if (text.empty() || text == "-ef" || text == "ef" || text == "-e -f") {
    return {{"user", "UID"},  {"pid", "PID"},     {"ppid", "PPID"},
            {"c", "C"},       {"stime", "STIME"}, {"tty", "TTY"},
            {"time", "TIME"}, {"cmd", "CMD"}};
  }
  if (text == "aux" || text == "-aux") {
    return {{"user", "USER"}, {"pid", "PID"},     {"pcpu", "%CPU"},
            {"pmem", "%MEM"}, {"vsz", "VSZ"},     {"rss", "RSS"},
            {"tty", "TTY"},   {"stat", "STAT"},   {"stime", "START"},
            {"time", "TIME"}, {"args", "COMMAND"}};
  }
  for (const std::string_view prefix : {"-eo", "-o", "o", "-e -o", "axo"}) {
    if (text.starts_with(prefix) && text.size() > prefix.size()) {
      const auto columns =
          columns_of(std::string_view(text).substr(prefix.size()));
      // As Docker: without the pid nobody could tell whose line it is.
      if (std::ranges::find(columns, "pid", &PsColumn::key) == columns.end()) {
        throw ApiError(ErrorCode::internal,
                       "Couldn't find PID field in ps output");
      }
      return columns;
    }
  }
  throw ApiError(ErrorCode::invalid_argument,
                 "arguments of ps that are supported: -ef, aux, -o COLUMNS; "
                 "not '" +
                     text + "'");
}

json process_table(const std::vector<PsColumn>& columns,
                   const std::vector<pid_t>& pids) {
  json titles = json::array();
  for (const auto& column : columns) {
    titles.push_back(column.title);
  }
  json rows = json::array();
  for (const auto pid : pids) {
    const auto process = read_process(pid);
    if (!process) {
      continue;  // it has ended since it was listed
    }
    json row = json::array();
    for (const auto& column : columns) {
      row.push_back(cell(*process, column.key));
    }
    rows.push_back(std::move(row));
  }
  return {{"Titles", std::move(titles)}, {"Processes", std::move(rows)}};
}

}  // namespace docker_cpp::daemon::api
