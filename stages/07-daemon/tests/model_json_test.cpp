// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/model_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace docker_cpp::daemon {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const ApiError& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    return error.what();
  }
  return "not refused";
}

/// Every field away from its default, so that one forgotten shows.
HostConfig full_host_config() {
  HostConfig host;
  host.binds = {"/a:/b:ro"};
  host.mounts = {{.type = "tmpfs",
                  .target = "/t",
                  .read_only = true,
                  .propagation = "rslave",
                  .tmpfs_size = 4096,
                  .tmpfs_mode = 0700},
                 {.type = "volume", .source = "v", .target = "/v"}};
  host.tmpfs = {{"/run", "size=1m"}};
  host.network_mode = "host";
  host.port_bindings = {{"80/tcp", {{"127.0.0.1", "8080"}, {"", ""}}},
                        {"90/udp", {}}};
  host.publish_all_ports = host.auto_remove = host.privileged = true;
  host.readonly_rootfs = true;
  host.restart_policy = {"on-failure", 3};
  host.cap_add = {"NET_ADMIN"};
  host.cap_drop = {"ALL"};
  host.security_opt = {"no-new-privileges"};
  host.dns = {"1.1.1.1"};
  host.dns_options = {"ndots:1"};
  host.dns_search = {"example.org"};
  host.extra_hosts = {"h:1.2.3.4"};
  host.group_add = {"7"};
  host.ipc_mode = "private";
  host.pid_mode = "host";
  host.uts_mode = "host";
  host.userns_mode = "host";
  host.cgroupns_mode = "private";
  host.cgroup_parent = "/p";
  host.shm_size = 1 << 20;
  host.oom_score_adj = -5;
  host.init = false;
  host.ulimits = {{"nofile", 10, 20}};
  host.devices = {{"/dev/a", "/dev/b", "r"}};
  host.sysctls = {{"net.core.somaxconn", "9"}};
  host.log_driver = "none";
  host.log_options = {{"max-size", "1m"}};
  host.runtime = "other";
  host.memory = 1LL << 33;
  host.memory_reservation = 2;
  host.memory_swap = -1;
  host.memory_swappiness = 0;
  host.oom_kill_disable = true;
  host.nano_cpus = 1'500'000'000;
  host.cpu_shares = 5;
  host.cpu_period = 6;
  host.cpu_quota = 7;
  host.cpuset_cpus = "0-1";
  host.cpuset_mems = "0";
  host.pids_limit = 100;
  host.blkio_weight = 500;
  host.masked_paths = Strings{};
  host.readonly_paths = Strings{"/proc/sys"};
  return host;
}

Config full_config() {
  Config config;
  config.hostname = "h";
  config.domainname = "d";
  config.user = "1:2";
  config.attach_stdin = config.attach_stdout = config.attach_stderr = true;
  config.exposed_ports = {"53/udp", "80/tcp"};
  config.tty = config.open_stdin = config.stdin_once = true;
  config.env = {"A=b", "EMPTY="};
  config.cmd = Strings{"echo", "ü\n\"\\"};
  config.entrypoint = Strings{};
  config.image = "busybox:latest";
  config.volumes = {"/data"};
  config.working_dir = "/w";
  config.labels = {{"k", "v"}};
  config.stop_signal = "SIGINT";
  config.stop_timeout = 0;
  return config;
}

Container full_container() {
  Container container;
  container.id = std::string(64, 'a');
  container.name = "n";
  container.created = Time{std::chrono::nanoseconds{1'795'286'913'002'775'731}};
  container.image_id = "sha256:" + std::string(64, 'b');
  container.config = full_config();
  container.host_config = full_host_config();
  container.args = {"echo", "x"};
  container.state = State::paused;
  container.pid = 42;
  container.exit_code = 137;
  container.error = "why";
  container.oom_killed = container.stopped_by_user = true;
  container.restart_count = 2;
  container.started_at = Time{std::chrono::seconds{1'795'286'914}};
  container.endpoints = {{.network = "bridge",
                          .network_id = "n1",
                          .endpoint_id = "e1",
                          .gateway = "10.0.0.1",
                          .ip_address = "10.0.0.2",
                          .ip_prefix_len = 16,
                          .mac_address = "02:42:0a:00:00:02",
                          .aliases = {"alias"}}};
  container.ports = {{"80/tcp", {{"0.0.0.0", "32768"}}}};
  container.mounts = {{"volume", "v", "/src", "/dst", "local", "z", false, ""}};
  container.log_path = "/l";
  return container;
}

TEST(ModelJson, AContainerComesBackWholeFromItsRecord) {
  const auto record = container_to_record(full_container());
  const auto back = container_from_record(record);
  EXPECT_EQ(container_to_record(back), record);
  EXPECT_EQ(back.created, full_container().created);
  EXPECT_EQ(back.finished_at, Time{});
  EXPECT_EQ(back.state, State::paused);
  EXPECT_EQ(back.endpoints.at(0).network, "bridge");
  EXPECT_EQ(back.mounts.at(0).rw, false);
  EXPECT_EQ(back.config.entrypoint, Strings{});
  EXPECT_EQ(back.host_config.masked_paths, Strings{});
}

TEST(ModelJson, NoFieldKeepsItsDefaultInTheFullExamples) {
  // Guards the round trip above: what equals the default there proves nothing.
  const auto usual = host_config_to_json(HostConfig{});
  const auto full = host_config_to_json(full_host_config());
  for (const auto& key :
       {"Binds", "Memory", "Init", "Tmpfs", "ShmSize", "Ulimits", "Devices",
        "PidsLimit", "MemorySwappiness", "OomKillDisable", "CgroupnsMode",
        "LogConfig", "RestartPolicy", "SecurityOpt", "Sysctls", "UTSMode"}) {
    EXPECT_NE(usual.value(key, json()), full.at(key)) << key;
    const auto back = host_config_to_json(host_config_from_json(full));
    EXPECT_EQ(back.at(key), full.at(key)) << key;
  }
}

TEST(ModelJson, EmptyValuesLookAsDockers) {
  const auto config = config_to_json(Config{});
  EXPECT_TRUE(config.at("Cmd").is_null());
  EXPECT_TRUE(config.at("Volumes").is_null());
  EXPECT_EQ(config.at("Labels"), json::object());
  EXPECT_FALSE(config.contains("ExposedPorts"));
  EXPECT_FALSE(config.contains("StopTimeout"));
  const auto host = host_config_to_json(HostConfig{});
  EXPECT_TRUE(host.at("Binds").is_null());
  EXPECT_EQ(host.at("Dns"), json::array());
  EXPECT_EQ(host.at("PortBindings"), json::object());
  EXPECT_EQ(host.at("Devices"), json::array());
  EXPECT_FALSE(host.contains("Mounts"));
  EXPECT_EQ(host.at("ConsoleSize"), json::array({0, 0}));
}

TEST(ModelJson, KeysMatchInAnyCaseAndUnknownOnesAreIgnored) {
  const auto request = create_request_from_json(
      R"({"image":"i","CMD":"one","Tty":true,"tty":false,"Nonsense":{},
          "hostconfig":{"memory":5,"PortBindings":{"80/tcp":null}},
          "NetworkingConfig":{"EndpointsConfig":{"n1":{"Aliases":["a"],
            "IPAMConfig":{"IPv4Address":"10.1.2.3"}},"n2":null}}})");
  EXPECT_EQ(request.config.image, "i");
  EXPECT_EQ(request.config.cmd, Strings{"one"});
  EXPECT_TRUE(request.config.tty) << "the exact key wins";
  EXPECT_EQ(request.host_config.memory, 5);
  EXPECT_TRUE(request.host_config.port_bindings.contains("80/tcp"));
  ASSERT_EQ(request.endpoints.size(), 2U);
  EXPECT_THAT(request.endpoints[0].aliases, ElementsAre("a"));
  EXPECT_EQ(request.endpoints[0].wanted_ip, "10.1.2.3");
}

TEST(ModelJson, NullLeavesTheDefaultAndSoDoesAnEmptyWord) {
  const auto host = host_config_from_json(json::parse(
      R"({"ShmSize":0,"RestartPolicy":{"Name":""},"NetworkMode":"",
          "LogConfig":null,"Memory":null,"PidsLimit":null})"));
  EXPECT_EQ(host.shm_size, 64 << 20);
  EXPECT_EQ(host.restart_policy.name, "no");
  EXPECT_EQ(host.network_mode, "default");
  EXPECT_EQ(host.log_driver, "json-file");
  EXPECT_FALSE(host.pids_limit.has_value());
}

TEST(ModelJson, WrongTypesAreRefusedInGosWords) {
  EXPECT_EQ(
      refusal([] {
        (void)create_request_from_json(R"({"HostConfig":{"Memory":"1g"}})");
      }),
      "json: cannot unmarshal string into Go struct field "
      "HostConfig.Memory of type int64");
  EXPECT_THAT(
      refusal([] { (void)create_request_from_json(R"({"Env":{"a":1}})"); }),
      HasSubstr("cannot unmarshal object"));
  EXPECT_THAT(refusal([] { (void)create_request_from_json(R"({"Env":[1]})"); }),
              HasSubstr("cannot unmarshal number 1"));
  EXPECT_THAT(
      refusal([] { (void)create_request_from_json(R"({"Tty":"yes"})"); }),
      HasSubstr("Config.Tty of type bool"));
  EXPECT_THAT(refusal([] { (void)create_request_from_json("[]"); }),
              HasSubstr("cannot unmarshal array into Go value"));
  EXPECT_THAT(refusal([] {
                (void)create_request_from_json(
                    R"({"HostConfig":{"BlkioWeight":70000}})");
              }),
              HasSubstr("uint16"));
  EXPECT_THAT(refusal([] {
                (void)create_request_from_json(
                    R"({"HostConfig":{"Memory":99999999999999999999}})");
              }),
              HasSubstr("int64"));
}

TEST(ModelJson, TextThatIsNoJsonIsRefused) {
  EXPECT_EQ(refusal([] { (void)parse_json("garbage"); }),
            "invalid character 'g' looking for beginning of value");
  EXPECT_EQ(refusal([] { (void)parse_json("{"); }),
            "unexpected end of JSON input");
  EXPECT_EQ(refusal([] { (void)parse_json(""); }),
            "unexpected end of JSON input");
  EXPECT_NE(refusal([] { (void)parse_json("{} x"); }), "not refused");
  EXPECT_EQ(refusal([] { (void)parse_json(std::string(100'000, '[')); }),
            "json: exceeded max depth");
  EXPECT_NO_THROW((void)parse_json(R"({"a":"[[[[\"[["})"));
}

TEST(ModelJson, TimesAreGos) {
  EXPECT_EQ(format_time(Time{}), "0001-01-01T00:00:00Z");
  EXPECT_EQ(format_time(Time{std::chrono::nanoseconds{1'500'000'000}}),
            "1970-01-01T00:00:01.5Z");
  EXPECT_EQ(format_time(*parse_time("2026-11-21T18:51:11.000000001Z")),
            "2026-11-21T18:51:11.000000001Z");
  EXPECT_EQ(format_time(*parse_time("2026-11-21T18:51:11+02:30")),
            "2026-11-21T16:21:11Z");
  EXPECT_EQ(*parse_time("0001-01-01T00:00:00Z"), Time{});
  for (const auto* bad :
       {"", "2026-11-21", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
        "2026-11-21T18:51:11", "2026-11-21T18:51:11.Z", "2026-11-21T24:00:00Z",
        "2026-11-21T18:51:11+2:00", "2026-11-21T18:51:11Zx"}) {
    EXPECT_FALSE(parse_time(bad).has_value()) << bad;
  }
}

TEST(ModelJson, AnExecIsRead) {
  const auto exec = exec_request_from_json(
      R"({"Cmd":["sh","-c","x"],"AttachStdout":true,"Tty":true,
          "User":"u","WorkingDir":"/w","Env":["A=1"],"DetachKeys":"ctrl-a"})");
  EXPECT_THAT(exec.args, ElementsAre("sh", "-c", "x"));
  EXPECT_TRUE(exec.attach_stdout);
  EXPECT_FALSE(exec.attach_stdin);
  EXPECT_EQ(exec.detach_keys, "ctrl-a");
}

TEST(ModelJson, BytesThatAreNoUtf8DoNotStopOutput) {
  Config config;
  config.hostname = "\xff\xfe";
  EXPECT_THAT(dump(config_to_json(config)), HasSubstr("\xEF\xBF\xBD"));
}

}  // namespace
}  // namespace docker_cpp::daemon
