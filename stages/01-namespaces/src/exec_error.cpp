// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/namespaces/exec_error.hpp"

#include <cstring>

namespace docker_cpp::namespaces {
namespace {

bool looked_up(const std::string& program) {
  return program.find('/') == std::string::npos;
}

std::string lower_case_reason(int code) {
  std::string reason = std::strerror(code);
  if (!reason.empty()) {
    reason[0] = static_cast<char>(std::tolower(reason[0]));
  }
  return reason;
}

}  // namespace

ExecError::ExecError(int code, const std::string& program, Found found)
    : Error({.code = code, .call = "execve"}, "execute the program"),
      message_("exec: \"" + program + "\": ") {
  if (code == ENOENT && found == Found::yes) {
    message_ = "exec " + program + ": no such file or directory: the file is " +
               "there, what it is to be interpreted by is not";
  } else if (code == ENOENT && looked_up(program)) {
    message_ += "executable file not found in $PATH";
  } else {
    if (!looked_up(program)) {
      message_ += "stat " + program + ": ";
    }
    message_ += lower_case_reason(code);
  }
}

int ExecError::exit_code() const noexcept {
  return this->code().value() == ENOENT ? 127 : 126;
}

}  // namespace docker_cpp::namespaces
