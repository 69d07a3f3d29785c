// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "commands/support.hpp"
#include "compose/normalise.hpp"
#include "compose/service_body.hpp"
#include "compose/session.hpp"
#include "context/tar.hpp"

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/units.hpp"

namespace docker_cpp::cli::compose {
namespace {

std::string image_id(Session& session, const std::string& image) {
  try {
    return session.engine().get(image_path(image, "/json"))["Id"].text();
  } catch (const DaemonFailure& failure) {
    if (failure.status() != 404) {
      throw;
    }
    return {};
  }
}

/// Containers whose namespaces a service shares.
std::vector<std::pair<std::string, std::string>> shared(Session& session) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& one : session.containers(Session::Which::all, {})) {
    all.emplace_back(one.service, one.id);
  }
  return all;
}

/// Anonymous volumes go on in the container that takes this one's place.
std::vector<std::string> anonymous_volumes(Session& session,
                                           const Running& old) {
  const auto inspected = session.engine().get(container_path(old.id, "/json"));
  std::vector<std::string> binds;
  for (const auto& mount : inspected["Mounts"].items()) {
    const auto& name = mount["Name"].text();
    const bool anonymous =
        name.size() == 64 &&
        name.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (mount["Type"].text() == "volume" && anonymous) {
      binds.push_back(name + ":" + mount["Destination"].text());
    }
  }
  return binds;
}

/// One service's way from what is there to what should be.
class Service {
 public:
  Service(Session& session, const std::string& name,
          const ConvergeOptions& options)
      : session_(session),
        name_(name),
        options_(options),
        definition_(session.project().service(name)) {
    plan_.image_id = image_id(session, session.project().image_of(name));
    plan_.containers = shared(session);
  }

  std::vector<Running> run() {
    const auto wanted = wanted_count(session_, name_, definition_);
    if (wanted > 1 && definition_["container_name"].is_string()) {
      throw Failure("WARNING: The " + quote(name_) +
                    " service is using the custom container name " +
                    quote(definition_["container_name"].text()) +
                    ". Docker requires each container to have a unique name. "
                    "Remove the custom name to scale the service");
    }
    auto there = session_.containers(Session::Which::all, {name_});
    if (static_cast<std::int64_t>(there.size()) > wanted) {
      const auto first = there.begin() + wanted;
      remove_containers(session_, {first, there.end()}, options_.timeout,
                        false);
      there.erase(first, there.end());
    }
    for (auto& one : there) {
      if (outdated(one)) {
        recreate(one);
      }
    }
    while (static_cast<std::int64_t>(there.size()) < wanted) {
      there.push_back(create(free_number(there), {}));
    }
    if (options_.start) {
      start(there);
    }
    return there;
  }

 private:
  bool outdated(const Running& one) const {
    if (options_.force_recreate || !options_.recreate) {
      return options_.force_recreate;
    }
    const auto& image = one.labels[labels::image].text();
    return one.labels[labels::config_hash].text() != config_hash(definition_) ||
           (!plan_.image_id.empty() && !image.empty() &&
            image != plan_.image_id);
  }

  static int free_number(const std::vector<Running>& there) {
    for (int number = 1;; ++number) {
      if (std::ranges::find(there, number, &Running::number) == there.end()) {
        return number;
      }
    }
  }

  Running create(int number, const std::vector<std::string>& keep) {
    auto plan = plan_;
    plan.number = number;
    const auto id = create_one(session_, name_, plan, keep);
    for (auto& one : session_.containers(Session::Which::all, {name_})) {
      if (one.id == id) {
        return std::move(one);
      }
    }
    throw Failure("container " + id + " is gone again");
  }

  void recreate(Running& one) {
    const auto object = "Container " + one.name;
    session_.progress.working(object, "Recreate");
    const auto keep = options_.renew_volumes ? std::vector<std::string>()
                                             : anonymous_volumes(session_, one);
    const auto timeout =
        options_.timeout.empty() ? "" : "?t=" + options_.timeout;
    auto& engine = session_.engine();
    engine.post(container_path(one.id, "/stop" + timeout));
    // The name is the new one's; the old one goes when that exists.
    engine.post(container_path(
        one.id,
        "/rename?name=" + http::escape(short_id(one.id) + "_" + one.name)));
    const auto old = one.id;
    try {
      one = create(one.number, keep);
    } catch (const Failure&) {
      engine.post(
          container_path(old, "/rename?name=" + http::escape(one.name)));
      throw;
    }
    engine.remove("/containers/" + old + "?force=1");
    session_.progress.done(object, "Recreated");
  }

  void start(std::vector<Running>& all) {
    std::vector<Running> still;
    for (const auto& one : all) {
      if (one.state == "running") {
        session_.progress.done("Container " + one.name, "Running");
      } else {
        still.push_back(one);
      }
    }
    if (!still.empty()) {
      if (!session_.arguments.flag("no-deps")) {
        await_dependencies(session_, name_);
      }
      session_.all_of(
          still, {.doing = "Starting", .done = "Started", .rest = "/start"});
    }
  }

  Session& session_;
  const std::string& name_;
  const ConvergeOptions& options_;
  const Value& definition_;
  PlanOptions plan_;
};

void put_files(Session& session, const std::string& id,
               const std::vector<std::pair<std::string, std::string>>& files) {
  if (files.empty()) {
    return;
  }
  std::vector<TarEntry> entries;
  for (const auto& [path, content] : files) {
    entries.push_back({path.substr(path.starts_with('/') ? 1 : 0), content});
  }
  session.engine().call({.method = "PUT",
                         .path = container_path(id, "/archive?path=%2F"),
                         .body = write_tar(entries),
                         .content_type = "application/x-tar"});
}

}  // namespace

std::int64_t wanted_count(const Session& session, const std::string& service,
                          const Value& definition) {
  for (const auto& text : session.arguments.list("scale")) {
    const auto [name, count] = cut(text, '=');
    if (name == service) {
      const auto number = parse_unsigned(count, 31);
      if (!number) {
        throw Failure("invalid --scale option " + quote(text) +
                      ". Should be SERVICE=NUM");
      }
      return static_cast<std::int64_t>(*number);
    }
  }
  if (!definition["scale"].is_null()) {
    return whole_number(definition["scale"]);
  }
  const auto& replicas = definition["deploy"]["replicas"];
  return replicas.is_null() ? 1 : whole_number(replicas);
}

std::string create_one(Session& session, const std::string& service,
                       const PlanOptions& options,
                       const std::vector<std::string>& keep_volumes,
                       Value changes) {
  auto plan = plan_container(session.project(), service, options);
  auto& host = plan.body.member("HostConfig");
  for (const auto& bind : keep_volumes) {
    host.member("Binds").append(bind);
  }
  for (const auto& [key, value] : changes.members()) {
    plan.body.set(key, value);
  }
  const auto object = "Container " + plan.name;
  session.progress.working(object, "Creating");
  http::Query query;
  query.add("name", plan.name);
  if (const auto platform =
          scalar(session.project().service(service)["platform"]);
      !platform.empty()) {
    query.add("platform", platform);
  }
  Value created;
  try {
    created =
        session.engine().post("/containers/create" + query.text(), plan.body);
  } catch (const DaemonFailure&) {
    session.progress.failed(object, "Error");
    throw;
  }
  const auto& id = created["Id"].text();
  for (const auto& [network, endpoint] : plan.more_networks) {
    session.engine().post(
        "/networks/" + http::escape(network) + "/connect",
        Value::object().set("Container", id).set("EndpointConfig", endpoint));
  }
  put_files(session, id, plan.files);
  session.progress.done(object, "Created");
  for (const auto& warning : created["Warnings"].items()) {
    print_error("WARNING: " + warning.text() + "\n");
  }
  return id;
}

std::vector<Running> converge(Session& session,
                              const std::vector<std::string>& services,
                              const ConvergeOptions& options) {
  ensure_images(session, services);
  ensure_networks(session, services);
  ensure_volumes(session, services);
  // All containers first, so that a bad one is told before anything starts.
  auto only_create = options;
  only_create.start = false;
  std::vector<Running> all;
  for (const auto& name : services) {
    auto made = Service(session, name, only_create).run();
    all.insert(all.end(), made.begin(), made.end());
  }
  if (!options.start) {
    return all;
  }
  auto only_start = options;
  only_start.force_recreate = false;
  only_start.recreate = false;
  all.clear();
  for (const auto& name : services) {
    auto started = Service(session, name, only_start).run();
    all.insert(all.end(), started.begin(), started.end());
  }
  return all;
}

}  // namespace docker_cpp::cli::compose
