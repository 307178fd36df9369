# SPDX-License-Identifier: Apache-2.0
# cmake -D READELF=... -D LIBRARY=... -P constant_object_test.cmake
# Fails when the objects of LIBRARY have data that is relocated, written to or set up when the program starts: what is in them must
# be constant where it lies, in flash or in pages that all processes share.
execute_process(COMMAND ${READELF} --wide --sections ${LIBRARY} OUTPUT_VARIABLE sections COMMAND_ERROR_IS_FATAL ANY)

# Name, type, address, offset, size; as a list of CMake, which takes square brackets for its own.
string(REGEX REPLACE "[][]" "" sections "${sections}")
string(REGEX MATCHALL " \\.[^ ]+ +[A-Z_0-9]+ +[0-9a-f]+ [0-9a-f]+ [0-9a-f]+" sections "${sections}")
set(tables 0)
foreach(section IN LISTS sections)
  string(REGEX MATCH " (\\.[^ ]+) .* ([0-9a-f]+)$" match "${section}")
  set(name ${CMAKE_MATCH_1})
  math(EXPR size "0x${CMAKE_MATCH_2}")
  if(name MATCHES "^\\.rodata\\." AND size GREATER 0)
    math(EXPR tables "${tables} + 1")
  elseif(name MATCHES "^\\.rela?\\.(rodata|data|tdata)|^\\.(data|bss|tdata|tbss|init_array|ctors)" AND size GREATER 0)
    message(SEND_ERROR "${LIBRARY}: section ${name} has ${size} bytes")
  endif()
endforeach()
if(tables LESS 15)
  message(SEND_ERROR "${LIBRARY}: only ${tables} sections of constants were found: is this the dictionary?")
endif()
