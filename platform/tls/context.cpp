// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "certificate.hpp"
#include "settings.hpp"
#include "stream.hpp"

namespace scanferry::platform {
namespace {

using Read = Result<std::shared_ptr<TlsSettings>>;

/// Reads on the storage thread and tells on ours what was odd.
Task<Read> read_settings(Platform platform, TlsOptions options) {
  std::vector<std::string> notes;
  const auto work = [&] { return TlsSettings::read(options, platform, notes); };
  auto read = co_await platform.storage.run(work);
  for (const auto& note : notes) platform.log.write(LogLevel::warning, "tls", note);
  if (read && (*read)->certificate) (*read)->warn_of_expiry(*(*read)->certificate, "this device");
  co_return read;
}

}  // namespace

TlsContext::TlsContext(const Platform& platform, std::shared_ptr<TlsSettings> settings)
    : platform_{platform}, settings_{std::move(settings)} {}

TlsContext::~TlsContext() = default;

Task<Result<std::unique_ptr<TlsContext>>> TlsContext::load(const Platform& platform, TlsOptions options) {
  auto settings = co_await read_settings(platform, std::move(options));
  if (!settings) co_return std::unexpected{std::move(settings.error())};
  co_return std::unique_ptr<TlsContext>{new TlsContext{platform, std::move(*settings)}};
}

Task<Result<bool>> TlsContext::reload() {
  const auto look = [this] { return TlsSettings::identity_of(settings_->options, platform_.store); };
  const auto identity = co_await platform_.storage.run(look);
  if (!identity) co_return std::unexpected{identity.error()};
  if (*identity == settings_->identity) {
    if (settings_->certificate) settings_->warn_of_expiry(*settings_->certificate, "this device");
    co_return false;
  }
  auto settings = co_await read_settings(platform_, settings_->options);
  if (!settings) co_return std::unexpected{std::move(settings.error())};
  settings_ = std::move(*settings);
  co_return true;
}

std::unique_ptr<ByteStream> TlsContext::wrap(std::unique_ptr<ByteStream> plain, std::string host) {
  return std::make_unique<tls::TlsStream>(settings_, std::move(plain), std::move(host));
}

Task<Result<std::unique_ptr<ByteStream>>> TlsContext::secure(std::unique_ptr<ByteStream> plain, std::string host, core::Instant deadline) {
  auto stream = std::make_unique<tls::TlsStream>(settings_, std::move(plain), std::move(host));
  auto secured = co_await stream->handshake(deadline);
  if (!secured) co_return std::unexpected{std::move(secured.error())};
  co_return std::move(stream);
}

const std::optional<TlsCertificate>& TlsContext::certificate() const { return settings_->certificate; }
const TlsOptions& TlsContext::options() const { return settings_->options; }

}  // namespace scanferry::platform
