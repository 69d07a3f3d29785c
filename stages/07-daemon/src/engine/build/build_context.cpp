// SPDX-License-Identifier: Apache-2.0
// What a build is made from: its contexts, its Dockerfile, what it ignores.
#include <sys/stat.h>
#include <unistd.h>

#include "../folders.hpp"
#include "archive_kind.hpp"
#include "build.hpp"

#include "docker_cpp/dockerfile/glob.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::daemon {

/// A repository, an archive, or a Dockerfile alone.
void Build::fetch_context(const rootfs::RootFd& top) {
  const std::string& url = request.remote;
  if (is_git_url(url) || url.starts_with("github.com/")) {
    session.clone(url, top.get(), false);
    return;
  }
  const sys::UniqueFd folder = open_folder(fresh_folder());
  session.download(url, folder.get(), "context", "");
  const auto fetched = must(rootfs::RootFd(sys::UniqueFd(::dup(folder.get())))
                                .open_regular("/context"),
                            "open the remote context");
  if (looks_like_archive(fetched.get())) {
    session.unpack(fetched.get(), top.get(), "/");
    return;
  }
  const std::string text =
      must(sys::read_all(fetched.get(), dockerfile::largest_dockerfile),
           "read " + url);
  must(top.write_file("/" + request.dockerfile, text), "write the Dockerfile");
}

void Build::open_contexts(int body) {
  make_folder(session.path() + "/context", 0755);
  const auto top = must(rootfs::RootFd::of(session.path() + "/context"),
                        "open the build context");
  if (request.remote.empty()) {
    session.unpack(body, top.get(), "/");
  } else {
    fetch_context(top);
  }
  if (!request.folders) {
    contexts_.emplace("", must(top.sub_root("/"), "open the build context"));
    return;
  }
  if (auto main = top.sub_root("/context")) {
    contexts_.emplace("", *std::move(main));
  } else {
    throw BuildFailure("the request holds no build context");
  }
  if (auto secrets = top.sub_root("/secrets")) {
    secrets_ = *std::move(secrets);
  }
  if (const auto names = top.list("/contexts")) {
    for (const std::string& name : *names) {
      contexts_.emplace(name, must(top.sub_root("/contexts/" + name),
                                   "open the build context " + name));
    }
  }
}

void Build::read_dockerfile() {
  const std::string path = "/" + request.dockerfile;
  auto text = context("")->read_file(path, dockerfile::largest_dockerfile);
  if (!text && request.dockerfile == "Dockerfile") {
    text =
        context("")->read_file("/dockerfile", dockerfile::largest_dockerfile);
  }
  if (!text && text.error().code == ENOENT) {
    throw ApiError(ErrorCode::invalid_argument,
                   "Cannot locate specified Dockerfile: " + request.dockerfile);
  }
  source_ = must(std::move(text), "read the Dockerfile " + request.dockerfile);
  if (source_.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw ApiError(
        ErrorCode::invalid_argument,
        "the Dockerfile (" + request.dockerfile + ") cannot be empty");
  }
  auto parsed = dockerfile::parse(source_);
  if (!parsed) {
    refuse(parsed.error());
  }
  file = *std::move(parsed);
}

void Build::refuse(const dockerfile::Problem& problem) const {
  std::string text = "dockerfile parse error";
  if (problem.line > 0) {
    text += " on line " + std::to_string(problem.line);
  }
  text += ": " + problem.message;
  const std::string shown =
      dockerfile::show(problem, request.dockerfile, source_);
  const std::size_t line = shown.find('\n');
  if (line != std::string::npos) {
    text += shown.substr(line);
  }
  throw ApiError(ErrorCode::invalid_argument, text);
}

namespace {

void remove_excluded(const rootfs::RootFd& root, const std::string& folder,
                     const dockerfile::IgnoreList& ignore) {
  const auto names = must(root.list("/" + folder), "read the build context");
  for (const std::string& name : names) {
    std::string path = folder;
    path.append(folder.empty() ? "" : "/").append(name);
    const auto status = root.stat("/" + path);
    const bool is_folder = status && S_ISDIR(status->st_mode);
    const bool excluded = ignore.excludes(path);
    if (is_folder && (!excluded || ignore.has_exceptions())) {
      remove_excluded(root, path, ignore);
      if (excluded) {
        // Stays when something in it was taken back in.
        static_cast<void>(root.remove("/" + path));
      }
    } else if (excluded) {
      must(root.remove_tree("/" + path), "exclude " + path);
    }
  }
}

}  // namespace

/// Clients leave out what is ignored but for the two files that say so;
/// contexts that come from elsewhere are whole.
void Build::apply_ignore_file() {
  const rootfs::RootFd& root = *context("");
  auto text = root.read_file("/" + request.dockerfile + ".dockerignore");
  if (!text) {
    text = root.read_file("/.dockerignore");
  }
  if (!text) {
    return;
  }
  const auto ignore = dockerfile::IgnoreList::parse(*text);
  if (!ignore) {
    throw ApiError(ErrorCode::invalid_argument,
                   "error checking context: .dockerignore: " + ignore.error());
  }
  remove_excluded(root, "", *ignore);
}

}  // namespace docker_cpp::daemon
