// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Read-only. \return a descriptor, or -1 with errno
int open_beneath(int root, const char* path);
