// SPDX-License-Identifier: Apache-2.0
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/streams.hpp"

namespace docker_cpp::cli {
namespace {

struct NamedSignal {
  int number;
  const char* name;
};

// Those that someone sends on purpose. What the kernel raises for a fault of
// ours (SIGSEGV...), for a broken pipe or for job control stays ours.
constexpr std::array named_signals = {
    NamedSignal{SIGHUP, "HUP"},   NamedSignal{SIGINT, "INT"},
    NamedSignal{SIGQUIT, "QUIT"}, NamedSignal{SIGUSR1, "USR1"},
    NamedSignal{SIGUSR2, "USR2"}, NamedSignal{SIGALRM, "ALRM"},
    NamedSignal{SIGTERM, "TERM"}, NamedSignal{SIGCONT, "CONT"},
    NamedSignal{SIGTSTP, "TSTP"}, NamedSignal{SIGVTALRM, "VTALRM"},
    NamedSignal{SIGPROF, "PROF"}, NamedSignal{SIGIO, "IO"},
    NamedSignal{SIGPWR, "PWR"},   NamedSignal{SIGXCPU, "XCPU"}};

constexpr int patience = 3;

}  // namespace

struct SignalCatcher::Saved {
  sigset_t mask;
};

SignalCatcher::SignalCatcher(Which which) : saved_(std::make_unique<Saved>()) {
  sigset_t caught;
  ::sigemptyset(&caught);
  ::sigaddset(&caught, SIGWINCH);
  if (which == Which::all) {
    for (const auto& signal : named_signals) {
      ::sigaddset(&caught, signal.number);
    }
  }
  ::sigprocmask(SIG_BLOCK, &caught, &saved_->mask);
  fd_.reset(::signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK));
}

SignalCatcher::~SignalCatcher() {
  ::sigprocmask(SIG_SETMASK, &saved_->mask, nullptr);
}

int SignalCatcher::take() {
  signalfd_siginfo info{};
  if (::read(fd_.get(), &info, sizeof(info)) != sizeof(info)) {
    return 0;
  }
  const auto signal = static_cast<int>(info.ssi_signo);
  if ((signal == SIGINT || signal == SIGTERM) && ++asked_to_end_ == patience) {
    throw Failure("\ngot 3 SIGTERM/SIGINTs, forcefully exiting");
  }
  return signal;
}

std::string signal_name(int signal) {
  for (const auto& named : named_signals) {
    if (named.number == signal) {
      return named.name;
    }
  }
  return {};
}

}  // namespace docker_cpp::cli
