// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "../criu.hpp"
#include "../criu_mounts.hpp"
#include "../launch.hpp"

#include "docker_cpp/oci/json_view.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::runtime {
namespace {

// Numbers of criu's images/rpc.proto, of what only a dump takes.
enum Option : unsigned {
  pid_option = 2,
  leave_running_option = 3,
  root_option = 13,
  track_mem = 15,
  ext_mnt = 23,
  freeze_cgroup = 44
};

enum class Afterwards : std::uint8_t { end, go_on };

void make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == -1 && errno != EEXIST) {
    throw Error({.code = errno, .call = "mkdir"}, "make the folder " + path);
  }
}

/// What standard input, output and error are: restore has to give the same
/// kinds back. runc's descriptors.json.
std::string descriptors(pid_t pid) {
  std::string json = "[";
  for (int fd = 0; fd < 3; ++fd) {
    const std::string link =
        "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(fd);
    std::array<char, 4096> target{};
    const ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
    json += (fd == 0 ? "" : ",") +
            oci::json_quote(std::string_view(
                target.data(),
                static_cast<std::size_t>(std::max<ssize_t>(size, 0))));
  }
  return json + "]";
}

void write_descriptors(int images, pid_t pid) {
  const auto file = must(sys::open_at(images, "descriptors.json",
                                      O_WRONLY | O_CREAT | O_TRUNC, 0600),
                         "write descriptors.json");
  must(sys::write_all(file.get(), descriptors(pid)), "write descriptors.json");
}

/// While its processes are frozen there, nobody runs away from criu.
std::string freezer_of(const cgroups::Cgroup& cgroup) {
  for (const auto& folder : cgroup.directories()) {
    if (cgroup.version() == cgroups::Version::v2 ||
        cgroups::has(folder.hierarchy, "freezer")) {
      return folder.path;
    }
  }
  return "";
}

void dump(const Container& container, const oci::Spec& spec,
          const CriuOptions& options, Criu::Request request,
          Afterwards afterwards) {
  make_folder(options.image_path);
  const std::string work =
      options.work_path.empty() ? options.image_path : options.work_path;
  make_folder(work);
  const sys::UniqueFd images = open_for_criu(options.image_path);
  const sys::UniqueFd work_folder = open_for_criu(work);
  ProtoWriter asked =
      criu_options(options, images.get(), work_folder.get(), "dump.log");
  asked.number(pid_option, static_cast<std::uint64_t>(container.record().pid))
      .text(root_option, container.record().rootfs)
      .flag(leave_running_option, afterwards == Afterwards::go_on)
      .flag(track_mem, request == Criu::Request::pre_dump);
  for (const ExternalMount& mount :
       external_mounts(spec, container.record().cgroup_path)) {
    asked.message(ext_mnt,
                  ProtoWriter().text(1, mount.inside).text(2, mount.inside));
  }
  const auto cgroup = cgroups::Cgroup::open(container.record().cgroup_path);
  if (const std::string freezer = freezer_of(cgroup); !freezer.empty()) {
    asked.text(freeze_cgroup, freezer);
  }
  if (request == Criu::Request::dump) {
    write_descriptors(images.get(), container.record().pid);
  }
  Criu criu(
      {images.get(), work_folder.get(), static_cast<int>(options.status_fd)});
  criu.ask(request, asked, work + "/dump.log",
           [](std::string_view, pid_t, const sys::UniqueFd&) {});
}

void await_end(const Container& container) {
  if (const auto process = container.pidfd()) {
    pollfd ended{.fd = process->get(), .events = POLLIN, .revents = 0};
    ::poll(&ended, 1, 10'000);
  }
}

}  // namespace

int checkpoint(Context& context, Arguments arguments) {
  CriuOptions options;
  bool leave_running = false;
  bool pre_dump = false;
  Flags flags;
  add_criu_flags(flags, options);
  flags.flag("leave-running", leave_running, "do not end the container");
  flags.flag("pre-dump", pre_dump, "memory only; the container goes on");
  const std::string id = only_id("checkpoint", flags.parse(arguments));
  if (options.parent_path.starts_with('/')) {
    throw UsageError("--parent-path must be relative to --image-path");
  }
  naming_failure("checkpoint failed", [&] {
    Container container = Container::open(context.root, id, Access::change);
    const oci::Status status = container.status();
    if (status != oci::Status::running && status != oci::Status::paused) {
      throw Refusal(std::string("Container cannot be checkpointed in ") +
                    oci::status_name(status) + " state");
    }
    const oci::Spec spec = container.spec();
    const bool goes_on = leave_running || pre_dump;
    dump(container, spec, options,
         pre_dump ? Criu::Request::pre_dump : Criu::Request::dump,
         goes_on ? Afterwards::go_on : Afterwards::end);
    if (!goes_on) {
      await_end(container);
      destroy(context, container, spec);
    }
  });
  return 0;
}

}  // namespace docker_cpp::runtime
