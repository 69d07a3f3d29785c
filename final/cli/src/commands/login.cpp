// SPDX-License-Identifier: Apache-2.0
#include <termios.h>
#include <unistd.h>

#include <array>
#include <iostream>

#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/registry_login.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::cli::commands {

namespace {

constexpr std::size_t longest_password = std::size_t{64} << 10;

/// The terminal does not show what is typed while this lives.
class NoEcho {
 public:
  NoEcho() {
    if (::tcgetattr(STDIN_FILENO, &saved_) == 0) {
      termios silent = saved_;
      silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
      changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
    }
  }
  ~NoEcho() {
    if (changed_) {
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved_);
    }
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  termios saved_{};
  bool changed_ = false;
};

std::string ask(const std::string& question) {
  print(question);
  std::string line;
  std::getline(std::cin, line);
  return std::string(trim(line));
}

std::string ask_password() {
  const NoEcho silence;
  auto password = ask("Password: ");
  print("\n");
  return password;
}

std::string password_from_stdin() {
  const auto text = sys::read_all(STDIN_FILENO, longest_password);
  std::string password = text ? *text : "";
  while (password.ends_with('\n') || password.ends_with('\r')) {
    password.pop_back();
  }
  return password;
}

void check_options(const Arguments& arguments) {
  if (arguments.given("password")) {
    print_error(
        "WARNING! Using --password via the CLI is insecure. Use "
        "--password-stdin.\n");
    if (arguments.flag("password-stdin")) {
      throw Failure("--password and --password-stdin are mutually exclusive");
    }
  }
  if (arguments.flag("password-stdin") && arguments.text("username").empty()) {
    throw Failure("the --password-stdin option requires --username to be set");
  }
}

RegistryLogin typed_login(const Arguments& arguments,
                          const RegistryLogin& known) {
  RegistryLogin login{.username = arguments.text("username"),
                      .password = arguments.text("password"),
                      .identity_token = {}};
  if (arguments.flag("password-stdin")) {
    login.password = password_from_stdin();
  }
  if (login.username.empty() && login.password.empty() && known.known()) {
    print("Authenticating with existing credentials...\n");
    return known;
  }
  const bool whole = !login.username.empty() && !login.password.empty();
  if (!whole && ::isatty(STDIN_FILENO) != 1) {
    throw Failure(
        "Error: Cannot perform an interactive login from a non TTY device");
  }
  if (login.username.empty()) {
    login.username = ask("Username: ");
  }
  if (login.password.empty()) {
    login.password = ask_password();
  }
  if (login.username.empty() || login.password.empty()) {
    throw Failure(login.username.empty() ? "username is required"
                                         : "password is required");
  }
  return login;
}

Value login_body(const RegistryLogin& login, const std::string& server) {
  auto body = Value::object();
  body.set("username", login.username)
      .set("password", login.password)
      .set("serveraddress", server);
  if (!login.identity_token.empty()) {
    body.set("identitytoken", login.identity_token);
  }
  return body;
}

std::string server_of(const Arguments& arguments) {
  if (arguments.words.empty()) {
    return server_of_domain("");
  }
  std::string_view server = arguments.words[0];
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (server.starts_with(scheme)) {
      server.remove_prefix(scheme.size());
    }
  }
  return server_of_domain(server.substr(0, server.find('/')));
}

}  // namespace

int login(Context& context, const Arguments& arguments) {
  check_options(arguments);
  const auto server = server_of(arguments);
  auto login = typed_login(arguments, find_login(context.config, server));
  const auto answer = context.engine.post("/auth", login_body(login, server));
  if (const auto& token = answer["IdentityToken"].text(); !token.empty()) {
    login.identity_token = token;
    login.password.clear();
  }
  const auto written = store_login(context.config, server, login);
  if (!written.empty()) {
    print_error("WARNING! Your password will be stored unencrypted in " +
                written +
                ".\nConfigure a credential helper to remove this warning. "
                "See\nhttps://docs.docker.com/go/credential-store/\n\n");
  }
  const auto& status = answer["Status"].text();
  print((status.empty() ? "Login Succeeded" : status) + "\n");
  return 0;
}

int logout(Context& context, const Arguments& arguments) {
  const auto server = server_of(arguments);
  print("Removing login credentials for " + server + "\n");
  static_cast<void>(erase_login(context.config, server));
  return 0;
}

}  // namespace docker_cpp::cli::commands
