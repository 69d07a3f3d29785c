// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/in_namespace.hpp"

#include <fcntl.h>
#include <sched.h>

#include <exception>
#include <string>
#include <thread>

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::network {

void in_network_namespace(int netns, const std::function<void()>& work) {
  std::exception_ptr failure;
  std::thread([&]() noexcept {
    try {
      must(sys::join_namespace(netns, CLONE_NEWNET),
           "enter the container's network");
      work();
    } catch (...) {
      failure = std::current_exception();
    }
  }).join();
  if (failure) {
    std::rethrow_exception(failure);
  }
}

sys::UniqueFd network_namespace_of(int pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/ns/net";
  return must(sys::open(path.c_str(), O_RDONLY), "open " + path);
}

void set_sysctl(std::string_view name, std::string_view value) {
  const std::string path = "/proc/sys/" + std::string(name);
  const auto now = sys::read_file(path.c_str());
  if (now && now->substr(0, now->find('\n')) == value) {
    return;
  }
  must(sys::write_control(path.c_str(), value),
       "set " + std::string(name) + " to " + std::string(value));
}

}  // namespace docker_cpp::network
