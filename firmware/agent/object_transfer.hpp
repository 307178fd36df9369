// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <scanferry/platform/platform.hpp>

#include "agent/link.hpp"

namespace scanferry::firmware {

/// A Part 10 file that is to be sent: what it holds, and from where on.
struct StoredObject {
  dimse::StoreRequest request;
  std::uint64_t data_set_offset{0};
  /// Where it may be written anew, should it not be sent as it is stored; removed again.
  std::string temporary_path;
};

/// `Link::post` of an object over a link whose contexts were planned with `ContextPlan::add_object`: as it is where the peer accepted
/// that, byte for byte (but a deflated data set of odd length is padded); else transcoded, if there is a fall-back that it accepted. `file`
/// is the whole file.
platform::Task<std::expected<std::uint16_t, StoreReport>> post_object(platform::Platform& platform, Link& link, const StoredObject& object,
                                                                      platform::File& file);

}  // namespace scanferry::firmware
