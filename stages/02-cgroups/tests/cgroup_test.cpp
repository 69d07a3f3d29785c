// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cgroups/cgroup.hpp"

#include <poll.h>
#include <sys/stat.h>

#include <chrono>
#include <thread>

#include <gmock/gmock.h>

#include "host.hpp"

namespace docker_cpp::cgroups {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using CgroupTest = OwnCgroup;

bool exists_somewhere(const std::string& path) {
  struct stat info{};
  for (const Hierarchy& hierarchy : Hierarchies::detect().all()) {
    if (::stat((hierarchy.mount_point + path).c_str(), &info) == 0) {
      return true;
    }
  }
  return false;
}

std::string memory_max(const Cgroup& cgroup) {
  return CgroupTest::file(cgroup, "memory", "memory.limit_in_bytes",
                          "memory.max");
}

std::string pids_max(const Cgroup& cgroup) {
  return CgroupTest::file(cgroup, "pids", "pids.max", "pids.max");
}

TEST_F(CgroupTest, IsMadeFoundAndRemoved) {
  Cgroup made = Cgroup::create(path());
  EXPECT_TRUE(exists_somewhere(path()));
  EXPECT_EQ(Cgroup::open(path()).path(), path());
  EXPECT_THAT(made.processes(), IsEmpty());
  made.remove();
  EXPECT_FALSE(exists_somewhere(path()));
  made.remove();
  EXPECT_THROW(Cgroup::open(path()), Error);
}

TEST_F(CgroupTest, RefusesPathsThatLeadElsewhere) {
  for (const char* bad :
       {"", "/", "relative", "/a/../b", "/a//b", "/a/", "/."}) {
    EXPECT_THROW(Cgroup::create(bad), Error) << bad;
    EXPECT_THROW(Cgroup::remove_all(bad), Error) << bad;
  }
}

TEST_F(CgroupTest, RemovesWhatIsBelowIt) {
  Cgroup outer = Cgroup::create(path());
  Cgroup::create(path("box/a/b"));
  Cgroup::create(path("box/c"));
  outer.remove();
  EXPECT_FALSE(exists_somewhere(path()));
}

TEST_F(CgroupTest, WritesAllLimits) {
  Cgroup cgroup = Cgroup::create(path());
  cgroup.apply({.memory_limit = 64 << 20,
                .cpu_quota = 50'000,
                .cpu_period = 100'000,
                .cpuset_cpus = "0",
                .pids_limit = 20});
  EXPECT_EQ(memory_max(cgroup), std::to_string(64 << 20));
  EXPECT_EQ(pids_max(cgroup), "20");
  EXPECT_EQ(file(cgroup, "cpuset", "cpuset.cpus", "cpuset.cpus"), "0");
  const Statistics statistics = cgroup.statistics();
  EXPECT_EQ(statistics.memory.limit, 64U << 20);
  EXPECT_EQ(statistics.pids.limit, 20U);
}

TEST_F(CgroupTest, MovesMemoryAndSwapUpAndDownTogether) {
  Cgroup cgroup = Cgroup::create(path());
  const auto limit = [&](std::int64_t bytes) {
    cgroup.apply({.memory_limit = bytes, .memory_swap = 2 * bytes});
    return memory_max(cgroup);
  };
  EXPECT_EQ(limit(64 << 20), std::to_string(64 << 20));
  EXPECT_EQ(limit(512 << 20), std::to_string(512 << 20));
  EXPECT_EQ(limit(32 << 20), std::to_string(32 << 20));
  cgroup.apply({.memory_limit = -1});
  EXPECT_NE(memory_max(cgroup), std::to_string(32 << 20));
}

TEST_F(CgroupTest, TellsFileAndValueOfARefusedLimitAndKeepsTheOthers) {
  Cgroup cgroup = Cgroup::create(path(), {.memory_limit = 64 << 20});
  const Resources bad{.memory_limit = 32 << 20, .cpu_quota = 7};
  EXPECT_THAT(error_of([&] { cgroup.apply(bad); }),
              AllOf(HasSubstr("cpu quota to 7"), HasSubstr(path()),
                    HasSubstr("/cpu."), HasSubstr("1000")));
  EXPECT_EQ(memory_max(cgroup), std::to_string(64 << 20));
}

TEST_F(CgroupTest, NamesTheProcessorsThereAre) {
  Cgroup cgroup = Cgroup::create(path());
  EXPECT_THAT(error_of([&] { cgroup.apply({.cpuset_cpus = "4000"}); }),
              AllOf(HasSubstr("set of processors to 4000"),
                    HasSubstr("cpuset.cpus"), HasSubstr("there are 0")));
}

TEST_F(CgroupTest, IsGoneWhenItsFirstLimitIsRefused) {
  EXPECT_THAT(error_of([&] { Cgroup::create(path(), {.cpu_quota = 7}); }),
              HasSubstr("cpu quota"));
  EXPECT_FALSE(exists_somewhere(path()));
}

TEST_F(CgroupTest, IsNotSharedByAccident) {
  Cgroup cgroup = Cgroup::create(path());
  const namespaces::Process process = start(cgroup, "exec sleep 60");
  EXPECT_THAT(error_of([&] { Cgroup::create(path()); }),
              AllOf(HasSubstr("process "), HasSubstr("is in it")));
  EXPECT_TRUE(exists_somewhere(path()));
}

TEST_F(CgroupTest, RefusesToGoBelowWhatIsInUse) {
  Cgroup cgroup = Cgroup::create(path());
  EXPECT_EQ(run(cgroup, "head -c 1000000 /dev/urandom > /dev/shm/stage02-x"),
            0);
  const auto refused = error_of([&] {
    cgroup.apply({.memory_limit = 4096, .memory_check_before_update = true});
  });
  ::unlink("/dev/shm/stage02-x");
  EXPECT_THAT(refused, HasSubstr("bytes in use"));
}

TEST_F(CgroupTest, CountsWhatWasUsed) {
  using Clock = std::chrono::steady_clock;
  Cgroup cgroup = Cgroup::create(
      path(), {.cpu_quota = 20'000, .cpu_period = 100'000, .pids_limit = 50});
  const auto started = Clock::now();
  const namespaces::Process process = start(cgroup, "while :; do :; done");
  Statistics used;
  do {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    used = cgroup.statistics();
  } while (used.cpu.throttled_ns == 0 &&
           Clock::now() - started < std::chrono::seconds(20));
  EXPECT_GT(used.cpu.throttled_ns, 0U);
  EXPECT_GT(used.cpu.throttled_periods, 0U);
  EXPECT_GE(used.cpu.periods, used.cpu.throttled_periods);
  EXPECT_GT(used.cpu.total_ns, 0U);
  // A fifth of the time is what it may have.
  EXPECT_LT(std::chrono::nanoseconds(used.cpu.total_ns),
            (Clock::now() - started) / 2);
  EXPECT_EQ(used.pids.current, 1U);
  EXPECT_GT(used.memory.usage, 0U);
  EXPECT_FALSE(used.memory.stat.empty());
  EXPECT_LE(working_set(used.memory), used.memory.usage);
  EXPECT_GT(used.memory.limit, 0U);
  if (!is_v2()) {
    EXPECT_FALSE(used.cpu.per_cpu_ns.empty());
  }
}

TEST_F(CgroupTest, FreezesAndThaws) {
  Cgroup cgroup = Cgroup::create(path());
  const namespaces::Process process = start(cgroup, "while :; do :; done");
  EXPECT_FALSE(cgroup.frozen());
  cgroup.freeze();
  EXPECT_TRUE(cgroup.frozen());
  const auto used = [&] {
    return cgroup.statistics().cpu.total_ns;
  };
  const std::uint64_t before = used();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_LT(used() - before, 1'000'000U);
  cgroup.thaw();
  EXPECT_FALSE(cgroup.frozen());
  const std::uint64_t thawed = used();
  // On a busy machine its turn may be long in coming.
  for (int i = 0; i < 200 && used() - thawed <= 1'000'000U; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_GT(used() - thawed, 1'000'000U);
}

TEST_F(CgroupTest, KillsEvenWhatForksAsFastAsItCan) {
  Cgroup cgroup = Cgroup::create(path());
  // Without a PID namespace, whose end would do the work.
  namespaces::Isolations isolations;
  isolations.push_back(std::make_unique<JoinCgroup>(cgroup));
  const std::string storm =
      "n=0; while [ $n -lt 2000 ]; do sleep 60 & n=$((n+1)); done; wait";
  namespaces::Process process = namespaces::Process::start(
      {.args = {"/bin/sh", "-c", storm}}, isolations);
  for (int i = 0; i < 500 && cgroup.processes().size() < 5; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_GE(cgroup.processes().size(), 5U);
  cgroup.kill_all(SIGKILL);
  EXPECT_EQ(process.wait(), 128 + SIGKILL);
  cgroup.remove();
  EXPECT_FALSE(exists_somewhere(path()));
}

TEST_F(CgroupTest, KillsTheFrozen) {
  Cgroup cgroup = Cgroup::create(path());
  namespaces::Process process = start(cgroup, "exec sleep 60");
  cgroup.freeze();
  cgroup.kill_all(SIGKILL);
  EXPECT_EQ(process.wait(), 128 + SIGKILL);
}

TEST_F(CgroupTest, SignalsAllAndLetsThemRun) {
  Cgroup cgroup = Cgroup::create(path());
  namespaces::Process process =
      start(cgroup, "trap 'exit 7' USR1; while :; do sleep 0.01; done");
  // The first process of a PID namespace misses a signal that it does not yet
  // handle: repeat.
  pollfd ended{.fd = process.pidfd(), .events = POLLIN, .revents = 0};
  for (int i = 0; i < 500 && ::poll(&ended, 1, 20) == 0; ++i) {
    cgroup.kill_all(SIGUSR1);
    EXPECT_FALSE(cgroup.frozen());
  }
  EXPECT_EQ(process.wait(), 7);
}

TEST_F(CgroupTest, IsNotRemovedWhileSomebodyLivesInIt) {
  Cgroup cgroup = Cgroup::create(path());
  namespaces::Process process = start(cgroup, "exec sleep 60");
  EXPECT_THAT(error_of([&] { cgroup.remove(); }), HasSubstr(path()));
  EXPECT_THAT(cgroup.processes(), Contains(process.pid()));
}

TEST_F(CgroupTest, IsRemovedByNameHoweverLittleOfItIsLeft) {
  const Cgroup cgroup = Cgroup::create(path());
  // As a crash in the middle of remove() leaves it.
  ASSERT_EQ(::rmdir(cgroup.directories().front().path.c_str()), 0);
  Cgroup::remove_all(path());
  EXPECT_FALSE(exists_somewhere(path()));
  Cgroup::remove_all(path());
}

#ifdef DOCKER_CPP_FAILPOINTS
/// Exits with 0 when the cgroup could not be made and nothing of it is there.
[[noreturn]] void fail_to_create() {
  const std::string path = "/docker-cpp-test-" + std::to_string(::getpid());
  const std::string said = error_of([&] { Cgroup::create(path); });
  const bool failed = said.find("cgroup.create") != std::string::npos;
  std::_Exit(failed && !exists_somewhere(path) ? 0 : 1);
}

TEST_F(CgroupTest, IsAllOrNothing) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process of its own
  const std::size_t hierarchies = Hierarchies::detect().all().size();
  for (const std::size_t at : {std::size_t{1}, hierarchies}) {
    const std::string armed =
        "cgroup.create=error(ENOSPC)@" + std::to_string(at);
    ::setenv("DOCKER_CPP_FAILPOINTS", armed.c_str(), 1);
    EXPECT_EXIT(fail_to_create(), ::testing::ExitedWithCode(0), "") << at;
  }
}
#endif

}  // namespace
}  // namespace docker_cpp::cgroups
