// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cgroups/join.hpp"

#include <gmock/gmock.h>

#include "host.hpp"

namespace docker_cpp::cgroups {
namespace {

using namespaces::Isolations;
using namespaces::Kind;
using namespaces::Process;
using ::testing::ElementsAre;

using Join = OwnCgroup;

int run_behind(const Isolations& isolations, const std::string& script) {
  return Process::start({.args = {"/bin/sh", "-c", script}}, isolations).wait();
}

TEST_F(Join, IsInAllHierarchiesFromTheStart) {
  const Cgroup cgroup = Cgroup::create(path());
  Isolations isolations;
  isolations.push_back(std::make_unique<JoinCgroup>(cgroup));
  // As many lines with the path as there are hierarchies.
  const std::string count = std::to_string(cgroup.directories().size());
  EXPECT_EQ(run_behind(isolations, "test $(grep -c ':" + path() +
                                       "$' /proc/self/cgroup) = " + count),
            0);
}

TEST_F(Join, ListsTheProcess) {
  Cgroup cgroup = Cgroup::create(path());
  const Process process = start(cgroup, "exec sleep 60");
  EXPECT_THAT(cgroup.processes(), ElementsAre(process.pid()));
}

TEST_F(Join, HidesTheRestBehindACgroupNamespace) {
  const Cgroup cgroup = Cgroup::create(path());
  Isolations isolations;
  isolations.push_back(std::make_unique<JoinCgroup>(cgroup));
  isolations.push_back(std::make_unique<CgroupNamespace>());
  EXPECT_EQ(run_behind(isolations, "! grep -q -v ':/$' /proc/self/cgroup"), 0);
}

TEST_F(Join, WorksForARootThatIsNobodyOutside) {
  const Cgroup cgroup = Cgroup::create(path());
  Isolations isolations;
  isolations.push_back(std::make_unique<JoinCgroup>(cgroup));
  isolations.push_back(std::make_unique<namespaces::Users>(
      std::vector<namespaces::IdRange>{{0, 100'000, 65'536}},
      std::vector<namespaces::IdRange>{{0, 100'000, 65'536}}));
  isolations.push_back(std::make_unique<namespaces::NewNamespaces>(
      std::vector{Kind::pid, Kind::mount}));
  isolations.push_back(std::make_unique<CgroupNamespace>());
  EXPECT_EQ(run_behind(isolations, "! grep -q -v ':/$' /proc/self/cgroup"), 0);
}

TEST_F(Join, NamesTheFileWhenTheCgroupHasGone) {
  SKIP_UNLESS_V1();
  Cgroup cgroup = Cgroup::create(path());
  Isolations isolations;
  isolations.push_back(std::make_unique<JoinCgroup>(cgroup));
  cgroup.remove();
  const std::string said = error_of([&] { run_behind(isolations, "true"); });
  EXPECT_NE(said, "no error");
}

}  // namespace
}  // namespace docker_cpp::cgroups
