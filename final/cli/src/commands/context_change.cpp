// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>

#include "commands/commands.hpp"
#include "commands/support.hpp"
#include "context/store.hpp"
#include "file_io.hpp"

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/units.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::cli::commands {

namespace {

struct Endpoint {
  Value value;
  std::vector<ContextStore::File> files;
};

Value endpoint_value(const std::string& host, bool skip_verify) {
  return Value::object()
      .set("Host", host)
      .set("SkipTLSVerify", Value(skip_verify));
}

ContextStore::File pem(const std::string& key, const std::string& path) {
  auto text = sys::read_file(path.c_str(), 1U << 20U);
  if (!text) {
    throw Failure("unable to create docker endpoint config: open " + path +
                  ": " + reason_of(text.error().code));
  }
  return {key + ".pem", *std::move(text)};
}

Endpoint copied(Context& context, const ContextStore& store,
                const std::string& from) {
  if (from == "default") {
    const auto host = environment("DOCKER_HOST");
    return {endpoint_value(
                host.empty() ? "unix:///run/docker-cpp/docker-cpp.sock" : host,
                false),
            {}};
  }
  static_cast<void>(context);
  return {store.load(from)["Endpoints"]["docker"], store.tls_files(from)};
}

/// --docker's pairs as an endpoint.
Endpoint described(Context& context, const ContextStore& store,
                   const std::vector<std::string>& pairs) {
  std::string host;
  std::optional<bool> skip;
  Endpoint endpoint;
  for (const auto& list : pairs) {
    for (const auto& pair : csv_fields(list)) {
      const auto [key, value] = cut(pair, '=');
      if (key == "from") {
        endpoint = copied(context, store, value);
      } else if (key == "host") {
        host = value;
      } else if (key == "skip-tls-verify") {
        const auto parsed = parse_bool(value);
        if (!parsed) {
          throw Failure("unable to create docker endpoint config: " +
                        parsed.error());
        }
        skip = *parsed;
      } else if (key == "ca" || key == "cert" || key == "key") {
        endpoint.files.push_back(pem(key, value));
      } else {
        throw Failure(
            "unable to create docker endpoint config: unrecognized config "
            "key: " +
            key);
      }
    }
  }
  if (!host.empty() || endpoint.value.is_null()) {
    if (const auto address = http::parse_address(host);
        !host.empty() && !address) {
      throw Failure("unable to create docker endpoint config: " +
                    address.error());
    }
    endpoint.value = endpoint_value(host, skip.value_or(false));
  }
  return endpoint;
}

void check_new(const ContextStore& store, const std::string& name) {
  if (const auto wrong = check_context_name(name); !wrong.empty()) {
    throw Failure(wrong);
  }
  if (store.exists(name)) {
    throw Failure("context \"" + name + "\" already exists");
  }
}

Value metadata_of(const Arguments& arguments) {
  auto metadata = Value::object();
  if (const auto text = arguments.text("description"); !text.empty()) {
    metadata.set("Description", text);
  }
  return metadata;
}

void report(const std::string& name, const std::string& done) {
  print(name + "\n");
  print_error("Successfully " + done + " context \"" + name + "\"\n");
}

}  // namespace

int context_create(Context& context, const Arguments& arguments) {
  const ContextStore store(context.config.directory());
  const auto& name = arguments.words[0];
  check_new(store, name);
  auto metadata = metadata_of(arguments);
  Endpoint endpoint;
  if (const auto from = arguments.text("from"); !from.empty()) {
    if (arguments.given("docker")) {
      throw Failure("cannot use --docker flag when --from is set");
    }
    endpoint = copied(context, store, from);
    if (from != "default" && metadata.size() == 0) {
      metadata = store.load(from)["Metadata"];
    }
  } else {
    if (!arguments.given("docker")) {
      throw Failure("docker endpoint configuration is required");
    }
    endpoint = described(context, store, arguments.list("docker"));
  }
  store.save(
      Value::object()
          .set("Name", name)
          .set("Metadata", metadata)
          .set("Endpoints", Value::object().set("docker", endpoint.value)));
  store.save_tls(name, endpoint.files);
  report(name, "created");
  return 0;
}

int context_update(Context& context, const Arguments& arguments) {
  const ContextStore store(context.config.directory());
  const auto& name = arguments.words[0];
  if (name == "default") {
    throw Failure("\"default\" is a reserved context name");
  }
  auto meta = store.load(name);
  if (arguments.given("description")) {
    meta.member("Metadata").set("Description", arguments.text("description"));
  }
  if (arguments.given("docker")) {
    const auto endpoint = described(context, store, arguments.list("docker"));
    meta.member("Endpoints").set("docker", endpoint.value);
    store.save_tls(name, endpoint.files);
  }
  store.save(meta);
  report(name, "updated");
  return 0;
}

int context_remove(Context& context, const Arguments& arguments) {
  const ContextStore store(context.config.directory());
  return for_each_word(arguments, [&](const std::string& name) {
    if (name == "default") {
      throw Failure("context \"default\" cannot be removed");
    }
    if (!store.exists(name)) {
      if (arguments.flag("force")) {
        return name;
      }
      throw Failure("context \"" + name + "\" does not exist");
    }
    if (context.config["currentContext"].text() == name) {
      if (!arguments.flag("force")) {
        throw Failure("context \"" + name +
                      "\" is in use, set -f flag to force remove");
      }
      context.config.store("currentContext", {});
    }
    store.remove(name);
    return name;
  });
}

int context_use(Context& context, const Arguments& arguments) {
  const auto& name = arguments.words[0];
  if (name != "default") {
    static_cast<void>(ContextStore(context.config.directory()).load(name));
  }
  context.config.store("currentContext",
                       name == "default" ? Value() : Value(name));
  print(name + "\n");
  print_error("Current context is now \"" + name + "\"\n");
  if (name != "default" && !environment("DOCKER_HOST").empty()) {
    print_error(
        "Warning: DOCKER_HOST environment variable overrides the active "
        "context. To use \"" +
        name +
        "\", either set the global --context flag, or unset DOCKER_HOST "
        "environment variable.\n");
  }
  return 0;
}

int context_show(Context& context, const Arguments&) {
  print(context.context_name + "\n");
  return 0;
}

}  // namespace docker_cpp::cli::commands
