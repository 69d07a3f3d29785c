// SPDX-License-Identifier: Apache-2.0
#include "dashboard/explain.hpp"

#include <cstdio>

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/units.hpp"

namespace docker_cpp::cli {

namespace {

std::string joined(const Value& list, std::string_view separator = ", ") {
  std::vector<std::string> texts;
  for (const auto& item : list.items()) {
    texts.push_back(item.text());
  }
  return join(texts, separator);
}

class Explanation {
 public:
  explicit Explanation(const Value& container)
      : container_(container),
        host_(container["HostConfig"]),
        config_(container["Config"]) {}

  std::vector<std::pair<std::string, std::string>> lines() {
    program();
    processes();
    files();
    mounts();
    network();
    add("memory", memory());
    add("CPU", cpu());
    add("user", user());
    add("capabilities", capabilities());
    add("system calls", system_calls());
    devices();
    life();
    return std::move(lines_);
  }

 private:
  void add(std::string topic, std::string text) {
    lines_.emplace_back(std::move(topic), std::move(text));
  }

  void program() {
    std::string command = container_["Path"].text();
    for (const auto& word : container_["Args"].items()) {
      command += " " + word.text();
    }
    const auto& state = container_["State"];
    const std::string pid = state["Pid"].number() > 0
                                ? ", process " +
                                      std::to_string(state["Pid"].number()) +
                                      " of this machine"
                                : "";
    add("program", command + " (" + state["Status"].text() + pid + ")");
  }

  /// "own", or whose.
  std::string shared(const std::string& mode, const std::string& what,
                     const std::string& own) {
    if (mode == "host") {
      return "those of the machine: " + what;
    }
    if (mode.starts_with("container:")) {
      return "those of the container " + mode.substr(10);
    }
    return own;
  }

  void processes() {
    add("processes",
        shared(host_["PidMode"].text(), "it sees and may signal them all",
               "sees only its own") +
            (host_["PidsLimit"].number() > 0
                 ? ", at most " + std::to_string(host_["PidsLimit"].number())
                 : ", as many as it likes"));
    add("IPC", shared(host_["IpcMode"].text(), "their shared memory too",
                      "shared memory and queues of its own"));
    add("host name", shared(host_["UTSMode"].text(), "it may change it",
                            config_["Hostname"].text()));
  }

  void files() {
    const bool fixed = host_["ReadonlyRootfs"].flag();
    add("files",
        "the image " + config_["Image"].text() + ", read-only, and " +
            (fixed ? "nothing that could be written above it"
                   : "a layer of its own above it, " +
                         container_["GraphDriver"]["Data"]["UpperDir"].text()));
  }

  void mounts() {
    for (const auto& mount : container_["Mounts"].items()) {
      const auto& type = mount["Type"].text();
      const std::string from = type == "volume"
                                   ? "volume " + mount["Name"].text()
                                   : type + " " + mount["Source"].text();
      add("mount", mount["Destination"].text() + ": " + from +
                       (mount["RW"].flag() ? ", writable" : ", read-only"));
    }
    for (const auto& [place, options] : host_["Tmpfs"].members()) {
      add("mount", place + ": memory, gone with the container");
    }
  }

  void network() {
    const auto& mode = host_["NetworkMode"].text();
    if (mode == "host") {
      add("network", "that of the machine, with all its ports");
    } else if (mode == "none") {
      add("network", "none but its own loopback");
    } else if (mode.starts_with("container:")) {
      add("network", "that of the container " + mode.substr(10));
    }
    for (const auto& [name, end] :
         container_["NetworkSettings"]["Networks"].members()) {
      if (!end["IPAddress"].text().empty()) {
        add("network", name + ": " + end["IPAddress"].text() +
                           ", the way out is " + end["Gateway"].text());
      }
    }
    for (const auto& [port, bindings] :
         container_["NetworkSettings"]["Ports"].members()) {
      for (const auto& one : bindings.items()) {
        add("port", one["HostIp"].text() + ":" + one["HostPort"].text() +
                        " of the machine leads to " + port);
      }
    }
  }

  std::string memory() {
    const auto most = host_["Memory"].number();
    if (most <= 0) {
      return "as much as the machine has";
    }
    const auto with_swap = host_["MemorySwap"].number();
    const std::string swap =
        with_swap < 0 ? ", and swap without limit"
        : with_swap > most
            ? ", and " + bytes_size(static_cast<double>(with_swap - most)) +
                  " of swap"
            : "";
    return "at most " + bytes_size(static_cast<double>(most)) + swap +
           ", then the kernel ends a process of it";
  }

  std::string cpu() {
    std::string text = "as much as is free";
    if (const auto nano = host_["NanoCpus"].number(); nano > 0) {
      char number[32];
      std::snprintf(number, sizeof number, "%.4g",
                    static_cast<double>(nano) / 1e9);
      text = std::string("at most ") + number + " processors";
    } else if (host_["CpuQuota"].number() > 0) {
      text = "at most " + std::to_string(host_["CpuQuota"].number()) +
             " us of each " + std::to_string(host_["CpuPeriod"].number());
    }
    if (const auto shares = host_["CpuShares"].number(); shares > 0) {
      text += ", with " + std::to_string(shares) + " shares where others want";
    }
    const auto& cores = host_["CpusetCpus"].text();
    return cores.empty() ? text : text + ", on processors " + cores;
  }

  std::string user() {
    const auto& name = config_["User"].text();
    const auto& mode = host_["UsernsMode"].text();
    return (name.empty() ? std::string("root") : name) +
           (mode == "host" || mode.empty() ? "" : ", user namespace " + mode);
  }

  std::string capabilities() {
    if (host_["Privileged"].flag()) {
      return "all: --privileged makes it root of the machine";
    }
    std::string text = "Docker's default list";
    if (host_["CapAdd"].size() > 0) {
      text += ", with " + joined(host_["CapAdd"]);
    }
    if (host_["CapDrop"].size() > 0) {
      text += ", without " + joined(host_["CapDrop"]);
    }
    return text;
  }

  std::string system_calls() {
    std::string text = "filtered by the built-in profile";
    for (const auto& one : host_["SecurityOpt"].items()) {
      if (one.text().starts_with("seccomp=")) {
        const bool off = one.text().ends_with("unconfined");
        text = off ? "all: there is no filter" : "filtered by a profile given";
      } else if (one.text().starts_with("no-new-privileges") &&
                 !one.text().ends_with("false")) {
        text += "; set-user-id programs give it nothing";
      }
    }
    return host_["Privileged"].flag() ? "all: there is no filter" : text;
  }

  void devices() {
    for (const auto& device : host_["Devices"].items()) {
      add("device", device["PathInContainer"].text() + ": " +
                        device["PathOnHost"].text() + " of the machine (" +
                        device["CgroupPermissions"].text() + ")");
    }
  }

  void life() {
    const auto& policy = host_["RestartPolicy"]["Name"].text();
    add("at its end", host_["AutoRemove"].flag() ? "it is removed"
                      : policy.empty() || policy == "no"
                          ? "it stays as it is"
                          : "it is restarted: " + policy);
    const auto& signal = config_["StopSignal"].text();
    const auto* patience = config_.find("StopTimeout");
    const auto seconds =
        patience == nullptr || patience->is_null() ? 10 : patience->number();
    add("stop", (signal.empty() ? std::string("SIGTERM") : signal) +
                    ", and SIGKILL after " + std::to_string(seconds) +
                    " seconds");
    add("log", host_["LogConfig"]["Type"].text());
  }

  const Value& container_;
  const Value& host_;
  const Value& config_;
  std::vector<std::pair<std::string, std::string>> lines_;
};

}  // namespace

std::vector<std::pair<std::string, std::string>> explain_container(
    const Value& container) {
  return Explanation(container).lines();
}

}  // namespace docker_cpp::cli
