// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/namespaces/exec_error.hpp"
#include "docker_cpp/namespaces/namespaces.hpp"
#include "docker_cpp/namespaces/process.hpp"
#include "docker_cpp/rootfs/root_fd.hpp"
#include "docker_cpp/rootfs/root_filesystem.hpp"
#include "docker_cpp/sys/error.hpp"

namespace ns = docker_cpp::namespaces;
namespace rootfs = docker_cpp::rootfs;

namespace {

constexpr const char* usage =
    "usage: stage03 [--read-only] [--volume SRC:DST[:ro]]...\n"
    "               (ROOTFS | --layers TOP:...:BOTTOM) PROGRAM [ARG...]\n";

struct Options {
  bool read_only = false;
  std::vector<rootfs::MountSpec> volumes;
  std::vector<std::string> layers;
  std::vector<std::string> program;
};

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t colon = text.find(':');
    parts.emplace_back(text.substr(0, colon));
    if (colon == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(colon + 1);
  }
}

rootfs::MountSpec parse_volume(const std::string& text) {
  const std::vector<std::string> parts = split(text);
  const bool read_only = parts.size() == 3 && parts[2] == "ro";
  if (parts.size() < 2 || parts.size() > 3 ||
      (parts.size() == 3 && !read_only)) {
    throw std::invalid_argument("--volume " + text + " is not SRC:DST[:ro]");
  }
  return {parts[1], "bind", parts[0], {"rbind", read_only ? "rro" : "rw"}};
}

Options parse(std::vector<std::string> args) {
  Options options;
  std::size_t at = 0;
  const auto next = [&] {
    if (at == args.size()) {
      throw std::invalid_argument(usage);
    }
    return args[at++];
  };
  std::string word = next();
  for (; word.starts_with("--"); word = next()) {
    if (word == "--read-only") {
      options.read_only = true;
    } else if (word == "--volume") {
      options.volumes.push_back(parse_volume(next()));
    } else if (word == "--layers") {
      options.layers = split(next());
    } else {
      throw std::invalid_argument(usage);
    }
  }
  if (options.layers.empty()) {
    options.layers = {word};
    word = next();
  }
  options.program = {word};
  options.program.insert(options.program.end(),
                         args.begin() + static_cast<std::ptrdiff_t>(at),
                         args.end());
  return options;
}

/// The writable layer: thrown away when the container ends.
class WritableLayer {
 public:
  WritableLayer() {
    std::string name = "/tmp/stage03-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
      throw std::runtime_error("cannot make " + name);
    }
    path_ = name;
    std::filesystem::create_directory(path_ + "/upper");
    std::filesystem::create_directory(path_ + "/work");
  }
  ~WritableLayer() {
    if (const auto root = rootfs::RootFd::of(path_)) {
      static_cast<void>(root->remove_tree("/"));
    }
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  WritableLayer(const WritableLayer&) = delete;
  WritableLayer& operator=(const WritableLayer&) = delete;
  WritableLayer(WritableLayer&&) = delete;
  WritableLayer& operator=(WritableLayer&&) = delete;

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

// [stage03]
int run(const Options& options) {
  const WritableLayer layer;
  rootfs::RootPlan plan;
  plan.root = layer.over(options.layers);
  plan.read_only = options.read_only;
  plan.mounts = rootfs::default_mounts();
  plan.mounts.insert(plan.mounts.end(), options.volumes.begin(),
                     options.volumes.end());
  plan.devices = rootfs::default_devices();
  plan.masked_paths = rootfs::default_masked_paths();
  plan.read_only_paths = rootfs::default_read_only_paths();

  ns::Isolations isolations;
  isolations.push_back(std::make_unique<ns::NewNamespaces>(std::vector{
      ns::Kind::pid, ns::Kind::uts, ns::Kind::ipc, ns::Kind::mount}));
  isolations.push_back(std::make_unique<ns::Hostname>("container"));
  isolations.push_back(std::make_unique<rootfs::RootFilesystem>(plan));
  return ns::Process::start({.args = options.program}, isolations).wait();
}
// [stage03]

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(parse({argv + 1, argv + argc}));
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "%s\n", error.what());
  } catch (const ns::ExecError& error) {
    std::fprintf(stderr, "stage03: %s\n", error.what());
    return error.exit_code();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "stage03: %s\n", error.what());
  }
  return 125;  // docker run: "the daemon itself failed"
}
