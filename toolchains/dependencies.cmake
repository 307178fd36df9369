# SPDX-License-Identifier: Apache-2.0
# The libraries we use, as dep::<name>. Their headers are system headers: our warnings are not theirs.
# Found by header and library, which is the same natively and in a sysroot.

function(scanferry_dependency name header)
  find_path(SCANFERRY_${name}_INCLUDE ${header} REQUIRED)
  mark_as_advanced(SCANFERRY_${name}_INCLUDE)
  add_library(dep_${name} INTERFACE)
  add_library(dep::${name} ALIAS dep_${name})
  target_include_directories(dep_${name} SYSTEM INTERFACE ${SCANFERRY_${name}_INCLUDE})
endfunction()

# Linked by name from its folder: the linker takes the archive for a static program and the shared library for others.
function(scanferry_library name library)
  find_library(SCANFERRY_${library}_LIBRARY ${library} REQUIRED)
  mark_as_advanced(SCANFERRY_${library}_LIBRARY)
  cmake_path(GET SCANFERRY_${library}_LIBRARY PARENT_PATH folder)
  target_link_directories(dep_${name} INTERFACE ${folder})
  target_link_libraries(dep_${name} INTERFACE ${library})
endfunction()

scanferry_dependency(boost boost/asio.hpp)
# Asio's types must be the same in targets with and without -fno-rtti, which is what NO_TYPEID sees to.
target_compile_definitions(dep_boost INTERFACE BOOST_ALL_NO_LIB BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_NO_TYPEID)

scanferry_dependency(tomlplusplus toml++/toml.h)
target_compile_definitions(dep_tomlplusplus INTERFACE TOML_EXCEPTIONS=0 TOML_HEADER_ONLY=1)

scanferry_dependency(cli11 CLI/CLI.hpp)

scanferry_dependency(sqlite3 sqlite3.h)
scanferry_library(sqlite3 sqlite3)

scanferry_dependency(zlib zlib.h)
scanferry_library(zlib z)

# In the order in which they need each other.
scanferry_dependency(mbedtls mbedtls/ssl.h)
scanferry_library(mbedtls mbedtls)
scanferry_library(mbedtls mbedx509)
scanferry_library(mbedtls mbedcrypto)

if(SCANFERRY_TESTS)
  scanferry_dependency(catch2 catch2/catch.hpp)
endif()
