// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"

#include "docker_cpp/namespaces/exec_error.hpp"
#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::runtime {

void naming_failure(const char* what, const std::function<void()>& body) {
  const std::string prefix = std::string("docker-cpp-runtime ") + what + ": ";
  constexpr const char* start = "unable to start container process: ";
  try {
    body();
  } catch (const namespaces::ExecError& error) {
    throw Failure(prefix + start + error.what(), error.exit_code());
  } catch (const Error& error) {
    throw Failure(prefix + start + error.what(), 1);
  } catch (const UsageError&) {
    throw;
  } catch (const HelpWanted&) {
    throw;
  } catch (const std::exception& error) {
    throw Failure(prefix + error.what(), 1);
  }
}

std::string only_id(const char* command,
                    const std::vector<std::string>& words) {
  if (words.size() != 1) {
    throw UsageError("docker-cpp-runtime: \"" + std::string(command) +
                     "\" requires exactly 1 argument(s)");
  }
  return words[0];
}

}  // namespace docker_cpp::runtime
