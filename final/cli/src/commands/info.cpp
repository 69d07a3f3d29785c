// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/units.hpp"
#include "docker_cpp/cli/version.hpp"

namespace docker_cpp::cli::commands {

namespace {

/// The lines under "Server:", each shown only if there is something to show.
class InfoText {
 public:
  explicit InfoText(const Value& info) : info_(info) {}

  std::string run() {
    counts();
    driver();
    plugins();
    runtimes();
    security();
    machine();
    settings();
    return std::move(out_);
  }

 private:
  void add(std::string_view label, const std::string& value,
           std::string_view indent = " ") {
    out_.append(indent).append(label).append(": ").append(value).append("\n");
  }

  void add_text(std::string_view label, std::string_view key) {
    if (!info_[key].text().empty()) {
      add(label, info_[key].text());
    }
  }

  void add_number(std::string_view label, std::string_view key,
                  std::string_view indent = " ") {
    add(label, std::to_string(info_[key].number()), indent);
  }

  void add_flag(std::string_view label, std::string_view key) {
    add(label, info_[key].flag() ? "true" : "false");
  }

  void counts() {
    add_number("Containers", "Containers");
    add_number("Running", "ContainersRunning", "  ");
    add_number("Paused", "ContainersPaused", "  ");
    add_number("Stopped", "ContainersStopped", "  ");
    add_number("Images", "Images");
    add_text("Server Version", "ServerVersion");
  }

  void driver() {
    add_text("Storage Driver", "Driver");
    for (const auto& pair : info_["DriverStatus"].items()) {
      add(pair.at(0).text(), pair.at(1).text(), "  ");
    }
    add_text("Logging Driver", "LoggingDriver");
    add_text("Cgroup Driver", "CgroupDriver");
    add_text("Cgroup Version", "CgroupVersion");
  }

  void plugins() {
    out_ += " Plugins:\n";
    for (const auto* kind : {"Volume", "Network", "Authorization", "Log"}) {
      std::vector<std::string> names;
      for (const auto& name : info_["Plugins"][kind].items()) {
        names.push_back(name.text());
      }
      if (!names.empty()) {
        add(kind, join(names, " "), "  ");
      }
    }
    add("Swarm", info_["Swarm"]["LocalNodeState"].text());
  }

  void runtimes() {
    std::vector<std::string> names;
    for (const auto& runtime : info_["Runtimes"].members()) {
      names.push_back(runtime.key);
    }
    std::ranges::sort(names);
    add("Runtimes", join(names, " "));
    add_text("Default Runtime", "DefaultRuntime");
    add_text("Init Binary", "InitBinary");
    for (const auto& [label, key] :
         {std::pair{"containerd version", "ContainerdCommit"},
          std::pair{"runc version", "RuncCommit"},
          std::pair{"init version", "InitCommit"}}) {
      if (!info_[key]["ID"].text().empty()) {
        add(label, info_[key]["ID"].text());
      }
    }
  }

  void security() {
    const auto& options = info_["SecurityOptions"].items();
    if (options.empty()) {
      return;
    }
    out_ += " Security Options:\n";
    for (const auto& option : options) {
      for (const auto& field : csv_fields(option.text())) {
        const auto [key, value] = cut(field, '=');
        if (key == "name") {
          out_ += "  " + value + "\n";
        } else if (key == "profile") {
          out_ += "   Profile: " + value + "\n";
        }
      }
    }
  }

  void machine() {
    add_text("Kernel Version", "KernelVersion");
    add_text("Operating System", "OperatingSystem");
    add_text("OSType", "OSType");
    add_text("Architecture", "Architecture");
    add_number("CPUs", "NCPU");
    add("Total Memory",
        bytes_size(static_cast<double>(info_["MemTotal"].number())));
    add_text("Name", "Name");
    add_text("ID", "ID");
    add_text("Docker Root Dir", "DockerRootDir");
    add_flag("Debug Mode", "Debug");
    add_text("HTTP Proxy", "HttpProxy");
    add_text("HTTPS Proxy", "HttpsProxy");
    add_text("No Proxy", "NoProxy");
  }

  void settings() {
    list(" Labels", info_["Labels"]);
    add_flag("Experimental", "ExperimentalBuild");
    const auto& registries = info_["RegistryConfig"];
    list(" Insecure Registries", registries["InsecureRegistryCIDRs"]);
    list(" Registry Mirrors", registries["Mirrors"]);
    add_flag("Live Restore Enabled", "LiveRestoreEnabled");
    const auto& pools = info_["DefaultAddressPools"].items();
    if (!pools.empty()) {
      out_ += " Default Address Pools:\n";
    }
    for (const auto& pool : pools) {
      out_ += "   Base: " + pool["Base"].text() +
              ", Size: " + std::to_string(pool["Size"].number()) + "\n";
    }
    out_ += "\n";
  }

  void list(std::string_view label, const Value& values) {
    if (values.items().empty()) {
      return;
    }
    out_.append(label).append(":\n");
    for (const auto& value : values.items()) {
      out_ += "  " + value.text() + "\n";
    }
  }

  const Value& info_;
  std::string out_;
};

std::string client_text(const Context& context) {
  return std::string("Client:\n Version:    ") + build_info.version +
         "\n Context:    " + context.context_name +
         "\n Debug Mode: false\n\nServer:\n";
}

}  // namespace

int info(Context& context, const Arguments& arguments) {
  const auto format = arguments.text("format");
  if (format.empty()) {
    print(client_text(context));
  }
  Value info;
  try {
    info = context.engine.get("/info");
  } catch (const Failure& failure) {
    if (format.empty()) {
      print_error(failure.message() + "\n");
      throw Failure("errors pretty printing info");
    }
    throw;
  }
  if (!format.empty()) {
    info.set("ClientInfo", Value::object()
                               .set("Version", build_info.version)
                               .set("Context", context.context_name));
    print_with(format, info);
    return 0;
  }
  print(InfoText(info).run());
  for (const auto& warning : info["Warnings"].items()) {
    print_error(warning.text() + "\n");
  }
  return 0;
}

}  // namespace docker_cpp::cli::commands
