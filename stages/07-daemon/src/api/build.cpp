// SPDX-License-Identifier: Apache-2.0
// POST /build, as the docker client without buildx asks for it, and what keeps
// the build cache small.
#include <algorithm>
#include <charconv>
#include <ctime>
#include <future>
#include <set>

#include <nlohmann/json.hpp>

#include "context.hpp"
#include "filters.hpp"
#include "handlers.hpp"
#include "progress_stream.hpp"
#include "registry_auth.hpp"

#include "docker_cpp/daemon/builder.hpp"
#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/images/image_store.hpp"
#include "docker_cpp/images/reference.hpp"

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

json parse_parameter(const http::Query& query, const std::string& name) {
  const std::string text = query.get(name);
  if (text.empty()) {
    return nullptr;
  }
  json value = json::parse(text, nullptr, false);
  if (value.is_discarded()) {
    throw ApiError(ErrorCode::invalid_argument,
                   "error reading " + name + ": it is no JSON");
  }
  return value;
}

std::int64_t integer(const http::Query& query, const std::string& name) {
  const std::string text = query.get(name);
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, value);
  if (!text.empty() && (error != std::errc{} || last != end)) {
    throw ApiError(ErrorCode::invalid_argument,
                   name + " is not a number: " + text);
  }
  return value;
}

Strings texts(const json& list) {
  Strings all;
  for (const json& one : list.is_array() ? list : json::array()) {
    if (one.is_string()) {
      all.push_back(one.get<std::string>());
    }
  }
  return all;
}

/// What is no text is null; what is no object has nothing.
std::map<std::string, std::optional<std::string>> members(const json& object) {
  std::map<std::string, std::optional<std::string>> all;
  if (object.is_object()) {
    for (const auto& [name, value] : object.items()) {
      all[name] = value.is_string() ? std::optional(value.get<std::string>())
                                    : std::nullopt;
    }
  }
  return all;
}

/// Those that are texts.
std::map<std::string, std::string> text_members(const json& object) {
  std::map<std::string, std::string> all;
  for (const auto& [name, value] : members(object)) {
    if (value) {
      all[name] = *value;
    }
  }
  return all;
}

void read_limits(const http::Query& query, HostConfig& host) {
  host.memory = integer(query, "memory");
  host.memory_swap = integer(query, "memswap");
  host.cpu_shares = integer(query, "cpushares");
  host.cpu_period = integer(query, "cpuperiod");
  host.cpu_quota = integer(query, "cpuquota");
  host.cpuset_cpus = query.get("cpusetcpus");
  host.cpuset_mems = query.get("cpusetmems");
  host.cgroup_parent = query.get("cgroupparent");
  if (const std::int64_t shm = integer(query, "shmsize"); shm > 0) {
    host.shm_size = shm;
  }
  const std::string network = query.get("networkmode");
  host.network_mode = network.empty() ? "default" : network;
  for (const std::string& host_line : query.all("extrahosts")) {
    const json list = json::parse(host_line, nullptr, false);
    if (list.is_array()) {
      host.extra_hosts = texts(list);
    } else {
      host.extra_hosts.push_back(host_line);
    }
  }
  const json ulimits = parse_parameter(query, "ulimits");
  for (const json& one : ulimits.is_array() ? ulimits : json::array()) {
    host.ulimits.push_back({.name = one.value("Name", ""),
                            .soft = one.value("Soft", std::int64_t{0}),
                            .hard = one.value("Hard", std::int64_t{0})});
  }
}

void read_tags(const http::Query& query, BuildRequest& request) {
  for (const std::string& tag : query.all("t")) {
    if (tag.empty()) {
      continue;
    }
    const auto name = images::Reference::parse(tag);
    if (!name || !name->digest().empty()) {
      throw ApiError(ErrorCode::invalid_argument,
                     name ? "refusing to create a tag with a digest reference"
                          : name.error());
    }
    if (std::ranges::find(request.tags, tag) == request.tags.end()) {
      request.tags.push_back(tag);
    }
  }
}

/// Parameters of our own command line: docs/formats/engine-api.md.
void read_extensions(const http::Query& query, BuildRequest& request) {
  request.folders = query.get("layout") == "folders";
  request.allow = query.all("allow");
  request.agents = text_members(parse_parameter(query, "ssh"));
  request.image_contexts =
      text_members(parse_parameter(query, "imagecontexts"));
}

BuildRequest read_request(const http::Query& query) {
  if (query.get("version") == "2") {
    throw ApiError(ErrorCode::invalid_argument,
                   "this engine builds without a session: use "
                   "DOCKER_BUILDKIT=0 docker build, or docker-cpp build");
  }
  if (query.flag("squash")) {
    throw ApiError(ErrorCode::invalid_argument,
                   "squash is only supported with experimental mode");
  }
  BuildRequest request;
  if (!query.get("dockerfile").empty()) {
    request.dockerfile = query.get("dockerfile");
  }
  request.remote = query.get("remote");
  request.target = query.get("target");
  request.platform = query.get("platform");
  request.build_id = query.get("buildid");
  request.quiet = query.flag("q");
  request.no_cache = query.flag("nocache");
  request.pull = query.flag("pull");
  request.remove = query.flag("rm", true);
  request.cache_from = texts(parse_parameter(query, "cachefrom"));
  request.build_args = members(parse_parameter(query, "buildargs"));
  request.labels = text_members(parse_parameter(query, "labels"));
  read_tags(query, request);
  read_limits(query, request.host);
  read_extensions(query, request);
  return request;
}

ApiError as_api_error(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const ApiError& error) {
    return error;
  } catch (const images::ImageError& error) {
    return {ErrorCode::invalid_argument, error.what()};
  } catch (const std::exception& error) {
    return {ErrorCode::internal, error.what()};
  }
}

int code_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const BuildFailure& error) {
    return error.code();
  } catch (const std::exception&) {
    return 0;
  }
}

/// The JSON stream of one build. A client that reads slowly is waited for.
class BuildStream final : public BuildOutput {
 public:
  BuildStream(CallPtr call, bool quiet)
      : call_(std::move(call)), quiet_(quiet) {}

  void text(std::string_view text) override {
    if (!quiet_) {
      send({{"stream", std::string(text)}});
    }
  }
  void image(const std::string& id) override {
    if (quiet_) {
      send({{"stream", id + "\n"}});
    } else {
      send({{"aux", {{"ID", id}}}});
    }
  }

  void progress(const images::Progress& step) override {
    if (!quiet_) {
      send(progress_line(step));
    }
  }

  void end(const std::exception_ptr& failure) {
    if (!failure) {
      begin();
      call_->exchange->finish();
      return;
    }
    const ApiError error = as_api_error(failure);
    if (!begun_) {
      call_->fail(error);
      return;
    }
    json detail = {{"message", error.what()}};
    if (const int code = code_of(failure); code != 0) {
      detail["code"] = code;
    }
    send({{"errorDetail", detail}, {"error", error.what()}});
    call_->exchange->finish();
  }

 private:
  void begin() {
    if (!begun_) {
      begun_ = true;
      call_->begin_stream("application/json");
    }
  }

  void send(const json& line) {
    begin();
    if (call_->exchange->gone()) {
      return;
    }
    const std::string text =
        line.dump(-1, ' ', false, json::error_handler_t::replace) + "\r\n";
    written_ += text.size();
    constexpr std::size_t ahead = 1U << 20;
    if (written_ > ahead) {
      auto drained = std::make_shared<std::promise<void>>();
      auto future = drained->get_future();
      call_->exchange->on_drained([drained] { drained->set_value(); });
      future.wait();
      written_ = text.size();
    }
    static_cast<void>(call_->exchange->write(text));
  }

  CallPtr call_;
  bool quiet_;
  bool begun_ = false;
  std::size_t written_ = 0;
};

void build(const CallPtr& call) {
  BuildRequest request = read_request(call->query());
  request.logins =
      read_registry_config(call->request.header("X-Registry-Config"));
  auto stream = std::make_shared<BuildStream>(call, request.quiet);
  auto body = std::move(call->request.body_stream);
  const auto running = call->context->builder->start(
      std::move(request), std::move(body), stream,
      [stream](const std::exception_ptr& failure) { stream->end(failure); });
  call->exchange->on_gone([weak = std::weak_ptr(running)] {
    if (const auto build = weak.lock()) {
      Builder::cancel(*build);
    }
  });
}

void cancel(const CallPtr& call) {
  const std::string id = call->query().get("id");
  if (id.empty()) {
    throw ApiError(ErrorCode::invalid_argument, "build ID not provided");
  }
  static_cast<void>(call->context->builder->cancel(id));
  call->reply_empty(204);
}

std::int64_t seconds_of(const std::string& text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, number);
  const std::string unit(last, end);
  const std::int64_t factor = unit == "h"                 ? 3600
                              : unit == "m"               ? 60
                              : unit == "s" || unit == "" ? 1
                                                          : 0;
  if (error != std::errc{} || factor == 0) {
    throw ApiError(ErrorCode::invalid_argument,
                   "invalid filter 'unused-for=" + text + "'");
  }
  return number * factor;
}

/// Oldest first, until what is left fits into what may be kept.
void prune(const CallPtr& call) {
  const Filters filters(call->query().get("filters"),
                        {"until", "id", "unused-for"});
  call->context->executor.blocking([call, filters] {
    call->guard([&] {
      const std::int64_t now = std::time(nullptr);
      std::int64_t unused = 0;
      for (const std::string name : {"until", "unused-for"}) {
        for (const std::string& value : filters.values(name)) {
          unused = std::max(unused, seconds_of(value));
        }
      }
      const std::int64_t keep = integer(call->query(), "keep-storage");
      auto entries = call->context->images.build_cache();
      std::ranges::sort(entries, {}, &images::BuildCacheEntry::last_used);
      std::int64_t total = 0;
      for (const auto& entry : entries) {
        total += entry.size;
      }
      Strings keys;
      for (const auto& entry : entries) {
        const bool old = now - entry.last_used >= unused;
        if (old && (keep == 0 || total > keep)) {
          keys.push_back(entry.key);
          total -= entry.size;
        }
      }
      std::int64_t reclaimed = call->context->images.prune_build_cache(keys);
      if (call->query().flag("all") && unused == 0 && keep == 0) {
        reclaimed += call->context->builder->prune_mounts();
      }
      json deleted = keys;
      call->reply(200,
                  {{"CachesDeleted", deleted}, {"SpaceReclaimed", reclaimed}});
    });
  });
}

}  // namespace

void add_build(Router& router) {
  router.add("POST", "/build", build);
  router.add("POST", "/build/prune", prune);
  router.add("POST", "/build/cancel", cancel);
}

}  // namespace docker_cpp::daemon::api
