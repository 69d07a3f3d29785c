// SPDX-License-Identifier: Apache-2.0
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include <nlohmann/json.hpp>

#include "context.hpp"
#include "handlers.hpp"

#include "docker_cpp/cgroups/hierarchies.hpp"
#include "docker_cpp/daemon/model_json.hpp"
#include "docker_cpp/images/image_store.hpp"

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

utsname machine() {
  utsname about{};
  ::uname(&about);
  return about;
}

/// Go's names of architectures.
std::string architecture(std::string_view machine_name) {
  if (machine_name == "x86_64") {
    return "amd64";
  }
  return machine_name == "aarch64" ? "arm64" : std::string(machine_name);
}

std::string operating_system() {
  std::ifstream release("/etc/os-release");
  constexpr std::string_view key = "PRETTY_NAME=";
  for (std::string line; std::getline(release, line);) {
    if (line.starts_with(key)) {
      line.erase(0, key.size());
      std::erase(line, '"');
      return line;
    }
  }
  return "Linux";
}

std::string host_name(const EngineInfo& info) {
  return info.host_name.empty() ? machine().nodename : info.host_name;
}

bool is_on(const char* path) {
  int value = 0;
  return (std::ifstream(path) >> value) && value != 0;
}

/// Nothing in front of this server may keep an old answer to a ping.
void ping(const CallPtr& call) {
  auto head = call->head(200);
  head.content_type = "text/plain; charset=utf-8";
  head.headers.emplace_back("Builder-Version", "1");
  head.headers.emplace_back("Cache-Control",
                            "no-cache, no-store, must-revalidate");
  head.headers.emplace_back("Pragma", "no-cache");
  head.headers.emplace_back("Swarm", "inactive");
  call->exchange->reply(std::move(head),
                        call->request.method == "HEAD" ? "" : "OK");
}

void version(const CallPtr& call) {
  const auto& info = call->context->info;
  const auto about = machine();
  const json details = {{"ApiVersion", api_version},
                        {"Arch", architecture(about.machine)},
                        {"BuildTime", info.build_time},
                        {"Experimental", "false"},
                        {"GitCommit", info.git_commit},
                        {"KernelVersion", about.release},
                        {"MinAPIVersion", minimum_api_version},
                        {"Os", "linux"}};
  call->reply(200, {{"Platform", {{"Name", "docker-cpp"}}},
                    {"Components",
                     {{{"Name", "Engine"},
                       {"Version", info.version},
                       {"Details", details}}}},
                    {"Version", info.version},
                    {"ApiVersion", api_version},
                    {"MinAPIVersion", minimum_api_version},
                    {"GitCommit", info.git_commit},
                    {"GoVersion", ""},
                    {"Os", "linux"},
                    {"Arch", architecture(about.machine)},
                    {"KernelVersion", about.release},
                    {"BuildTime", info.build_time}});
}

json no_swarm() {
  return {{"NodeID", ""},
          {"NodeAddr", ""},
          {"LocalNodeState", "inactive"},
          {"ControlAvailable", false},
          {"Error", ""},
          {"RemoteManagers", nullptr}};
}

json container_counts(const Context& context) {
  const auto all = context.runtime.list();
  const auto count = [&](auto... states) {
    return std::ranges::count_if(all, [=](const ContainerPtr& container) {
      return ((container->state == states) || ...);
    });
  };
  const auto running = count(State::running, State::restarting);
  const auto paused = count(State::paused);
  const auto total = static_cast<std::ptrdiff_t>(all.size());
  return {{"Containers", total},
          {"ContainersRunning", running},
          {"ContainersPaused", paused},
          {"ContainersStopped", total - running - paused}};
}

json registry_config() {
  return {{"AllowNondistributableArtifactsCIDRs", json::array()},
          {"AllowNondistributableArtifactsHostnames", json::array()},
          {"InsecureRegistryCIDRs", {"127.0.0.0/8"}},
          {"IndexConfigs", json::object()},
          {"Mirrors", json::array()}};
}

/// What the kernel and the machine can do.
json machine_view() {
  using cgroups::Version;
  const auto about = machine();
  struct sysinfo memory{};
  ::sysinfo(&memory);
  const bool unified = cgroups::Hierarchies::detect().version() == Version::v2;
  json out = {{"KernelVersion", about.release},
              {"OperatingSystem", operating_system()},
              {"OSType", "linux"},
              {"OSVersion", ""},
              {"Architecture", about.machine},
              {"NCPU", ::sysconf(_SC_NPROCESSORS_ONLN)},
              {"MemTotal", memory.totalram * memory.mem_unit},
              {"CgroupDriver", "cgroupfs"},
              {"CgroupVersion", unified ? "2" : "1"},
              {"IPv4Forwarding", is_on("/proc/sys/net/ipv4/ip_forward")},
              {"BridgeNfIptables", false},
              {"BridgeNfIp6tables", false},
              {"KernelMemory", false},
              {"KernelMemoryTCP", false}};
  for (const char* limit :
       {"MemoryLimit", "SwapLimit", "CpuCfsPeriod", "CpuCfsQuota", "CPUShares",
        "CPUSet", "PidsLimit", "OomKillDisable"}) {
    out[limit] = true;
  }
  return out;
}

json engine_view(const EngineInfo& info) {
  return {
      {"ID", info.id},
      {"Name", host_name(info)},
      {"ServerVersion", info.version},
      {"DockerRootDir", info.data_root},
      {"Labels", info.labels},
      {"SecurityOptions", info.security_options},
      {"Driver", "overlay2"},
      // A list of pairs, which an initialiser alone would make an object.
      {"DriverStatus",
       json::array({json::array({"Backing Filesystem", "overlayfs"})})},
      {"SystemStatus", nullptr},
      {"LoggingDriver", "json-file"},
      {"DefaultRuntime", "docker-cpp"},
      {"Runtimes", {{"docker-cpp", {{"path", "docker-cpp-runtime"}}}}},
      {"InitBinary", ""},
      {"ContainerdCommit", {{"ID", ""}, {"Expected", ""}}},
      {"RuncCommit", {{"ID", ""}, {"Expected", ""}}},
      {"InitCommit", {{"ID", ""}, {"Expected", ""}}},
      {"Plugins",
       {{"Volume", {"local"}},
        {"Network", {"bridge", "host", "null"}},
        {"Authorization", nullptr},
        {"Log", {"json-file", "none"}}}},
      {"IndexServerAddress", "https://index.docker.io/v1/"},
      {"RegistryConfig", registry_config()},
      {"Swarm", no_swarm()},
      {"ExperimentalBuild", false},
      {"LiveRestoreEnabled", true},
      {"Isolation", ""},
      {"GenericResources", nullptr},
      {"DefaultAddressPools", nullptr},
      {"HttpProxy", ""},
      {"HttpsProxy", ""},
      {"NoProxy", ""},
      {"Debug", false},
      {"Warnings", nullptr},
  };
}

void info(const CallPtr& call) {
  const auto& context = *call->context;
  json out = engine_view(context.info);
  out.update(machine_view());
  out.update(container_counts(context));
  out["Images"] = context.images.list().size();
  out["NFd"] = 0;
  out["NGoroutines"] = 0;
  out["NEventsListener"] = 0;
  out["SystemTime"] = format_time(std::chrono::system_clock::now());
  call->reply(200, out);
}

}  // namespace

void add_system(Router& router) {
  router.add("GET", "/_ping", ping);
  router.add("HEAD", "/_ping", ping);
  router.add("GET", "/version", version);
  router.add("GET", "/info", info);
}

}  // namespace docker_cpp::daemon::api
