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

/// A C-MOVE or C-GET, from the request to what became of it. What cannot come on one association may be asked for again on others:
/// then an object failed if it came on none. Borrows all that it is given.
class Retrieval {
 public:
  Retrieval(platform::LinuxRuntime& runtime, const RetrievalOptions& options, const Peer& peer);

  /// Associates, asks, and ends the association; `serving`: what the archive may ask on it. False when there is no last answer: the
  /// reason was printed.
  platform::Task<bool> run(std::span<const dimse::ProposedContext> contexts, dimse::CommandSet request, const model::Document& identifier,
                           Serving serving = {});
  /// The archive could not send all, and nobody wants it to end.
  [[nodiscard]] bool is_worth_another() const;
  /// What failed is printed, and with `json` the line for scripts. True when nothing did. After `run` only.
  [[nodiscard]] bool tell() const;
  [[nodiscard]] const SubOperations& counts() const { return counts_; }
  /// For SIGTERM and SIGINT: cancels; what is then still not over after a while, or stopped once more, is broken off.
  void stop();

 private:
  platform::Task<Result<Answer>> ask(Link& link, std::span<const dimse::ProposedContext> contexts, dimse::CommandSet request,
                                     const model::Document& identifier);
  void add_up(const Answer& last);
  platform::Task<void> break_off_later();
  bool take(const Answer& answer);

  platform::LinuxRuntime& runtime_;
  platform::Clock& clock_;
  const RetrievalOptions& options_;
  const Peer& peer_;
  Route route_;
  Link* link_{nullptr};    ///< while there is one
  Progress progress_;
  std::unique_ptr<platform::Event> ended_;
  SubOperations so_far_;   ///< of the associations before
  SubOperations counts_;   ///< with what is under way
  Answer last_;
  std::optional<std::vector<std::string>> failed_;  ///< that no association brought, as far as the archive named them
  bool is_enough_{false};  ///< as many as were asked for
  bool is_stopped_{false};
};

}  // namespace scanferry::firmware
