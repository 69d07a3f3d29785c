// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace docker_cpp::sys {

/// Gives back the memory that only starting up has needed: free heap, and the
/// pages of code and constants, which the kernel brings back from the file
/// when one is touched again. For processes that mostly wait.
/// \man{madvise,2} MADV_DONTNEED
void forget_startup_pages() noexcept;

}  // namespace docker_cpp::sys
