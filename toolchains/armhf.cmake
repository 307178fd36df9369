# SPDX-License-Identifier: Apache-2.0
set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(SCANFERRY_ARCHITECTURE armhf)
set(SCANFERRY_TRIPLET arm-linux-gnueabihf)
set(SCANFERRY_EMULATOR qemu-arm-static)
include(${CMAKE_CURRENT_LIST_DIR}/debian_cross.cmake)
