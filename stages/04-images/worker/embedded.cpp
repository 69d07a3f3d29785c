// SPDX-License-Identifier: Apache-2.0
#include "embedded.hpp"

#include <array>

#include "docker_cpp/images/embedded_names.hpp"

// The assembler copies the files in as they are; a compiler would take seconds
// and hundreds of megabytes for the same as an array of numbers.
// NOLINTNEXTLINE(hicpp-no-assembler)
asm(R"(
    .section .rodata
    .global embedded_busybox
    .global embedded_busybox_end
    .balign 16
embedded_busybox:
    .incbin ")" DOCKER_CPP_EMBEDDED_BUSYBOX R"("
embedded_busybox_end:
    .global embedded_hello
    .global embedded_hello_end
    .balign 16
embedded_hello:
    .incbin ")" DOCKER_CPP_EMBEDDED_HELLO R"("
embedded_hello_end:
    .byte 0
    .text
)");

extern "C" {
extern const char embedded_busybox[];
extern const char embedded_busybox_end[];
extern const char embedded_hello[];
extern const char embedded_hello_end[];
}

namespace docker_cpp::images {

std::span<const EmbeddedImage> embedded_images() {
  static const std::array images = {
      EmbeddedImage{embedded_names[0],
                    {embedded_busybox, embedded_busybox_end}},
      EmbeddedImage{embedded_names[1], {embedded_hello, embedded_hello_end}}};
  return images;
}

}  // namespace docker_cpp::images
