// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/filter.h>

#include <vector>

/// Refuses socket(family, ...) with EPERM, and nothing else.
std::vector<sock_filter> refuse_family(unsigned family);
