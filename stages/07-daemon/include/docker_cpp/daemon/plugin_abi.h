/* SPDX-License-Identifier: Apache-2.0 */
/* What a plugin in a shared object is to the daemon. Plain C, so that a plugin
 * may be made by any compiler; docker_cpp/daemon/plugin.hpp wraps it for C++.
 *
 * Every function may be called from one thread of the plugin's own, never two
 * at a time. A call that takes longer than two seconds ends the plugin's use.
 * Nothing may be thrown out of a call. */
#ifndef DOCKER_CPP_PLUGIN_ABI_H
#define DOCKER_CPP_PLUGIN_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DOCKER_CPP_PLUGIN_ABI 1U
#define DOCKER_CPP_PLUGIN_ENTRY "docker_cpp_plugin_entry"

enum { DOCKER_CPP_ALLOW = 0, DOCKER_CPP_DENY = 1 };

struct docker_cpp_plugin {
  uint32_t abi;  /* DOCKER_CPP_PLUGIN_ABI of the header it was made with */
  uint32_t size; /* sizeof(struct docker_cpp_plugin) there */
  const char* name;
  const char* version;

  /* `configuration` is JSON. Null: the plugin cannot be used. */
  void* (*start)(const char* configuration);
  void (*stop)(void* self);

  /* May be null: no part in authorization. `request` is JSON: user,
   * requestMethod, requestUri. A reason for denying goes into `reason`. */
  int (*authorize)(void* self, const char* request, char* reason, size_t size);

  /* May be null: not interested. `event` is JSON as GET /events has it. */
  void (*on_event)(void* self, const char* event);
};

typedef const struct docker_cpp_plugin* (*docker_cpp_plugin_entry_type)(void);

#ifdef __cplusplus
}
#endif
#endif
