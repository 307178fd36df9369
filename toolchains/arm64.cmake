# SPDX-License-Identifier: Apache-2.0
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(SCANFERRY_ARCHITECTURE arm64)
set(SCANFERRY_TRIPLET aarch64-linux-gnu)
set(SCANFERRY_EMULATOR qemu-aarch64-static)
include(${CMAKE_CURRENT_LIST_DIR}/debian_cross.cmake)
