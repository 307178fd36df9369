# SPDX-License-Identifier: Apache-2.0
# The libraries we use, as dep::<name>; their headers are system headers.
function(scanferry_header_dependency name header)
  find_path(SCANFERRY_${name}_INCLUDE ${header} REQUIRED)
  add_library(dep_${name} INTERFACE)
  add_library(dep::${name} ALIAS dep_${name})
  target_include_directories(dep_${name} SYSTEM INTERFACE ${SCANFERRY_${name}_INCLUDE})
endfunction()
scanferry_header_dependency(boost boost/asio.hpp)
# Asio's types must be the same in targets with and without -fno-rtti, which is what NO_TYPEID sees to.
target_compile_definitions(dep_boost INTERFACE BOOST_ALL_NO_LIB BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_NO_TYPEID)
scanferry_header_dependency(tomlplusplus toml++/toml.h)
target_compile_definitions(dep_tomlplusplus INTERFACE TOML_EXCEPTIONS=0 TOML_HEADER_ONLY=1)
scanferry_header_dependency(cli11 CLI/CLI.hpp)
scanferry_header_dependency(sqlite3 sqlite3.h)
find_library(SCANFERRY_SQLITE3 sqlite3 REQUIRED)
target_link_libraries(dep_sqlite3 INTERFACE ${SCANFERRY_SQLITE3})
