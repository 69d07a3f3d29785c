// SPDX-License-Identifier: Apache-2.0
#include "container.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

#include "docker_cpp/cgroups/cgroup.hpp"
#include "docker_cpp/namespaces/process.hpp"
#include "docker_cpp/oci/json_view.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::runtime {
namespace {

constexpr const char* config_file = "config.json";
constexpr const char* state_file = "state.json";
constexpr const char* gate_file = "exec.fifo";
constexpr const char* new_state_file = "state.json.new";
constexpr std::array own_files = {config_file, state_file, gate_file,
                                  new_state_file};

void make_folders(const std::string& path, mode_t mode) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    ::mkdir(path.substr(0, slash).c_str(), 0755);
  }
  if (::mkdir(path.c_str(), mode) == -1 && errno != EEXIST) {
    throw Error({.code = errno, .call = "mkdir"}, "make the folder " + path);
  }
}

void write_file(int folder, const char* name, std::string_view content) {
  const auto file =
      must(sys::open_at(folder, name, O_WRONLY | O_CREAT | O_TRUNC, 0600),
           std::string("write ") + name);
  must(sys::write_all(file.get(), content), std::string("write ") + name);
}

/// Exchanged and not replaced where there is one already: for a replacement,
/// ext4 writes the new file to the disk first (auto_da_alloc, ext4(5)).
sys::Result<void> put_in_place(int folder) {
  if (::renameat2(folder, new_state_file, folder, state_file,
                  RENAME_EXCHANGE) == 0) {
    ::unlinkat(folder, new_state_file, 0);
    return {};
  }
  return sys::check_void(::renameat(folder, new_state_file, folder, state_file),
                         "renameat");
}

std::string print_folders(const Record& record) {
  std::string json;
  for (const std::string& folder : record.rdt_folders) {
    json +=
        (json.empty() ? R"(,"rdtFolders":[)" : ",") + oci::json_quote(folder);
  }
  return json.empty() ? json : json + "]";
}

std::string print(const Record& record) {
  return R"({"version":1,"id":)" + oci::json_quote(record.id) +
         R"(,"bundle":)" + oci::json_quote(record.bundle) + R"(,"rootfs":)" +
         oci::json_quote(record.rootfs) + R"(,"created":)" +
         oci::json_quote(record.created) + R"(,"cgroupPath":)" +
         oci::json_quote(record.cgroup_path) +
         (record.systemd_unit.empty()
              ? ""
              : R"(,"systemdUnit":)" + oci::json_quote(record.systemd_unit)) +
         R"(,"pid":)" + std::to_string(record.pid) + R"(,"startTime":)" +
         std::to_string(record.start_time) + R"(,"owner":)" +
         std::to_string(record.owner) + print_folders(record) + "}\n";
}

Record parse_record(std::string_view text) {
  const oci::JsonDocument document(text);
  const oci::JsonView json = document.root();
  Record record;
  if (json.at("version").integer<int>() != 1) {
    json.at("version").refuse("was written by another version of this runtime");
  }
  record.id = json.at("id").string();
  record.bundle = json.at("bundle").string();
  record.rootfs = json.at("rootfs").string();
  record.created = json.at("created").string();
  record.cgroup_path = json.at("cgroupPath").string();
  json.read("systemdUnit", record.systemd_unit);
  record.pid = json.at("pid").integer<pid_t>();
  record.start_time = json.at("startTime").integer<std::uint64_t>();
  record.owner = json.at("owner").integer<uid_t>();
  json.read("rdtFolders", record.rdt_folders);
  return record;
}

sys::UniqueFd open_folder(const std::string& path) {
  auto folder = sys::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!folder && folder.error().code == ENOENT) {
    throw Refusal("container does not exist");
  }
  return must(std::move(folder), "open the state " + path);
}

/// Whether it is still there once the lock is ours: whoever held it may have
/// deleted the container.
bool lock(int folder, const std::string& path) {
  if (::flock(folder, LOCK_EX) == -1) {
    throw Error({.code = errno, .call = "flock"}, "lock the state " + path);
  }
  struct stat now{};
  struct stat locked{};
  return ::fstat(folder, &locked) == 0 && ::stat(path.c_str(), &now) == 0 &&
         now.st_ino == locked.st_ino;
}

namespaces::GateReport read_gate(int gate) {
  namespaces::GateReport report;
  char* into = reinterpret_cast<char*>(&report);
  std::size_t have = 0;
  while (have < sizeof report) {
    pollfd more{.fd = gate, .events = POLLIN, .revents = 0};
    ::poll(&more, 1, -1);
    const ssize_t got = ::read(gate, into + have, sizeof report - have);
    if (got == 0) {
      break;  // it has begun, or is gone: in both cases, nothing to tell
    }
    if (got > 0) {
      have += static_cast<std::size_t>(got);
    } else if (errno != EAGAIN && errno != EINTR) {
      throw Error({.code = errno, .call = "read"}, "open the start gate");
    }
  }
  report.attempt[sizeof report.attempt - 1] = '\0';
  return have == sizeof report ? report : namespaces::GateReport{};
}

}  // namespace

void check_id(const std::string& id) {
  const bool plain = std::ranges::all_of(id, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '+' || c == '-' || c == '.';
  });
  // A leading dot would make "..", and the names this program uses itself.
  if (id.empty() || id.size() > 255 || !plain || id[0] == '.') {
    throw Refusal("invalid container ID format: \"" + id + "\"");
  }
}

std::optional<ProcessFacts> process_facts(pid_t pid) {
  const auto text =
      sys::read_file(("/proc/" + std::to_string(pid) + "/stat").c_str());
  if (!text) {
    return std::nullopt;
  }
  // The second field is the name in parentheses, which may hold anything.
  const std::size_t name_end = text->rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= text->size()) {
    return std::nullopt;
  }
  ProcessFacts facts{.state = (*text)[name_end + 2], .start_time = 0};
  std::size_t at = name_end + 2;
  for (int field = 3; field < 22; ++field) {
    at = text->find(' ', at) + 1;
  }
  facts.start_time = std::strtoull(text->c_str() + at, nullptr, 10);
  return facts;
}

std::vector<std::string> list_ids(const std::string& root) {
  std::vector<std::string> ids;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(root.c_str()),
                                                   &::closedir);
  while (folder) {
    const dirent* entry = ::readdir(folder.get());
    if (entry == nullptr) {
      break;
    }
    if (entry->d_name[0] != '.') {
      ids.emplace_back(entry->d_name);
    }
  }
  std::ranges::sort(ids);
  return ids;
}

Container::Container(std::string path, sys::UniqueFd folder)
    : path_(std::move(path)), folder_(std::move(folder)) {}

Container Container::make(const std::string& root, const std::string& id,
                          const std::string& config_json) {
  check_id(id);
  make_folders(root, 0700);
  const std::string path = root + "/" + id;
  // Others may pass through it: the container's user opens the gate by a
  // handle on this folder. They do not get here by path, since root is 0700.
  if (::mkdir(path.c_str(), 0711) == -1) {
    if (errno == EEXIST) {
      throw Refusal("container with given ID already exists");
    }
    throw Error({.code = errno, .call = "mkdir"}, "make the folder " + path);
  }
  Container container(path, open_folder(path));
  static_cast<void>(lock(container.folder(), path));
  container.record_.id = id;
  container.record_.owner = ::getuid();
  write_file(container.folder(), config_file, config_json);
  return container;
}

Container Container::open(const std::string& root, const std::string& id,
                          Access access) {
  check_id(id);
  const std::string path = root + "/" + id;
  Container container(path, open_folder(path));
  if (access == Access::change && !lock(container.folder(), path)) {
    throw Refusal("container does not exist");
  }
  container.record_.id = id;
  container.load();
  return container;
}

void Container::load() {
  const auto text = sys::read_file_at(folder(), state_file);
  if (!text && text.error().code == ENOENT) {
    return;  // died while it was being created: only fit to be deleted
  }
  record_ = parse_record(must(text, "read the state of " + record_.id));
}

void Container::save() const {
  DOCKER_CPP_FAILPOINT("runtime.save");
  // Renamed into place: a reader without the lock sees the old or the new.
  write_file(folder(), new_state_file, print(record_));
  must(put_in_place(folder()), "write the state of " + record_.id);
}

oci::Spec Container::spec() const {
  return oci::parse_spec(
      must(sys::read_file_at(folder(), config_file, 16U << 20),
           "read the configuration of " + record_.id));
}

void Container::remove_folder() {
  for (const char* name : own_files) {
    ::unlinkat(folder(), name, 0);
  }
  must(sys::check_void(::rmdir(path_.c_str()), "rmdir"),
       "remove the folder " + path_);
}

void Container::unlock() const {
  ::flock(folder(), LOCK_UN);
}

bool Container::lock_again() const {
  return lock(folder(), path_);
}

sys::UniqueFd Container::make_gate() const {
  if (::mkfifoat(folder(), gate_file, 0622) == -1) {
    throw Error({.code = errno, .call = "mkfifoat"}, "make the start gate");
  }
  // Whatever the umask: the container's user writes to it.
  must(sys::check_void(::fchmodat(folder(), gate_file, 0622, 0), "fchmodat"),
       "make the start gate");
  // Opened anew: the container keeps this handle while it waits, and must not
  // keep the lock with it.
  return must(sys::open_at(folder(), ".", O_PATH | O_DIRECTORY),
              "make the start gate");
}

void Container::open_gate() const {
  // Before the gate is opened: a short program may be over right after.
  const auto process = pidfd();
  if (!process) {
    throw Refusal("cannot start a container that has stopped");
  }
  // Not blocking: a container that is gone would never open its end.
  const auto gate =
      must(sys::open_at(folder(), gate_file, O_RDONLY | O_NONBLOCK),
           "open the start gate");
  std::array<pollfd, 2> either = {
      pollfd{.fd = gate.get(), .events = POLLIN, .revents = 0},
      pollfd{.fd = process->get(), .events = POLLIN, .revents = 0}};
  while (::poll(either.data(), either.size(), -1) == -1 && errno == EINTR) {
  }
  if ((either[0].revents & POLLIN) == 0) {
    throw Refusal("cannot start a container that has stopped");
  }
  const namespaces::GateReport report = read_gate(gate.get());
  ::unlinkat(folder(), gate_file, 0);
  if (report.code != 0) {
    throw Error({.code = report.code, .call = report.attempt},
                "start the container");
  }
}

std::optional<sys::UniqueFd> Container::pidfd() const {
  if (record_.pid <= 0) {
    return std::nullopt;
  }
  auto opened = sys::pidfd_open(record_.pid);
  // Looked at after the handle was opened, so it is of the same process.
  const auto facts = process_facts(record_.pid);
  if (!opened || !facts || facts->start_time != record_.start_time ||
      facts->state == 'Z' || facts->state == 'X') {
    return std::nullopt;
  }
  return *std::move(opened);
}

/// Being created holds the lock; a creation that died does not.
oci::Status Container::status_without_process() const {
  if (record_.pid == 0 && ::flock(folder(), LOCK_SH | LOCK_NB) == -1) {
    return oci::Status::creating;
  }
  return oci::Status::stopped;
}

oci::Status Container::status() const {
  if (!pidfd()) {
    return status_without_process();
  }
  if (::faccessat(folder(), gate_file, F_OK, 0) == 0) {
    return oci::Status::created;
  }
  try {
    if (cgroups::Cgroup::open(record_.cgroup_path).frozen()) {
      return oci::Status::paused;
    }
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch)
    // No cgroup, so nothing that could be frozen.
  }
  return oci::Status::running;
}

oci::State Container::state(oci::Status status) const {
  return {.id = record_.id,
          .status = status,
          .pid = status == oci::Status::stopped ? 0 : record_.pid,
          .bundle = record_.bundle,
          .annotations = spec().annotations};
}

}  // namespace docker_cpp::runtime
