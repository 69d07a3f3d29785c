// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include <climits>

#include "../criu.hpp"
#include "../criu_mounts.hpp"
#include "../launch.hpp"

#include "docker_cpp/oci/hooks.hpp"
#include "docker_cpp/oci/json_view.hpp"
#include "docker_cpp/rootfs/mount_api.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::runtime {
namespace {

// Numbers of criu's images/rpc.proto, of what only a restore takes.
enum Option : unsigned {
  evasive_devices = 6,
  root_option = 13,
  ext_mnt = 23,
  cg_root = 25,
  rst_sibling = 26,
  inherit_fd = 27
};

constexpr const char* root_name = "criu-root";

/// criu wants a root that is a mount; it is gone again with this object.
class RootMount {
 public:
  RootMount(const Container& container, const std::string& path)
      : container_(&container), path_(path + "/" + root_name) {
    const std::string doing = "mount the root " + container.record().rootfs;
    const auto source =
        must(sys::open(container.record().rootfs.c_str(), O_PATH | O_DIRECTORY),
             doing);
    const auto tree = must(
        rootfs::clone_tree(source.get(), "", rootfs::Tree::recursive), doing);
    must(rootfs::set_mount_attributes(tree.get(), {.propagation = MS_PRIVATE},
                                      rootfs::Tree::recursive),
         doing);
    ::mkdirat(container.folder(), root_name, 0755);
    const auto target = must(sys::open_at(container.folder(), root_name,
                                          O_PATH | O_DIRECTORY | O_NOFOLLOW),
                             doing);
    must(rootfs::attach_mount(tree.get(), target.get()), doing);
  }
  ~RootMount() {
    if (::fchdir(container_->folder()) == 0) {
      ::umount2(root_name, UMOUNT_NOFOLLOW | MNT_DETACH);
      ::unlinkat(container_->folder(), root_name, AT_REMOVEDIR);
    }
  }
  RootMount(const RootMount&) = delete;
  RootMount& operator=(const RootMount&) = delete;
  RootMount(RootMount&&) = delete;
  RootMount& operator=(RootMount&&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  const Container* container_;
  std::string path_;
};

std::string resolved(const std::string& path) {
  char absolute[PATH_MAX];
  if (::realpath(path.c_str(), absolute) == nullptr) {
    throw Error({.code = errno, .call = "realpath"}, "find " + path);
  }
  return absolute;
}

/// The container that was, with a new state and cgroup; undone unless it runs.
class Revived {
 public:
  Revived(Context& context, const std::string& id, const std::string& bundle)
      : context_(&context),
        json_(must(sys::read_file((bundle + "/config.json").c_str(), 16U << 20),
                   "read " + bundle + "/config.json")),
        spec_(oci::parse_spec(json_)),
        container_(Container::make(context.root, id, json_)) {
    Record& record = container_.record();
    record.bundle = bundle;
    record.cgroup_path = oci::cgroup_path_of(spec_, id);
    record.created = timestamp(Precision::nanoseconds);
    if (spec_.root) {
      record.rootfs = spec_.root->path.starts_with('/')
                          ? spec_.root->path
                          : bundle + "/" + spec_.root->path;
    }
    container_.save();
  }
  ~Revived() {
    if (!alive_) {
      try {
        destroy(*context_, container_, {});
      } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
        // The first failure is on its way up.
      }
    }
  }
  Revived(const Revived&) = delete;
  Revived& operator=(const Revived&) = delete;
  Revived(Revived&&) = delete;
  Revived& operator=(Revived&&) = delete;

  void lives(pid_t pid) {
    container_.record().pid = pid;
    if (const auto facts = process_facts(pid)) {
      container_.record().start_time = facts->start_time;
    }
    container_.save();
    alive_ = true;
  }
  [[nodiscard]] Container& container() noexcept { return container_; }
  [[nodiscard]] const oci::Spec& spec() const noexcept { return spec_; }

 private:
  Context* context_;
  std::string json_;
  oci::Spec spec_;
  Container container_;
  bool alive_ = false;
};

/// Pipes and the like that the container had are to be ours now.
void inherit_streams(int images, ProtoWriter& asked) {
  const auto text = sys::read_file_at(images, "descriptors.json");
  if (!text) {
    return;  // of another runtime, perhaps
  }
  const oci::JsonDocument document(*text);
  std::uint64_t number = 0;
  for (const std::string& name : document.root().strings()) {
    if (name.find("pipe:") != std::string::npos && number < 3) {
      asked.message(inherit_fd, ProtoWriter().text(1, name).number(2, number));
    }
    ++number;
  }
}

/// Whatever criu makes is charged to the container from the start.
void join_cgroup(const cgroups::Cgroup& cgroup, pid_t criu,
                 ProtoWriter& asked) {
  for (const auto& folder : cgroup.directories()) {
    must(sys::write_control_at(folder.fd.get(), "cgroup.procs",
                               std::to_string(criu)),
         "move criu to " + folder.path);
    std::string controllers;
    for (const std::string& name : folder.hierarchy.controllers) {
      controllers += (controllers.empty() ? "" : ",") + name;
    }
    asked.message(cg_root,
                  ProtoWriter().text(1, controllers).text(2, cgroup.path()));
  }
}

struct RestoreOptions {
  CriuOptions criu;
  std::string bundle = ".";
  std::string pid_file;
  std::string console_socket;
  bool detach = false;
};

pid_t restore_into(Revived& revived, const std::string& root_folder,
                   const RestoreOptions& options) {
  const Container& container = revived.container();
  const std::string work = options.criu.work_path.empty()
                               ? options.criu.image_path
                               : options.criu.work_path;
  const sys::UniqueFd images = open_for_criu(options.criu.image_path);
  const sys::UniqueFd work_folder = open_for_criu(work);
  const RootMount root(container, root_folder);
  ProtoWriter asked = criu_options(options.criu, images.get(),
                                   work_folder.get(), "restore.log");
  asked.flag(evasive_devices, true)
      .flag(rst_sibling, true)
      .text(root_option, root.path());
  for (const ExternalMount& mount :
       external_mounts(revived.spec(), container.record().cgroup_path)) {
    asked.message(ext_mnt,
                  ProtoWriter().text(1, mount.inside).text(2, mount.outside));
  }
  inherit_streams(images.get(), asked);
  const auto cgroup = cgroups::Cgroup::create(
      container.record().cgroup_path, revived.spec().linux_spec.resources);
  Criu criu({images.get(), work_folder.get(),
             static_cast<int>(options.criu.status_fd)});
  join_cgroup(cgroup, criu.pid(), asked);
  return criu.ask(
      Criu::Request::restore, asked, work + "/restore.log",
      [&](std::string_view what, pid_t pid, const sys::UniqueFd& terminal) {
        oci::State state = container.state(oci::Status::creating);
        state.pid = pid;
        if (what == "setup-namespaces") {
          oci::run_hooks(revived.spec().hooks.prestart, "prestart", state);
          oci::run_hooks(revived.spec().hooks.create_runtime, "createRuntime",
                         state);
        } else if (what == "orphan-pts-master" && terminal) {
          hand_over_terminal(terminal.get(), options.console_socket);
        }
      });
}

void add_flags(Flags& flags, RestoreOptions& options) {
  add_criu_flags(flags, options.criu);
  flags.text("bundle b", options.bundle, "folder of config.json");
  flags.text("pid-file", options.pid_file, "file to write the pid to");
  flags.text("console-socket", options.console_socket,
             "unix socket that the terminal is sent to");
  flags.flag("detach d", options.detach, "do not wait for its end");
  flags.ignored_flag("no-subreaper");
  flags.ignored_flag("no-pivot");
}

}  // namespace

int restore(Context& context, Arguments arguments) {
  RestoreOptions options;
  Flags flags;
  add_flags(flags, options);
  const std::string id = only_id("restore", flags.parse(arguments));
  int code = 0;
  naming_failure("restore failed", [&] {
    options.criu.image_path = resolved(options.criu.image_path);
    if (context.systemd) {
      throw Refusal(
          "restore with --systemd-cgroup is not possible: a scope "
          "needs its first process, which criu makes");
    }
    Revived revived(context, id, resolved(options.bundle));
    const pid_t pid = restore_into(revived, context.root + "/" + id, options);
    revived.lives(pid);
    if (!options.pid_file.empty()) {
      write_pid_file(options.pid_file, pid);
    }
    if (options.detach) {
      return;
    }
    // criu has made it our child, its own sibling.
    const auto process = must(sys::pidfd_open(pid), "watch the container");
    revived.container().unlock();
    code = must(sys::wait_exit_code(process.get()), "wait for the container");
    if (revived.container().lock_again()) {
      destroy(context, revived.container(), revived.spec());
    }
  });
  return code;
}

}  // namespace docker_cpp::runtime
