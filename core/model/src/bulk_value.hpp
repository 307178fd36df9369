// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <scanferry/model/document.hpp>
#include <scanferry/model/json_writer.hpp>

namespace scanferry::model {

/// What becomes of a value of bytes on its way into a text form.
struct BulkValue {
  enum class Form : std::uint8_t { nothing, reference, in_line };
  Form form{Form::nothing};
  SourceRange range{};  ///< of the value in the source; of one in memory its size alone
};

/// A plain element with its value in memory.
struct HeldElement {
  std::vector<std::byte> bytes;  ///< of a value that stayed in the source
  Element element;               ///< borrows from `bytes`, or from the Document
};

/// Reads the value of a plain element that stayed in the source: text of any length has a text form. Errors: what the source says.
Result<HeldElement> hold(const Document& document, const Element& element);

/// True for bytes without a text form, and for numbers too many to hold. `meaning`: as `meaning_of` says.
bool is_bulk(const Element& element, core::Vr meaning);

/// What `options` ask for. A reference gives bytes as they are in the file, so one to big-endian numbers is never made.
BulkValue bulk_value_of(const Document& document, const Element& element, core::Vr meaning, const BulkOptions& options);

/// `uri`?offset=BYTES&length=BYTES
std::string bulk_uri(const BulkOptions& options, SourceRange range);

/// Writes the bytes in base64 to `sink`. Errors: what the source or `sink` says.
Result<void> write_base64(const Document& document, const Element& element, SourceRange range, ByteSink& sink);

}  // namespace scanferry::model
