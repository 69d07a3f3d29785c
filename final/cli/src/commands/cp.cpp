// SPDX-License-Identifier: Apache-2.0
// Archives are written and read by docker-cpp-worker; this moves the bytes.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "commands/copy_place.hpp"
#include "commands/storage_commands.hpp"
#include "commands/support.hpp"
#include "worker_run.hpp"

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cli::commands {

namespace {

constexpr std::int64_t go_folder = std::int64_t{1} << 31;
constexpr std::int64_t go_link = std::int64_t{1} << 27;

std::string from_base64(std::string_view text) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const auto value = digits.find(c);
    if (value == std::string_view::npos) {
      break;  // the padding
    }
    bits = (bits << 6U | static_cast<unsigned>(value)) & 0xffffffU;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> static_cast<unsigned>(count) & 0xffU);
    }
  }
  return bytes;
}

sys::UniqueFd open_folder(const std::string& path) {
  auto folder = sys::open(path.c_str(), O_RDONLY | O_DIRECTORY);
  if (!folder) {
    throw Failure("open " + path + ": " +
                  to_lower(::strerror(folder.error().code)));
  }
  return *std::move(folder);
}

sys::Pipe open_pipe() {
  auto pipe = sys::pipe_cloexec();
  if (!pipe) {
    throw Failure("pipe: " + to_lower(::strerror(pipe.error().code)));
  }
  return *std::move(pipe);
}

std::string archive_path(const CopyPlace& place, const std::string& path) {
  http::Query query;
  query.add("path", path);
  return container_path(place.container, "/archive" + query.text());
}

Value stat_of(const http::Head& head) {
  const auto text = from_base64(head.header("X-Docker-Container-Path-Stat"));
  auto value = parse_json(text);
  if (!value) {
    throw Failure("the daemon said nothing of the path");
  }
  return *std::move(value);
}

/// What is there in a container; a link at the end is followed.
void look_inside(Engine& engine, CopyPlace& place) {
  for (int links = 0; links < 10; ++links) {
    try {
      auto exchange = engine.open(
          {.method = "HEAD", .path = archive_path(place, place.path)});
      const auto stat = stat_of(exchange.head());
      if ((stat["mode"].number() & go_link) == 0) {
        place.exists = true;
        place.folder = (stat["mode"].number() & go_folder) != 0;
        return;
      }
      place.path = stat["linkTarget"].text();
    } catch (const DaemonFailure&) {
      return;  // a HEAD cannot say why: what is done next will
    }
  }
}

void look_here(CopyPlace& place) {
  struct stat info{};
  place.exists = ::stat(place.path.c_str(), &info) == 0;
  place.folder = place.exists && S_ISDIR(info.st_mode);
}

/// Docker's client tells where it looked.
[[noreturn]] void fail_lstat(const std::string& path) {
  const int code = errno;
  const auto whole =
      path.starts_with('/')
          ? path
          : std::filesystem::current_path().string() + "/" + path;
  throw Failure("lstat " + whole + ": " + to_lower(::strerror(code)));
}

std::string real_path(const std::string& path) {
  char* const resolved = ::realpath(path.c_str(), nullptr);
  if (resolved == nullptr) {
    fail_lstat(path);
  }
  std::string text = resolved;
  std::free(resolved);
  return text;
}

void send(Engine& engine, const CopyPlace& target, const std::string& folder,
          const Arguments& arguments, int archive) {
  http::Query query;
  query.add("noOverwriteDirNonDir", "true");
  query.add("path", folder);
  if (arguments.flag("archive")) {
    query.add("copyUIDGID", "true");
  }
  auto exchange = engine.open(
      {.method = "PUT",
       .path = container_path(target.container, "/archive" + query.text()),
       .content_type = "application/x-tar",
       .body_file = archive});
  static_cast<void>(exchange.body());
}

/// A link itself is copied, unless it is followed or a slash ends it.
CopyPlace look_at_source(const std::string& path, const Arguments& arguments) {
  CopyPlace source{.container = {}, .path = path};
  struct stat info{};
  if (::lstat(path.c_str(), &info) == -1) {
    fail_lstat(path);
  }
  source.exists = true;
  if (S_ISLNK(info.st_mode) &&
      (arguments.flag("follow-link") || says_folder(path))) {
    static_cast<void>(::stat(path.c_str(), &info));
    source.path = real_path(path) + (path.ends_with("/.") ? "/." : "");
  }
  source.folder = S_ISDIR(info.st_mode);
  if (says_folder(path) && !source.folder) {
    throw Failure("not a directory");
  }
  return source;
}

void copy_in(Engine& engine, const std::string& word, CopyPlace target,
             const Arguments& arguments) {
  look_inside(engine, target);
  if (word == "-") {
    if (!target.folder) {
      throw Failure("destination \"" + target.container + ":" + target.path +
                    "\" must be a directory");
    }
    return send(engine, target, target.path, arguments, STDIN_FILENO);
  }
  const auto source = look_at_source(word, arguments);
  const auto plan = plan_copy(source, target);
  auto [folder, name] = split_path(source.path);
  if (name == "." || name == "..") {
    folder = source.path;
  }
  auto pipe = open_pipe();
  const auto tree = open_folder(folder);
  const bool content = name == "." || name == ".." || name.empty();
  const auto top = !plan.name.empty()
                       ? plan.name
                       : (content ? std::string(".") : split_path(word).second);
  WorkerRun worker({.arguments = {"pack", "--path", content ? "/" : "/" + name,
                                  "--name", top},
                    .tree = tree.get(),
                    .output = pipe.write_end.get()});
  pipe.write_end.reset();
  send(engine, target, plan.folder, arguments, pipe.read_end.get());
  worker.finish();
}

void pass_on(Exchange& exchange, int to) {
  std::string piece;
  while (exchange.next(piece)) {
    if (const auto written = sys::write_all(to, piece); !written) {
      throw Failure("write the archive: " +
                    to_lower(::strerror(written.error().code)));
    }
    piece.clear();
  }
}

void copy_out(Engine& engine, CopyPlace source, const std::string& word,
              const Arguments& arguments) {
  const auto asked = source.path;
  if (arguments.flag("follow-link")) {
    look_inside(engine, source);
  }
  auto exchange =
      engine.open({.method = "GET", .path = archive_path(source, source.path)});
  const auto stat = stat_of(exchange.head());
  if (word == "-") {
    return pass_on(exchange, STDOUT_FILENO);
  }
  source.exists = true;
  source.folder = (stat["mode"].number() & go_folder) != 0;
  CopyPlace target{.container = {}, .path = word};
  look_here(target);
  auto plan = plan_copy(source, target);
  if (plan.name.empty() && source.path != asked && !says_folder(asked)) {
    plan.name = split_path(asked).second;  // the link's name, not its target's
  }
  const auto tree = open_folder(plan.folder);
  auto pipe = open_pipe();
  std::vector<std::string> words = {"unpack", "--path", "/", "--no-owner",
                                    "--no-overwrite"};
  if (!plan.name.empty()) {
    words.insert(words.end(), {"--top", plan.name});
  }
  WorkerRun worker({.arguments = std::move(words),
                    .tree = tree.get(),
                    .input = pipe.read_end.get()});
  pipe.read_end.reset();
  pass_on(exchange, pipe.write_end.get());
  pipe.write_end.reset();
  worker.finish();
}

void copy(Engine& engine, const std::string& from, const std::string& to,
          const Arguments& arguments) {
  const auto source = parse_place(from);
  const auto target = parse_place(to);
  if (source.container.empty() && target.container.empty()) {
    throw Failure("must specify at least one container source");
  }
  if (!source.container.empty() && !target.container.empty()) {
    throw Failure("copying between containers is not supported");
  }
  if (source.container.empty()) {
    copy_in(engine, from, target, arguments);
  } else {
    copy_out(engine, source, to, arguments);
  }
}

}  // namespace

int cp(Context& context, const Arguments& arguments) {
  const auto& words = arguments.words;
  const auto& last = words.back();
  if (words.size() > 2) {  // more than Docker's can
    auto target = parse_place(last);
    target.container.empty() ? look_here(target)
                             : look_inside(context.engine, target);
    if (!target.folder) {
      throw Failure("several sources need a directory to go to: " + last);
    }
  }
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    copy(context.engine, words[i], last, arguments);
  }
  if (::isatty(STDOUT_FILENO) != 0 && !arguments.flag("quiet") && last != "-") {
    print_error("Successfully copied to " + last + "\n");
  }
  return 0;
}

}  // namespace docker_cpp::cli::commands
