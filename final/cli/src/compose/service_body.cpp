// SPDX-License-Identifier: Apache-2.0
#include "compose/service_body.hpp"

#include <algorithm>

#include "compose/normalise.hpp"
#include "context/store.hpp"

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/units.hpp"
#include "docker_cpp/cli/version.hpp"

namespace docker_cpp::cli::compose {
namespace {

Value environment_list(const Value& environment) {
  std::vector<std::string> entries;
  for (const auto& [key, value] : environment.members()) {
    entries.push_back(value.is_null() ? key : key + "=" + value.text());
  }
  std::ranges::sort(entries);
  return Value::strings(entries);
}

std::string depends_text(const Value& depends) {
  std::vector<std::string> parts;
  for (const auto& [name, how] : depends.members()) {
    parts.push_back(name + ":" + how["condition"].text() + ":" +
                    (truth(how["restart"]) ? "true" : "false"));
  }
  std::ranges::sort(parts);
  return join(parts, ",");
}

Value labels_of(const Project& project, const std::string& name,
                const Value& service, const PlanOptions& options) {
  auto all = Value::object();
  for (const auto& [key, value] : service["labels"].members()) {
    all.set(key, value.is_null() ? Value("") : value);
  }
  all.set(labels::config_hash, config_hash(service))
      .set(labels::number, std::to_string(options.number))
      .set(labels::depends_on, depends_text(service["depends_on"]))
      .set(labels::image, options.image_id)
      .set(labels::oneoff, options.oneoff ? "True" : "False")
      .set(labels::project, project.name)
      .set(labels::config_files, join(project.files, ","))
      .set(labels::working_dir, project.folder)
      .set(labels::service, name)
      .set(labels::version, build_info.version);
  if (!project.env_files.empty()) {
    all.set(labels::environment_file, join(project.env_files, ","));
  }
  return all;
}

Value duration_value(const Value& value, const std::string& place) {
  if (value.is_null()) {
    return Value(0);
  }
  const auto parsed = parse_duration(scalar(value));
  if (!parsed) {
    throw Failure(place + ": " + parsed.error());
  }
  return Value(static_cast<std::int64_t>(parsed->count()));
}

Value healthcheck_value(const Value& check, const std::string& place) {
  auto value = Value::object();
  if (truth(check["disable"])) {
    return value.set("Test", Value::strings({"NONE"}));
  }
  if (!check["test"].is_null()) {
    value.set("Test", check["test"]);
  }
  value.set("Interval", duration_value(check["interval"], place + ".interval"))
      .set("Timeout", duration_value(check["timeout"], place + ".timeout"))
      .set("StartPeriod",
           duration_value(check["start_period"], place + ".start_period"))
      .set("StartInterval",
           duration_value(check["start_interval"], place + ".start_interval"))
      .set("Retries", Value(whole_number(check["retries"])));
  return value;
}

void add_ports(const Value& service, bool publish, Value& body, Value& host) {
  auto exposed = Value::object();
  auto bindings = Value::object();
  for (const auto& port : service["expose"].items()) {
    const auto [number, protocol] = cut(port.text(), '/');
    exposed.set(number + "/" + (protocol.empty() ? "tcp" : protocol),
                Value::object());
  }
  for (const auto& port : service["ports"].items()) {
    const auto key = scalar(port["target"]) + "/" + port["protocol"].text();
    exposed.set(key, Value::object());
    if (publish) {
      bindings.member(key).append(
          Value::object()
              .set("HostIp", port["host_ip"].text())
              .set("HostPort", scalar(port["published"])));
    }
  }
  if (exposed.size() > 0) {
    body.set("ExposedPorts", exposed);
  }
  if (bindings.size() > 0) {
    host.set("PortBindings", bindings);
  }
}

void add_texts(const Value& service, Value& body) {
  for (const auto& [key, target] : Pairs{{"hostname", "Hostname"},
                                         {"domainname", "Domainname"},
                                         {"user", "User"},
                                         {"working_dir", "WorkingDir"},
                                         {"stop_signal", "StopSignal"},
                                         {"mac_address", "MacAddress"}}) {
    if (const auto text = scalar(service[key]); !text.empty()) {
      body.set(target, text);
    }
  }
  for (const auto& [key, target] :
       Pairs{{"command", "Cmd"}, {"entrypoint", "Entrypoint"}}) {
    if (const auto* words = service.find(key);
        words != nullptr && !words->is_null()) {
      // An empty entrypoint takes the image's away; the API says so with "".
      const bool clears = words->size() == 0 && target[0] == 'E';
      body.set(target, clears ? Value::strings({""}) : *words);
    }
  }
  body.set("Tty", Value(truth(service["tty"])))
      .set("OpenStdin", Value(truth(service["stdin_open"])));
}

}  // namespace

std::string config_hash(const Value& service) {
  // What does not change the container: how it is built and how many there
  // are of it.
  auto kept = Value::object();
  std::vector<const Member*> sorted;
  for (const auto& member : service.members()) {
    if (member.key != "build" && member.key != "pull_policy" &&
        member.key != "scale" && member.key != "depends_on" &&
        member.key != "profiles" && member.key != "develop") {
      sorted.push_back(&member);
    }
  }
  std::ranges::sort(sorted, {}, [](const Member* member) -> const std::string& {
    return member->key;
  });
  for (const auto* member : sorted) {
    auto value = member->value;
    if (member->key == "deploy") {
      value.set("replicas", Value());
    }
    kept.set(member->key, value);
  }
  return sha256(print_json(kept));
}

ContainerPlan plan_container(const Project& project, const std::string& name,
                             const PlanOptions& options) {
  const auto& service = project.service(name);
  const auto place = "services." + name;
  for (const auto* key : {"post_start", "pre_stop", "provider"}) {
    if (!service[key].is_null()) {
      throw Failure(place + "." + key + " is not supported");
    }
  }
  ContainerPlan plan;
  plan.name = options.name;
  if (plan.name.empty()) {
    plan.name =
        service["container_name"].is_string()
            ? service["container_name"].text()
            : project.name + "-" + name + "-" + std::to_string(options.number);
  }
  auto& body = plan.body;
  auto host = Value::object();
  body.set("Image", project.image_of(name));
  add_texts(service, body);
  body.set("Env", environment_list(service["environment"]))
      .set("Labels", labels_of(project, name, service, options));
  if (!service["healthcheck"].is_null()) {
    body.set("Healthcheck",
             healthcheck_value(service["healthcheck"], place + ".healthcheck"));
  }
  if (!service["stop_grace_period"].is_null()) {
    const auto grace = duration_value(service["stop_grace_period"],
                                      place + ".stop_grace_period");
    body.set("StopTimeout", Value(grace.number() / 1'000'000'000));
  }
  add_ports(service, options.publish, body, host);
  add_host_settings(place, service, host);
  plan.files = add_mounts(project, name, body, host);
  plan.more_networks =
      add_networks(project, name, plan.name, options, body, host);
  body.set("HostConfig", host);
  return plan;
}

}  // namespace docker_cpp::cli::compose
