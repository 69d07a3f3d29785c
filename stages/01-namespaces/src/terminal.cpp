// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/namespaces/terminal.hpp"

#include <asm/ioctls.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::namespaces {

Pty open_pty(int devpts) {
  Pty pty;
  pty.master =
      must(devpts == -1 ? sys::open("/dev/ptmx", O_RDWR | O_NOCTTY)
                        : sys::open_at(devpts, "ptmx", O_RDWR | O_NOCTTY),
           "open a pseudo terminal");
  const int unlock = 0;
  must(sys::check_void(::ioctl(pty.master.get(), TIOCSPTLCK, &unlock),
                       "ioctl TIOCSPTLCK"),
       "unlock the pseudo terminal");
  must(sys::check_void(::ioctl(pty.master.get(), TIOCGPTN, &pty.number),
                       "ioctl TIOCGPTN"),
       "number the pseudo terminal");
  pty.slave =
      sys::UniqueFd(must(sys::check(::ioctl(pty.master.get(), TIOCGPTPEER,
                                            O_RDWR | O_NOCTTY | O_CLOEXEC),
                                    "ioctl TIOCGPTPEER"),
                         "open the container's end of the pseudo terminal"));
  return pty;
}

void resize(int terminal, WindowSize size) {
  winsize native{};
  native.ws_row = size.rows;
  native.ws_col = size.columns;
  must(sys::check_void(::ioctl(terminal, TIOCSWINSZ, &native),
                       "ioctl TIOCSWINSZ"),
       "resize the terminal");
}

const char* Session::name() const noexcept {
  return "start a session";
}

}  // namespace docker_cpp::namespaces
