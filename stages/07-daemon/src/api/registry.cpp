// SPDX-License-Identifier: Apache-2.0
// Pull, push, and what is asked of registries.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "context.hpp"
#include "filters.hpp"
#include "handlers.hpp"
#include "progress_stream.hpp"
#include "registry_auth.hpp"

#include "docker_cpp/images/embedded_names.hpp"
#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/images/image_store.hpp"
#include "docker_cpp/images/reference.hpp"

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

void blocking(const CallPtr& call, std::function<void()> work) {
  call->context->executor.blocking(
      [call, work = std::move(work)] { call->guard(work); });
}

void publish(const Context& context, const std::string& action,
             const std::string& name) {
  const auto reference = images::Reference::parse(name);
  context.runtime.publish(
      {.type = "image",
       .action = action,
       .actor_id = name,
       .attributes = {
           {"name", reference ? reference->familiar_repository() : name}}});
}

images::Reference parse(const std::string& name) {
  auto reference = images::Reference::parse(name);
  if (!reference) {
    throw ApiError(ErrorCode::invalid_argument, reference.error());
  }
  return *std::move(reference);
}

/// What `docker pull` names, in two parameters.
std::string wanted_name(const http::Query& query) {
  const auto name = query.get("fromImage");
  const auto tag = query.get("tag");
  if (name.empty()) {
    throw ApiError(ErrorCode::invalid_argument, "invalid reference format");
  }
  return tag.empty()
             ? name
             : name + (tag.find(':') == std::string::npos ? ":" : "@") + tag;
}

/// Without a network the images that come with the engine still can be had.
bool comes_with_the_engine(const images::Reference& reference) {
  return std::ranges::find(images::embedded_names, reference.canonical()) !=
         images::embedded_names.end();
}

void pull_embedded(const CallPtr& call, const images::Reference& reference,
                   ProgressStream& stream) {
  const auto image = call->context->images.find(reference.familiar());
  if (!image) {
    throw ApiError(ErrorCode::not_found,
                   "No such image: " + reference.familiar());
  }
  stream.step(
      {.id = reference.tag(), .status = "Pulling from " + reference.path()});
  stream.status("Digest: " + image->manifest_digest);
  stream.status("Status: Image is up to date for " + reference.familiar());
}

void tell_pulled(const CallPtr& call,
                 const std::vector<images::PulledImage>& pulled,
                 const images::Reference& reference, bool all,
                 ProgressStream& stream) {
  const bool changed =
      std::ranges::any_of(pulled, &images::PulledImage::changed);
  const auto name =
      all ? reference.familiar_repository() : reference.familiar();
  stream.status((changed ? "Status: Downloaded newer image for "
                         : "Status: Image is up to date for ") +
                name);
  for (const auto& one : pulled) {
    publish(*call->context, "pull", one.name);
  }
}

void pull(const CallPtr& call) {
  const auto& query = call->query();
  const auto reference = parse(wanted_name(query));
  images::PullRequest request;
  request.reference = reference.canonical();
  request.credentials =
      read_registry_auth(call->request.header("X-Registry-Auth"));
  request.platform = query.get("platform");
  const auto from = query.get("fromImage");
  const auto last = from.substr(from.rfind('/') + 1);
  request.all_tags = query.get("tag").empty() && reference.digest().empty() &&
                     last.find(':') == std::string::npos;
  blocking(call, [call, request, reference] {
    auto asked = request;
    ProgressStream stream(call);
    stream.run([&](const images::Cancellation& cancel) {
      asked.cancel = &cancel;
      asked.listener = [&](const images::Progress& step) {
        stream.step(step);
      };
      try {
        const auto pulled = call->context->images.pull(asked);
        tell_pulled(call, pulled, reference, asked.all_tags, stream);
      } catch (const images::ImageError& error) {
        if (!comes_with_the_engine(reference) ||
            error.reason() != images::ImageError::Reason::failed) {
          throw;
        }
        pull_embedded(call, reference, stream);
      }
    });
  });
}

void create(const CallPtr& call) {
  if (call->query().has("fromSrc")) {
    return import_image(call);
  }
  pull(call);
}

void push(const CallPtr& call) {
  const auto name = call->variable("name");
  const auto tag = call->query().get("tag");
  const auto reference = parse(tag.empty() ? name : name + ":" + tag);
  images::PushRequest request;
  request.reference = reference.canonical();
  request.all_tags = tag.empty();
  request.credentials =
      need_registry_auth(call->request.header("X-Registry-Auth"));
  blocking(call, [call, request, reference] {
    auto asked = request;
    ProgressStream stream(call);
    stream.run([&](const images::Cancellation& cancel) {
      stream.status("The push refers to repository [" + reference.repository() +
                    "]");
      asked.cancel = &cancel;
      asked.listener = [&](const images::Progress& step) {
        stream.step(step);
      };
      for (const auto& one : call->context->images.push(asked)) {
        stream.status(one.tag + ": digest: " + one.digest +
                      " size: " + std::to_string(one.size));
        stream.line(
            {{"progressDetail", json::object()},
             {"aux",
              {{"Tag", one.tag}, {"Digest", one.digest}, {"Size", one.size}}}});
        publish(*call->context, "push",
                reference.familiar_repository() + ":" + one.tag);
      }
    });
  });
}

/// "https://index.docker.io/v1/" and "127.0.0.1:5000" as a name to ask for.
std::string server_reference(std::string server) {
  for (const std::string scheme : {"https://", "http://"}) {
    if (server.starts_with(scheme)) {
      server.erase(0, scheme.size());
    }
  }
  server = server.substr(0, server.find('/'));
  return (server.empty() || server == "index.docker.io" ? "docker.io"
                                                        : server) +
         "/login/login:login";
}

void log_in(const CallPtr& call) {
  const auto body = json::parse(call->json_body(), nullptr, false);
  if (!body.is_object()) {
    throw ApiError(ErrorCode::invalid_argument,
                   "the credentials are not a JSON object");
  }
  images::RegistryRequest request;
  request.reference = server_reference(body.value("serveraddress", ""));
  request.credentials = {.username = body.value("username", ""),
                         .password = body.value("password", ""),
                         .identity_token = body.value("identitytoken", ""),
                         .registry_token = body.value("registrytoken", "")};
  static_cast<void>(parse(request.reference));
  blocking(call, [call, request] {
    const auto token = call->context->images.log_in(request);
    call->reply(200, {{"IdentityToken", token}, {"Status", "Login Succeeded"}});
  });
}

void distribution(const CallPtr& call) {
  images::RegistryRequest request;
  request.reference = parse(call->variable("name")).canonical();
  request.credentials =
      read_registry_auth(call->request.header("X-Registry-Auth"));
  blocking(call, [call, request] {
    const auto found = call->context->images.distribution(request);
    json platforms = json::array();
    for (const auto& one : found.platforms) {
      json platform = {{"architecture", one.architecture}, {"os", one.os}};
      if (!one.variant.empty()) {
        platform["variant"] = one.variant;
      }
      platforms.push_back(std::move(platform));
    }
    call->reply(200, {{"Descriptor",
                       {{"mediaType", found.media_type},
                        {"digest", found.digest},
                        {"size", found.size}}},
                      {"Platforms", std::move(platforms)}});
  });
}

void search(const CallPtr& call) {
  const Filters filters(call->query().get("filters"),
                        {"is-automated", "is-official", "stars"});
  const int limit = call->query().number("limit").value_or(25);
  constexpr int most = 100;
  if (limit < 1 || limit > most) {
    throw ApiError(
        ErrorCode::invalid_argument,
        "limit " + std::to_string(limit) + " is outside the range of [1, 100]");
  }
  images::RegistryRequest request;
  request.reference = call->query().get("term");
  request.credentials =
      read_registry_auth(call->request.header("X-Registry-Auth"));
  blocking(call, [call, request, limit, filters] {
    json out = json::array();
    const auto stars = filters.values("stars");
    const auto least = stars.empty() ? 0 : std::atoll(stars.begin()->c_str());
    for (const auto& one : call->context->images.search(request, limit)) {
      const bool wanted =
          one.stars >= least &&
          (!filters.has("is-official") ||
           filters.flag("is-official", false) == one.official) &&
          (!filters.has("is-automated") ||
           filters.flag("is-automated", false) == one.automated);
      if (wanted) {
        out.push_back({{"name", one.name},
                       {"description", one.description},
                       {"star_count", one.stars},
                       {"is_official", one.official},
                       {"is_automated", one.automated}});
      }
    }
    call->reply(200, out);
  });
}

/// An endpoint of our own: `docker-cpp system check`.
void check(const CallPtr& call, images::Repair repair) {
  blocking(call, [call, repair] {
    const auto report = call->context->images.check(repair);
    call->reply(200, {{"Checked", report.checked},
                      {"Problems", report.problems},
                      {"Repaired", report.repaired}});
  });
}

}  // namespace

void add_registry(Router& router) {
  router.add("POST", "/images/create", create);
  router.add("POST", "/images/{name*}/push", push);
  router.add("GET", "/images/search", search);
  router.add("POST", "/auth", log_in);
  router.add("GET", "/system/check",
             [](const CallPtr& call) { check(call, images::Repair::no); });
  router.add("POST", "/system/check",
             [](const CallPtr& call) { check(call, images::Repair::yes); });
  router.add("GET", "/distribution/{name*}/json", distribution);
}

}  // namespace docker_cpp::daemon::api
