// SPDX-License-Identifier: Apache-2.0
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "docker_cpp/oci/json_view.hpp"
#include "docker_cpp/oci/notify.hpp"
#include "docker_cpp/oci/spec.hpp"
#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::oci {
namespace {

constexpr const char* property = "linux.seccomp.listenerPath";

sys::UniqueFd connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    throw SpecError(property, "\"" + path + "\" is too long for a socket");
  }
  path.copy(address.sun_path, path.size());
  sys::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address),
                sizeof address) == -1) {
    throw SpecError(property, "nobody listens at \"" + path +
                                  "\": " + std::strerror(errno));
  }
  return socket;
}

/// One message, with the descriptor beside its first byte.
void send_with(int socket, int fd, std::string text) {
  iovec part{.iov_base = text.data(), .iov_len = text.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  must(sys::check_void(::sendmsg(socket, &message, MSG_NOSIGNAL), "sendmsg"),
       "send the filter's handle to linux.seccomp.listenerPath");
}

}  // namespace

NotifyingFilter::NotifyingFilter(security::FilterProgram program,
                                 unsigned flags, const Listener& listener,
                                 State state)
    : program_(std::move(program)),
      flags_(flags),
      metadata_(listener.metadata),
      state_(std::move(state)),
      socket_(connect_to(listener.path)),
      handle_(
          static_cast<int*>(::mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE,
                                   MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
  if (handle_ == MAP_FAILED) {
    throw Error({.code = errno, .call = "mmap"}, "share a page with the child");
  }
}

NotifyingFilter::~NotifyingFilter() {
  ::munmap(handle_, sizeof(int));
}

const char* NotifyingFilter::name() const noexcept {
  return "load the system call filter";
}

void NotifyingFilter::while_child_waits(const namespaces::ChildHandle& child) {
  const sys::UniqueFd handle(static_cast<int>(
      must(sys::check(::syscall(SYS_pidfd_getfd, child.pidfd, *handle_, 0),
                      "pidfd_getfd"),
           "take the filter's handle")));
  if (state_.pid == 0) {
    state_.pid = child.pid;
  }
  send_with(socket_.get(), handle.get(),
            R"({"ociVersion":")" + std::string(oci_version) +
                R"(","fds":["seccompFd"],"pid":)" + std::to_string(child.pid) +
                R"(,"metadata":)" + json_quote(metadata_) + R"(,"state":)" +
                print_state(state_) + "}");
  socket_.reset();
}

}  // namespace docker_cpp::oci
