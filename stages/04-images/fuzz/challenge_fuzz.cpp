// SPDX-License-Identifier: Apache-2.0
// WWW-Authenticate and Link headers of strangers.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "challenge.hpp"
#include "manifest_fetch.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace docker_cpp::images;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const Challenge& challenge : parse_challenges(text)) {
    if (challenge.scheme.empty()) {
      std::abort();
    }
  }
  static_cast<void>(next_page(std::string(text)));
  return 0;
}
