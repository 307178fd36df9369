# SPDX-License-Identifier: Apache-2.0
# Compiler and linker flags that every target of the project shares, and those that not all can have.
if(NOT CMAKE_SYSTEM_NAME STREQUAL "Generic")
  find_package(Threads REQUIRED)
endif()

find_program(SCANFERRY_CCACHE ccache)
mark_as_advanced(SCANFERRY_CCACHE)
if(SCANFERRY_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SCANFERRY_CCACHE})
endif()

# The same width of files and times in every target: 32-bit boards have files beyond 2 GiB and a life beyond 2038.
add_compile_definitions(_FILE_OFFSET_BITS=64 _TIME_BITS=64)

add_library(scanferry_flags INTERFACE)
target_compile_options(scanferry_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Werror -ffunction-sections -fdata-sections)
# g++ 12 takes the frame allocator of inlined Asio coroutines for a mismatched pair of new and delete, and at -O3 the insertion into
# a std::string for an overlapping copy.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(scanferry_flags INTERFACE -Wno-mismatched-new-delete -Wno-restrict)
endif()
target_link_options(scanferry_flags INTERFACE -Wl,--gc-sections)

# Clang's -Wconversion has signs in it, and it takes the standard library of g++ 12 to task.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(scanferry_flags INTERFACE -Wno-sign-conversion -Wno-deprecated-declarations)
endif()

if(SCANFERRY_SANITIZE)
  target_compile_options(scanferry_flags INTERFACE
    -fsanitize=${SCANFERRY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
    # false alarms of g++ 12 in its own library, once instrumented
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(scanferry_flags INTERFACE -fsanitize=${SCANFERRY_SANITIZE})
endif()

# Where a preset asks for link-time optimization, the programs get it. Tests link the machine code that the same objects also
# carry: once more for each of them would take longer than all the rest.
set(CMAKE_CXX_COMPILE_OPTIONS_IPO -flto=auto -ffat-lto-objects)

# The product asks for no type at run time. The sanitizer does, of the objects that it checks.
add_library(scanferry_product_flags INTERFACE)
target_link_libraries(scanferry_product_flags INTERFACE scanferry_flags)
if(NOT SCANFERRY_SANITIZE)
  target_compile_options(scanferry_product_flags INTERFACE -fno-rtti)
endif()

# core and dimse neither throw nor ask for types at run time: they must also link for bare metal.
add_library(scanferry_freestanding_flags INTERFACE)
target_link_libraries(scanferry_freestanding_flags INTERFACE scanferry_flags)
target_compile_options(scanferry_freestanding_flags INTERFACE -fno-exceptions -fno-rtti)
