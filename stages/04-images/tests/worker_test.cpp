// SPDX-License-Identifier: Apache-2.0
// The worker as a process: what it may, what it holds, what it carries.
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <set>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support.hpp"

#include "docker_cpp/images/digest.hpp"
#include "docker_cpp/images/embedded_names.hpp"
#include "docker_cpp/images/image_store.hpp"

namespace docker_cpp::images {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string output_of(const std::string& arguments) {
  const TempDir dir;
  EXPECT_EQ(shell(std::string(STAGE04_WORKER) + " " + arguments + " > " +
                  (dir / "out")),
            0);
  return read_text(dir / "out");
}

/// The only child of this process.
std::string only_child() {
  std::string pid;
  for (int i = 0; i < 5000 && pid.empty(); ++i) {
    for (const auto& entry : fs::directory_iterator("/proc/self/task")) {
      pid += read_text(entry.path() / "children");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return pid.substr(0, pid.find(' '));
}

std::string status_line(const std::string& pid, const std::string& key) {
  const std::string text = read_text("/proc/" + pid + "/status");
  const std::size_t at = text.find("\n" + key + ":\t");
  return at == std::string::npos
             ? ""
             : text.substr(at + key.size() + 3,
                           text.find('\n', at + 1) - at - key.size() - 3);
}

TEST(Worker, IsConfinedBeforeItReadsAByte) {
  const TempDir root;
  ImageStore store(options_for(root));
  // Descriptors without close-on-exec, as a careless library leaves them.
  const sys::UniqueFd secret(::open("/etc/shadow", O_RDONLY));
  ASSERT_NE(::fcntl(secret.get(), F_SETFD, 0), -1);
  int pipe[2];
  ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
  std::thread loading([&] { EXPECT_THROW(store.load(pipe[0]), ImageError); });
  const std::string pid = only_child();
  for (int i = 0; i < 5000 && status_line(pid, "Seccomp") != "2"; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(status_line(pid, "Seccomp"), "2");
  EXPECT_EQ(status_line(pid, "NoNewPrivs"), "1");
  // CHOWN DAC_OVERRIDE FOWNER FSETID MKNOD SETFCAP
  EXPECT_EQ(status_line(pid, "CapEff"), "000000008800001b");
  EXPECT_EQ(status_line(pid, "CapPrm"), "000000008800001b");
  EXPECT_EQ(status_line(pid, "CapBnd"), "000000008800001b");
  EXPECT_EQ(status_line(pid, "CapInh"), "0000000000000000");
  std::set<std::string> open;
  for (const auto& entry : fs::directory_iterator("/proc/" + pid + "/fd")) {
    const std::string target = fs::read_symlink(entry.path());
    open.insert(entry.path().filename().string() + " " + target);
  }
  for (const std::string& one : open) {
    EXPECT_THAT(one, testing::Not(HasSubstr("shadow")));
  }
  EXPECT_LE(open.size(), 4U);
  ::close(pipe[1]);
  loading.join();
  ::close(pipe[0]);
}

TEST(Worker, CarriesTheEmbeddedImages) {
  std::string expected;
  for (const std::string_view name : embedded_names) {
    expected += std::string(name) + "\n";
  }
  EXPECT_EQ(output_of("embedded list"), expected);
  EXPECT_EQ(
      Digest::of(output_of("embedded cat " + std::string(embedded_names[0])))
          .text(),
      Digest::of(read_text(STAGE04_EMBEDDED "/busybox.tar")).text());
}

TEST(Worker, EmbeddedImagesAreMadeTheSameEachTime) {
  const TempDir dir;
  ASSERT_EQ(shell(std::string("cp /bin/busybox ") + (dir / "elsewhere")), 0);
  ASSERT_EQ(shell("sleep 1; cd / && umask 077 && TZ=Asia/Tokyo LC_ALL=C "
                  "python3 " STAGE04_MAKE_IMAGE " busybox " +
                  (dir / "elsewhere") + " " + (dir / "again.tar")),
            0);
  EXPECT_EQ(Digest::of(read_text(dir / "again.tar")).text(),
            Digest::of(read_text(STAGE04_EMBEDDED "/busybox.tar")).text());
}

TEST(Worker, HelloWorldSaysHello) {
  const TempDir dir;
  ASSERT_EQ(shell(STAGE04_EMBEDDED "/hello > " + (dir / "out")), 0);
  EXPECT_THAT(read_text(dir / "out"), HasSubstr("Hello from docker-cpp!"));
  EXPECT_EQ(shell(STAGE04_EMBEDDED "/hello > /dev/full"), 1);
}

TEST(Worker, SaysHowItIsUsed) {
  EXPECT_EQ(shell(std::string(STAGE04_WORKER) + " nonsense 2>/dev/null"), 2);
  EXPECT_EQ(
      shell(std::string(STAGE04_WORKER) + " embedded cat nosuch 2>/dev/null"),
      1);
}

}  // namespace
}  // namespace docker_cpp::images
