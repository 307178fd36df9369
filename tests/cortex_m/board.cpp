// SPDX-License-Identifier: Apache-2.0
// What a bare board needs before `smoke_test` and after it. The answer leaves by Arm semihosting.
#include <cstdint>
#include <cstring>

#include "smoke_test.hpp"

extern "C" {
extern std::uint32_t data_begin, data_end, data_load, bss_begin, bss_end, stack_top;
[[noreturn]] void reset();
}

namespace {

constexpr int kWrite0 = 0x04;
constexpr int kExitExtended = 0x20;
constexpr std::uint32_t kApplicationExit = 0x20026;

int semihosting(int operation, const void* argument) {
  register int r0 asm("r0") = operation;
  register const void* r1 asm("r1") = argument;
  asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

[[noreturn]] void leave(std::uint32_t status) {
  const std::uint32_t block[] = {kApplicationExit, status};
  semihosting(kExitExtended, block);
  for (;;) {
  }
}

[[noreturn]] void fault() {
  semihosting(kWrite0, "fault\n");
  leave(2);
}

using Handler = void (*)();
[[gnu::section(".vectors"), gnu::used]] const Handler kVectors[16] = {
    reinterpret_cast<Handler>(&stack_top), reset, fault, fault, fault, fault, fault, nullptr, nullptr, nullptr, nullptr, fault, fault,
    nullptr,                               fault, fault};

}  // namespace

extern "C" void reset() {
  // The floating-point unit is off until it is asked for.
  *reinterpret_cast<volatile std::uint32_t*>(0xE000ED88) |= 0xFU << 20U;
  std::memcpy(&data_begin, &data_load, static_cast<std::size_t>(reinterpret_cast<char*>(&data_end) - reinterpret_cast<char*>(&data_begin)));
  std::memset(&bss_begin, 0, static_cast<std::size_t>(reinterpret_cast<char*>(&bss_end) - reinterpret_cast<char*>(&bss_begin)));
  const char* const failure = scanferry::tests::smoke_test();
  semihosting(kWrite0, failure == nullptr ? "encoded an object and read it back\n" : failure);
  leave(failure == nullptr ? 0 : 1);
}

// The compiler's destructors of static objects and of classes behind interfaces name these; nothing calls them.
void operator delete(void*) noexcept {}
void operator delete(void*, unsigned) noexcept {}
extern "C" void __cxa_pure_virtual() { leave(3); }

// In place of the C library's, which wants signals and a process.
extern "C" void abort() { fault(); }
