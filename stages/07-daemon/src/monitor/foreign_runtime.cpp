// SPDX-License-Identifier: Apache-2.0
#include "foreign_runtime.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <vector>

#include <climits>
#include <nlohmann/json.hpp>

#include "docker_cpp/rootfs/mount_api.hpp"
#include "docker_cpp/rootfs/overlay.hpp"
#include "docker_cpp/security/user_lookup.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::monitor {
namespace {

using nlohmann::json;

std::string path_of(int folder) {
  std::array<char, PATH_MAX> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(folder);
  const ssize_t size = ::readlink(link.c_str(), path.data(), path.size() - 1);
  return {path.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

/// The overlay, where only this process and what it starts can see it.
sys::UniqueFd mount_root(const MonitorConfig& config, int folder) {
  must(sys::check_void(::unshare(CLONE_NEWNS), "unshare"),
       "get a mount namespace for the runtime");
  const auto top = must(sys::open("/", O_PATH | O_DIRECTORY), "open /");
  must(rootfs::set_mount_attributes(top.get(), {.propagation = MS_SLAVE},
                                    rootfs::Tree::recursive),
       "keep mounts from the host");
  sys::UniqueFd overlay = rootfs::mount_overlay({.lower = config.lower,
                                                 .upper = config.upper,
                                                 .work = config.work,
                                                 .durable = config.durable});
  // By its path: our handle of the folder lies in the namespace we left.
  const std::string place = path_of(folder) + "/rootfs";
  static_cast<void>(::mkdir(place.c_str(), 0700));
  const auto target =
      must(sys::open(place.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW),
           "open the root's place");
  must(rootfs::attach_mount(overlay.get(), target.get()), "mount the root");
  return overlay;
}

void set_home(json& process, const std::string& home) {
  for (const json& entry : process["env"]) {
    if (entry.get<std::string>().starts_with("HOME=")) {
      return;
    }
  }
  process["env"].push_back("HOME=" + home);
}

/// Names of users are ours to look up: the OCI knows numbers only.
void resolve_user(json& process, int root) {
  json& user = process["user"];
  const auto groups = user.value("groupnames", std::vector<std::string>());
  const auto found = security::look_up_user(
      security::read_account_files(root), user.value("username", "0"), groups);
  if (!found) {
    throw ForeignRuntimeError(found.error());
  }
  user = {{"uid", found->uid},
          {"gid", found->gid},
          {"additionalGids", found->groups}};
  set_home(process, found->home);
}

void rewrite_config(int folder, int root) {
  json config = json::parse(
      must(sys::read_file_at(folder, "config.json"), "read config.json"));
  config["ociVersion"] = "1.0.2";  // crun 1.8 refuses any that it is not
  resolve_user(config["process"], root);
  const auto file =
      must(sys::open_at(folder, "config.json", O_WRONLY | O_TRUNC | O_NOFOLLOW),
           "open config.json");
  must(sys::write_all(file.get(), config.dump()), "write config.json");
}

/// Runs it to its end; what it says goes to its log, which is in the folder.
int run(std::vector<std::string> words, const std::array<int, 3>& stdio) {
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions{};
  ::posix_spawn_file_actions_init(&actions);
  for (int i = 0; i < 3; ++i) {
    const int from = stdio.at(static_cast<std::size_t>(i));
    ::posix_spawn_file_actions_adddup2(&actions, from, 20 + i);
  }
  for (int i = 0; i < 3; ++i) {
    ::posix_spawn_file_actions_adddup2(&actions, 20 + i, i);
  }
  ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawnattr_t attributes{};
  ::posix_spawnattr_init(&attributes);
  sigset_t none{};
  sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t pid = 0;
  const int error =
      ::posix_spawn(&pid, argv[0], &actions, &attributes, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    throw Error({.code = error, .call = "posix_spawn"},
                "start the runtime " + words[0]);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) == -1 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::vector<std::string> command(const MonitorConfig& config,
                                 const std::string& folder,
                                 std::vector<std::string> more) {
  std::vector<std::string> words = config.runtime;
  for (const std::string& word :
       {std::string("--root"), folder + "/runtime", std::string("--log"),
        folder + "/runtime.log", std::string("--log-format"),
        std::string("json")}) {
    words.push_back(word);
  }
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// The last line that the runtime logged: its message.
std::string last_words(int folder) {
  const std::string text =
      sys::read_file_at(folder, "runtime.log").value_or("");
  std::string found = "the runtime ended without a word";
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const json line =
        json::parse(text.substr(begin, end - begin), nullptr, false);
    if (line.is_object() && line.contains("msg") && line["msg"].is_string()) {
      found = line["msg"].get<std::string>();
    }
    begin = end + 1;
  }
  return found;
}

/// The terminal that the runtime made, as it sends it over a socket.
class ConsoleSocket {
 public:
  explicit ConsoleSocket(int folder) {
    path_ = "/proc/self/fd/" + std::to_string(folder) + "/console.sock";
    listener_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    must(sys::check_void(
             ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address),
                    sizeof address),
             "bind"),
         "make the console's socket");
    ::listen(listener_.get(), 1);
  }

  [[nodiscard]] sys::UniqueFd receive() const {
    pollfd wanted{.fd = listener_.get(), .events = POLLIN, .revents = 0};
    constexpr int patience_ms = 10'000;
    if (::poll(&wanted, 1, patience_ms) != 1) {
      throw ForeignRuntimeError("the runtime sent no terminal");
    }
    const sys::UniqueFd peer(
        ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    std::array<char, 4096> name{};
    iovec part{.iov_base = name.data(), .iov_len = name.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{.msg_iov = &part,
                   .msg_iovlen = 1,
                   .msg_control = control.data(),
                   .msg_controllen = control.size()};
    must(sys::check_void(::recvmsg(peer.get(), &message, MSG_CMSG_CLOEXEC),
                         "recvmsg"),
         "receive the terminal");
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header == nullptr || header->cmsg_type != SCM_RIGHTS) {
      throw ForeignRuntimeError("the runtime sent no terminal");
    }
    int fd = -1;
    std::copy_n(CMSG_DATA(header), sizeof fd, reinterpret_cast<char*>(&fd));
    return sys::UniqueFd(fd);
  }

 private:
  std::string path_;
  sys::UniqueFd listener_;
};

pid_t read_pid(int folder) {
  const std::string text = must(sys::read_file_at(folder, "runtime.pid"),
                                "read the runtime's pid file");
  pid_t pid = 0;
  std::from_chars(text.data(), text.data() + text.size(), pid);
  return pid;
}

bool wait_for_go(int go) {
  char byte = 0;
  ssize_t got = 0;
  while ((got = ::read(go, &byte, 1)) == -1 && errno == EINTR) {
  }
  return got == 1;
}

std::optional<cgroups::Cgroup> open_cgroup(int folder) {
  const json config = json::parse(
      sys::read_file_at(folder, "config.json").value_or("{}"), nullptr, false);
  try {
    return cgroups::Cgroup::open(
        config.at("linux").at("cgroupsPath").get<std::string>());
  } catch (const std::exception&) {
    return std::nullopt;  // it may put the container elsewhere
  }
}

}  // namespace

int ForeignRuntimeError::exit_code() const noexcept {
  const std::string_view text = what();
  const auto says = [&](std::string_view words) {
    return text.find(words) != std::string_view::npos;
  };
  if (says("executable file not found") || says("no such file or directory")) {
    return 127;
  }
  return says("permission denied") || says("is a directory") ? 126 : 128;
}

Launched launch_foreign(const MonitorConfig& config, LaunchOptions options) {
  const int folder = options.folder;
  const std::string path = path_of(folder);
  const sys::UniqueFd root = mount_root(config, folder);
  rewrite_config(folder, root.get());
  std::vector<std::string> create = {"create", "--bundle", path, "--pid-file",
                                     path + "/runtime.pid"};
  std::optional<ConsoleSocket> console;
  if (config.tty) {
    console.emplace(folder);
    create.insert(create.end(), {"--console-socket", path + "/console.sock"});
  }
  create.push_back(config.id);
  if (run(command(config, path, create), options.stdio) != 0) {
    const std::string why = last_words(folder);
    delete_foreign(config, folder);
    throw ForeignRuntimeError(why);
  }
  Launched launched;
  if (console) {
    launched.console = console->receive();
  }
  launched.pid = read_pid(folder);
  launched.cgroup = open_cgroup(folder);
  options.created(launched.pid);
  if (!wait_for_go(options.go) ||
      run(command(config, path, {"start", config.id}), options.stdio) != 0) {
    const std::string why = last_words(folder);
    delete_foreign(config, folder);
    throw ForeignRuntimeError(why);
  }
  return launched;
}

void delete_foreign(const MonitorConfig& config, int folder) noexcept {
  try {
    const auto null = must(sys::open("/dev/null", O_RDWR), "open /dev/null");
    static_cast<void>(
        run(command(config, path_of(folder), {"delete", "--force", config.id}),
            {null.get(), null.get(), null.get()}));
  } catch (const std::exception&) {
    return;  // the daemon kills the cgroup when it releases the container
  }
}

}  // namespace docker_cpp::monitor
