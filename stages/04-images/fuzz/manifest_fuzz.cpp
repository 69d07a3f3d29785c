// SPDX-License-Identifier: Apache-2.0
// Manifests, indices and configurations: refused with a sentence, or read.
#include <cstdint>
#include <string_view>

#include "docker_cpp/images/image.hpp"
#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/images/manifest.hpp"

namespace {

template <typename Read>
void attempt(Read read) {
  try {
    static_cast<void>(read());
  } catch (const docker_cpp::images::ImageError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace docker_cpp::images;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  attempt([&] { return print(parse_manifest(text)); });
  attempt([&] { return print(parse_index(text)); });
  attempt([&] { return parse_artifact(text); });
  attempt([&] { return parse_image_config(text); });
  return 0;
}
