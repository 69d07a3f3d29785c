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
void take_cgroup(const cgroups::Cgroup& cgroup, ProtoWriter& asked) {
  for (const auto& folder : cgroup.directories()) {
    std::string controllers;
    for (const std::string& name : folder.hierarchy.controllers) {
      controllers += (controllers.empty() ? "" : ",") + name;
    }
    asked.message(cg_root,
                  ProtoWriter().text(1, controllers).text(2, cgroup.path()));
  }
}

/// A scope of systemd's needs a first process: criu, which goes when the
/// container is there.
void join_cgroup(const Context& context, const Container& container,
                 const oci::Spec& spec, const Criu& criu) {
  cgroups::Resources wanted = oci::cgroup_resources_of(spec);
  if (context.systemd) {
    cgroups::SystemdScope(oci::systemd_unit_of(spec, container.record().id),
                          std::move(wanted))
        .from_parent({.pid = criu.pid(), .pidfd = -1});
    return;
  }
  const auto cgroup =
      cgroups::Cgroup::create(container.record().cgroup_path, wanted);
  for (const auto& folder : cgroup.directories()) {
    must(sys::write_control_at(folder.fd.get(), "cgroup.procs",
                               std::to_string(criu.pid())),
         "move criu to " + folder.path);
  }
}

struct RestoreOptions {
  CriuOptions criu;
  std::string bundle = ".";
  std::string pid_file;
  std::string console_socket;
  bool detach = false;
};

pid_t restore_into(const Context& context, Creation& creation,
                   const oci::Spec& spec, const RestoreOptions& options) {
  const Container& container = creation.container();
  const std::string work = options.criu.work_path.empty()
                               ? options.criu.image_path
                               : options.criu.work_path;
  const sys::UniqueFd images = open_for_criu(options.criu.image_path);
  const sys::UniqueFd work_folder = open_for_criu(work);
  const RootMount root(container, context.root + "/" + container.record().id);
  ProtoWriter asked = criu_options(options.criu, images.get(),
                                   work_folder.get(), "restore.log");
  asked.flag(evasive_devices, true)
      .flag(rst_sibling, true)
      .text(root_option, root.path());
  for (const ExternalMount& mount :
       external_mounts(spec, container.record().cgroup_path)) {
    asked.message(ext_mnt,
                  ProtoWriter().text(1, mount.inside).text(2, mount.outside));
  }
  inherit_streams(images.get(), asked);
  Criu criu({images.get(), work_folder.get(),
             static_cast<int>(options.criu.status_fd)});
  join_cgroup(context, container, spec, criu);
  creation.cgroup_made();
  take_cgroup(cgroups::Cgroup::open(container.record().cgroup_path), asked);
  return criu.ask(
      Criu::Request::restore, asked, work + "/restore.log",
      [&](std::string_view what, pid_t pid, const sys::UniqueFd& terminal) {
        oci::State state = container.state(oci::Status::creating);
        state.pid = pid;
        if (what == "setup-namespaces") {
          oci::run_hooks(spec.hooks.prestart, "prestart", state);
          oci::run_hooks(spec.hooks.create_runtime, "createRuntime", state);
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
    const std::string bundle = absolute_bundle(options.bundle);
    const std::string json = read_config(bundle);
    const oci::Spec spec = oci::parse_spec(json);
    Creation creation(context, {.id = id,
                                .bundle = bundle,
                                .json = json,
                                .spec = spec,
                                .owner = ::getuid()});
    const pid_t pid = restore_into(context, creation, spec, options);
    creation.began(pid);
    if (!options.pid_file.empty()) {
      write_pid_file(options.pid_file, pid);
    }
    Container container = creation.keep();
    if (options.detach) {
      return;
    }
    // criu has made it our child, its own sibling.
    const auto process = must(sys::pidfd_open(pid), "watch the container");
    container.unlock();
    code = must(sys::wait_exit_code(process.get()), "wait for the container");
    if (container.lock_again()) {
      destroy(context, container, spec);
    }
  });
  return code;
}

}  // namespace docker_cpp::runtime
