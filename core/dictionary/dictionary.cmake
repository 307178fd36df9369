# SPDX-License-Identifier: Apache-2.0
# The data dictionary and the registry of UIDs are generated from the tables beside this file when the project is built.
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)

set(SCANFERRY_DICTIONARY full CACHE STRING "The data dictionary: full, or trimmed to SCANFERRY_IODS and SCANFERRY_SERVICES")
set_property(CACHE SCANFERRY_DICTIONARY PROPERTY STRINGS full trimmed)
set(SCANFERRY_IODS
  ultrasound-image
  ultrasound-multi-frame-image
  secondary-capture-image
  multi-frame-grayscale-byte-secondary-capture-image
  multi-frame-grayscale-word-secondary-capture-image
  multi-frame-true-color-secondary-capture-image
  CACHE STRING "The objects whose attributes the trimmed dictionary has, by their names in core/dictionary/iods.tsv")
set(SCANFERRY_SERVICES
  ModalityWorklistInformationModelFind
  ModalityPerformedProcedureStep
  StorageCommitmentPushModel
  CACHE STRING "The services whose attributes the trimmed dictionary has, by their names in core/dictionary/services.tsv")
set(SCANFERRY_ATTRIBUTES_FILE "" CACHE FILEPATH "Further attributes for the trimmed dictionary: a file with one keyword a line")
set(SCANFERRY_DICTIONARY_BYTES_MAX 0 CACHE STRING "Fail when the tables are larger; 0: 24 KiB when trimmed, 400 KiB when full")

# Generates scanferry/core/attributes.hpp in the include folder `folder`; puts its path into `header`.
function(scanferry_generate_attributes folder header)
  set(source ${CMAKE_CURRENT_FUNCTION_LIST_DIR})
  set(output ${folder}/scanferry/core/attributes.hpp)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${Python3_EXECUTABLE} -B ${source}/generate.py attributes ${folder}/scanferry/core
    DEPENDS ${source}/generate.py ${source}/tables.py ${source}/attributes.tsv
    COMMENT "Generating the constants of attributes"
    VERBATIM
  )
  set(${header} ${output} PARENT_SCOPE)
endfunction()

# Generates the tables of `size`, full or trimmed, in `folder`; puts their paths into `headers`.
function(scanferry_generate_dictionary size folder headers)
  set(source ${CMAKE_CURRENT_FUNCTION_LIST_DIR})
  set(arguments --size ${size})
  if(size STREQUAL SCANFERRY_DICTIONARY)
    list(APPEND arguments --budget-bytes ${SCANFERRY_DICTIONARY_BYTES_MAX})
  endif()
  set(tables attributes uids)
  if(size STREQUAL "trimmed")
    list(JOIN SCANFERRY_IODS "," iods)
    list(JOIN SCANFERRY_SERVICES "," services)
    list(APPEND arguments --iods=${iods} --services=${services})
    list(APPEND tables iods modules services)
    if(SCANFERRY_ATTRIBUTES_FILE)
      get_filename_component(attributes_file ${SCANFERRY_ATTRIBUTES_FILE} ABSOLUTE BASE_DIR ${CMAKE_SOURCE_DIR})
      list(APPEND arguments --attributes ${attributes_file})
    endif()
  endif()
  list(TRANSFORM tables PREPEND ${source}/)
  list(TRANSFORM tables APPEND .tsv)
  set(outputs ${folder}/dictionary_table.hpp ${folder}/uid_table.hpp)
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND ${Python3_EXECUTABLE} -B ${source}/generate.py tables ${folder} ${arguments}
    DEPENDS ${source}/generate.py ${source}/tables.py ${tables} ${attributes_file}
    COMMENT "Generating the ${size} dictionary"
    VERBATIM
  )
  set(${headers} ${outputs} PARENT_SCOPE)
endfunction()
