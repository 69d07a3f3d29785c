// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cli/create_body.hpp"

#include <algorithm>

#include "create_body_parts.hpp"

#include "docker_cpp/cli/create_parts.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {

void set_text(const Arguments& arguments, std::string_view option, Value& into,
              std::string_view key) {
  const auto text = arguments.text(option);
  if (!text.empty()) {
    into.set(key, text);
  }
}

void set_list(const Arguments& arguments, std::string_view option, Value& into,
              std::string_view key) {
  if (arguments.given(option)) {
    into.set(key, Value::strings(arguments.list(option)));
  }
}

void set_number(const Arguments& arguments, std::string_view option,
                Value& into, std::string_view key) {
  if (const auto number = arguments.number(option)) {
    into.set(key, *number);
  }
}

void set_bytes(const Arguments& arguments, std::string_view option, Value& into,
               std::string_view key) {
  if (arguments.given(option)) {
    into.set(key, arguments.bytes(option));
  }
}

void set_flag(const Arguments& arguments, std::string_view option, Value& into,
              std::string_view key) {
  if (arguments.flag(option)) {
    into.set(key, Value(true));
  }
}

void set_map(const Arguments& arguments, std::string_view option, Value& into,
             std::string_view key) {
  for (const auto& pair : arguments.list(option)) {
    const auto [name, value] = cut(pair, '=');
    into.member(key).set(name, value);
  }
}

namespace {

template <typename T>
T wanted(Parsed<T> parsed) {
  if (!parsed) {
    throw Failure(parsed.error());
  }
  return *std::move(parsed);
}

bool attaches(const std::vector<std::string>& streams, const char* stream) {
  return std::ranges::any_of(
      streams, [&](const auto& one) { return to_lower(one) == stream; });
}

void choose_streams(const Arguments& arguments, CreateBody& request) {
  const auto streams = arguments.list("attach");
  request.tty = arguments.flag("tty");
  request.open_stdin = arguments.flag("interactive");
  request.attach_stdin = attaches(streams, "stdin") || request.open_stdin;
  request.attach_stdout = attaches(streams, "stdout");
  request.attach_stderr = attaches(streams, "stderr");
  if (streams.empty() && !arguments.flag("detach")) {
    request.attach_stdout = true;
    request.attach_stderr = true;
  }
  if (arguments.flag("detach")) {
    if (!streams.empty()) {
      throw Failure(
          "conflicting options: cannot specify both --attach and --detach");
    }
    request.attach_stdin = false;
  }
  auto& body = request.body;
  body.set("AttachStdin", Value(request.attach_stdin));
  body.set("AttachStdout", Value(request.attach_stdout));
  body.set("AttachStderr", Value(request.attach_stderr));
  set_flag(arguments, "tty", body, "Tty");
  set_flag(arguments, "interactive", body, "OpenStdin");
  if (request.open_stdin && request.attach_stdin) {
    body.set("StdinOnce", Value(true));
  }
}

void add_environment(const Arguments& arguments, Value& body) {
  std::vector<std::string> entries;
  for (const auto& file : arguments.list("env-file")) {
    std::ranges::move(wanted(read_env_file(file)), std::back_inserter(entries));
  }
  for (const auto& entry : arguments.list("env")) {
    entries.push_back(env_entry(entry));
  }
  if (!entries.empty()) {
    body.set("Env", Value::strings(entries));
  }
}

void add_labels(const Arguments& arguments, Value& body) {
  std::vector<std::string> labels;
  for (const auto& file : arguments.list("label-file")) {
    std::ranges::move(wanted(read_label_file(file)),
                      std::back_inserter(labels));
  }
  std::ranges::move(arguments.list("label"), std::back_inserter(labels));
  for (const auto& label : labels) {
    const auto [key, value] = cut(label, '=');
    body.member("Labels").set(key, value);
  }
}

void add_program(const Arguments& arguments, CreateBody& request) {
  auto& body = request.body;
  request.image = arguments.words[0];
  body.set("Image", request.image);
  if (arguments.words.size() > 1) {
    body.set("Cmd", Value::strings(
                        {arguments.words.begin() + 1, arguments.words.end()}));
  }
  if (arguments.given("entrypoint")) {
    body.set("Entrypoint", Value::strings({arguments.text("entrypoint")}));
  }
  set_text(arguments, "hostname", body, "Hostname");
  set_text(arguments, "domainname", body, "Domainname");
  set_text(arguments, "user", body, "User");
  set_text(arguments, "workdir", body, "WorkingDir");
  set_text(arguments, "stop-signal", body, "StopSignal");
  set_number(arguments, "stop-timeout", body, "StopTimeout");
}

void add_lifecycle(const Arguments& arguments, CreateBody& request,
                   Value& host) {
  request.auto_remove = arguments.flag("rm");
  auto restart = wanted(parse_restart(arguments.text("restart", "no")));
  const auto& policy = restart["Name"].text();
  if (request.auto_remove && !policy.empty() && policy != "no") {
    throw Failure(
        "conflicting options: cannot specify both --restart and --rm");
  }
  host.set("RestartPolicy", std::move(restart));
  set_flag(arguments, "rm", host, "AutoRemove");
  set_text(arguments, "cidfile", host, "ContainerIDFile");
  set_map(arguments, "annotation", host, "Annotations");
  set_flag(arguments, "init", host, "Init");
  set_text(arguments, "runtime", host, "Runtime");
  set_text(arguments, "isolation", host, "Isolation");
  const auto driver = arguments.text("log-driver");
  if (driver == "none" && arguments.given("log-opt")) {
    throw Failure("invalid logging opts for driver none");
  }
  if (!driver.empty() || arguments.given("log-opt")) {
    auto& log = host.member("LogConfig").set("Type", driver);
    set_map(arguments, "log-opt", log, "Config");
  }
}

}  // namespace

CreateBody create_body(const Arguments& arguments,
                       const std::string& socket_path) {
  CreateBody request;
  choose_streams(arguments, request);
  auto host = Value::object();
  add_program(arguments, request);
  add_storage(arguments, request.body, host, socket_path);
  add_network(arguments, request.body, host);
  add_environment(arguments, request.body);
  add_labels(arguments, request.body);
  add_namespaces(arguments, host);
  add_resources(arguments, host);
  add_security(arguments, host);
  add_lifecycle(arguments, request, host);
  add_health(arguments, request.body);
  request.body.set("HostConfig", std::move(host));
  return request;
}

}  // namespace docker_cpp::cli
