// SPDX-License-Identifier: Apache-2.0
#include "criu.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "container.hpp"

#include "docker_cpp/namespaces/exec_error.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::runtime {
namespace {

// Numbers of criu's images/rpc.proto.
enum RequestField : unsigned {
  request_type = 1,
  request_opts = 2,
  notify_success = 3
};
enum ResponseField : unsigned {
  response_type = 1,
  response_success = 2,
  response_restore = 4,
  response_notify = 5,
  response_errno = 7,
  response_message = 9
};
constexpr std::uint64_t type_notify = 6;

enum Option : unsigned {
  images_dir_fd = 1,
  ext_unix_sk = 4,
  tcp_established = 5,
  shell_job = 7,
  file_locks = 8,
  log_level = 9,
  log_file = 10,
  page_server = 11,
  notify_scripts = 12,
  parent_img = 14,
  auto_dedup = 16,
  work_dir_fd = 17,
  link_remap = 18,
  manage_cgroups = 24,
  manage_cgroups_mode = 34,
  empty_ns = 38,
  tcp_skip_in_flight = 46,
  lazy_pages = 48,
  status_fd = 49,
  orphan_pts_master = 50,
  lsm_profile = 53,
  lsm_mount_context = 63
};

std::uint64_t cgroup_mode(const std::string& word) {
  struct Mode {
    std::string_view word;
    unsigned number;
  };
  constexpr std::array words = {Mode{"ignore", 0}, Mode{"none", 1},
                                Mode{"props", 2},  Mode{"soft", 3},
                                Mode{"full", 4},   Mode{"strict", 5}};
  const auto* found = std::ranges::find(words, word, &Mode::word);
  if (found == words.end()) {
    throw UsageError("Invalid manage-cgroups-mode value: " + word);
  }
  return found->number;
}

ProtoWriter server_at(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0) {
    throw UsageError("Use --page-server ADDRESS:PORT to specify page server");
  }
  return ProtoWriter()
      .text(1, address.substr(0, colon))
      .number(2, static_cast<std::uint64_t>(
                     parse_number("page-server", address.substr(colon + 1))));
}

std::uint64_t empty_namespaces(const std::vector<std::string>& names) {
  std::uint64_t all = 0;
  for (const std::string& name : names) {
    if (name != "network") {
      throw UsageError("namespace " + name + " is not supported");
    }
    all |= CLONE_NEWNET;
  }
  return all;
}

struct Received {
  std::string bytes;
  sys::UniqueFd descriptor;
};

/// One packet is one message.
Received receive(int socket) {
  std::array<char, 65536> buffer{};
  iovec text{.iov_base = buffer.data(), .iov_len = buffer.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t got = 0;
  while ((got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC)) == -1 &&
         errno == EINTR) {
  }
  must(sys::check_void(got, "recvmsg"), "hear from criu");
  Received received{std::string(buffer.data(), static_cast<std::size_t>(got)),
                    {}};
  if (const cmsghdr* header = CMSG_FIRSTHDR(&message);
      header != nullptr && header->cmsg_type == SCM_RIGHTS) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    received.descriptor.reset(fd);
  }
  return received;
}

}  // namespace

void add_criu_flags(Flags& flags, CriuOptions& options) {
  flags.text("image-path", options.image_path, "folder of the image");
  flags.text("work-path", options.work_path, "folder of criu's log");
  flags.text("parent-path", options.parent_path,
             "folder of an earlier image, relative to the image's");
  flags.text("page-server", options.page_server,
             "ADDRESS:PORT that memory is sent to");
  flags.text("manage-cgroups-mode", options.manage_cgroups,
             "soft, full, strict, ignore");
  flags.text("lsm-profile", options.lsm_profile, "apparmor:NAME or the like");
  flags.text("lsm-mount-context", options.lsm_mount_context,
             "SELinux context of mounts");
  flags.list("empty-ns", options.empty_namespaces, "network: leave it out");
  flags.number("status-fd", options.status_fd,
               "gets a byte when lazy pages are ready");
  flags.flag("tcp-established", options.tcp_established,
             "with open connections");
  flags.flag("tcp-skip-in-flight", options.tcp_skip_in_flight,
             "without connections that are being made");
  flags.flag("link-remap", options.link_remap, "with unlinked files");
  flags.flag("ext-unix-sk", options.ext_unix_sockets,
             "with unix sockets to others");
  flags.flag("shell-job", options.shell_job, "with the caller's terminal");
  flags.flag("lazy-pages", options.lazy_pages, "memory comes when needed");
  flags.flag("file-locks", options.file_locks, "with file locks");
  flags.flag("auto-dedup", options.auto_dedup, "drop memory that came twice");
}

sys::UniqueFd open_for_criu(const std::string& folder) {
  const auto opened = must(sys::open(folder.c_str(), O_RDONLY | O_DIRECTORY),
                           "open the folder " + folder);
  // Not close-on-exec: it is to be criu's.
  return sys::UniqueFd(
      must(sys::check(::fcntl(opened.get(), F_DUPFD, 3), "fcntl"),
           "open the folder " + folder));
}

ProtoWriter criu_options(const CriuOptions& options, int images, int work,
                         const std::string& log) {
  ProtoWriter all;
  all.number(images_dir_fd, static_cast<std::uint64_t>(images))
      .number(work_dir_fd, static_cast<std::uint64_t>(work))
      .number(log_level, 4)
      .text(log_file, log)
      .flag(notify_scripts, true)
      .flag(manage_cgroups, true)
      .number(manage_cgroups_mode, cgroup_mode(options.manage_cgroups))
      .flag(tcp_established, options.tcp_established)
      .flag(tcp_skip_in_flight, options.tcp_skip_in_flight)
      .flag(ext_unix_sk, options.ext_unix_sockets)
      .flag(shell_job, options.shell_job)
      .flag(file_locks, options.file_locks)
      .flag(link_remap, options.link_remap)
      .flag(auto_dedup, options.auto_dedup)
      .flag(lazy_pages, options.lazy_pages)
      .flag(orphan_pts_master, true);
  if (!options.parent_path.empty()) {
    all.text(parent_img, options.parent_path);
  }
  if (!options.page_server.empty()) {
    all.message(page_server, server_at(options.page_server));
  }
  if (const auto empty = empty_namespaces(options.empty_namespaces)) {
    all.number(empty_ns, empty);
  }
  if (options.status_fd >= 0) {
    all.number(status_fd, static_cast<std::uint64_t>(options.status_fd));
  }
  if (!options.lsm_profile.empty()) {
    all.text(lsm_profile, options.lsm_profile);
  }
  if (!options.lsm_mount_context.empty()) {
    all.text(lsm_mount_context, options.lsm_mount_context);
  }
  return all;
}

Criu::Criu(const std::vector<int>& handed_over) {
  std::array<int, 2> ends{};
  must(sys::check_void(
           ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()),
           "socketpair"),
       "make a socket for criu");
  socket_.reset(ends[0]);
  const sys::UniqueFd theirs(ends[1]);
  must(sys::check_void(::fcntl(theirs.get(), F_SETFD, 0), "fcntl"),
       "make a socket for criu");
  int highest = theirs.get();
  for (const int fd : handed_over) {
    highest = std::max(highest, fd);
  }
  try {
    process_.emplace(namespaces::Process::start(
        {.args = {"criu", "swrk", std::to_string(theirs.get())},
         .preserve_fds = static_cast<unsigned>(highest - 2)},
        {}));
  } catch (const namespaces::ExecError& error) {
    throw Refusal(
        std::string("checkpoint and restore are criu's work, which cannot be "
                    "executed (Debian's package criu): ") +
        error.what());
  }
}

void Criu::send(const ProtoWriter& message) const {
  must(sys::check_void(::send(socket_.get(), message.bytes().data(),
                              message.bytes().size(), MSG_NOSIGNAL),
                       "send"),
       "ask criu");
}

pid_t Criu::ask(Request request, const ProtoWriter& options,
                const std::string& log, const Notify& notify) {
  send(ProtoWriter()
           .number(request_type, static_cast<std::uint64_t>(request))
           .message(request_opts, options));
  while (true) {
    Received received = receive(socket_.get());
    const auto answer = ProtoReader::parse(received.bytes);
    if (!answer || received.bytes.empty()) {
      throw Refusal("criu failed: it has gone without an answer, see " + log);
    }
    if (answer->number(response_success) == 0) {
      const std::string_view message = answer->text(response_message);
      throw Refusal(
          "criu failed: type " +
          std::string(request == Request::restore ? "RESTORE" : "DUMP") +
          " errno " + std::to_string(answer->number(response_errno)) +
          (message.empty() ? "" : ": " + std::string(message)) +
          "\nlog file: " + log);
    }
    if (answer->number(response_type) != type_notify) {
      const auto restored = ProtoReader::parse(answer->text(response_restore));
      return restored ? static_cast<pid_t>(restored->number(1)) : 0;
    }
    if (const auto told = ProtoReader::parse(answer->text(response_notify))) {
      notify(told->text(1), static_cast<pid_t>(told->number(2)),
             std::move(received.descriptor));
    }
    send(ProtoWriter()
             .number(request_type, type_notify)
             .flag(notify_success, true));
  }
}

}  // namespace docker_cpp::runtime
