// SPDX-License-Identifier: Apache-2.0
#include "exercise.hpp"

std::vector<std::string> chain_ids(const std::vector<std::string>& diff_ids,
                                   const Hash& hash) {
  std::vector<std::string> chain;
  for (const std::string& one : diff_ids) {
    chain.push_back(hash(one));
  }
  return chain;
}
