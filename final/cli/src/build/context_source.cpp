// SPDX-License-Identifier: Apache-2.0
#include "build/context_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>

#include "build/context_pack.hpp"

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cli {
namespace {

constexpr std::size_t largest_file = std::size_t{8} << 20;

std::string read_file(const std::string& path) {
  const auto file = sys::open(path.c_str(), O_RDONLY);
  if (!file) {
    throw Failure("open " + path + ": " +
                  to_lower(::strerror(file.error().code)));
  }
  auto text = sys::read_all(file->get(), largest_file);
  if (!text) {
    throw Failure("read " + path + ": " +
                  to_lower(::strerror(text.error().code)));
  }
  return *std::move(text);
}

std::string read_input() {
  auto text = sys::read_all(STDIN_FILENO, largest_file);
  if (!text) {
    throw Failure("failed to read from STDIN");
  }
  return *std::move(text);
}

bool is_remote(const std::string& word) {
  for (const char* prefix :
       {"http://", "https://", "git://", "github.com/", "git@"}) {
    if (word.starts_with(prefix)) {
      return true;
    }
  }
  return false;
}

/// Where `path` is, seen from the context; empty when it is outside.
std::string inside(const std::string& folder, const std::string& path) {
  std::error_code error;
  const auto root = std::filesystem::canonical(folder, error);
  const auto file = std::filesystem::canonical(path, error);
  if (error) {
    throw Failure(
        "unable to prepare context: unable to evaluate symlinks in "
        "Dockerfile path: lstat " +
        path + ": no such file or directory");
  }
  const std::string relative = file.lexically_relative(root).string();
  return relative.starts_with("..") ? "" : relative;
}

void take_dockerfile(ContextSource& source, const std::string& file) {
  if (file == "-") {
    source.extra = read_input();
  } else if (!file.empty()) {
    std::string path = file;
    if (::access(path.c_str(), F_OK) != 0 && !file.starts_with('/')) {
      path = source.folder + "/" + file;
    }
    source.dockerfile = inside(source.folder, path);
    if (source.dockerfile.empty()) {
      source.extra = read_file(path);
    }
  } else {
    const auto here = [&](const char* name) {
      return ::access((source.folder + "/" + name).c_str(), F_OK) == 0;
    };
    source.dockerfile =
        !here("Dockerfile") && here("dockerfile") ? "dockerfile" : "Dockerfile";
    if (!here(source.dockerfile.c_str())) {
      throw Failure(
          "unable to prepare context: unable to evaluate symlinks "
          "in Dockerfile path: lstat " +
          source.folder + "/Dockerfile: no such file or directory");
    }
  }
  if (source.dockerfile.empty()) {
    source.dockerfile = ".dockerfile." + std::to_string(::getpid()) +
                        std::to_string(::time({}));
  }
}

/// "id=x,src=/file" or "id=x,env=NAME".
std::pair<std::string, std::string> secret_of(const std::string& text) {
  std::string id;
  std::string path;
  std::string variable;
  for (const std::string& field : csv_fields(text)) {
    const auto [key, value] = cut(field, '=');
    if (key == "id") {
      id = value;
    } else if (key == "src" || key == "source") {
      path = value;
    } else if (key == "env") {
      variable = value;
    } else if (key != "type" || (value != "file" && value != "env")) {
      throw Failure("unexpected key '" + key + "' in '" + field + "'");
    }
  }
  if (id.empty()) {
    id = path.substr(path.rfind('/') + 1);
  }
  if (id.empty() || id.find('/') != std::string::npos || id == "." ||
      id == "..") {
    throw Failure("invalid secret '" + text + "': an id is needed");
  }
  if (variable.empty() && path.empty()) {
    variable = id;
  }
  if (!path.empty()) {
    return {id, read_file(path)};
  }
  const char* value = std::getenv(variable.c_str());
  if (value == nullptr) {
    throw Failure("secret " + id + ": the variable " + variable +
                  " is not set");
  }
  return {id, value};
}

}  // namespace

ContextSource choose_context(const Arguments& arguments) {
  ContextSource source;
  const std::string& word = arguments.words[0];
  const std::string file = arguments.text("file");
  if (word == "-") {
    if (file == "-") {
      throw Failure(
          "invalid argument: can't use stdin for both build context "
          "and dockerfile");
    }
    source.from_stdin = true;
    source.dockerfile = file.empty() ? "Dockerfile" : file;
  } else if (is_remote(word)) {
    source.remote = word;
    source.dockerfile = file.empty() ? "Dockerfile" : file;
  } else {
    struct stat status{};
    if (::stat(word.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
      throw Failure("unable to prepare context: path \"" + word +
                    "\" not found");
    }
    source.folder = word;
    take_dockerfile(source, file);
  }
  for (const std::string& secret : arguments.list("secret")) {
    source.secrets.push_back(secret_of(secret));
  }
  for (const std::string& context : arguments.list("build-context")) {
    const auto [name, place] = cut(context, '=');
    if (name.empty() || place.empty() || name.find('/') != std::string::npos) {
      throw Failure("invalid context value: " + context +
                    ", expected key=value");
    }
    if (!place.starts_with("docker-image://")) {
      source.contexts.emplace_back(name, place);
    }
  }
  if (source.has_folders() && source.folder.empty()) {
    throw Failure(
        "--secret and --build-context need a context that is a "
        "folder of this machine");
  }
  return source;
}

namespace {

bool looks_like_archive(std::string_view start) {
  return start.starts_with("\x1f\x8b") || start.starts_with("BZh") ||
         start.starts_with(
             "\xfd"
             "7zXZ") ||
         start.starts_with("\x28\xb5\x2f\xfd") ||
         (start.size() > 262 && start.substr(257, 5) == "ustar");
}

void forward(std::string_view bytes, int into) {
  while (!bytes.empty()) {
    const ssize_t sent = ::write(into, bytes.data(), bytes.size());
    if (sent < 0 && errno != EINTR) {
      return;  // the daemon has read enough
    }
    bytes.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
  }
}

void pack_input(const ContextSource& source, int into) {
  std::string start;
  std::array<char, 64 << 10> buffer{};
  ssize_t got = 1;
  while (start.size() < 512 && got > 0) {
    got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    start.append(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  }
  if (!looks_like_archive(start)) {
    start += read_input();
    TarStream tar(into);
    tar.text(source.dockerfile, start, 0644, 0);
    tar.finish();
    return;
  }
  forward(start, into);
  while ((got = ::read(STDIN_FILENO, buffer.data(), buffer.size())) > 0) {
    forward({buffer.data(), static_cast<std::size_t>(got)}, into);
  }
}

}  // namespace

ContextBody::ContextBody(const ContextSource& source) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw Failure("make a pipe: " + to_lower(::strerror(errno)));
  }
  read_end_.reset(ends[0]);
  ::signal(SIGPIPE, SIG_IGN);
  packer_ = std::thread([this, &source, write_end = ends[1]] {
    const sys::UniqueFd into(write_end);
    try {
      pack(source, into.get());
    } catch (...) {
      failure_ = std::current_exception();
    }
  });
}

ContextBody::~ContextBody() {
  read_end_.reset();
  if (packer_.joinable()) {
    packer_.join();
  }
}

void ContextBody::finish() {
  read_end_.reset();
  packer_.join();
  if (failure_) {
    std::rethrow_exception(failure_);
  }
}

void ContextBody::pack(const ContextSource& source, int into) {
  if (source.from_stdin) {
    return pack_input(source, into);
  }
  if (source.folder.empty()) {
    return;
  }
  TarStream tar(into);
  const std::string prefix = source.has_folders() ? "context/" : "";
  if (!prefix.empty()) {
    tar.folder("context", 0755, 0);
  }
  const auto ignore =
      read_ignore_file(source.folder, source.folder + "/" + source.dockerfile);
  pack_folder(tar, source.folder, prefix, ignore,
              {source.dockerfile, source.dockerfile + ".dockerignore",
               ".dockerignore"});
  if (!source.extra.empty()) {
    tar.text(prefix + source.dockerfile, source.extra, 0600, 0);
  }
  for (const auto& [id, content] : source.secrets) {
    tar.text("secrets/" + id, content, 0400, 0);
  }
  for (const auto& [name, folder] : source.contexts) {
    tar.folder("contexts/" + name, 0755, 0);
    pack_folder(tar, folder, "contexts/" + name + "/",
                read_ignore_file(folder, folder + "/Dockerfile"), {});
  }
  tar.finish();
}

}  // namespace docker_cpp::cli
