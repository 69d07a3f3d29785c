// SPDX-License-Identifier: Apache-2.0
// Files that a build names by URL: fetched by libcurl, or by git where there
// is one.
#include <curl/curl.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include <nlohmann/json.hpp>

#include "confinement.hpp"
#include "http.hpp"
#include "worker_handles.hpp"
#include "worker_process.hpp"

#include "docker_cpp/images/digest.hpp"
#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/rootfs/root_fd.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw ImageError(ImageError::Reason::invalid, why);
}

struct Download {
  int file;
  Hasher hasher;
  bool failed = false;
};

std::size_t take(char* bytes, std::size_t, std::size_t size, void* into) {
  auto& download = *static_cast<Download*>(into);
  download.hasher.update({bytes, size});
  download.failed = !sys::write_all(download.file, {bytes, size});
  return download.failed ? 0 : size;
}

void download(const std::string& url, Download& into) {
  const std::unique_ptr<CURL, decltype(&::curl_easy_cleanup)> curl(
      ::curl_easy_init(), &::curl_easy_cleanup);
  std::array<char, CURL_ERROR_SIZE> why{};
  CURL* handle = curl.get();
  ::curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  ::curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  ::curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  ::curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
  ::curl_easy_setopt(handle, CURLOPT_MAXREDIRS, 10L);
  ::curl_easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
  ::curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, 30L);
  ::curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  ::curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, 60L);
  ::curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(handle, CURLOPT_USERAGENT, "docker-cpp");
  ::curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, why.data());
  ::curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take);
  ::curl_easy_setopt(handle, CURLOPT_WRITEDATA, &into);
  const CURLcode code = ::curl_easy_perform(handle);
  long status = 0;
  ::curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  if (status >= 400) {
    refuse("invalid response status " + std::to_string(status) + ": " + url);
  }
  if (code != CURLE_OK) {
    refuse("failed to load " + url + ": " +
           (why[0] == '\0' ? ::curl_easy_strerror(code) : why.data()));
  }
}

/// "https://host/x.git#ref:folder"
struct Repository {
  std::string url;
  std::string reference = "HEAD";
  std::string folder;
};

Repository parse_repository(const std::string& text) {
  Repository parsed;
  const std::size_t hash = text.find('#');
  parsed.url = text.substr(0, hash);
  if (parsed.url.starts_with("github.com/")) {
    parsed.url.insert(0, "https://");
  }
  if (hash != std::string::npos) {
    const std::string rest = text.substr(hash + 1);
    const std::size_t colon = rest.find(':');
    if (colon != 0 && !rest.empty()) {
      parsed.reference = rest.substr(0, colon);
    }
    if (colon != std::string::npos) {
      parsed.folder = rest.substr(colon + 1);
    }
  }
  if (parsed.url.starts_with('-') || parsed.reference.starts_with('-')) {
    refuse("invalid repository: " + text);
  }
  return parsed;
}

void git(std::vector<std::string> words) {
  std::vector<std::string> environment = {
      "PATH=/usr/local/bin:/usr/bin:/bin",
      "GIT_TERMINAL_PROMPT=0",
      "GIT_CONFIG_NOSYSTEM=1",
      "GIT_ALLOW_PROTOCOL=git:http:https:ssh",
      "HOME=/nonexistent",
      "LC_ALL=C"};
  words.insert(words.begin(), "git");
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (std::string& text : texts) {
      all.push_back(text.data());
    }
    all.push_back(nullptr);
    return all;
  };
  posix_spawn_file_actions_t actions{};
  ::posix_spawn_file_actions_init(&actions);
  // Its chatter is not our report.
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null",
                                     O_WRONLY, 0);
  pid_t pid = -1;
  const int code =
      ::posix_spawnp(&pid, "git", &actions, nullptr, pointers(words).data(),
                     pointers(environment).data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (code == ENOENT) {
    refuse(
        "a git repository is to be fetched, but there is no git on this "
        "machine: install it");
  }
  if (code != 0) {
    throw Error({.code = code, .call = "posix_spawn"}, "start git");
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) == -1 && errno == EINTR) {
  }
  if (status != 0) {
    refuse("git " + words[1] + " failed for " + words.back());
  }
}

/// Only that folder of the repository stays, at the top.
void keep_folder(const rootfs::RootFd& root, const std::string& folder) {
  const auto status = root.stat("/" + folder);
  if (!status || !S_ISDIR(status->st_mode)) {
    refuse("the repository has no folder " + folder);
  }
  must(root.rename("/" + folder, "/.docker-cpp-keep"), "keep " + folder);
  const auto names = must(root.list("/"), "list the repository");
  for (const std::string& name : names) {
    if (name != ".docker-cpp-keep") {
      must(root.remove_tree("/" + name), "leave out " + name);
    }
  }
  const auto kept = must(root.list("/.docker-cpp-keep"), "list " + folder);
  for (const std::string& name : kept) {
    must(root.rename("/.docker-cpp-keep/" + name, "/" + name), "keep " + name);
  }
  must(root.remove("/.docker-cpp-keep"), "keep " + folder);
}

}  // namespace

int fetch_file(const WorkerWords& words) {
  prepare_worker();
  const std::string name = words.value("--name");
  const std::string url = words.value("--url");
  const std::string checksum = words.value("--checksum");
  if (name.find('/') != std::string::npos) {
    refuse("'" + name + "' is no file name");
  }
  confine(std::array{worker_first_tree}, {.network = Reach::Network::client,
                                          .files = Reach::Files::own,
                                          .readable = prepare_http(),
                                          .readable_folders = {}});
  const sys::UniqueFd file =
      must(sys::open_at(worker_first_tree, name.c_str(),
                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600),
           "make " + name);
  Download into{.file = file.get(), .hasher = {}};
  download(url, into);
  const std::string digest = into.hasher.finish().text();
  if (!checksum.empty() && checksum != digest) {
    refuse("digest mismatch " + digest + ": " + checksum);
  }
  // Its time is not that of the fetch: the same file is the same layer.
  const std::array<timespec, 2> epoch{};
  ::futimens(file.get(), epoch.data());
  report_line({{"type", "done"}});
  return 0;
}

int clone_repository(const WorkerWords& words) {
  prepare_worker();
  const Repository from = parse_repository(words.value("--url"));
  must(sys::check_void(::fchdir(worker_first_tree), "fchdir"),
       "enter the folder");
  confine(std::array{worker_first_tree},
          {.network = Reach::Network::client,
           .files = Reach::Files::own,
           .readable = {},
           .readable_folders = {},
           .programs = Reach::Programs::of_the_host});
  git({"init", "-q", "."});
  git({"fetch", "-q", "--depth", "1", from.url, from.reference});
  git({"-c", "advice.detachedHead=false", "checkout", "-q", "FETCH_HEAD"});
  const rootfs::RootFd root{sys::UniqueFd(worker_first_tree)};
  if (!words.has("--keep-git-dir") || !from.folder.empty()) {
    must(root.remove_tree("/.git"), "leave out .git");
  }
  if (!from.folder.empty()) {
    keep_folder(root, from.folder);
  }
  report_line({{"type", "done"}});
  return 0;
}

}  // namespace docker_cpp::images
