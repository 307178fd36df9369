# SPDX-License-Identifier: Apache-2.0
# Cross builds with Debian's compilers against a folder that sysroot.sh made. The toolchain file of an architecture sets
# CMAKE_SYSTEM_PROCESSOR, SCANFERRY_ARCHITECTURE (Debian's name), SCANFERRY_TRIPLET and SCANFERRY_EMULATOR, and includes this.
set(CMAKE_SYSTEM_NAME Linux)

set(SCANFERRY_SYSROOT ${CMAKE_CURRENT_LIST_DIR}/../build/sysroot/${SCANFERRY_ARCHITECTURE}
  CACHE PATH "The target's libraries, made by toolchains/sysroot.sh")
cmake_path(ABSOLUTE_PATH SCANFERRY_SYSROOT NORMALIZE)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SCANFERRY_SYSROOT)
if(NOT EXISTS ${SCANFERRY_SYSROOT}/.complete)
  message(FATAL_ERROR "${SCANFERRY_SYSROOT} is not complete. Make it with\n"
    "  toolchains/bootstrap.sh build cross && toolchains/sysroot.sh ${SCANFERRY_ARCHITECTURE} ${SCANFERRY_SYSROOT}")
endif()

set(CMAKE_CXX_COMPILER ${SCANFERRY_TRIPLET}-g++)
set(CMAKE_LIBRARY_ARCHITECTURE ${SCANFERRY_TRIPLET})

# Headers and libraries are the target's, programs are the host's.
set(CMAKE_FIND_ROOT_PATH ${SCANFERRY_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)

# A shared library finds those that it needs itself in the sysroot; the program carries no path of this machine.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,-rpath-link=${SCANFERRY_SYSROOT}/usr/lib/${SCANFERRY_TRIPLET}")
set(CMAKE_SKIP_RPATH ON)

set(CMAKE_CROSSCOMPILING_EMULATOR ${SCANFERRY_EMULATOR} -L ${SCANFERRY_SYSROOT})
