// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <scanferry/model/error.hpp>
#include <scanferry/platform/store.hpp>

namespace scanferry::firmware {

/// The URI of a file, to which `?offset=BYTES&length=BYTES` is added for values in it. Other characters than RFC 3986 2.3 leaves
/// alone are escaped.
std::string bulk_uri(const std::string& path);

/// The bytes that such a URI, or a file's alone, stands for. A model may come from anywhere: it reaches the files in and below
/// `folder` only, wherever links lead. Errors: another scheme, a file elsewhere, and what the disk says.
model::Result<std::vector<std::byte>> load_bulk(platform::Store& store, std::string_view uri, const std::string& folder);

}  // namespace scanferry::firmware
