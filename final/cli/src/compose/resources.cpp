// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <set>

#include "commands/support.hpp"
#include "compose/normalise.hpp"
#include "compose/normalise_parts.hpp"
#include "compose/service_body.hpp"
#include "compose/session.hpp"

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/version.hpp"

namespace docker_cpp::cli::compose {
namespace {

/// What `pull` prints is not what `compose` prints.
class StdoutToStderr {
 public:
  StdoutToStderr() : saved_(::dup(STDOUT_FILENO)) {
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
  }
  ~StdoutToStderr() { ::dup2(saved_.get(), STDOUT_FILENO); }
  StdoutToStderr(const StdoutToStderr&) = delete;
  StdoutToStderr& operator=(const StdoutToStderr&) = delete;

 private:
  sys::UniqueFd saved_;
};

/// Nothing when there is none of that name.
std::optional<Value> look(Engine& engine, const std::string& path) {
  try {
    return engine.get(path);
  } catch (const DaemonFailure& failure) {
    if (failure.status() != 404) {
      throw;
    }
    return std::nullopt;
  }
}

Value project_labels(const Session& session, const std::string& project,
                     const Value& own, const char* kind,
                     const std::string& key) {
  static_cast<void>(session);
  auto all = as_mapping(own);
  all.set(kind, key)
      .set(labels::project, project)
      .set(labels::version, build_info.version);
  return all;
}

Value pool_value(const Value& ipam) {
  auto value = Value::object();
  value.set("Driver",
            ipam["driver"].is_string() ? ipam["driver"] : Value("default"));
  auto pools = Value::array();
  for (const auto& pool : ipam["config"].items()) {
    auto entry = Value::object();
    for (const auto& [key, target] : Pairs{{"subnet", "Subnet"},
                                           {"gateway", "Gateway"},
                                           {"ip_range", "IPRange"}}) {
      if (pool[key].is_string()) {
        entry.set(target, pool[key]);
      }
    }
    if (pool["aux_addresses"].size() > 0) {
      entry.set("AuxiliaryAddresses", pool["aux_addresses"]);
    }
    pools.append(std::move(entry));
  }
  if (pools.size() > 0) {
    value.set("Config", pools);
  }
  if (ipam["options"].size() > 0) {
    value.set("Options", as_mapping(ipam["options"]));
  }
  return value;
}

void ensure_network(Session& session, const std::string& key) {
  auto& project = session.project();
  const auto& settings = project.networks[key];
  const auto name = project.network_name(key);
  const auto there = look(session.engine(), "/networks/" + http::escape(name));
  // The daemon takes a prefix of an id for a name, too.
  if (there && (*there)["Name"].text() == name) {
    return;
  }
  const auto& external = settings["external"];
  if (truth(external) || external.is_object()) {
    throw Failure("network " + name +
                  " declared as external, but could not be found");
  }
  const auto object = "Network " + name;
  session.progress.working(object, "Creating");
  auto body = Value::object();
  body.set("Name", name)
      .set("CheckDuplicate", Value(true))
      .set("Driver", settings["driver"].is_string() ? settings["driver"]
                                                    : Value("bridge"))
      .set("Internal", Value(truth(settings["internal"])))
      .set("Attachable", Value(truth(settings["attachable"])))
      .set("EnableIPv6", Value(truth(settings["enable_ipv6"])))
      .set("IPAM", pool_value(settings["ipam"]))
      .set("Options", as_mapping(settings["driver_opts"]))
      .set("Labels", project_labels(session, project.name, settings["labels"],
                                    labels::network, key));
  session.engine().post("/networks/create", body);
  session.progress.done(object, "Created");
}

void ensure_volume(Session& session, const std::string& key) {
  auto& project = session.project();
  const auto& settings = project.volumes[key];
  const auto name = project.volume_name(key);
  if (look(session.engine(), "/volumes/" + http::escape(name))) {
    return;
  }
  const auto& external = settings["external"];
  if (truth(external) || external.is_object()) {
    throw Failure("external volume " + quote(name) + " not found");
  }
  const auto object = "Volume " + quote(name);
  session.progress.working(object, "Creating");
  session.engine().post(
      "/volumes/create",
      Value::object()
          .set("Name", name)
          .set("Driver", settings["driver"].is_string() ? settings["driver"]
                                                        : Value("local"))
          .set("DriverOpts", as_mapping(settings["driver_opts"]))
          .set("Labels",
               project_labels(session, project.name, settings["labels"],
                              labels::volume, key)));
  session.progress.done(object, "Created");
}

std::vector<std::string> build_words(const Project& project,
                                     const std::string& service,
                                     const Arguments& arguments) {
  const auto& build = project.service(service)["build"];
  std::vector<std::string> words = {"build", "-t", project.image_of(service)};
  const auto add = [&](const char* option, const std::string& value) {
    if (!value.empty()) {
      words.insert(words.end(), {option, value});
    }
  };
  const auto& file = build["dockerfile"].text();
  const auto& folder = build["context"].text();
  add("-f", file.empty() || file.starts_with('/') ? file : folder + "/" + file);
  add("--target", build["target"].text());
  add("--network", build["network"].text());
  add("--shm-size", scalar(build["shm_size"]));
  for (const auto& [key, value] : build["args"].members()) {
    add("--build-arg", value.is_null() ? key : key + "=" + value.text());
  }
  for (const auto& [key, value] : build["labels"].members()) {
    add("--label", key + "=" + value.text());
  }
  for (const auto& tag : build["tags"].items()) {
    add("-t", tag.text());
  }
  for (const auto& from : build["cache_from"].items()) {
    add("--cache-from", from.text());
  }
  for (const auto& host : as_texts(extra_hosts(build["extra_hosts"]))) {
    add("--add-host", host);
  }
  for (const auto& argument : arguments.list("build-arg")) {
    add("--build-arg", argument);
  }
  for (const auto* flag : {"no-cache", "pull", "quiet"}) {
    if (truth(build[flag]) ||
        (arguments.command == "compose build" && arguments.flag(flag))) {
      words.push_back("--" + std::string(flag));
    }
  }
  words.push_back(folder);
  return words;
}

}  // namespace

void build_service(Session& session, const std::string& service) {
  auto& project = session.project();
  if (!project.service(service)["build"]["dockerfile_inline"].is_null()) {
    throw Failure("service " + quote(service) +
                  ": dockerfile_inline is not supported, write a Dockerfile");
  }
  if (session.run_line(build_words(project, service, session.arguments)) != 0) {
    throw Failure("failed to build service " + quote(service), 17);
  }
}

void ensure_networks(Session& session,
                     const std::vector<std::string>& services) {
  std::set<std::string> keys;
  for (const auto& name : services) {
    for (const auto& [key, value] :
         session.project().service(name)["networks"].members()) {
      keys.insert(key);
    }
  }
  for (const auto& key : keys) {
    ensure_network(session, key);
  }
}

void ensure_volumes(Session& session,
                    const std::vector<std::string>& services) {
  std::set<std::string> keys;
  for (const auto& name : services) {
    for (const auto& mount :
         session.project().service(name)["volumes"].items()) {
      if (mount["type"].text() == "volume" && !mount["source"].text().empty()) {
        keys.insert(mount["source"].text());
      }
    }
  }
  for (const auto& key : keys) {
    ensure_volume(session, key);
  }
}

void ensure_images(Session& session, const std::vector<std::string>& services) {
  auto& project = session.project();
  const auto& arguments = session.arguments;
  std::set<std::string> seen;
  for (const auto& name : services) {
    const auto& service = project.service(name);
    const auto image = project.image_of(name);
    const bool builds = !service["build"].is_null();
    auto policy = arguments.text("pull");
    policy = policy.empty() ? service["pull_policy"].text() : policy;
    const bool build_now =
        builds && (arguments.flag("build") || policy == "build");
    if (!seen.insert(image).second && !build_now) {
      continue;
    }
    if (build_now) {
      build_service(session, name);
      continue;
    }
    const bool there =
        look(session.engine(), image_path(image, "/json")).has_value();
    if (there && (policy != "always" || builds)) {
      continue;
    }
    if (builds && !arguments.flag("no-build")) {
      build_service(session, name);
    } else if (policy == "never") {
      throw Failure("image " + quote(image) + " is not there, and service " +
                    quote(name) + " must not pull it");
    } else {
      pull_service(session, name);
    }
  }
}

void pull_service(Session& session, const std::string& service) {
  auto& project = session.project();
  std::vector<std::string> words = {"pull", "-q"};
  if (const auto platform = scalar(project.service(service)["platform"]);
      !platform.empty()) {
    words.insert(words.end(), {"--platform", platform});
  }
  const auto object = service;
  session.progress.working(object, "Pulling");
  words.push_back(project.image_of(service));
  try {
    const StdoutToStderr aside;
    session.run_line(words);
  } catch (const Failure&) {
    session.progress.failed(object, "Error");
    throw;
  }
  session.progress.done(object, "Pulled");
}

}  // namespace docker_cpp::cli::compose
