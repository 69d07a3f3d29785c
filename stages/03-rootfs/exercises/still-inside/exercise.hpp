// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Makes the folder the working directory.
/// \return false when it is not inside of the root; then do not stay there
bool enter(int folder);
