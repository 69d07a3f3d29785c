// SPDX-License-Identifier: Apache-2.0
// The floor: what the kernel alone costs for `run true` of an OCI bundle. Makes
// the cgroups, the namespaces, the mounts and devices that crun's default
// config.json asks for, changes the root, executes, waits and removes. No
// configuration is read, nothing is checked, recorded or locked, no capability
// dropped and no filter loaded: no engine can be below it.
//   docker-cpp-floor ROOT PROGRAM [ARGUMENT...]
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "docker-cpp-floor: %s: %s\n", what,
               std::strerror(errno));
  std::_Exit(1);
}

void check(long result, const char* what) {
  if (result < 0) {
    fail(what);
  }
}

constexpr const char* top = "/sys/fs/cgroup";

bool is_v2() {
  return ::access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0;
}

/// Of v2 the one folder, of v1 each controller's.
std::vector<std::string> parents() {
  if (is_v2()) {
    return {std::string(top) + "/docker-cpp-bench"};
  }
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(top)) {
    if (!entry.is_symlink() &&
        ::access((entry.path() / "tasks").c_str(), W_OK) == 0) {
      found.push_back(entry.path().string() + "/docker-cpp-bench");
    }
  }
  return found;
}

void copy_setting(const std::string& from, const std::string& to) {
  std::array<char, 256> text{};
  const int in = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
  const int out = ::open(to.c_str(), O_WRONLY | O_CLOEXEC);
  if (in >= 0 && out >= 0) {
    const auto size = ::read(in, text.data(), text.size());
    if (size > 0) {
      check(::write(out, text.data(), static_cast<std::size_t>(size)),
            "cpuset");
    }
  }
  ::close(in);
  ::close(out);
}

/// A new cpuset of v1 has neither processors nor memory until told so.
void make_folder(const std::string& parent, const std::string& folder) {
  if (::mkdir(folder.c_str(), 0755) < 0 && errno != EEXIST) {
    fail("mkdir of a cgroup");
  }
  for (const char* file : {"/cpuset.cpus", "/cpuset.mems"}) {
    if (::access((folder + file).c_str(), F_OK) == 0 && !is_v2()) {
      copy_setting(parent + file, folder + file);
    }
  }
}

struct Cgroups {
  std::vector<std::string> folders;
  std::vector<int> tasks;  ///< v1: where the child writes
  int born_in = -1;        ///< v2: where the child begins
};

Cgroups make_cgroups() {
  Cgroups made;
  for (const auto& parent : parents()) {
    make_folder(fs::path(parent).parent_path(), parent);
    made.folders.push_back(parent + "/floor" + std::to_string(::getpid()));
    make_folder(parent, made.folders.back());
    if (is_v2()) {
      made.born_in = ::open(made.folders.back().c_str(),
                            O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      check(made.born_in, "open the cgroup");
    } else {
      made.tasks.push_back(::open((made.folders.back() + "/tasks").c_str(),
                                  O_WRONLY | O_CLOEXEC));
      check(made.tasks.back(), "open tasks");
    }
  }
  return made;
}

void put(const char* source, const char* target, const char* type,
         unsigned long flags, const char* options = nullptr) {
  check(::mkdir(target, 0755) < 0 && errno != EEXIST ? -1 : 0, target);
  check(::mount(source, target, type, flags, options), target);
}

void mount_all() {
  constexpr unsigned long hidden = MS_NOSUID | MS_NOEXEC | MS_NODEV;
  put("proc", "proc", "proc", 0);
  put("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME,
      "mode=755,size=65536k");
  put("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
      "newinstance,ptmxmode=0666,mode=0620");
  put("shm", "dev/shm", "tmpfs", hidden, "mode=1777,size=65536k");
  put("mqueue", "dev/mqueue", "mqueue", hidden);
  put("sysfs", "sys", "sysfs", hidden | MS_RDONLY);
  for (int number : {3, 5, 7, 8, 9}) {
    const std::string name = "dev/node" + std::to_string(number);
    check(::mknod(name.c_str(), S_IFCHR | 0666,
                  ::makedev(1, static_cast<unsigned>(number))),
          "mknod");
  }
  for (const char* hide : {"proc/kcore", "proc/keys", "proc/timer_list"}) {
    if (::access(hide, F_OK) == 0) {
      check(::mount("/dev/null", hide, nullptr, MS_BIND, nullptr), hide);
    }
  }
}

[[noreturn]] void be_container(const Cgroups& cgroups, const char* root,
                               char** command) {
  for (const int fd : cgroups.tasks) {
    check(::write(fd, "0", 1), "join a cgroup");
  }
  check(::unshare(CLONE_NEWCGROUP), "unshare");
  check(::sethostname("floor", 5), "sethostname");
  check(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "/");
  check(::mount(root, root, nullptr, MS_BIND | MS_REC, nullptr), root);
  check(::chdir(root), "chdir");
  mount_all();
  check(::syscall(SYS_pivot_root, ".", "."), "pivot_root");
  check(::umount2(".", MNT_DETACH), "umount2");
  check(::setsid(), "setsid");
  ::execv(command[0], command);
  fail("execv");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: docker-cpp-floor ROOT PROGRAM...\n");
    return 2;
  }
  const Cgroups cgroups = make_cgroups();
  clone_args wanted{};
  wanted.flags =
      CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
  wanted.exit_signal = SIGCHLD;
  if (cgroups.born_in >= 0) {
    wanted.flags |= CLONE_INTO_CGROUP;
    wanted.cgroup = static_cast<__u64>(cgroups.born_in);
  }
  const long pid = ::syscall(SYS_clone3, &wanted, sizeof wanted);
  check(pid, "clone3");
  if (pid == 0) {
    be_container(cgroups, argv[1], argv + 2);
  }
  int status = 0;
  check(::waitpid(static_cast<pid_t>(pid), &status, 0), "waitpid");
  for (const auto& folder : cgroups.folders) {
    check(::rmdir(folder.c_str()), "rmdir of a cgroup");
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
