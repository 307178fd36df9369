// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <scanferry/model/document.hpp>

#include "agent/failure.hpp"

namespace scanferry::firmware {

/// The identifier of a C-FIND, C-MOVE or C-GET request (PS3.4 C.4), from keys as a command line has them: PATH[:VR][=VALUE]. A key
/// without a value is one to be returned. Text beyond ASCII goes in UTF-8 unless a key says otherwise. Errors name the key.
Result<model::Document> identifier_of(const std::vector<std::string>& keys);

/// As a message has it, in Implicit or Explicit VR Little Endian. Errors name the element.
Result<std::string> encode_identifier(const model::Document& identifier, std::string_view transfer_syntax);

/// What a person reads of a match: one line an element, its path and its values. Indented by two spaces.
std::string lines_of(const model::DataSet& data_set);

/// One line of the DICOM JSON Model, PS3.18 F.
Result<std::string> json_line_of(const model::Document& document);

}  // namespace scanferry::firmware
