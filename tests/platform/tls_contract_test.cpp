// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include <catch2/catch.hpp>

#include "linux_port.hpp"
#include "tls_site.hpp"

namespace scanferry::platform::contract {
namespace {

/// A Network whose accepted connections, too, come with their handshake done: as the contract has both ends of one connection at
/// once and lets one of them rest.
class EagerNetwork final : public Network {
 public:
  EagerNetwork(Network& plain, Clock& clock, TlsContext& client, TlsContext& server)
      : plain_{plain}, clock_{clock}, client_{client}, server_{server} {}

  Task<Result<Stream>> dial(std::string host, std::uint16_t port, core::Instant deadline) override {
    auto plain = co_await plain_.dial(std::move(host), port, deadline);
    if (!plain) co_return std::move(plain);
    co_return co_await client_.secure(std::move(*plain), "pacs.example", deadline);
  }
  Result<std::unique_ptr<Listener>> listen(std::string address, std::uint16_t port) override {
    auto plain = plain_.listen(std::move(address), port);
    if (!plain) return plain;
    return std::make_unique<EagerListener>(std::move(*plain), clock_, server_);
  }

 private:
  class EagerListener final : public Listener {
   public:
    EagerListener(std::unique_ptr<Listener> plain, Clock& clock, TlsContext& server)
        : plain_{std::move(plain)}, clock_{clock}, server_{server} {}
    Task<Result<Stream>> accept() override {
      auto plain = co_await plain_->accept();
      if (!plain) co_return std::move(plain);
      co_return co_await server_.secure(std::move(*plain), {}, clock_.now() + kAmple);
    }
    void close() override { plain_->close(); }
    [[nodiscard]] std::uint16_t port() const override { return plain_->port(); }

   private:
    std::unique_ptr<Listener> plain_;
    Clock& clock_;
    TlsContext& server_;
  };

  Network& plain_;
  Clock& clock_;
  TlsContext& client_;
  TlsContext& server_;
};

/// Another port with TLS over its network.
template <class Base>
class TlsPort final : public Base {
 public:
  TlsPort() {
    const auto& plain = Base::platform();
    Authority authority{"Hospital CA"};
    Request request;
    request.dns = {"pacs.example"};
    const auto both = authority.issue(request);
    TlsOptions options;
    options.ca_path = put("ca", authority.certificate());
    options.certificate_file = put("certificate", both.certificate);
    options.key_file = put("key", both.key);
    client_ = load(options);
    options.role = TlsRole::server;
    server_ = load(options);
    network_ = std::make_unique<EagerNetwork>(plain.network, plain.clock, *client_, *server_);
    platform_.emplace(Platform{plain.clock, plain.random, plain.store, plain.storage, *network_, plain.log, {}});
  }

  const Platform& platform() override { return platform_ ? *platform_ : Base::platform(); }

 private:
  std::string put(const std::string& name, const std::string& text) {
    auto path = this->directory() + "/" + name;
    auto file = Base::platform().store.create(path);
    REQUIRE(file);
    REQUIRE((*file)->write_at(0, core::bytes_of(text)));
    return path;
  }
  static Task<void> load_into(const Platform& platform, TlsOptions options, std::unique_ptr<TlsContext>& context) {
    auto loaded = co_await TlsContext::load(platform, std::move(options));
    INFO((loaded ? "" : loaded.error().detail));
    REQUIRE(loaded);
    context = std::move(*loaded);
  }
  std::unique_ptr<TlsContext> load(const TlsOptions& options) {
    std::unique_ptr<TlsContext> context;
    this->play(load_into(Base::platform(), options, context));
    return context;
  }

  std::unique_ptr<TlsContext> client_;
  std::unique_ptr<TlsContext> server_;
  std::unique_ptr<EagerNetwork> network_;
  std::optional<Platform> platform_;
};

std::unique_ptr<Port> over_sim() { return std::make_unique<TlsPort<SimPort>>(); }
std::unique_ptr<Port> over_linux() { return std::make_unique<TlsPort<LinuxPort>>(); }

}  // namespace

TEST_CASE("TLS over the simulated network keeps the contract of ByteStream") { check(stream_contract(), over_sim); }
TEST_CASE("TLS over TCP keeps the contract of ByteStream") { check(stream_contract(), over_linux); }

}  // namespace scanferry::platform::contract
