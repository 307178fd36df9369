// SPDX-License-Identifier: Apache-2.0
#include "tls_play.hpp"

#include <sanitizer/allocator_interface.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <scanferry/platform/sim/node.hpp>

#include "engine.hpp"
#include "require.hpp"
#include "script.hpp"
#include "stream.hpp"
#include "tls_authority.hpp"

namespace scanferry::fuzz {
namespace {

using namespace platform;
using tls::TlsEngine;
using Bytes = std::vector<std::byte>;

/// What both ends may hold at once, with their certificates, coroutines and the machine that they run on.
constexpr std::size_t kMemoryBytesMax = std::size_t{320} << 10U;
/// What the wire holds of ours before a write has to wait.
constexpr std::size_t kWireBytes = 8192;
constexpr core::Millis kPatience{30'000};
constexpr int kTriesMax = 3;
constexpr std::size_t kPieceBytes = 20'000;
constexpr std::size_t kStepsMax = 400;
constexpr std::size_t kOnTheWayBytesMax = 64U << 10U;

/// The wire, as our end sees it.
struct Wire {
  Clock& clock;
  std::unique_ptr<Event> heard{clock.make_event()};
  std::unique_ptr<Event> taken{clock.make_event()};
  Bytes incoming;
  std::size_t incoming_at{0};
  Bytes outgoing;
  bool has_ended{false};
  bool is_closed{false};

  explicit Wire(Clock& c) : clock{c} {}
  void deliver(core::ByteView bytes) {
    if (is_closed) return;
    incoming.insert(incoming.end(), bytes.begin(), bytes.end());
    heard->notify();
  }
};

class MemoryStream final : public ByteStream {
 public:
  explicit MemoryStream(std::shared_ptr<Wire> wire) : wire_{std::move(wire)} {}

  Task<Result<std::size_t>> read_some(core::ByteBuffer into, core::Instant deadline) override { return read(wire_, into, deadline); }
  Task<Result<void>> write(core::ByteView head, FileRange, core::Instant deadline) override { return write_to(wire_, head, deadline); }
  void close() override {
    wire_->is_closed = true;
    wire_->heard->notify();
    wire_->taken->notify();
  }
  void close_with(core::ByteView last_words) override {
    if (!wire_->is_closed) wire_->outgoing.insert(wire_->outgoing.end(), last_words.begin(), last_words.end());
    close();
  }
  [[nodiscard]] std::string peer() const override { return "192.0.2.7:2762"; }

 private:
  static Task<Result<std::size_t>> read(std::shared_ptr<Wire> wire, core::ByteBuffer into, core::Instant deadline) {
    for (;;) {
      if (wire->is_closed) co_return std::unexpected{Error{Errc::cancelled, "closed"}};
      const auto count = std::min(into.size(), wire->incoming.size() - wire->incoming_at);
      if (count > 0) {
        std::memcpy(into.data(), wire->incoming.data() + wire->incoming_at, count);
        wire->incoming_at += count;
        if (wire->incoming_at == wire->incoming.size()) {
          wire->incoming.clear();
          wire->incoming_at = 0;
        }
        co_return count;
      }
      if (wire->has_ended) co_return std::unexpected{Error{Errc::end_of_stream, "ended"}};
      const bool is_in_time = co_await wire->heard->wait_until(deadline);
      if (!is_in_time) co_return std::unexpected{Error{Errc::timed_out, "the time is up"}};
    }
  }
  static Task<Result<void>> write_to(std::shared_ptr<Wire> wire, core::ByteView head, core::Instant deadline) {
    while (!head.empty()) {
      if (wire->is_closed) co_return std::unexpected{Error{Errc::cancelled, "closed"}};
      const auto count = std::min(head.size(), kWireBytes - std::min(kWireBytes, wire->outgoing.size()));
      wire->outgoing.insert(wire->outgoing.end(), head.begin(), head.begin() + static_cast<std::ptrdiff_t>(count));
      head = head.subspan(count);
      if (count > 0) continue;
      const bool is_in_time = co_await wire->taken->wait_until(deadline);
      if (!is_in_time) co_return std::unexpected{Error{Errc::timed_out, "the time is up"}};
    }
    co_return Result<void>{};
  }

  std::shared_ptr<Wire> wire_;
};

/// Files of both sides, the same in each run.
struct Files {
  std::string ca;
  contract::Issued server;
  contract::Issued old_server;  ///< RSA, for the oldest profile
  contract::Issued client;

  Files() {
    contract::Authority authority{"Hospital CA"};
    ca = authority.certificate();
    contract::Request request;
    request.dns = {"pacs.example"};
    server = authority.issue(request);
    request.rsa = true;
    old_server = authority.issue(request);
    request.rsa = false;
    request.name = "modality";
    client = authority.issue(request);
  }
  static const Files& get() {
    static const Files files;
    return files;
  }
};

class Play {
 public:
  explicit Play(core::ByteView script) : script_{script} {
    const unsigned choice = script_.u8();
    const auto role = (choice & 1U) != 0 ? TlsRole::server : TlsRole::client;
    const auto profile = static_cast<TlsProfile>(choice >> 1U & 3U);
    const auto verify = (choice & 8U) != 0 ? TlsVerify::none : TlsVerify::full;
    put_files();
    node_.boot([](sim::SimNode&) { return std::make_unique<sim::Program>(); });
    ours_ = settings(role, profile, verify);
    theirs_ = settings(role == TlsRole::server ? TlsRole::client : TlsRole::server, profile, verify);
    wire_ = std::make_shared<Wire>(node_.platform().clock);
    const bool is_client = role == TlsRole::client;
    stream_ = std::make_unique<tls::TlsStream>(ours_, std::make_unique<MemoryStream>(wire_), is_client ? "pacs.example" : "");
    peer_ = std::make_unique<TlsEngine>(theirs_, is_client ? "" : "pacs.example", "192.0.2.9:4000");
  }

  TlsPlayed run() {
    node_.spawn(read_all());
    node_.spawn(write_all());
    settle();
    for (std::size_t steps = 0; steps < kStepsMax && !script_.is_over(); ++steps) {
      step();
      settle();
    }
    // By time alone, or because we close.
    if (is_closing_) stream_->close();
    world_.run_for(kTriesMax * 4 * kPatience);
    require(!world_.failed());
    require(node_.idle());
    stream_.reset();
    require(wire_->is_closed);
    node_.exit();
    return {std::move(delivered_), heard_bytes_, memory_bytes_max_};
  }

 private:
  void put_files() {
    const auto& files = Files::get();
    const auto put = [this](const char* path, const std::string& text) { node_.disk().outside_write(path, core::bytes_of(text)); };
    put("/home/ca.pem", files.ca);
    put("/home/server.pem", files.server.certificate + files.server.key);
    put("/home/old_server.pem", files.old_server.certificate + files.old_server.key);
    put("/home/client.pem", files.client.certificate + files.client.key);
  }

  std::shared_ptr<TlsSettings> settings(TlsRole role, TlsProfile profile, TlsVerify verify) {
    TlsOptions options;
    options.role = role;
    options.profile = profile;
    options.verify = verify;
    options.ca_path = "/home/ca.pem";
    const bool is_old = profile == TlsProfile::aes;
    options.certificate_file = role == TlsRole::client ? "/home/client.pem" : is_old ? "/home/old_server.pem" : "/home/server.pem";
    if (verify == TlsVerify::none) options.ca_path.clear();
    std::vector<std::string> notes;
    auto read = TlsSettings::read(options, node_.platform(), notes);
    if (!read) std::fprintf(stderr, "%s\n", read.error().detail.c_str());
    require(read.has_value());
    return std::move(*read);
  }

  // --- our side

  Task<void> read_all() {
    Bytes into(5000);
    for (int tries = 0; tries < kTriesMax;) {
      const auto got = co_await stream_->read_some(into, world_.now() + kPatience);
      if (got) {
        require(*got > 0 && *got <= into.size());
        require(heard_bytes_ + *got <= said_.size());
        require(std::memcmp(said_.data() + heard_bytes_, into.data(), *got) == 0);
        heard_bytes_ += *got;
        continue;
      }
      require(!got.error().detail.empty());
      if (got.error().code != Errc::timed_out) co_return;
      ++tries;
    }
  }

  Task<void> write_all() {
    const Bytes piece(kPieceBytes, std::byte{0x5A});
    for (int pieces = 0; pieces < 2; ++pieces) {
      const auto written = co_await stream_->write(piece, {}, world_.now() + kPatience);
      if (!written) co_return;
    }
  }

  // --- the peer

  /// The world runs until nothing happens at this time, and the peer hears what we said.
  void settle() {
    for (int turns = 0; turns < 8; ++turns) {
      world_.run_for(core::Millis{0});
      require(!world_.failed());
      check_memory();
      if (!is_reading_ || wire_->outgoing.empty()) break;
      feed_peer();
      wire_->taken->notify();
    }
    step_peer();
  }

  /// Without what the play itself keeps.
  void check_memory() {
    std::size_t own{0};
    for (const auto* bytes : {&wire_->incoming, &wire_->outgoing, &pending_, &last_, &delivered_, &said_}) own += bytes->capacity();
    memory_bytes_max_ = std::max(memory_bytes_max_, __sanitizer_get_current_allocated_bytes() - before_ - own);
    require(memory_bytes_max_ < kMemoryBytesMax);
  }

  void feed_peer() {
    core::ByteView bytes{wire_->outgoing};
    while (!bytes.empty()) {
      const auto space = peer_->input_space();
      if (space.empty()) break;  // it has failed, or wants no more
      const auto count = std::min(space.size(), bytes.size());
      std::memcpy(space.data(), bytes.data(), count);
      peer_->received(count);
      bytes = bytes.subspan(count);
      step_peer();
    }
    wire_->outgoing.clear();
  }

  void step_peer() {
    std::byte into[4096];
    if (!peer_->is_secure()) (void)peer_->handshake();
    while (peer_->is_secure() && peer_->read(into).outcome == TlsEngine::Outcome::done) {
    }
    take_of_peer();
  }

  void take_of_peer() {
    const auto output = peer_->output();
    pending_.insert(pending_.end(), output.begin(), output.end());
    peer_->sent(output.size());
  }

  void talk(std::size_t count) {
    if (!peer_->is_secure() || peer_->has_failed() || said_.size() > 2 * kOnTheWayBytesMax) return;
    const Bytes words(count, static_cast<std::byte>(said_.size()));
    const auto step = peer_->write(words);
    if (step.outcome == TlsEngine::Outcome::done) said_.insert(said_.end(), words.begin(), words.begin() + static_cast<std::ptrdiff_t>(step.bytes));
    take_of_peer();
  }

  // --- the script

  void deliver(core::ByteView bytes) {
    last_.assign(bytes.begin(), bytes.end());
    if (wire_->incoming.size() > kOnTheWayBytesMax) return;
    if (delivered_.size() < kOnTheWayBytesMax) delivered_.insert(delivered_.end(), bytes.begin(), bytes.end());
    wire_->deliver(last_);
  }
  Bytes take_pending(std::size_t count) {
    const auto end = pending_.begin() + static_cast<std::ptrdiff_t>(std::min(count, pending_.size()));
    Bytes taken{pending_.begin(), end};
    pending_.erase(pending_.begin(), end);
    return taken;
  }
  /// RFC 5246 6.2.1: | content type 0 | version 1..2 | length 3..4 |
  void say_record() {
    const auto type = script_.u8();
    Bytes record{static_cast<std::byte>(0x14U + type % 6), std::byte{3}, static_cast<std::byte>(script_.u8() % 6)};
    const auto content = script_.bytes(script_.u8());
    const std::size_t told = (type & 0x80U) != 0 ? script_.u16() : content.size();
    record.push_back(static_cast<std::byte>(told >> 8U));
    record.push_back(static_cast<std::byte>(told & 0xFFU));
    record.insert(record.end(), content.begin(), content.end());
    deliver(record);
  }

  void step() {
    switch (static_cast<TlsStep>(script_.u8() % kTlsSteps)) {
      case TlsStep::deliver_all: return deliver(take_pending(pending_.size()));
      case TlsStep::deliver_some: return deliver(take_pending(1U + script_.u8()));
      case TlsStep::damage: {
        const auto at = script_.u16();
        const auto with = static_cast<std::byte>(script_.u8());
        if (!pending_.empty()) pending_[at % pending_.size()] ^= with;
        return;
      }
      case TlsStep::drop: return static_cast<void>(take_pending(1U + script_.u8()));
      case TlsStep::repeat: return deliver(Bytes{last_});
      case TlsStep::say_raw: return deliver(script_.bytes(script_.u16()));
      case TlsStep::say_record: return say_record();
      case TlsStep::talk: return talk(1U + script_.u8() * 80U);
      case TlsStep::say_goodbye:
        peer_->close();
        return take_of_peer();
      case TlsStep::end:
        wire_->has_ended = true;
        wire_->heard->notify();
        return;
      case TlsStep::stop_reading:
        is_reading_ = !is_reading_;
        is_closing_ = (script_.u8() & 1U) != 0;
        return;
      case TlsStep::pass_time: return world_.run_for(core::Millis{script_.u8() * 300});
    }
  }

  Script script_;
  std::size_t before_{__sanitizer_get_current_allocated_bytes()};
  sim::World world_{1};
  sim::Fabric fabric_{world_};
  sim::SimNode node_{world_, fabric_, "device"};
  std::shared_ptr<TlsSettings> ours_;
  std::shared_ptr<TlsSettings> theirs_;
  std::shared_ptr<Wire> wire_;
  std::unique_ptr<tls::TlsStream> stream_;
  std::unique_ptr<TlsEngine> peer_;
  Bytes pending_;    ///< what the peer has said and nobody delivered yet
  Bytes last_;       ///< delivered last
  Bytes delivered_;  ///< all of it
  Bytes said_;       ///< content that the peer sent
  std::size_t heard_bytes_{0};
  std::size_t memory_bytes_max_{0};
  bool is_reading_{true};
  bool is_closing_{false};
};

}  // namespace

TlsPlayed play_tls(core::ByteView script) {
  (void)Files::get();
  return std::make_unique<Play>(script)->run();
}

}  // namespace scanferry::fuzz
