// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cgroups/cgroup.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "backend.hpp"
#include "control_file.hpp"
#include "tree.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"

namespace docker_cpp::cgroups {
namespace {

std::unique_ptr<Backend> backend_for(
    Version version, std::vector<ControlDirectory> directories) {
  if (version == Version::v2) {
    return std::make_unique<V2Backend>(std::move(directories));
  }
  return std::make_unique<V1Backend>(std::move(directories));
}

/// Takes back what was made, unless told that all went well.
class Undo {
 public:
  explicit Undo(const std::string& path) : path_(path) {}
  ~Undo() {
    for (const Hierarchy& hierarchy : made_) {
      try {
        remove_directory(hierarchy, path_);
      } catch (const Error&) {
        continue;  // the first error is the one to tell
      }
    }
  }
  Undo(const Undo&) = delete;
  Undo& operator=(const Undo&) = delete;
  Undo(Undo&&) = delete;
  Undo& operator=(Undo&&) = delete;

  void add(const Hierarchy& hierarchy) { made_.push_back(hierarchy); }
  void commit() { made_.clear(); }

 private:
  const std::string& path_;
  std::vector<Hierarchy> made_;
};

void refuse_company(const Cgroup& cgroup) {
  const auto inside = cgroup.processes();
  if (!inside.empty()) {
    throw Error({.code = EBUSY, .call = "read cgroup.procs"},
                "make the cgroup " + cgroup.path() + ": process " +
                    std::to_string(inside.front()) + " is in it");
  }
  // Who enters would stop in the middle of its set-up, and we wait for ever.
  if (cgroup.frozen()) {
    throw Error({.code = EBUSY, .call = "read the freezer"},
                "make the cgroup " + cgroup.path() + ": it is frozen");
  }
}

/// A limit below what is in use would be met by killing.
void check_usage(const Resources& resources, const Backend& backend) {
  const std::int64_t limit = resources.memory_limit.value_or(0);
  if (!resources.memory_check_before_update || limit <= 0) {
    return;
  }
  const std::uint64_t usage = backend.statistics().memory.usage;
  if (static_cast<std::uint64_t>(limit) < usage) {
    refuse("memory limit", std::to_string(limit),
           "no less than the " + std::to_string(usage) + " bytes in use");
  }
}

bool is_meant(const Hierarchy& hierarchy, const std::string& controller) {
  return controller.empty() || has(hierarchy, controller) ||
         has(hierarchy, "name=" + controller);
}

void check_known(const std::map<std::string, std::string>& below,
                 const Hierarchies& hierarchies) {
  for (const auto& [controller, folder] : below) {
    const auto& all = hierarchies.all();
    if (std::ranges::none_of(all, [&](const Hierarchy& one) {
          return is_meant(one, controller);
        })) {
      throw Error({.code = ENOENT, .call = "check"},
                  "unknown controller " + controller +
                      " (cgroup v2 has one hierarchy for all)");
    }
  }
}

DeviceList list_of(const std::vector<DeviceRule>& rules) {
  auto list = DeviceList::from_rules(rules);
  if (!list) {
    throw Error({.code = EINVAL, .call = "check"},
                "limit the devices: " + list.error());
  }
  return *std::move(list);
}

}  // namespace

Cgroup::Cgroup(Version version, std::string path,
               std::vector<ControlDirectory> directories)
    : version_(version),
      path_(std::move(path)),
      backend_(backend_for(version, std::move(directories))) {}

Cgroup::Cgroup(Cgroup&&) noexcept = default;
Cgroup& Cgroup::operator=(Cgroup&&) noexcept = default;
Cgroup::~Cgroup() = default;

Cgroup Cgroup::create(const std::string& path) {
  return create(path, {});
}

Cgroup Cgroup::create(const std::string& path, const Resources& resources) {
  check_path(path);
  const Hierarchies hierarchies = Hierarchies::detect();
  Undo undo(path);
  bool all_fresh = true;
  std::vector<ControlDirectory> directories;
  for (const Hierarchy& hierarchy : hierarchies.all()) {
    DOCKER_CPP_FAILPOINT("cgroup.create");
    Made made = make_directory(hierarchy, path);
    if (made.fresh) {
      undo.add(hierarchy);
    }
    all_fresh = all_fresh && made.fresh;
    directories.push_back(std::move(made.directory));
  }
  Cgroup made(hierarchies.version(), path, std::move(directories));
  if (!all_fresh) {
    refuse_company(made);  // and what is fresh goes again
  }
  made.apply(resources);
  undo.commit();
  return made;
}

Cgroup Cgroup::adopt(const std::string& path, const Resources& resources,
                     pid_t process) {
  check_path(path);
  const Hierarchies hierarchies = Hierarchies::detect();
  Undo undo(path);
  std::vector<ControlDirectory> directories;
  for (const Hierarchy& hierarchy : hierarchies.all()) {
    Made made = make_directory(hierarchy, path);
    if (made.fresh) {
      undo.add(hierarchy);
      must(write(made.directory, "cgroup.procs", std::to_string(process)),
           "join " + made.directory.path);
    }
    directories.push_back(std::move(made.directory));
  }
  Cgroup adopted(hierarchies.version(), path, std::move(directories));
  adopted.apply(resources);
  undo.commit();
  return adopted;
}

Cgroup Cgroup::open(const std::string& path) {
  if (path.empty()) {
    throw Error({.code = ENOENT, .call = "open"}, "there is no cgroup");
  }
  check_path(path);
  const Hierarchies hierarchies = Hierarchies::detect();
  std::vector<ControlDirectory> directories;
  for (const Hierarchy& hierarchy : hierarchies.all()) {
    directories.push_back(open_directory(hierarchy, path));
  }
  return {hierarchies.version(), path, std::move(directories)};
}

Cgroup Cgroup::open_below(const std::string& path,
                          const std::map<std::string, std::string>& below) {
  const Hierarchies hierarchies = Hierarchies::detect();
  check_known(below, hierarchies);
  check_path(path);
  std::vector<ControlDirectory> directories;
  for (const Hierarchy& hierarchy : hierarchies.all()) {
    std::string folder = path;
    for (const auto& [controller, sub] : below) {
      if (is_meant(hierarchy, controller) &&
          sub.find_first_not_of('/') != std::string::npos) {
        folder += (sub.starts_with('/') ? "" : "/") + sub;
        check_path(folder);
      }
    }
    try {
      directories.push_back(open_directory(hierarchy, folder));
    } catch (const Error& error) {
      throw Error({.code = error.code().value(), .call = "openat"},
                  "adding pid of the program to the cgroup " + folder);
    }
  }
  return {hierarchies.version(), path, std::move(directories)};
}

void Cgroup::apply(const Resources& resources) {
  DOCKER_CPP_FAILPOINT("cgroup.apply");
  check_usage(resources, *backend_);
  const auto settings = backend_->plan(resources);
  const DeviceList devices = list_of(resources.devices);
  write_settings(
      settings,
      [this](std::string_view controller) {
        return backend_->find(controller);
      },
      [&] {
        if (!resources.devices.empty()) {
          backend_->apply_devices(devices);
        }
      });
}

Statistics Cgroup::statistics() const {
  return backend_->statistics();
}

void Cgroup::freeze() {
  backend_->set(Freezer::frozen);
}

void Cgroup::thaw() {
  backend_->set(Freezer::thawed);
}

bool Cgroup::frozen() const {
  return backend_->frozen();
}

std::vector<pid_t> Cgroup::processes() const {
  std::vector<pid_t> all;
  // The v2 tree, and of v1 any one hierarchy: a process is in each of them.
  bool seen_v1 = false;
  for (const ControlDirectory& directory : backend_->directories()) {
    if (directory.hierarchy.unified || !std::exchange(seen_v1, true)) {
      collect_processes(directory, all);
    }
  }
  std::ranges::sort(all);
  const auto doubles = std::ranges::unique(all);
  all.erase(doubles.begin(), doubles.end());
  return all;
}

void Cgroup::remove_all(const std::string& path) {
  check_path(path);
  for (const Hierarchy& hierarchy : Hierarchies::detect().all()) {
    remove_directory(hierarchy, path);
  }
}

void Cgroup::remove() {
  DOCKER_CPP_FAILPOINT("cgroup.remove");
  for (const ControlDirectory& directory : backend_->directories()) {
    remove_directory(directory.hierarchy, path_);
  }
}

std::uint64_t Cgroup::oom_kills() const {
  return backend_->oom_kills();
}

sys::UniqueFd Cgroup::oom_event_fd() const {
  return backend_->oom_event_fd();
}

const std::vector<ControlDirectory>& Cgroup::directories() const {
  return backend_->directories();
}

}  // namespace docker_cpp::cgroups
