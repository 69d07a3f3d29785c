// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "call.hpp"

namespace docker_cpp::daemon::api {

/// Finds the handler of a request, by method and path.
///
/// A pattern is segments: words, `{name}` for any one, `{name*}` for one or
/// more, as few as the rest allows to be many: image names have slashes.
class Router {
 public:
  void add(std::string_view method, std::string_view pattern, Handler handler);

  /// Answers it: by the handler, or for a version that is not spoken, a path
  /// that is not there.
  void route(std::shared_ptr<const Context> context, http::Request request,
             http::ExchangePtr exchange) const;

  /// The path without its version.
  [[nodiscard]] static std::string_view strip_version(std::string_view path);

 private:
  struct Route {
    std::string method;
    std::vector<std::string> pattern;
    Handler handler;
  };
  using Variables = std::map<std::string, std::string>;

  [[nodiscard]] const Route* find(std::string_view method,
                                  std::string_view path,
                                  Variables& variables) const;

  std::vector<Route> routes_;
};

}  // namespace docker_cpp::daemon::api
