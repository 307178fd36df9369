// SPDX-License-Identifier: Apache-2.0
#include "engine.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "certificate.hpp"
#include "words.hpp"

namespace scanferry::platform::tls {
namespace {

#if defined(MBEDTLS_ERR_SSL_BAD_HS_CERTIFICATE)
constexpr int kBadCertificate = MBEDTLS_ERR_SSL_BAD_HS_CERTIFICATE;  // 2.28's name
#else
constexpr int kBadCertificate = MBEDTLS_ERR_SSL_BAD_CERTIFICATE;
#endif

/// A ticket of TLS 1.3 has arrived, and the next step takes it, without more input.
bool has_ticket_waiting([[maybe_unused]] mbedtls_ssl_context& ssl) {
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
  return ssl.MBEDTLS_PRIVATE(state) == MBEDTLS_SSL_TLS1_3_NEW_SESSION_TICKET;
#else
  return false;
#endif
}

Circumstances circumstances(const TlsSettings& settings) {
  return {settings.options.role, settings.options.profile, settings.certificate.has_value()};
}

}  // namespace

TlsEngine::TlsEngine(std::shared_ptr<TlsSettings> settings, std::string name, std::string peer)
    : settings_{std::move(settings)}, name_{std::move(name)}, peer_{std::move(peer)}, check_{settings_->trust, settings_->clock, name_} {
  set_up();
}

void TlsEngine::set_up() {
  const bool is_client = settings_->options.role == TlsRole::client;
  int result = mbedtls_ssl_setup(ssl_.get(), settings_->config.get());
  // mbedTLS checks names against the certificate; numeric addresses PeerCheck does, and servers are not asked for one by address.
  const bool by_name = is_client && !name_.empty() && !is_address(name_);
  if (result == 0 && is_client) result = mbedtls_ssl_set_hostname(ssl_.get(), by_name ? name_.c_str() : nullptr);
  if (result != 0) {
    (void)fail("TLS cannot be set up: " + library_words(result));
    return;
  }
  mbedtls_ssl_set_verify(ssl_.get(), PeerCheck::callback, &check_);
  mbedtls_ssl_set_bio(ssl_.get(), this, on_send, on_receive, nullptr);
}

core::ByteBuffer TlsEngine::input_space() {
  if (input_begin_ != input_end_) return {};
  input_begin_ = input_end_ = 0;
  return input_;
}

void TlsEngine::received(std::size_t bytes) {
  if (!first_ && bytes > 0) first_ = input_[0];
  input_end_ += bytes;
}

void TlsEngine::sent(std::size_t bytes) {
  std::memmove(output_.data(), output_.data() + bytes, output_bytes_ - bytes);
  output_bytes_ -= bytes;
}

int TlsEngine::on_receive(void* engine, unsigned char* into, std::size_t size) {
  auto& self = *static_cast<TlsEngine*>(engine);
  const auto count = std::min(size, self.input_end_ - self.input_begin_);
  if (count == 0) return self.input_ended_ ? 0 : MBEDTLS_ERR_SSL_WANT_READ;
  std::memcpy(into, self.input_.data() + self.input_begin_, count);
  self.input_begin_ += count;
  return static_cast<int>(count);
}

int TlsEngine::on_send(void* engine, const unsigned char* bytes, std::size_t size) {
  auto& self = *static_cast<TlsEngine*>(engine);
  const auto count = std::min(size, self.output_.size() - self.output_bytes_);
  if (count == 0) return MBEDTLS_ERR_SSL_WANT_WRITE;
  std::memcpy(self.output_.data() + self.output_bytes_, bytes, count);
  self.output_bytes_ += count;
  return static_cast<int>(count);
}

TlsEngine::Step TlsEngine::fail(std::string why, Errc code) {
  if (!has_failed()) error_ = {code, "no secure connection with " + peer_ + ": " + std::move(why)};
  return {Outcome::failed};
}

TlsEngine::Step TlsEngine::handshake() {
  if (has_failed()) return {Outcome::failed};
  if (secure_) return {Outcome::done};
  if (!std::exchange(begun_, true) && settings_->options.role == TlsRole::client) {
    offered_ = settings_->sessions.offer(*ssl_.get(), peer_, settings_->clock.now());
  }
  if (first_) {
    if (auto words = not_tls_words(*first_, settings_->options.role); !words.empty()) return fail(std::move(words));
  }
  (void)settings_->tickets.was_taken();
  const int result = mbedtls_ssl_handshake(ssl_.get());
  if (settings_->tickets.was_taken()) info_.resumed = true;
  if (check_.saw_certificate()) info_.resumed = false;
  if (result == MBEDTLS_ERR_SSL_WANT_READ) return {Outcome::wants_input};
  if (result == MBEDTLS_ERR_SSL_WANT_WRITE) return {Outcome::wants_output};
  return result == 0 ? handshake_done() : handshake_failed(result);
}

TlsEngine::Step TlsEngine::handshake_done() {
  const bool is_client = settings_->options.role == TlsRole::client;
  if (is_client) info_.resumed = !check_.saw_certificate();  // it always looks at the certificate of a full handshake
  const auto verified = check_.saw_certificate() || check_.judge_again(mbedtls_ssl_get_peer_cert(ssl_.get()));
  if (!verified) {
    settings_->sessions.forget(peer_);
    (void)mbedtls_ssl_send_alert_message(ssl_.get(), MBEDTLS_SSL_ALERT_LEVEL_FATAL, MBEDTLS_SSL_ALERT_MSG_BAD_CERT);
    return fail(check_.why(0));
  }
  secure_ = true;
  info_.version = mbedtls_ssl_get_version(ssl_.get());
  info_.suite = mbedtls_ssl_get_ciphersuite(ssl_.get());
  info_.peer = check_.peer();
  if (is_client) settings_->sessions.keep(*ssl_.get(), peer_, settings_->clock.now(), info_.resumed);
  if (info_.peer) settings_->warn_of_expiry(*info_.peer, peer_);
  return {Outcome::done};
}

TlsEngine::Step TlsEngine::handshake_failed(int code) {
  if (offered_) settings_->sessions.forget(peer_);
  const auto at = circumstances(*settings_);
  const auto flags = mbedtls_ssl_get_verify_result(ssl_.get());
  switch (code) {
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
      return fail(alert_words(alert(), at));
    case MBEDTLS_ERR_SSL_CONN_EOF:
      return fail("the peer closed the connection during the TLS handshake" + std::string{silence_hint(at.role)}, Errc::reset);
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
      return fail("the peer ended the connection during the TLS handshake", Errc::reset);
    case MBEDTLS_ERR_X509_CERT_VERIFY_FAILED:
    case MBEDTLS_ERR_X509_FATAL_ERROR:
    case kBadCertificate:
      return fail(check_.saw_certificate() ? check_.why(flags) : handshake_words(code, at));
    default:
      break;
  }
  if (check_.saw_certificate() && flags != 0 && flags != static_cast<std::uint32_t>(-1)) return fail(check_.why(flags));
  // 2.28 leaves without a word where a client shows no certificate, or it and we have nothing in common.
  if (output_bytes_ == 0)
    (void)mbedtls_ssl_send_alert_message(ssl_.get(), MBEDTLS_SSL_ALERT_LEVEL_FATAL, MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE);
  return fail(handshake_words(code, at));
}

int TlsEngine::alert() const {
  // RFC 5246 7.2: level, description. mbedTLS does not tell it otherwise.
  return ssl_->MBEDTLS_PRIVATE(in_msg)[1];
}

TlsEngine::Step TlsEngine::read(core::ByteBuffer into) {
  if (ended_) return {Outcome::ended};
  if (has_failed()) return {Outcome::failed};
  int result = mbedtls_ssl_read(ssl_.get(), raw(into), into.size());
  if (result == MBEDTLS_ERR_SSL_WANT_READ && has_ticket_waiting(*ssl_.get())) result = mbedtls_ssl_read(ssl_.get(), raw(into), into.size());
  if (result > 0) return {Outcome::done, static_cast<std::size_t>(result)};
  if (result == MBEDTLS_ERR_SSL_WANT_READ) return {Outcome::wants_input};
#if defined(MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
  if (result == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET) {
    settings_->sessions.keep(*ssl_.get(), peer_, settings_->clock.now(), info_.resumed);
    return {Outcome::done};
  }
#endif
  return read_failed(result);
}

TlsEngine::Step TlsEngine::read_failed(int code) {
  switch (code) {
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
      ended_ = true;
      return {Outcome::ended};
    case 0:
    case MBEDTLS_ERR_SSL_CONN_EOF:
      return fail("the connection ended without TLS's good-bye: the peer broke off, or somebody between us did", Errc::reset);
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
      return fail(alert_words(alert(), circumstances(*settings_)));
    // An alert of ours has found no room: only a peer that asks for one after the other, without ever reading, comes so far.
    case MBEDTLS_ERR_SSL_WANT_WRITE:
      return fail("it asks for renegotiation again and again");
    default:
      return fail("what it sent is damaged, or not TLS (" + library_words(code) + ")");
  }
}

std::size_t TlsEngine::plain_bytes_max() const {
  const int most = mbedtls_ssl_get_max_out_record_payload(ssl_.get());
  return most > 0 ? std::min(static_cast<std::size_t>(most), kPlainBytesMax) : kPlainBytesMax;
}

TlsEngine::Step TlsEngine::write(core::ByteView bytes) {
  if (has_failed()) return {Outcome::failed};
  const auto piece = bytes.first(std::min(bytes.size(), plain_bytes_max()));
  const int result = mbedtls_ssl_write(ssl_.get(), raw(piece), piece.size());
  if (result >= 0) return {Outcome::done, static_cast<std::size_t>(result)};
  return fail("a record could not be made (" + library_words(result) + ")", Errc::io);
}

void TlsEngine::close() {
  if (secure_ && !has_failed()) (void)mbedtls_ssl_close_notify(ssl_.get());
}

}  // namespace scanferry::platform::tls
