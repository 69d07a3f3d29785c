// SPDX-License-Identifier: Apache-2.0
// Archives of strangers, with and without compression: refused with a
// sentence, or read to the end.
#include <cstdint>
#include <string_view>

#include "tar_reader.hpp"

#include "docker_cpp/images/image_error.hpp"

namespace {

using namespace docker_cpp::images;

/// A bomb is read for as long as a layer of this size.
constexpr std::size_t enough = std::size_t{4} << 20;

void read_all(ByteSource& source) {
  TarReader reader(source, "archive");
  TarEntry entry;
  std::size_t seen = 0;
  while (seen < enough && reader.next(entry)) {
    reader.each_block([&](std::string_view bytes, std::int64_t) {
      seen += bytes.size();
      if (seen >= enough) {
        throw ImageError(ImageError::Reason::invalid, "enough");
      }
    });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    TextSource plain(bytes);
    read_all(plain);
  } catch (const ImageError&) {
  }
  try {
    TextSource packed(bytes);
    Decompressed unpacked(packed, "archive");
    read_all(unpacked);
  } catch (const ImageError&) {
  }
  return 0;
}
