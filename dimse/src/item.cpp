// SPDX-License-Identifier: Apache-2.0
#include <scanferry/dimse/item.hpp>

namespace scanferry::dimse {

std::string_view name_of(ItemType type) {
  switch (type) {
    case ItemType::application_context: return "application context";
    case ItemType::proposed_context:
    case ItemType::answered_context: return "presentation context";
    case ItemType::abstract_syntax: return "abstract syntax";
    case ItemType::transfer_syntax: return "transfer syntax";
    case ItemType::user_information: return "user information";
    case ItemType::maximum_length: return "maximum length";
    case ItemType::implementation_class_uid: return "implementation class UID";
    case ItemType::operations_window: return "operations window";
    case ItemType::role_selection: return "role selection";
    case ItemType::implementation_version_name: return "implementation version name";
    case ItemType::extended_negotiation: return "extended negotiation";
    case ItemType::common_extended_negotiation: return "common extended negotiation";
    case ItemType::user_identity: return "user identity";
    case ItemType::user_identity_response: return "user identity response";
  }
  return "unknown item";
}

std::optional<Item> ItemCursor::next() {
  if (rest_.size() < kItemHeaderBytes) return std::nullopt;
  const std::size_t length = core::load_be16(rest_.data() + 2);
  if (length > rest_.size() - kItemHeaderBytes) return std::nullopt;
  const Item item{static_cast<ItemType>(rest_[0]), rest_.subspan(kItemHeaderBytes, length)};
  rest_ = rest_.subspan(kItemHeaderBytes + length);
  return item;
}

std::string_view uid_of(core::ByteView value) {
  auto text = core::text_of(value);
  while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

}  // namespace scanferry::dimse
