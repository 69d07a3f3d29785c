// SPDX-License-Identifier: Apache-2.0
#include "identifiers.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <csignal>
#include <cstdint>

#include "docker_cpp/daemon/api_error.hpp"

namespace docker_cpp::daemon {
namespace {

constexpr std::array adjectives = {
    "admiring", "brave",   "calm",    "clever",   "curious", "eager",
    "elegant",  "fervent", "focused", "friendly", "gentle",  "happy",
    "hopeful",  "jolly",   "keen",    "kind",     "lucid",   "modest",
    "nifty",    "patient", "quiet",   "relaxed",  "serene",  "sharp",
    "stoic",    "sweet",   "tender",  "upbeat",   "vibrant", "vigilant",
    "wise",     "zen"};

constexpr std::array people = {
    "allen",    "babbage", "bell",     "boole",   "carson",    "cerf",
    "curie",    "darwin",  "dijkstra", "euclid",  "euler",     "fermat",
    "franklin", "galois",  "gauss",    "goodall", "hamilton",  "hopper",
    "hypatia",  "johnson", "kepler",   "knuth",   "lamarr",    "liskov",
    "lovelace", "meitner", "mendel",   "noether", "ramanujan", "ritchie",
    "turing",   "wozniak"};

struct SignalName {
  std::string_view name;
  int number;
};

constexpr std::array signals = {
    SignalName{"ABRT", SIGABRT},     SignalName{"ALRM", SIGALRM},
    SignalName{"BUS", SIGBUS},       SignalName{"CHLD", SIGCHLD},
    SignalName{"CLD", SIGCHLD},      SignalName{"CONT", SIGCONT},
    SignalName{"FPE", SIGFPE},       SignalName{"HUP", SIGHUP},
    SignalName{"ILL", SIGILL},       SignalName{"INT", SIGINT},
    SignalName{"IO", SIGIO},         SignalName{"IOT", SIGIOT},
    SignalName{"KILL", SIGKILL},     SignalName{"PIPE", SIGPIPE},
    SignalName{"POLL", SIGPOLL},     SignalName{"PROF", SIGPROF},
    SignalName{"PWR", SIGPWR},       SignalName{"QUIT", SIGQUIT},
    SignalName{"SEGV", SIGSEGV},     SignalName{"STKFLT", SIGSTKFLT},
    SignalName{"STOP", SIGSTOP},     SignalName{"SYS", SIGSYS},
    SignalName{"TERM", SIGTERM},     SignalName{"TRAP", SIGTRAP},
    SignalName{"TSTP", SIGTSTP},     SignalName{"TTIN", SIGTTIN},
    SignalName{"TTOU", SIGTTOU},     SignalName{"URG", SIGURG},
    SignalName{"USR1", SIGUSR1},     SignalName{"USR2", SIGUSR2},
    SignalName{"VTALRM", SIGVTALRM}, SignalName{"WINCH", SIGWINCH},
    SignalName{"XCPU", SIGXCPU},     SignalName{"XFSZ", SIGXFSZ}};

/// SIGRTMIN and SIGRTMAX as the kernel counts, not as libc shifts them.
constexpr int first_realtime = 34;
constexpr int last_signal = 64;

template <std::size_t N>
void random_bytes(std::array<std::uint8_t, N>& bytes) {
  while (::getrandom(bytes.data(), bytes.size(), 0) !=
         static_cast<ssize_t>(bytes.size())) {
  }
}

int whole_number(std::string_view text) {
  int value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : -1;
}

int realtime_signal(std::string_view name) {
  if (name == "RTMIN") {
    return first_realtime;
  }
  if (name == "RTMAX") {
    return last_signal;
  }
  if (name.starts_with("RTMIN+")) {
    return first_realtime + whole_number(name.substr(6));
  }
  if (name.starts_with("RTMAX-")) {
    return last_signal - whole_number(name.substr(6));
  }
  return -1;
}

bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         c == '.' || c == '-';
}

}  // namespace

std::string new_id() {
  constexpr std::string_view digits = "0123456789abcdef";
  for (;;) {
    std::array<std::uint8_t, 32> bytes{};
    random_bytes(bytes);
    std::string id;
    id.reserve(64);
    for (const std::uint8_t byte : bytes) {
      id += digits[byte >> 4U];
      id += digits[byte & 0xfU];
    }
    if (id.substr(0, 12).find_first_of("abcdef") != std::string::npos) {
      return id;
    }
  }
}

std::string made_up_name(int attempt) {
  std::array<std::uint8_t, 3> bytes{};
  random_bytes(bytes);
  std::string name = adjectives.at(bytes[0] % adjectives.size());
  name += '_';
  name += people.at(bytes[1] % people.size());
  if (attempt > 0) {
    name += std::to_string(bytes[2]);
  }
  return name;
}

void check_name(std::string_view name) {
  const bool good = name.size() >= 2 &&
                    std::isalnum(static_cast<unsigned char>(name[0])) != 0 &&
                    std::ranges::all_of(name, is_name_char);
  if (!good) {
    throw ApiError(ErrorCode::invalid_argument,
                   "Invalid container name (" + std::string(name) +
                       "), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
  }
}

int parse_signal(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) {
    return static_cast<char>(std::toupper(c));
  });
  std::string_view name = upper;
  if (name.starts_with("SIG")) {
    name.remove_prefix(3);
  }
  int number = whole_number(name);
  for (const SignalName& known : signals) {
    if (known.name == name) {
      number = known.number;
    }
  }
  if (number == -1) {
    number = realtime_signal(name);
  }
  if (number < 1 || number > last_signal) {
    throw ApiError(ErrorCode::invalid_argument,
                   "Invalid signal: " + std::string(text));
  }
  return number;
}

}  // namespace docker_cpp::daemon
