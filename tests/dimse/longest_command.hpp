// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <scanferry/dimse/command_set.hpp>

namespace scanferry::dimse {

/// Every element, each at its longest.
inline CommandSet longest_command() {
  const core::Uid longest{std::string(64, '1')};
  const AeTitle title{"0123456789ABCDEF"};
  const std::vector<core::Tag> tags(TagList::kTagsMax, {0x0010, 0x0020});
  return {.affected_sop_class_uid = longest,
          .requested_sop_class_uid = longest,
          .command_field = 1,
          .message_id = 2,
          .responded_message_id = 3,
          .move_destination = title,
          .priority = 4,
          .data_set_type = 5,
          .status = 6,
          .offending = TagList{tags},
          .error_comment = longest,
          .error_id = 7,
          .affected_sop_instance_uid = longest,
          .requested_sop_instance_uid = longest,
          .event_type = 8,
          .attributes = TagList{tags},
          .action_type = 9,
          .remaining = 10,
          .completed = 11,
          .failed = 12,
          .warned = 13,
          .move_originator = title,
          .move_message_id = 14};
}

}  // namespace scanferry::dimse
