// SPDX-License-Identifier: Apache-2.0
#include "build/build_output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "build/folder_archive.hpp"

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/http.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cli {

void copy_body(Exchange& exchange, int into) {
  std::string piece;
  while (exchange.next(piece)) {
    std::string_view rest = piece;
    while (!rest.empty()) {
      const ssize_t sent = ::write(into, rest.data(), rest.size());
      if (sent < 0 && errno != EINTR) {
        throw Failure(std::string("write the output: ") +
                      to_lower(::strerror(errno)));
      }
      rest.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
    }
    piece.clear();
  }
}

namespace {

sys::UniqueFd open_output(const std::string& path) {
  if (path.empty() || path == "-") {
    if (::isatty(STDOUT_FILENO) == 1) {
      throw Failure(
          "dest file is required for the tar, oci and docker "
          "exporters: refusing to write to the terminal");
    }
    return sys::UniqueFd(::dup(STDOUT_FILENO));
  }
  auto file = sys::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (!file) {
    throw Failure("open " + path + ": " +
                  to_lower(::strerror(file.error().code)));
  }
  return *std::move(file);
}

/// A container that never runs has the image's files.
class Unstarted {
 public:
  Unstarted(Engine& engine, const std::string& image) : engine_(engine) {
    Value body = Value::object();
    body.set("Image", image);
    body.set("Cmd", Value::strings({"-"}));
    id_ = engine.post("/containers/create", body)["Id"].text();
  }
  ~Unstarted() {
    try {
      static_cast<void>(engine_.remove("/containers/" + id_ + "?force=1"));
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
      // It is seen in `ps -a`.
    }
  }
  Unstarted(const Unstarted&) = delete;
  Unstarted& operator=(const Unstarted&) = delete;
  [[nodiscard]] const std::string& id() const { return id_; }

 private:
  Engine& engine_;
  std::string id_;
};

void export_files(Engine& engine, const std::string& image, int into) {
  const Unstarted container(engine, image);
  auto exchange = engine.open(
      {.method = "GET", .path = "/containers/" + container.id() + "/export"});
  copy_body(exchange, into);
}

/// tar(1) confines names to the folder that it unpacks into.
void export_folder(Engine& engine, const std::string& image,
                   const std::string& folder) {
  unpack_folder(folder, [&](int into) { export_files(engine, image, into); });
}

}  // namespace

BuildOutputSpec parse_build_output(const std::string& text) {
  if (text == "-") {
    return {.type = "tar", .destination = "-"};
  }
  if (text.find('=') == std::string::npos) {
    return {.type = "local", .destination = text};
  }
  BuildOutputSpec output;
  for (const std::string& field : csv_fields(text)) {
    const auto [key, value] = cut(field, '=');
    if (key == "type") {
      output.type = value;
    } else if (key == "dest") {
      output.destination = value;
    }
  }
  for (const char* known : {"local", "tar", "oci", "docker", "image"}) {
    if (output.type == known) {
      if (output.type == "local" && output.destination.empty()) {
        throw Failure("dest is required for local exporter");
      }
      return output;
    }
  }
  throw Failure("exporter \"" + output.type + "\" could not be found");
}

void write_build_output(Engine& engine, const std::string& image,
                        const BuildOutputSpec& output) {
  if (output.type == "local") {
    export_folder(engine, image, output.destination);
  } else if (output.type == "tar") {
    export_files(engine, image, open_output(output.destination).get());
  } else if (output.type == "oci" ||
             (output.type == "docker" && !output.destination.empty())) {
    const auto file = open_output(output.destination);
    auto exchange =
        engine.open({.method = "GET", .path = "/images/" + image + "/get"});
    copy_body(exchange, file.get());
  }
}

}  // namespace docker_cpp::cli
