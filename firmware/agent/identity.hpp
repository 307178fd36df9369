// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <scanferry/dimse/user_information.hpp>
#include <scanferry/platform/store.hpp>

#include "agent/failure.hpp"

namespace scanferry::firmware {

/// Who we say we are to a peer that wants to know it, PS3.7 D.3.3.7. Secrets are in files, so that no process list and no
/// configuration shows them; they are read for each association, so that they may change at any time. Paths are absolute.
struct UserConfig {
  std::string name;           ///< a user name, or
  std::string passcode_file;  ///< with the passcode of `name`: its first line
  std::string token_type;     ///< "kerberos", "saml" or "jwt", instead of a name, with
  std::string token_file;
  bool must_confirm{false};   ///< a peer that does not say that it believes it is no peer
};

/// What cannot be meant, in words that name no option.
Result<void> check(const UserConfig& user);

/// An identity as it was read.
struct Identity {
  dimse::IdentityType type{};
  bool must_confirm{false};
  std::string primary;
  std::string secondary;

  /// Borrowed from this.
  [[nodiscard]] dimse::UserIdentity view() const;
};
/// Nothing when none is configured. `user` has passed `check`. Blocks. A failure names the file.
Result<std::optional<Identity>> read_identity(platform::Store& store, const UserConfig& user);

}  // namespace scanferry::firmware
