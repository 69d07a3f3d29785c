// SPDX-License-Identifier: Apache-2.0
#include "oci_bundle.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "docker_cpp/oci/template.hpp"

namespace fs = std::filesystem;

Bundle::Bundle() {
  char name[] = "/tmp/docker-cpp-bundle-XXXXXX";
  if (::mkdtemp(name) == nullptr) {
    throw std::runtime_error("no temporary folder");
  }
  path_ = name;
  id_ = path_.substr(path_.rfind('/') + 1);
  fs::permissions(path_, fs::perms(0755));
  fs::create_directories(root() + "/bin");
  fs::create_directories(root() + "/etc");
  fs::create_directories(root() + "/tmp");
  fs::copy_file("/bin/busybox", root() + "/bin/busybox");
  for (const char* tool :
       {"sh",    "true", "false", "id",     "cat",      "ls",
        "sleep", "echo", "stat",  "mount",  "hostname", "kill",
        "touch", "test", "tty",   "env",    "wc",       "readlink",
        "dd",    "grep", "stty",  "umount", "ip"}) {
    fs::create_symlink("busybox", root() + "/bin/" + tool);
  }
  spill(root() + "/etc/passwd",
        "root:x:0:0:root:/root:/bin/sh\nada:x:1815:1852::/home/ada:/bin/sh\n");
  spill(root() + "/etc/group", "root:x:0:\nada:x:1852:\nengine:x:33:ada\n");
}

Bundle::~Bundle() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string Bundle::config(const std::vector<std::string>& args,
                           const std::string& patch) {
  auto json = nlohmann::json::parse(docker_cpp::oci::template_for_root());
  json["process"]["terminal"] = false;
  json["process"]["args"] = args;
  json.merge_patch(nlohmann::json::parse(patch));
  return json.dump(2);
}

void Bundle::configure(const std::vector<std::string>& args,
                       const std::string& patch) const {
  spill(path_ + "/config.json", config(args, patch));
}

std::string slurp(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

void spill(const std::string& path, const std::string& content, unsigned mode) {
  std::ofstream(path) << content;
  ::chmod(path.c_str(), mode);
}

int count_cgroups(const std::string& name) {
  int count = 0;
  for (const auto& hierarchy : fs::directory_iterator("/sys/fs/cgroup")) {
    count += fs::exists(hierarchy.path() / "docker-cpp" / name) ? 1 : 0;
  }
  return count + (fs::exists("/sys/fs/cgroup/docker-cpp/" + name) ? 1 : 0);
}

std::string json_at(const std::string& json, const std::string& pointer) {
  const auto value =
      nlohmann::json::parse(json).at(nlohmann::json::json_pointer(pointer));
  return value.is_string() ? value.get<std::string>() : value.dump();
}
