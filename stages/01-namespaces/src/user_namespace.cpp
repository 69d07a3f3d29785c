// SPDX-License-Identifier: Apache-2.0
// The kernel shows and takes the maps of a user namespace only through a
// process that is in it: \man{user_namespaces,7}. So one is made for the time
// that it takes.
#include "docker_cpp/namespaces/user_namespace.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

#include "user_namespace.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::namespaces {
namespace {

class Inhabitant {
 public:
  Inhabitant(unsigned long flags, int user_namespace) {
    int ends[2];
    must(sys::check_void(
             ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
             "socketpair"),
         "talk to a helper");
    end_.reset(ends[0]);
    const sys::UniqueFd its_end(ends[1]);
    int pidfd = -1;
    const long pid =
        ::syscall(SYS_clone, flags | SIGCHLD | CLONE_PIDFD, 0, &pidfd, 0, 0);
    if (pid == 0) {
      ::close(ends[0]);
      live_in_namespace(user_namespace, ends[1]);
    }
    must(sys::check_void(pid, "clone"), "start a helper in a user namespace");
    pidfd_.reset(pidfd);
    folder_ = "/proc/" + std::to_string(pid) + "/";
  }
  ~Inhabitant() {
    end_.reset();
    static_cast<void>(sys::kill_process(pidfd_.get(), SIGKILL));
    static_cast<void>(sys::wait_exit_code(pidfd_.get()));
  }
  Inhabitant(const Inhabitant&) = delete;
  Inhabitant& operator=(const Inhabitant&) = delete;
  Inhabitant(Inhabitant&&) = delete;
  Inhabitant& operator=(Inhabitant&&) = delete;

  /// Returns when it is where it should be.
  void settle() const {
    char byte = 0;
    if (::read(end_.get(), &byte, 1) != 1) {
      throw Error({.code = EPERM, .call = "setns"}, "join the user namespace");
    }
  }
  [[nodiscard]] std::string file(const char* name) const {
    return folder_ + name;
  }

 private:
  sys::UniqueFd end_;
  sys::UniqueFd pidfd_;
  std::string folder_;
};

std::vector<IdRange> read_map(const Inhabitant& inhabitant, const char* name) {
  const std::string path = inhabitant.file(name);
  return parse_id_map(
      must(sys::read_file(path.c_str()), "read " + path).c_str());
}

}  // namespace

std::vector<IdRange> parse_id_map(const char* text) {
  std::vector<IdRange> map;
  char* at = const_cast<char*>(text);
  const auto number = [&] {
    return static_cast<std::uint32_t>(std::strtoul(at, &at, 10));
  };
  while (*at != '\0') {  // each line is three numbers
    IdRange range{};
    range.inside = number();
    range.outside = number();
    range.count = number();
    map.push_back(range);
    at += std::strspn(at, " \n");
  }
  return map;
}

sys::UniqueFd make_user_namespace(const IdMaps& maps) {
  const Inhabitant inhabitant(CLONE_NEWUSER, -1);
  inhabitant.settle();
  must(sys::write_control(inhabitant.file("uid_map").c_str(),
                          format_id_map(maps.uids)),
       "write the map of users");
  must(sys::write_control(inhabitant.file("gid_map").c_str(),
                          format_id_map(maps.gids)),
       "write the map of groups");
  return must(sys::open(inhabitant.file("ns/user").c_str(), O_RDONLY),
              "open the user namespace");
}

IdMaps maps_of(int user_namespace) {
  const Inhabitant inhabitant(0, user_namespace);
  inhabitant.settle();
  return {.uids = read_map(inhabitant, "uid_map"),
          .gids = read_map(inhabitant, "gid_map")};
}

}  // namespace docker_cpp::namespaces
