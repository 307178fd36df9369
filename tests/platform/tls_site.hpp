// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <scanferry/platform/tls.hpp>

#include "connection.hpp"
#include "sim_port.hpp"
#include "tls_authority.hpp"

namespace scanferry::platform::contract {

using Stream = std::unique_ptr<ByteStream>;

/// A machine whose disk has certificates, and both sides of its TLS. Nothing in it knows real time.
class TlsSite {
 public:
  TlsSite();

  /// Writes a file and gives its path.
  std::string put(const std::string& name, const std::string& text);
  /// A certificate and its key as files "<name>.pem" and "<name>.key".
  void put(const std::string& name, const Issued& issued);

  /// As a client or server of the site's CA, with the files of `name`; empty: without a certificate.
  [[nodiscard]] TlsOptions options(TlsRole role, const std::string& name) const;
  Result<std::unique_ptr<TlsContext>> try_load(TlsOptions options);
  std::unique_ptr<TlsContext> load(TlsOptions options);
  Result<bool> reload(TlsContext& context);

  struct Ends {
    Result<Stream> client{std::unexpected{Error{}}};
    Result<Stream> server{std::unexpected{Error{}}};
    [[nodiscard]] std::string trouble() const;  ///< what both sides say
  };
  /// A connection with its handshakes, as far as they come. `host`: what the client believes to have dialled.
  Ends meet(TlsContext& client, TlsContext& server, const std::string& host = "pacs.example");
  /// The same for plain streams; nothing is said on them.
  Connection plain() { return connect(port); }
  /// Fails the test unless a message goes each way.
  void talk(Ends& ends);

  SimPort port;
  Authority authority{"Hospital CA"};
};

}  // namespace scanferry::platform::contract
