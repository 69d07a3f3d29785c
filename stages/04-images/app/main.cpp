// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <climits>

#include "docker_cpp/images/image_store.hpp"
#include "docker_cpp/namespaces/exec_error.hpp"
#include "docker_cpp/namespaces/namespaces.hpp"
#include "docker_cpp/namespaces/process.hpp"
#include "docker_cpp/rootfs/root_fd.hpp"
#include "docker_cpp/rootfs/root_filesystem.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace images = docker_cpp::images;
namespace ns = docker_cpp::namespaces;
namespace rootfs = docker_cpp::rootfs;

namespace {

constexpr const char* usage =
    "usage: stage04 run IMAGE [PROGRAM [ARG...]] | load ARCHIVE |\n"
    "               pull NAME | ls | rm IMAGE | tag IMAGE NAME | layers IMAGE\n"
    "The images are kept in $STAGE04_ROOT (/var/tmp/docker-cpp-stage04).\n";

/// The worker lies beside this program, by whatever name that was called.
std::string worker_path() {
  std::array<char, PATH_MAX> self{};
  const ssize_t length =
      ::readlink("/proc/self/exe", self.data(), self.size() - 1);
  std::string path(self.data(),
                   length > 0 ? static_cast<std::size_t>(length) : 0);
  path.resize(path.rfind('/') + 1);
  return path + "stage04-worker";
}

images::ImageStore open_store() {
  const char* root = std::getenv("STAGE04_ROOT");
  return images::ImageStore(
      {.data_root = root != nullptr ? root : "/var/tmp/docker-cpp-stage04",
       .worker = worker_path()});
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

void pull(images::ImageStore& store, const char* name) {
  images::PullRequest request;
  request.reference = name;
  request.listener = [](const images::Progress& step) {
    if (step.total == 0) {
      std::printf("%s%s%s\n", step.id.c_str(), step.id.empty() ? "" : ": ",
                  step.status.c_str());
    }
  };
  for (const images::PulledImage& image : store.pull(request)) {
    std::printf("%s %s\n",
                image.changed ? "Pulled" : "Up to date:", image.name.c_str());
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

/// The writable layer: thrown away when the container ends.
class WritableLayer {
 public:
  WritableLayer() {
    std::string name = "/tmp/stage04-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
      throw docker_cpp::Error({.code = errno, .call = "mkdtemp"},
                              "make a writable layer");
    }
    path_ = name;
    const auto root =
        docker_cpp::must(rootfs::RootFd::of(path_), "make a writable layer");
    docker_cpp::must(root.make_directory("upper"), "make a writable layer");
    docker_cpp::must(root.make_directory("work"), "make a writable layer");
  }
  ~WritableLayer() {
    if (const auto root = rootfs::RootFd::of(path_)) {
      static_cast<void>(root->remove_tree("/"));
    }
    ::rmdir(path_.c_str());
  }
  WritableLayer(const WritableLayer&) = delete;
  WritableLayer& operator=(const WritableLayer&) = delete;

  [[nodiscard]] rootfs::OverlayRoot over(
      std::vector<std::string> layers) const {
    return {.lower = std::move(layers),
            .upper = path_ + "/upper",
            .work = path_ + "/work",
            .durable = false};
  }

 private:
  std::string path_;
};

/// What runs: the words given, else what the image says.
ns::Program program_of(const images::ImageConfig& config,
                       std::span<char*> words) {
  ns::Program program;
  program.env = config.env;
  if (config.entrypoint) {
    program.args = *config.entrypoint;
  }
  if (!words.empty()) {
    program.args.insert(program.args.end(), words.begin(), words.end());
  } else if (config.cmd) {
    program.args.insert(program.args.end(), config.cmd->begin(),
                        config.cmd->end());
  }
  return program;
}

// [stage04]
int run(images::ImageStore& store, const images::Image& image,
        std::span<char*> words) {
  const WritableLayer layer;
  rootfs::RootPlan plan;
  plan.root = layer.over(store.layer_directories(image));
  plan.mounts = rootfs::default_mounts();
  plan.devices = rootfs::default_devices();
  plan.masked_paths = rootfs::default_masked_paths();
  plan.read_only_paths = rootfs::default_read_only_paths();
  if (!image.config.working_dir.empty()) {
    plan.working_directory = image.config.working_dir;
  }

  ns::Isolations isolations;
  isolations.push_back(std::make_unique<ns::NewNamespaces>(std::vector{
      ns::Kind::pid, ns::Kind::uts, ns::Kind::ipc, ns::Kind::mount}));
  isolations.push_back(std::make_unique<ns::Hostname>("container"));
  isolations.push_back(std::make_unique<rootfs::RootFilesystem>(plan));
  return ns::Process::start(program_of(image.config, words), isolations).wait();
}
// [stage04]

int act(std::span<char*> args) {
  const std::string_view verb = args.empty() ? "" : args[0];
  images::ImageStore store = open_store();
  for (const std::string& problem : store.problems()) {
    std::fprintf(stderr, "stage04: %s\n", problem.c_str());
  }
  if (verb == "run" && args.size() >= 2) {
    return run(store, find(store, args[1]), args.subspan(2));
  }
  if (verb == "load" && args.size() == 2) {
    load(store, args[1]);
  } else if (verb == "pull" && args.size() == 2) {
    pull(store, args[1]);
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
    return act(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  } catch (const ns::ExecError& error) {
    std::fprintf(stderr, "stage04: %s\n", error.what());
    return error.exit_code();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "stage04: %s\n", error.what());
    return 125;
  }
}
