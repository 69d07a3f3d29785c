// SPDX-License-Identifier: Apache-2.0
// Files that a build names by URL: fetched by libcurl, or by git where there
// is one. The process has no capability while it speaks with strangers, and
// Landlock lets it write below the folder that it was given and nowhere else.
#include <curl/curl.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include <nlohmann/json.hpp>

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

void drop_every_capability() {
  for (int capability = 0; capability <= 63; ++capability) {
    static_cast<void>(::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0));
  }
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3,
                                  .pid = 0};
  const std::array<__user_cap_data_struct, 2> none{};
  must(sys::check_void(::syscall(SYS_capset, &header, none.data()), "capset"),
       "drop capabilities");
}

void allow_below(int ruleset, int folder, std::uint64_t rights) {
  landlock_path_beneath_attr beneath{};
  beneath.allowed_access = rights;
  beneath.parent_fd = folder;
  must(sys::check_void(::syscall(SYS_landlock_add_rule, ruleset,
                                 LANDLOCK_RULE_PATH_BENEATH, &beneath, 0),
                       "landlock_add_rule"),
       "restrict files");
}

/// Everything that changes files, of the first version of Landlock.
void write_only_below(int folder) {
  constexpr std::uint64_t changes =
      LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
      LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
      LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
      LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
      LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
  landlock_ruleset_attr rules{};
  rules.handled_access_fs = changes;
  const auto made = sys::check(
      ::syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0),
      "landlock_create_ruleset");
  if (!made) {
    return;  // before Linux 5.13
  }
  const sys::UniqueFd ruleset(static_cast<int>(*made));
  allow_below(ruleset.get(), folder, changes);
  const sys::UniqueFd null =
      must(sys::open("/dev/null", O_PATH), "open /dev/null");
  allow_below(ruleset.get(), null.get(), LANDLOCK_ACCESS_FS_WRITE_FILE);
  must(sys::check_void(::syscall(SYS_landlock_restrict_self, ruleset.get(), 0),
                       "landlock_restrict_self"),
       "restrict files");
}

void confine_fetch(int folder) {
  must(sys::check_void(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl"),
       "set no_new_privs");
  write_only_below(folder);
  drop_every_capability();
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
  ::curl_global_init(CURL_GLOBAL_ALL);
  confine_fetch(worker_first_tree);
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
  confine_fetch(worker_first_tree);
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
