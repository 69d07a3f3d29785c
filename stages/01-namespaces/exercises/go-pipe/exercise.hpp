// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

/// Forks. The child waits until `prepare` has returned in the parent, then
/// ends with what `program` returns. When `prepare` throws, `program` never
/// runs, and the exception comes out of here.
/// \return the child's exit code
int run_prepared(const std::function<void()>& prepare,
                 const std::function<int()>& program);
