// SPDX-License-Identifier: Apache-2.0
#include "commands/container_create.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>

#include "commands/image_pull.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/reference.hpp"
#include "docker_cpp/cli/registry_login.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cli {
namespace {

/// Made before the container, so that no container is made in vain; gone again
/// if there is none to name.
class IdFile {
 public:
  explicit IdFile(std::string path) : path_(std::move(path)) {
    if (path_.empty()) {
      return;
    }
    auto file = sys::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (!file && file.error().code == EEXIST) {
      throw Failure(
          "container ID file found, make sure the other container isn't "
          "running or delete " +
          path_);
    }
    if (!file) {
      throw Failure("failed to create the container ID file: open " + path_ +
                    ": " + to_lower(::strerror(file.error().code)));
    }
    file_ = *std::move(file);
  }

  IdFile(const IdFile&) = delete;
  IdFile& operator=(const IdFile&) = delete;

  ~IdFile() {
    if (file_ && !written_) {
      ::unlink(path_.c_str());
    }
  }

  void write(const std::string& id) {
    if (file_) {
      write_to(file_.get(), id);
      written_ = true;
    }
  }

 private:
  std::string path_;
  sys::UniqueFd file_;
  bool written_ = false;
};

std::string socket_path(const Engine& engine) {
  constexpr std::string_view scheme = "unix://";
  return engine.host().starts_with(scheme) ? engine.host().substr(scheme.size())
                                           : "/run/docker-cpp/docker-cpp.sock";
}

std::string create_path(const Arguments& arguments) {
  http::Query query;
  if (const auto name = arguments.text("name"); !name.empty()) {
    query.add("name", name);
  }
  if (const auto platform = arguments.text("platform"); !platform.empty()) {
    query.add("platform", platform);
  }
  return "/containers/create" + query.text();
}

void pull(Context& context, const Arguments& arguments,
          const Reference& reference) {
  pull_image(
      context.engine, reference,
      {.platform = arguments.text("platform"),
       .output = STDERR_FILENO,
       .quiet = arguments.flag("quiet"),
       .auth = registry_auth(context.config, cut(reference.full, '/').first)});
}

/// "No such image" is what asks for a pull; a container that another refers to
/// may be missing with 404, too.
bool lacks_image(const DaemonFailure& failure) {
  return failure.status() == 404 &&
         to_lower(failure.reason()).find("no such image") != std::string::npos;
}

Value create_or_pull(Context& context, const Arguments& arguments,
                     const CreateBody& request) {
  const auto path = create_path(arguments);
  const auto policy = arguments.text("pull", "missing");
  const auto reference = parse_reference(request.image);
  if (policy == "always" && reference) {
    pull(context, arguments, *reference);
  }
  try {
    return context.engine.post(path, request.body);
  } catch (const DaemonFailure& failure) {
    if (!lacks_image(failure) || policy == "never" || !reference ||
        policy == "always") {
      throw;
    }
  }
  if (!arguments.flag("quiet")) {
    print_error("Unable to find image '" + reference->shown() + "' locally\n");
  }
  pull(context, arguments, *reference);
  return context.engine.post(path, request.body);
}

void check_pull_policy(const std::string& policy) {
  if (policy != "always" && policy != "missing" && policy != "never" &&
      !policy.empty()) {
    throw Failure("invalid pull option: '" + policy +
                  "': must be one of \"always\", \"missing\" or \"never\"");
  }
}

void check_image(const std::string& image) {
  const auto reference = parse_reference(image);
  // 64 hex digits are an id, which is no reference but names an image.
  if (!reference && !is_full_id(image) && !image.starts_with("sha256:")) {
    throw Failure(reference.error());
  }
}

}  // namespace

Failure with_hint(const std::string& message, const Arguments& arguments,
                  int exit_code) {
  auto hint = help_hint(arguments.command);
  hint.pop_back();
  return Failure(std::string(program_name) + ": " + message + "\n\n" + hint,
                 exit_code);
}

CreateBody read_create_options(Context& context, const Arguments& arguments) {
  try {
    check_pull_policy(arguments.text("pull", "missing"));
    auto request = create_body(arguments, socket_path(context.engine));
    check_image(request.image);
    return request;
  } catch (const Failure& failure) {
    throw with_hint(failure.message(), arguments, 125);
  }
}

std::string create_container(Context& context, const Arguments& arguments,
                             const CreateBody& request) {
  IdFile file(arguments.text("cidfile"));
  const auto created = create_or_pull(context, arguments, request);
  for (const auto& warning : created["Warnings"].items()) {
    print_error("WARNING: " + warning.text() + "\n");
  }
  file.write(created["Id"].text());
  return created["Id"].text();
}

}  // namespace docker_cpp::cli
