// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cli/version.hpp"

#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/times.hpp"
#include "docker_cpp/cli/units.hpp"

namespace docker_cpp::cli::commands {

namespace {

/// The lower of both sides' versions, "1.41" before "1.50".
std::string negotiated(const std::string& server) {
  const auto minor = [](const std::string& version) {
    return parse_unsigned(cut(version, '.').second).value_or(0);
  };
  const std::string ours = client_api_version;
  return server.empty() || minor(ours) < minor(server) ? ours : server;
}

Value client_value(const Context& context, const std::string& server_api) {
  auto client = Value::object();
  client.set("Platform", Value::object().set("Name", "docker-cpp"))
      .set("Version", build_info.version)
      .set("ApiVersion", negotiated(server_api))
      .set("DefaultAPIVersion", client_api_version)
      .set("GitCommit", build_info.commit)
      .set("GoVersion", "none (C++23)")
      .set("Os", "linux")
      .set("Arch", "amd64")
      .set("BuildTime", build_info.time)
      .set("Context", context.context_name);
  return client;
}

/// Nothing when there is nothing to say.
std::string line(std::string_view indent, std::string_view label,
                 const std::string& value) {
  if (value.empty()) {
    return {};
  }
  auto text = std::string(indent) + std::string(label) + ":";
  text.resize(std::max<std::size_t>(text.size() + 1, 20), ' ');
  return text + value + "\n";
}

std::string client_text(const Value& client) {
  auto api = client["ApiVersion"].text();
  if (api != client["DefaultAPIVersion"].text()) {
    api += " (downgraded from " + client["DefaultAPIVersion"].text() + ")";
  }
  return "Client: docker-cpp\n" +
         line(" ", "Version", client["Version"].text()) +
         line(" ", "API version", api) +
         line(" ", "Git commit", client["GitCommit"].text()) +
         line(" ", "Built", ansi_time(client["BuildTime"].text())) +
         line(" ", "OS/Arch",
              client["Os"].text() + "/" + client["Arch"].text()) +
         line(" ", "Context", client["Context"].text());
}

std::string component_text(const Value& component) {
  const auto& details = component["Details"];
  auto text = " " + component["Name"].text() + ":\n" +
              line("  ", "Version", component["Version"].text());
  if (const auto& api = details["ApiVersion"].text(); !api.empty()) {
    text += line("  ", "API version",
                 api + " (minimum version " + details["MinAPIVersion"].text() +
                     ")") +
            line("  ", "Go version", details["GoVersion"].text()) +
            line("  ", "Git commit", details["GitCommit"].text()) +
            line("  ", "Built", ansi_time(details["BuildTime"].text())) +
            line("  ", "OS/Arch",
                 details["Os"].text() + "/" + details["Arch"].text()) +
            line("  ", "Experimental", details["Experimental"].text());
    return text;
  }
  for (const auto& [key, value] : details.members()) {
    text += line("  ", key, value.text());
  }
  return text;
}

std::string server_text(const Value& server) {
  const auto& platform = server["Platform"]["Name"].text();
  auto text = "\nServer:" + (platform.empty() ? "" : " " + platform) + "\n";
  for (const auto& component : server["Components"].items()) {
    text += component_text(component);
  }
  return text;
}

}  // namespace

int version(Context& context, const Arguments& arguments) {
  const auto format = arguments.text("format");
  Value server;
  std::string failure;
  try {
    server = context.engine.get("/version");
  } catch (const Failure& error) {
    failure = error.message();
  }
  const auto client = client_value(context, server["ApiVersion"].text());
  if (!format.empty()) {
    print_with(format,
               Value::object().set("Client", client).set("Server", server));
  } else {
    print(client_text(client) +
          (server.is_null() ? std::string() : server_text(server)));
  }
  if (!failure.empty()) {
    throw Failure(failure);
  }
  return 0;
}

}  // namespace docker_cpp::cli::commands
