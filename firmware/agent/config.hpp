// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/core/retry_policy.hpp>
#include <scanferry/core/time.hpp>
#include <scanferry/dimse/scu_session.hpp>

#include "agent/failure.hpp"
#include "agent/identity.hpp"
#include "agent/security.hpp"

namespace scanferry::firmware {

/// A peer to push to: "AET@host:port".
struct Address {
  dimse::AeTitle aet;
  std::string host;
  std::uint16_t port{104};
};

/// Reads "AET@host:port"; an IPv6 host stands in brackets.
Result<Address> parse_address(std::string_view text);
std::string to_string(const Address& address);

struct DestinationConfig {
  std::string name;  ///< how ledger, logs and commands call it; unique
  Address address;
  SecurityConfig security;
  UserConfig user;
  std::uint16_t window{1};  ///< objects that may be under way at once, where the peer agrees (PS3.7 D.3.3.3)
  std::uint16_t associations{1};      ///< at once, as many as the peer takes
  std::uint64_t bytes_per_second{0};  ///< of all of them together; 0: without limit
  core::Millis linger{1'000};         ///< an association with nothing to send stays open for so long
  core::Millis connect_timeout{10'000};
  dimse::Timeouts timeouts;
};

/// What to do with the files of an acquisition once it is safe in the spool.
enum class AfterAccept : std::uint8_t { remove, keep };

struct WatchConfig {
  std::string path;
  core::Millis poll{500};
  core::Millis settle{1000};              ///< a set of files must rest for so long before it is taken
  core::Millis incomplete_after{30'000};  ///< a set that is still wrong after resting for so long is set aside
  AfterAccept after_accept{AfterAccept::remove};
};

struct SpoolConfig {
  std::string path;
  std::uint64_t max_bytes{20ULL << 30U};       ///< of objects that the spool may hold
  std::uint64_t min_free_bytes{256ULL << 20U}; ///< of the file system that stay free
  core::Millis keep_stored{24 * 3'600'000};    ///< objects stay for so long after the last destination has stored them
};

struct ListenConfig {
  bool enabled{false};
  std::string address;  ///< numeric; empty: all interfaces
  std::uint16_t port{11112};
  bool takes_objects{false};             ///< C-STORE into the spool, for all destinations
  std::vector<std::string> callers;      ///< AE titles that may associate then; empty: all
  std::vector<std::string> sop_classes;  ///< taken beside the standard's storage SOP classes
  SecurityConfig security;
};

/// What the objects say about the device that made them.
struct DeviceConfig {
  std::string manufacturer{"Unknown"};
  std::string model_name;
  std::string serial_number;
  std::string station_name;
  std::string institution_name;
};

struct AgentConfig {
  dimse::AeTitle aet;
  SpoolConfig spool;
  ListenConfig listen;
  DeviceConfig device;
  core::RetryPolicy retry;
  core::Millis echo_interval{60'000};  ///< C-ECHO to each destination; 0: never
  core::Millis stop_within{10'000};    ///< after SIGTERM the object in flight has so long to end
  std::vector<DestinationConfig> destinations;
  std::vector<WatchConfig> watches;
};

/// Reads a TOML configuration. A failure names `file`, line and key and says what is allowed.
Result<AgentConfig> parse_config(std::string_view toml, std::string_view file);

/// The destination that the config calls `name`, or the address that `name` is; the latter with default time-outs.
Result<DestinationConfig> find_destination(const AgentConfig& config, std::string_view name);

}  // namespace scanferry::firmware
