// SPDX-License-Identifier: Apache-2.0
// The only program of the embedded image hello-world: no libc, two system
// calls, about a kilobyte.

namespace {

constexpr char greeting[] =
    "\n"
    "Hello from docker-cpp!\n"
    "This message shows that your installation works.\n"
    "\n"
    "To get here:\n"
    " 1. The client asked the daemon, by the Docker Engine API.\n"
    " 2. The daemon took the image hello-world, which comes with the engine,\n"
    "    and a monitor built a container from it.\n"
    " 3. The program in the container wrote these lines; the monitor handed\n"
    "    them to the daemon, and the daemon to your terminal.\n"
    "\n"
    "Next, try a shell:\n"
    " $ docker-cpp run -it --rm busybox\n"
    "\n";

#if defined(__x86_64__)
long call(long number, long a, const char* b, long c) {
  long result = 0;
  asm volatile("syscall"
               : "=a"(result)
               : "0"(number), "D"(a), "S"(b), "d"(c)
               : "rcx", "r11", "memory");
  return result;
}
constexpr long write_call = 1;
constexpr long exit_call = 60;
#elif defined(__aarch64__)
long call(long number, long a, const char* b, long c) {
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register const char* x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
}
constexpr long write_call = 64;
constexpr long exit_call = 93;
#else
#error "hello-world: say how this processor makes a system call"
#endif

}  // namespace

extern "C" [[noreturn]] void _start() {
  const bool told = call(write_call, 1, greeting, sizeof greeting - 1) > 0;
  for (;;) {
    call(exit_call, told ? 0 : 1, nullptr, 0);
  }
}
