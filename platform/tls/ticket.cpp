// SPDX-License-Identifier: Apache-2.0
#include "ticket.hpp"

#include <algorithm>
#include <cstring>

namespace scanferry::platform::tls {
namespace {

void store64(std::byte* at, std::int64_t value) {
  core::store_be32(at, static_cast<std::uint32_t>(static_cast<std::uint64_t>(value) >> 32U));
  core::store_be32(at + 4, static_cast<std::uint32_t>(value));
}

std::int64_t load64(const std::byte* at) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(core::load_be32(at)) << 32U | core::load_be32(at + 4));
}

core::ByteBuffer buffer(unsigned char* at, std::size_t size) { return {reinterpret_cast<std::byte*>(at), size}; }

}  // namespace

void TicketBox::attach(mbedtls_ssl_config& config) { mbedtls_ssl_conf_session_tickets_cb(&config, write, parse, this); }

int TicketBox::write(void* box, const mbedtls_ssl_session* session, unsigned char* start, const unsigned char* end, std::size_t* length,
                     std::uint32_t* lifetime) {
  *lifetime = static_cast<std::uint32_t>(std::chrono::floor<std::chrono::seconds>(kSessionLifetime).count());
  return static_cast<TicketBox*>(box)->seal(*session, buffer(start, static_cast<std::size_t>(end - start)), *length);
}

int TicketBox::parse(void* box, mbedtls_ssl_session* session, unsigned char* ticket, std::size_t length) {
  auto& self = *static_cast<TicketBox*>(box);
  const int result = self.open(*session, buffer(ticket, length));
  self.taken_ = result == 0;
  return result;
}

int TicketBox::make(Key& key) {
  std::array<unsigned char, kKeyBytes> secret{};
  int result = mbedtls_ctr_drbg_random(&random_, secret.data(), secret.size());
  if (result == 0) result = mbedtls_ctr_drbg_random(&random_, key.name.data(), key.name.size());
  if (result == 0) result = mbedtls_gcm_setkey(key.cipher.get(), MBEDTLS_CIPHER_ID_AES, secret.data(), kKeyBytes * 8);
  mbedtls_platform_zeroize(secret.data(), secret.size());
  key.made = clock_.now();
  key.valid = result == 0;
  return result;
}

int TicketBox::rotate() {
  const auto& key = keys_[current_];
  if (key.valid && clock_.now() - key.made < kSessionLifetime) return 0;
  current_ = 1 - current_;
  return make(keys_[current_]);
}

int TicketBox::seal(const mbedtls_ssl_session& session, core::ByteBuffer into, std::size_t& length) {
  length = 0;
  if (const int result = rotate(); result != 0) return result;
  auto& key = keys_[current_];
  if (into.size() < kHeadBytes + kTagBytes) return MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
  const auto head = into.first(kHeadBytes);
  std::memcpy(head.data(), key.name.data(), kNameBytes);
  const auto nonce = head.subspan(kNameBytes, kNonceBytes);
  if (const int result = mbedtls_ctr_drbg_random(&random_, raw(nonce), kNonceBytes); result != 0) return result;
  store64(head.data() + kNameBytes + kNonceBytes, clock_.now().time_since_epoch().count());
  const auto body = into.subspan(kHeadBytes, into.size() - kHeadBytes - kTagBytes);
  std::size_t size{0};
  if (const int result = mbedtls_ssl_session_save(&session, raw(body), body.size(), &size); result != 0) return result;
  auto* const tag = raw(into.subspan(kHeadBytes + size, kTagBytes));
  const int result = mbedtls_gcm_crypt_and_tag(key.cipher.get(), MBEDTLS_GCM_ENCRYPT, size, raw(nonce), kNonceBytes, raw(head), kHeadBytes,
                                               raw(body), raw(body), kTagBytes, tag);
  if (result == 0) length = kHeadBytes + size + kTagBytes;
  return result;
}

int TicketBox::open(mbedtls_ssl_session& session, core::ByteBuffer ticket) {
  if (ticket.size() < kHeadBytes + kTagBytes) return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
  const auto head = ticket.first(kHeadBytes);
  const auto key = std::ranges::find_if(
      keys_, [&](const Key& each) { return each.valid && std::memcmp(each.name.data(), head.data(), kNameBytes) == 0; });
  if (key == keys_.end()) return MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED;
  const auto body = ticket.subspan(kHeadBytes, ticket.size() - kHeadBytes - kTagBytes);
  const auto* const nonce = raw(head.subspan(kNameBytes, kNonceBytes));
  const int result = mbedtls_gcm_auth_decrypt(key->cipher.get(), body.size(), nonce, kNonceBytes, raw(head), kHeadBytes,
                                              raw(ticket.last(kTagBytes)), kTagBytes, raw(body), raw(body));
  if (result != 0) return MBEDTLS_ERR_SSL_INVALID_MAC;
  const core::Instant sealed{core::Millis{load64(head.data() + kNameBytes + kNonceBytes)}};
  if (clock_.now() - sealed >= kSessionLifetime) return MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED;
  return mbedtls_ssl_session_load(&session, raw(body), body.size());
}

}  // namespace scanferry::platform::tls
