// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <scanferry/model/byte_source.hpp>
#include <scanferry/model/document.hpp>

namespace scanferry::model {

/// How values of bytes (OB, OW, UN and their kin) go into JSON and XML.
struct BulkOptions {
  enum class How : std::uint8_t {
    in_line,    ///< base64 in InlineBinary
    reference,  ///< BulkDataURI: `uri`?offset=BYTES&length=BYTES, into the file that was read
    omit,       ///< no value
  };
  How how{How::reference};
  std::uint64_t in_line_bytes_max{1024};  ///< up to this size a value goes in line whatever `how` says, `omit` excepted
  std::string uri;                        ///< of the file
};

struct JsonOptions {
  BulkOptions bulk;
  bool with_meta{false};  ///< the elements of group 0002, too; PS3.18 leaves them out
  bool is_indented{true};
};

/// Writes the DICOM JSON Model, PS3.18 F.2: one object. Text is UTF-8 whatever the file's character set is, and (0008,0005) says so.
/// Errors: what the source or `sink` says. Values that are not what their VR says go as strings, so that nothing is lost.
Result<void> write_json(const Document& document, const JsonOptions& options, ByteSink& sink);

}  // namespace scanferry::model
