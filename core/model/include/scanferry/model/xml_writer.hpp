// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <scanferry/model/byte_source.hpp>
#include <scanferry/model/document.hpp>
#include <scanferry/model/json_writer.hpp>

namespace scanferry::model {

struct XmlOptions {
  BulkOptions bulk{};
  bool with_meta{false};  ///< the elements of group 0002, too
  bool is_indented{true};
};

/// Writes the Native DICOM Model, PS3.19 A.1, in XML 1.0: one NativeDicomModel. Text is UTF-8 whatever the file's character set is,
/// and (0008,0005) says so. A private element has its creator in `privateCreator`, and the number of its block in `tag` is 00; one
/// without a creator keeps its whole tag.
/// Characters that XML 1.0 forbids (C0 controls but TAB, LF and CR; U+FFFE and U+FFFF) go as CharacterSet::decode keeps bytes:
/// each byte as U+FFFD and two hexadecimal digits. TAB, LF and CR go as references, which a parser leaves as they are.
/// Errors: what the source or `sink` says.
Result<void> write_xml(const Document& document, const XmlOptions& options, ByteSink& sink);

}  // namespace scanferry::model
