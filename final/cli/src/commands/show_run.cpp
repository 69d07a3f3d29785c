// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <set>

#include "commands/support.hpp"
#include "commands/wishes.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

namespace {

/// As a shell reads it back.
std::string shell_quoted(const std::string& text) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
      "_-./:=,@%+";
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) {
    return text;
  }
  std::string out = "'";
  for (const char c : text) {
    out += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return out + "'";
}

std::set<std::string> texts_of(const Value& list) {
  std::set<std::string> texts;
  for (const auto& item : list.items()) {
    texts.insert(item.text());
  }
  return texts;
}

/// A container's description as the options that ask for it. What the image
/// says anyway, and what is the default anyway, is left out.
class RunCommand {
 public:
  RunCommand(const Value& container, const Value& image)
      : config_(container["Config"]),
        host_(container["HostConfig"]),
        container_(container),
        image_(image["Config"]) {}

  std::string text() {
    names();
    flags();
    environment();
    places();
    ports();
    limits();
    security();
    words_.push_back(config_["Image"].text());
    command();
    std::string line = std::string(program_name) + " run";
    for (const auto& word : words_) {
      line += " " + shell_quoted(word);
    }
    return line + "\n";
  }

 private:
  void add(const std::string& option, const std::string& value,
           std::string_view otherwise = "") {
    if (!value.empty() && value != otherwise) {
      words_.push_back("--" + option);
      words_.push_back(value);
    }
  }

  void add_each(const std::string& option, const Value& list) {
    for (const auto& item : list.items()) {
      add(option, item.text());
    }
  }

  void add_number(const std::string& option, const Value& value) {
    if (value.number() != 0) {
      add(option, std::to_string(value.number()));
    }
  }

  void names() {
    auto name = container_["Name"].text();
    name.erase(0, name.starts_with('/') ? 1 : 0);
    add("name", name);
    const auto& hostname = config_["Hostname"].text();
    if (!container_["Id"].text().starts_with(hostname)) {
      add("hostname", hostname);
    }
    add("domainname", config_["Domainname"].text());
    add("user", config_["User"].text(), image_["User"].text());
    add("workdir", config_["WorkingDir"].text(), image_["WorkingDir"].text());
    add("network", host_["NetworkMode"].text(), "default");
  }

  void flags() {
    const auto flag = [&](const char* option, const Value& value) {
      if (value.flag()) {
        words_.push_back("--" + std::string(option));
      }
    };
    if (!config_["AttachStdout"].flag()) {
      words_.emplace_back("--detach");
    }
    flag("interactive", config_["OpenStdin"]);
    flag("tty", config_["Tty"]);
    flag("rm", host_["AutoRemove"]);
    flag("privileged", host_["Privileged"]);
    flag("read-only", host_["ReadonlyRootfs"]);
    flag("init", host_["Init"]);
    flag("publish-all", host_["PublishAllPorts"]);
    const auto& policy = host_["RestartPolicy"];
    const auto retries = policy["MaximumRetryCount"].number();
    add("restart",
        policy["Name"].text() +
            (retries > 0 ? ":" + std::to_string(retries) : ""),
        "no");
  }

  void environment() {
    const auto given = texts_of(image_["Env"]);
    for (const auto& entry : config_["Env"].items()) {
      if (!given.contains(entry.text())) {
        add("env", entry.text());
      }
    }
    for (const auto& [key, value] : config_["Labels"].members()) {
      if (image_["Labels"][key].text() != value.text() ||
          image_["Labels"].find(key) == nullptr) {
        add("label", key + "=" + value.text());
      }
    }
  }

  void places() {
    add_each("volume", host_["Binds"]);
    for (const auto& mount : host_["Mounts"].items()) {
      auto text = "type=" + mount["Type"].text();
      text += mount["Source"].text().empty()
                  ? ""
                  : ",source=" + mount["Source"].text();
      text += ",target=" + mount["Target"].text();
      text += mount["ReadOnly"].flag() ? ",readonly" : "";
      add("mount", text);
    }
    for (const auto& [path, options] : host_["Tmpfs"].members()) {
      add("tmpfs", path + (options.text().empty() ? "" : ":" + options.text()));
    }
    add_each("volumes-from", host_["VolumesFrom"]);
    for (const auto& device : host_["Devices"].items()) {
      add("device", device["PathOnHost"].text() + ":" +
                        device["PathInContainer"].text() + ":" +
                        device["CgroupPermissions"].text());
    }
  }

  void ports() {
    for (const auto& [inside, bindings] : host_["PortBindings"].members()) {
      for (const auto& binding : bindings.items()) {
        const auto& address = binding["HostIp"].text();
        add("publish", (address.empty() ? "" : address + ":") +
                           binding["HostPort"].text() + ":" + inside);
      }
    }
    for (const auto& [port, nothing] : config_["ExposedPorts"].members()) {
      if (image_["ExposedPorts"].find(port) == nullptr &&
          host_["PortBindings"].find(port) == nullptr) {
        add("expose", port);
      }
    }
    add_each("dns", host_["Dns"]);
    add_each("add-host", host_["ExtraHosts"]);
    add_each("link", host_["Links"]);
  }

  void limits() {
    add_number("memory", host_["Memory"]);
    if (host_["MemorySwap"].number() != 2 * host_["Memory"].number()) {
      add_number("memory-swap", host_["MemorySwap"]);
    }
    add_number("memory-reservation", host_["MemoryReservation"]);
    add_number("cpu-shares", host_["CpuShares"]);
    add_number("cpu-quota", host_["CpuQuota"]);
    add_number("cpu-period", host_["CpuPeriod"]);
    add_number("pids-limit", host_["PidsLimit"]);
    add("cpuset-cpus", host_["CpusetCpus"].text());
    if (const auto cpus = host_["NanoCpus"].number(); cpus > 0) {
      auto text = std::to_string(cpus % 1'000'000'000);
      text.insert(0, 9 - text.size(), '0');
      text.erase(text.find_last_not_of('0') + 1);
      add("cpus", std::to_string(cpus / 1'000'000'000) +
                      (text.empty() ? "" : "." + text));
    }
    for (const auto& limit : host_["Ulimits"].items()) {
      add("ulimit", limit["Name"].text() + "=" +
                        std::to_string(limit["Soft"].number()) + ":" +
                        std::to_string(limit["Hard"].number()));
    }
  }

  void security() {
    add_each("cap-add", host_["CapAdd"]);
    add_each("cap-drop", host_["CapDrop"]);
    add_each("security-opt", host_["SecurityOpt"]);
    add_each("group-add", host_["GroupAdd"]);
    for (const auto& [key, value] : host_["Sysctls"].members()) {
      add("sysctl", key + "=" + value.text());
    }
    add("ipc", host_["IpcMode"].text(), "private");
    add("pid", host_["PidMode"].text());
    add("uts", host_["UTSMode"].text());
    add("stop-signal", config_["StopSignal"].text(),
        image_["StopSignal"].text().empty() ? "SIGTERM"
                                            : image_["StopSignal"].text());
  }

  void command() {
    const auto& entrypoint = config_["Entrypoint"];
    const bool own_entry =
        print_json(entrypoint) != print_json(image_["Entrypoint"]);
    const auto& first = entrypoint.at(0).text();
    if (own_entry) {
      words_.insert(words_.end() - 1, {"--entrypoint", first});
      for (std::size_t i = 1; i < entrypoint.size(); ++i) {
        words_.push_back(entrypoint.at(i).text());
      }
    }
    if (own_entry || print_json(config_["Cmd"]) != print_json(image_["Cmd"])) {
      for (const auto& word : config_["Cmd"].items()) {
        words_.push_back(word.text());
      }
    }
  }

  const Value& config_;
  const Value& host_;
  const Value& container_;
  const Value& image_;
  std::vector<std::string> words_;
};

}  // namespace

int show_run(Context& context, const Arguments& arguments) {
  for (const auto& name : arguments.words) {
    const auto container = context.engine.get(container_path(name, "/json"));
    Value image;
    try {
      image =
          context.engine.get(image_path(container["Image"].text(), "/json"));
    } catch (const DaemonFailure& failure) {
      if (failure.status() != 404) {
        throw;  // an image that is gone has nothing to leave out
      }
    }
    print(RunCommand(container, image).text());
  }
  return 0;
}

}  // namespace docker_cpp::cli::commands
