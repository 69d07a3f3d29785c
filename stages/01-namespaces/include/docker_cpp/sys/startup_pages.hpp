// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace docker_cpp::sys {

/// Gives back the memory that only starting up has needed: free heap, and the
/// pages of code and constants, which the kernel brings back from the file
/// when one is touched again. For processes that mostly wait.
/// \man{madvise,2} MADV_DONTNEED
void forget_startup_pages() noexcept;

/// For a program that ends soon: its heap gets so many bytes at once, where it
/// would fault each page in by itself, and gives none back before it ends.
void prepare_heap(std::size_t bytes);

}  // namespace docker_cpp::sys
