// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>
#include <string>
#include <string_view>

#include "docker_cpp/images/image_store.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace images = docker_cpp::images;

namespace {

constexpr const char* usage =
    "usage: stage04 load ARCHIVE | ls | rm IMAGE | tag IMAGE NAME | "
    "layers IMAGE\n"
    "The images are kept in $STAGE04_ROOT (/var/tmp/docker-cpp-stage04).\n";

/// The worker lies beside this program.
std::string worker_path(std::string self) {
  self.resize(self.rfind('/') + 1);
  return self + "stage04-worker";
}

images::ImageStore open_store(const std::string& self) {
  const char* root = std::getenv("STAGE04_ROOT");
  return images::ImageStore(
      {.data_root = root != nullptr ? root : "/var/tmp/docker-cpp-stage04",
       .worker = worker_path(self)});
}

images::Image find(images::ImageStore& store, std::string_view name) {
  if (auto image = store.find(name)) {
    return *std::move(image);
  }
  throw images::ImageError(images::ImageError::Reason::not_found,
                           "No such image: " + std::string(name));
}

void load(images::ImageStore& store, const char* path) {
  const auto archive = docker_cpp::must(docker_cpp::sys::open(path, O_RDONLY),
                                        "open " + std::string(path));
  for (const std::string& name : store.load(archive.get())) {
    std::printf("Loaded image: %s\n", name.c_str());
  }
}

void list(const images::ImageStore& store) {
  for (const images::Image& image : store.list()) {
    std::printf("%.12s %8.1f MB", image.id.c_str() + 7,
                static_cast<double>(image.size) / 1e6);
    for (const std::string& tag : image.repo_tags) {
      std::printf(" %s", tag.c_str());
    }
    std::printf("\n");
  }
}

void remove(images::ImageStore& store, std::string_view name) {
  const images::RemoveResult result = store.remove(name);
  for (const std::string& one : result.untagged) {
    std::printf("Untagged: %s\n", one.c_str());
  }
  for (const std::string& one : result.deleted) {
    std::printf("Deleted: %s\n", one.c_str());
  }
}

int act(const std::string& self, std::span<char*> args) {
  const std::string_view verb = args.empty() ? "" : args[0];
  images::ImageStore store = open_store(self);
  for (const std::string& problem : store.problems()) {
    std::fprintf(stderr, "stage04: %s\n", problem.c_str());
  }
  if (verb == "load" && args.size() == 2) {
    load(store, args[1]);
  } else if (verb == "ls" && args.size() == 1) {
    list(store);
  } else if (verb == "rm" && args.size() == 2) {
    remove(store, args[1]);
  } else if (verb == "tag" && args.size() == 3) {
    store.tag(args[1], args[2]);
  } else if (verb == "layers" && args.size() == 2) {
    for (const std::string& one :
         store.layer_directories(find(store, args[1]))) {
      std::printf("%s\n", one.c_str());
    }
  } else {
    std::fputs(usage, stderr);
    return 125;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return act(argv[0],
               std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "stage04: %s\n", error.what());
    return 125;
  }
}
