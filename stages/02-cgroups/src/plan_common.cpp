// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "setting.hpp"

namespace docker_cpp::cgroups {

std::string pids_max(std::int64_t limit) {
  if (limit < 0) {
    return "max";
  }
  // "0 is a valid limit value": \oci{runtime,config-linux,pids}. But nobody can
  // be born into it, nor systemd be told of it: 1 says the same of a container
  // with a process in it, and is what runc makes of it.
  return std::to_string(std::max<std::int64_t>(limit, 1));
}

void plan_rdma(const Resources& resources, std::vector<Setting>& all) {
  for (const RdmaLimit& limit : resources.rdma) {
    std::string value = limit.device;
    if (limit.handles) {
      value += " hca_handle=" + std::to_string(*limit.handles);
    }
    if (limit.objects) {
      value += " hca_object=" + std::to_string(*limit.objects);
    }
    all.push_back({.what = "limit of the rdma device " + limit.device,
                   .controller = "rdma",
                   .file = "rdma.max",
                   .value = value,
                   .undo = limit.device + " hca_handle=max hca_object=max"});
  }
}

void check_page_sizes(const Resources& resources) {
  for (const HugepageLimit& limit : resources.hugepages) {
    const std::string& size = limit.page_size;
    // It becomes part of a file's name.
    if (size.find_first_not_of("0123456789KMGB") != std::string::npos ||
        !size.ends_with('B') || size.size() < 3) {
      refuse("huge page size", size, "64KB, 2MB, 1GB and the like");
    }
  }
}

}  // namespace docker_cpp::cgroups
