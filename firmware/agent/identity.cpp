// SPDX-License-Identifier: Apache-2.0
#include "agent/identity.hpp"

#include <map>

#include "agent/text_file.hpp"

namespace scanferry::firmware {
namespace {

const std::map<std::string, dimse::IdentityType, std::less<>> kTokens{
    {"kerberos", dimse::IdentityType::kerberos}, {"saml", dimse::IdentityType::saml}, {"jwt", dimse::IdentityType::jwt}};

/// A binary ticket stays as it is; text loses the line end that editors put there.
std::string without_line_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

}  // namespace

Result<void> check(const UserConfig& user) {
  if (!user.name.empty() && !user.token_type.empty()) return bad_input("a user name and a token: one of them is enough");
  if (!user.passcode_file.empty() && user.name.empty()) return bad_input("a passcode without a user name");
  if (user.token_type.empty() != user.token_file.empty()) return bad_input("a token has a type and a file");
  if (!user.token_type.empty() && !kTokens.contains(user.token_type)) {
    return bad_input("\"", user.token_type, "\" is no sort of token; kerberos, saml and jwt are");
  }
  if (user.must_confirm && user.name.empty() && user.token_type.empty()) return bad_input("there is no user to be confirmed");
  return {};
}

dimse::UserIdentity Identity::view() const {
  return {.type = type, .response_requested = must_confirm, .primary = core::bytes_of(primary), .secondary = core::bytes_of(secondary)};
}

Result<std::optional<Identity>> read_identity(platform::Store& store, const UserConfig& user) {
  if (user.name.empty() && user.token_type.empty()) return std::nullopt;
  Identity identity;
  identity.type = dimse::IdentityType::username;
  identity.must_confirm = user.must_confirm;
  identity.primary = user.name;
  const auto& path = user.name.empty() ? user.token_file : user.passcode_file;
  if (path.empty()) return identity;
  auto secret = read_text_file(store, path);
  if (!secret) return std::unexpected{secret.error()};
  if (user.name.empty()) {
    identity.type = kTokens.at(user.token_type);
    identity.primary = identity.type == dimse::IdentityType::kerberos ? std::move(*secret) : without_line_end(std::move(*secret));
  } else {
    identity.type = dimse::IdentityType::username_and_passcode;
    identity.secondary = secret->substr(0, secret->find_first_of("\r\n"));
  }
  return identity;
}

}  // namespace scanferry::firmware
