// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/oci/spec.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "../command.hpp"

#include "docker_cpp/oci/template.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::runtime {

int spec(Context& /*context*/, Arguments arguments) {
  std::string bundle = ".";
  bool rootless = false;
  Flags flags;
  flags.text("bundle b", bundle);
  flags.flag("rootless", rootless);
  static_cast<void>(flags.parse(arguments));
  const std::string path = bundle + "/config.json";
  auto file = sys::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0666);
  if (!file && file.error().code == EEXIST) {
    throw Refusal("File " + path + " exists. Remove it first");
  }
  const std::string text = rootless
                               ? oci::template_for_user(::getuid(), ::getgid())
                               : oci::template_for_root();
  must(sys::write_all(must(std::move(file), "write " + path).get(), text),
       "write " + path);
  return 0;
}

}  // namespace docker_cpp::runtime
