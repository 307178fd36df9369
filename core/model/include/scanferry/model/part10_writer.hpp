// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <scanferry/model/byte_source.hpp>
#include <scanferry/model/document.hpp>

namespace scanferry::model {

/// Writes `document` as a Part 10 file (PS3.10 7.1) in `transfer_syntax`: its own, one of the uncompressed ones or RLE Lossless, to and
/// from which pixels are transcoded, frame by frame. The same
/// content always gives the same bytes: a fresh preamble, File Meta Information with our implementation, elements by
/// tag, sequences and items with defined lengths, values padded after their VR, no group lengths, no trailing
/// padding, nothing of group 0002 in the data set.
/// Errors: pixels that cannot be transcoded; a value that the encoding cannot hold; what the source or `sink` says.
Result<void> write_part10(const Document& document, std::string_view transfer_syntax, ByteSink& sink);

/// Writes the data set alone, the same way.
Result<void> write_data_set(const Document& document, const DataSet& data_set, core::Encoding encoding, ByteSink& sink);

/// Writes the file again with what was changed in it: all else stays byte for byte, lengths around a change excepted.
/// A deflated data set is deflated anew.
Result<void> write_changed(const Document& document, ByteSink& sink);

}  // namespace scanferry::model
