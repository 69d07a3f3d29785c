// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "commands/commands.hpp"
#include "commands/inspection.hpp"
#include "commands/support.hpp"
#include "context/store.hpp"
#include "file_io.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> headers =
    {{{"Current", ""},
      {"Description", "DESCRIPTION"},
      {"DockerEndpoint", "DOCKER ENDPOINT"},
      {"Error", "ERROR"},
      {"Name", "NAME"}}};

constexpr std::string_view table =
    "{{.Name}}{{if .Current}} *{{end}}\t{{.Description}}\t"
    "{{.DockerEndpoint}}\t{{.Error}}";

std::string default_endpoint() {
  const auto host = environment("DOCKER_HOST");
  return host.empty() ? "unix:///run/docker-cpp/docker-cpp.sock" : host;
}

Value row(const std::string& name, const std::string& description,
          const std::string& endpoint, const std::string& current) {
  return Value::object()
      .set("Current", Value(name == current))
      .set("Description", description)
      .set("DockerEndpoint", endpoint)
      .set("Error", "")
      .set("Name", name);
}

std::vector<Value> rows_of(const ContextStore& store,
                           const std::string& current) {
  std::vector<Value> rows;
  rows.push_back(row("default", "Current DOCKER_HOST based configuration",
                     default_endpoint(), current));
  for (const auto& meta : store.list()) {
    rows.push_back(row(meta["Name"].text(),
                       meta["Metadata"]["Description"].text(),
                       meta["Endpoints"]["docker"]["Host"].text(), current));
  }
  if (current != "default" && !store.exists(current)) {
    auto missing = row(current, "", "", current);
    try {
      static_cast<void>(store.load(current));
    } catch (const Failure& failure) {
      missing.set("Error", failure.message());
    }
    rows.push_back(std::move(missing));
  }
  std::ranges::sort(rows, {}, [](const Value& one) -> const std::string& {
    return one["Name"].text();
  });
  return rows;
}

Value inspected(const ContextStore& store, const std::string& name) {
  if (name == "default") {
    return Value::object()
        .set("Name", name)
        .set("Metadata", Value::object())
        .set("Endpoints",
             Value::object().set("docker",
                                 Value::object()
                                     .set("Host", default_endpoint())
                                     .set("SkipTLSVerify", Value(false))))
        .set("TLSMaterial", Value::object())
        .set("Storage", Value::object()
                            .set("MetadataPath", "<IN MEMORY>")
                            .set("TLSPath", "<IN MEMORY>"));
  }
  auto value = store.load(name);
  auto material = Value::object();
  for (const auto& [file, content] : store.tls_files(name)) {
    material.member("docker").append(file);
  }
  value.set("TLSMaterial", material);
  value.set("Storage", Value::object()
                           .set("MetadataPath", store.meta_folder(name))
                           .set("TLSPath", store.tls_folder(name)));
  return value;
}

}  // namespace

int context_list(Context& context, const Arguments& arguments) {
  const ContextStore store(context.config.directory());
  auto rows = rows_of(store, context.context_name);
  auto format = arguments.text("format");
  if (arguments.flag("quiet") && format.empty()) {
    format = "{{.Name}}";
  }
  if (format.empty()) {
    for (auto& one : rows) {
      one.set("Error", ellipsis(one["Error"].text(), 45));
    }
  }
  print_list(format,
             {.table = table,
              .headers = headers,
              .type = "*formatter.clientContextContext"},
             rows);
  if (!environment("DOCKER_HOST").empty() && !arguments.flag("quiet")) {
    print_error(
        "Warning: DOCKER_HOST environment variable overrides the active "
        "context. To use a context, either set the global --context flag, or "
        "unset DOCKER_HOST environment variable.\n");
  }
  return 0;
}

int context_inspect(Context& context, const Arguments& arguments) {
  const ContextStore store(context.config.directory());
  auto names = arguments.words;
  if (names.empty()) {
    names.push_back(context.context_name);
  }
  return inspect_all(
      arguments.text("format"), names,
      [&](const std::string& name) { return inspected(store, name); });
}

}  // namespace docker_cpp::cli::commands
