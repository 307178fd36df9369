// SPDX-License-Identifier: Apache-2.0
#include "tls_site.hpp"

#include <catch2/catch.hpp>

namespace scanferry::platform::contract {
namespace {

Task<void> load_into(TlsSite& site, TlsOptions options, Result<std::unique_ptr<TlsContext>>& context) {
  context = co_await TlsContext::load(site.port.platform(), std::move(options));
}

Task<void> reload_into(TlsContext& context, Result<bool>& result) { result = co_await context.reload(); }

Task<void> secure_into(TlsSite& site, TlsContext& context, Stream plain, std::string host, Result<Stream>& end) {
  end = co_await context.secure(std::move(plain), std::move(host), in(site.port, kAmple));
}

}  // namespace

TlsSite::TlsSite() {
  put("ca.pem", authority.certificate());
  Request server;
  server.dns = {"pacs.example"};
  server.ip = {{192, 0, 2, 7}};
  put("pacs", authority.issue(server));
  Request client;
  client.name = "modality";
  put("modality", authority.issue(client));
}

std::string TlsSite::put(const std::string& name, const std::string& text) {
  const auto path = port.directory() + "/" + name;
  (void)port.platform().store.remove(path);
  auto file = port.platform().store.create(path);
  REQUIRE(file);
  REQUIRE((*file)->write_at(0, core::bytes_of(text)));
  return path;
}

void TlsSite::put(const std::string& name, const Issued& issued) {
  put(name + ".pem", issued.certificate);
  put(name + ".key", issued.key);
}

TlsOptions TlsSite::options(TlsRole role, const std::string& name) const {
  TlsOptions options;
  options.role = role;
  options.ca_path = "/home/ca.pem";
  if (name.empty()) return options;
  options.certificate_file = "/home/" + name + ".pem";
  options.key_file = "/home/" + name + ".key";
  return options;
}

Result<std::unique_ptr<TlsContext>> TlsSite::try_load(TlsOptions options) {
  Result<std::unique_ptr<TlsContext>> context = std::unexpected{Error{}};
  port.play(load_into(*this, std::move(options), context));
  return context;
}

std::unique_ptr<TlsContext> TlsSite::load(TlsOptions options) {
  auto context = try_load(std::move(options));
  INFO((context ? "" : context.error().detail));
  REQUIRE(context);
  return std::move(*context);
}

Result<bool> TlsSite::reload(TlsContext& context) {
  Result<bool> result = std::unexpected{Error{}};
  port.play(reload_into(context, result));
  return result;
}

TlsSite::Ends TlsSite::meet(TlsContext& client, TlsContext& server, const std::string& host) {
  auto connection = plain();
  Ends ends;
  port.play(secure_into(*this, client, std::move(connection.near), host, ends.client),
            secure_into(*this, server, std::move(connection.far), {}, ends.server));
  return ends;
}

std::string TlsSite::Ends::trouble() const {
  return "client: " + (client ? "fine" : client.error().detail) + "; server: " + (server ? "fine" : server.error().detail);
}

void TlsSite::talk(Ends& ends) {
  INFO(ends.trouble());
  REQUIRE(ends.client);
  REQUIRE(ends.server);
  const auto bytes = pattern(40'000);
  port.play(send(port, **ends.client, bytes), receive(port, **ends.server, bytes, 5000));
  port.play(send(port, **ends.server, bytes), receive(port, **ends.client, bytes, 5000));
}

}  // namespace scanferry::platform::contract
