// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include <scanferry/model/document.hpp>

namespace scanferry::model {

/// Gives the bytes that a BulkDataURI stands for.
using BulkLoader = std::function<Result<std::vector<std::byte>>(std::string_view uri)>;

/// Reads one object of the DICOM JSON Model, PS3.18 F.2, in UTF-8. Elements of group 0002 become the meta of the document, others its
/// data set; text stays UTF-8, and (0008,0005) says so where it must. Numbers keep the digits that they have. The transfer
/// syntax is that of (0002,0010), if it is there.
/// Errors: no JSON, with the byte offset; no DICOM in it, with the tag path. Nesting is limited to core::ElementReader's depth.
Result<Document> read_json(std::string_view json, const BulkLoader& load_bulk);

}  // namespace scanferry::model
