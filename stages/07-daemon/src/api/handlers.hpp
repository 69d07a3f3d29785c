// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "router.hpp"

/// The endpoints, by what they are about. Each file adds its own.
namespace docker_cpp::daemon::api {

void add_system(Router& router);      ///< ping, version, info
void add_containers(Router& router);  ///< list, inspect, create, life cycle
void add_container_queries(Router& router);  ///< wait, top, stats, logs
void add_streams(Router& router);            ///< attach, exec, resize
void add_images(Router& router);
void add_registry(Router& router);  ///< pull, push, login, search
void add_archives(Router& router);  ///< cp, export
void add_commit(Router& router);    ///< commit, diff
void add_save(Router& router);
void add_disk_usage(Router& router);
/// POST /images/create with `fromSrc`.
void import_image(const CallPtr& call);
void add_build(Router& router);
void add_snapshots(Router& router);
void add_events(Router& router);
void add_networks(Router& router);
void add_volumes(Router& router);
void add_native_plugins(Router& router);  ///< load, unload, list
void add_not_here(Router& router);        ///< swarm, plugins, checkpoints

}  // namespace docker_cpp::daemon::api
