// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace scanferry::core {

/// What is registered in PS3.6 A.
enum class UidType : std::uint8_t {
  application_context,
  application_hosting_model,
  coding_scheme,
  frame_of_reference,
  ldap_object,
  mapping_resource,
  meta_sop_class,
  service_class,
  sop_class,
  sop_instance,
  transfer_syntax,
};

/// One row of the registry. The texts are static.
struct UidEntry {
  std::string_view uid;
  std::string_view keyword;  ///< empty for the few that have none
  std::string_view name;     ///< empty in the trimmed size
  UidType type{};
  bool is_retired{false};
  bool is_storage{false};  ///< a SOP Class of the Storage Service, PS3.4 B.5
};

/// The row of a UID, which is given without padding. Nothing when the registry, in the size of this build, does not have it.
std::optional<UidEntry> find_uid(std::string_view uid);

/// The row of a keyword, "CTImageStorage".
std::optional<UidEntry> find_uid_keyword(std::string_view keyword);

/// All rows, ascending by the characters of the UID; `index` is below `uid_registry_size()`.
std::size_t uid_registry_size();
UidEntry uid_registry_entry(std::size_t index);

}  // namespace scanferry::core
