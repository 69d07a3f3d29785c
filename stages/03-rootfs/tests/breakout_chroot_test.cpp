// SPDX-License-Identifier: Apache-2.0
// chroot(2) is not a wall. With what the stages before this one offer, a root
// can only be changed by chroot, and a program that is root walks out of it:
// it opens its root, changes it again to a folder below, and so stands outside
// of it; from there ".." leads to the host. After pivot_root there is no host
// to walk to.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "docker_cpp/testing/container.hpp"
#include "docker_cpp/testing/requirements.hpp"

namespace docker_cpp::rootfs {
namespace {

/// What stage 02 could do: change the root by chroot(2). And the program that
/// breaks out, in place of an exec'd one: exits with 0 if it reads the host's
/// file.
class Escape final : public namespaces::Isolation {
 public:
  explicit Escape(std::string secret) : secret_(std::move(secret)) {}

  [[nodiscard]] const char* name() const noexcept override { return "escape"; }

  [[nodiscard]] sys::Result<void> at_exec() const noexcept override {
    ::mkdir("/tmp/below", 0755);
    const int outside = ::open("/", O_RDONLY | O_DIRECTORY);
    if (::chroot("/tmp/below") != 0 || ::fchdir(outside) != 0) {
      ::_exit(2);
    }
    for (int i = 0; i < 64; ++i) {
      static_cast<void>(!::chdir(".."));
    }
    static_cast<void>(!::chroot("."));
    ::_exit(::access(secret_.c_str(), R_OK) == 0 ? 0 : 1);
  }

 private:
  std::string secret_;
};

class ChrootOnly final : public namespaces::Isolation {
 public:
  explicit ChrootOnly(std::string root) : root_(std::move(root)) {}
  [[nodiscard]] const char* name() const noexcept override { return "chroot"; }
  [[nodiscard]] sys::Result<void> in_child() const noexcept override {
    if (::chroot(root_.c_str()) != 0) {
      return sys::fail("chroot");
    }
    return sys::check_void(::chdir("/"), "chdir");
  }

 private:
  std::string root_;
};

class BreakoutChroot : public ::testing::Test {
 protected:
  void SetUp() override {
    DOCKER_CPP_REQUIRES(testing::have_busybox(), "/bin/busybox (static)");
    std::ofstream(secret_) << "of the host\n";
  }

  /// 0: it is out.
  int escape_from(std::unique_ptr<namespaces::Isolation> root) const {
    namespaces::Isolations isolations;
    isolations.push_back(std::make_unique<namespaces::NewNamespaces>(
        std::vector{namespaces::Kind::pid, namespaces::Kind::mount}));
    isolations.push_back(std::move(root));
    isolations.push_back(std::make_unique<Escape>(secret_));
    return namespaces::Process::start({.args = {"/bin/true"}}, isolations)
        .wait();
  }

  testing::TestContainer container_;
  std::string secret_ = container_.directory() / "secret";
};

TEST_F(BreakoutChroot, WalksOutOfStage02) {
  EXPECT_EQ(escape_from(std::make_unique<ChrootOnly>(container_.lower())), 0);
}

TEST_F(BreakoutChroot, IsHeldByStage03) {
  EXPECT_EQ(escape_from(std::make_unique<RootFilesystem>(container_.plan())),
            1);
}

TEST_F(BreakoutChroot, IsHeldWithoutPivotToo) {
  RootPlan plan = container_.plan();
  plan.no_pivot = true;
  EXPECT_EQ(escape_from(std::make_unique<RootFilesystem>(plan)), 1);
}

}  // namespace
}  // namespace docker_cpp::rootfs
