// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <scanferry/model/document.hpp>
#include <scanferry/platform/linux/runtime.hpp>

#include "agent/link.hpp"
#include "cli/console.hpp"
#include "cli/peer_options.hpp"

namespace scanferry::firmware {

/// What `move` and `get` are asked with.
struct RetrievalOptions {
  PeerOptions peer;
  std::string root{"study"};
  std::string level{"study"};
  std::vector<std::string> keys;
  std::uint64_t cancel_after{0};  ///< objects; 0: never
  double timeout_seconds{120};
  bool json{false};
  bool quiet{false};

  void add_to(CLI::App& command);
  /// The peer, with the deadline that was asked for.
  [[nodiscard]] Result<Peer> resolve(platform::Store& store) const;
  /// The keys with Query/Retrieve Level, PS3.4 C.4.2.2 and C.4.3.2. Errors name the key.
  [[nodiscard]] Result<model::Document> identifier() const;
};

/// How far an archive is: sub-operations, PS3.7 9.1.3 and 9.1.4. What a response does not say stays as it was said before.
struct SubOperations {
  std::uint16_t completed{0};
  std::uint16_t failed{0};
  std::uint16_t warned{0};
  std::uint16_t remaining{0};

  void take(const dimse::CommandSet& response);
  [[nodiscard]] std::uint32_t done() const { return std::uint32_t{completed} + failed + warned; }
};

/// One C-MOVE or C-GET, from the request to what became of it. Borrows all that it is given.
class Retrieval {
 public:
  Retrieval(platform::LinuxRuntime& runtime, const RetrievalOptions& options, const Peer& peer, Link& link);

  /// Opens the link, asks, and closes it. False when there is no last answer: the reason was printed.
  platform::Task<bool> run(std::span<const dimse::ProposedContext> contexts, dimse::CommandSet request, const model::Document& identifier);
  /// What failed is printed, and with `json` the line for scripts. True when nothing did. After `run` only.
  [[nodiscard]] bool tell() const;
  [[nodiscard]] const SubOperations& counts() const { return counts_; }
  /// For SIGTERM and SIGINT: cancels; what is then still not over after a while, or stopped once more, is broken off.
  void stop();

 private:
  platform::Task<Result<Answer>> ask(std::span<const dimse::ProposedContext> contexts, dimse::CommandSet request, const model::Document& identifier);
  platform::Task<void> break_off_later();
  bool take(const Answer& answer);

  platform::LinuxRuntime& runtime_;
  platform::Clock& clock_;
  const RetrievalOptions& options_;
  const Peer& peer_;
  Link& link_;
  Progress progress_;
  std::unique_ptr<platform::Event> ended_;
  SubOperations counts_;
  Answer last_;
  bool is_enough_{false};  ///< as many as were asked for
  bool is_stopped_{false};
};

}  // namespace scanferry::firmware
