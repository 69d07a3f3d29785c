// SPDX-License-Identifier: Apache-2.0
// What is a name must be the same name when it is read again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "docker_cpp/images/reference.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using docker_cpp::images::Reference;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto name = Reference::parse(text)) {
    const auto again = Reference::parse(name->canonical());
    const auto familiar = Reference::parse(name->familiar());
    if (!again || again->canonical() != name->canonical() || !familiar ||
        familiar->canonical() != name->canonical()) {
      std::abort();
    }
  }
  return 0;
}
