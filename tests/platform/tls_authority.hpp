// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace scanferry::platform::contract {

/// What a certificate is to say. Dates as X.509 has them: "20200101000000".
struct Request {
  std::string name{"pacs.example"};            ///< common name
  std::vector<std::string> dns;                ///< alternative names
  std::vector<std::vector<unsigned char>> ip;  ///< alternative addresses
  std::string from{"20200101000000"};
  std::string until{"20491231235959"};
  bool rsa{false};         ///< 2048 bits; else P-256
  bool for_clients{true};  ///< extended key usage: client only when false is for_servers, and the reverse; both: none
  bool for_servers{true};
};

/// A certificate and its key, as PEM.
struct Issued {
  std::string certificate;
  std::string key;
};

/// Makes keys and certificates for tests; the same ones in each run.
class Authority {
 public:
  explicit Authority(const std::string& name, std::uint64_t seed = 1, const std::string& until = "20491231235959");
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  [[nodiscard]] const std::string& certificate() const;
  Issued issue(const Request& request);
  Issued self_signed(const Request& request);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace scanferry::platform::contract
