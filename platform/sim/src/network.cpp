// SPDX-License-Identifier: Apache-2.0
#include <scanferry/platform/sim/network.hpp>

#include <algorithm>

namespace scanferry::platform::sim {
namespace {

constexpr std::uint16_t kFirstFreePort = 49152;
constexpr std::uint16_t kFirstDialPort = 20000;
/// How much of a file one write takes into memory.
constexpr std::size_t kFileChunkBytes = 32U << 10U;

std::size_t next_chunk_bytes(const FileRange& range) {
  return range.file == nullptr ? 0 : static_cast<std::size_t>(std::min<std::uint64_t>(kFileChunkBytes, range.length));
}

std::unexpected<Error> failed(Errc code, std::string_view doing, const std::string& host, std::uint16_t port) {
  return std::unexpected{Error{code, std::string{doing}
                                         .append(" ")
                                         .append(host)
                                         .append(":")
                                         .append(std::to_string(port))
                                         .append(": ")
                                         .append(platform::name_of(code))}};
}

class SimListener final : public Listener {
 public:
  SimListener(World& world, Fabric& fabric, NodeId owner, std::string host, std::uint16_t port,
              std::shared_ptr<Fabric::Listening> listening)
      : world_{world}, fabric_{fabric}, owner_{owner}, host_{std::move(host)}, port_{port}, listening_{std::move(listening)} {}
  ~SimListener() override { close(); }
  SimListener(const SimListener&) = delete;
  SimListener& operator=(const SimListener&) = delete;

  Task<Result<std::unique_ptr<ByteStream>>> accept() override {
    const auto listening = listening_;
    while (listening->backlog.empty() && !listening->closed) {
      listening->acceptor = world_.new_wait();
      (void)co_await world_.park(listening->acceptor, owner_, core::kNever);  // ends with a connection or close()
    }
    if (listening->closed) co_return failed(Errc::cancelled, "accept at", host_, port_);
    auto connection = std::move(listening->backlog.front());
    listening->backlog.pop_front();
    std::unique_ptr<ByteStream> stream =
        std::make_unique<SimStream>(owner_, std::move(connection), Connection::Side::acceptor);
    co_return std::move(stream);
  }

  void close() override {
    if (listening_->closed) return;
    listening_->closed = true;
    fabric_.unlisten(host_, port_);
    for (const auto& waiting : listening_->backlog) waiting->close(Connection::Side::acceptor);
    listening_->backlog.clear();
    world_.wake(std::exchange(listening_->acceptor, 0), Wake::cancelled);
  }

  [[nodiscard]] std::uint16_t port() const override { return port_; }

 private:
  World& world_;
  Fabric& fabric_;
  NodeId owner_;
  std::string host_;
  std::uint16_t port_;
  std::shared_ptr<Fabric::Listening> listening_;
};

}  // namespace

Fabric::Fabric(World& world) : world_{world}, last_dial_port_{kFirstDialPort} {}

void Fabric::check_deadline(core::Instant deadline) {
  if (deadlines_demanded_ && deadline == core::kNever) world_.fail("somebody waits for the network without a deadline");
}

bool Fabric::has_power(std::string_view host) const {
  const auto found = hosts_.find(host);
  return found != hosts_.end() && found->second;
}

void Fabric::power_off(const std::string& host) {
  hosts_[host] = false;
  std::erase_if(listening_, [&host](const auto& entry) {
    if (entry.first.first != host) return false;
    entry.second->closed = true;
    return true;
  });
  for (const auto& weak : connections_) {
    if (const auto connection = weak.lock()) connection->vanish(host);
  }
}

std::shared_ptr<Fabric::Listening> Fabric::listen(const std::string& host, std::uint16_t& port) {
  if (port == 0) {
    port = kFirstFreePort;
    while (listening_.contains({host, port})) ++port;
  }
  const auto [entry, fresh] = listening_.try_emplace({host, port}, std::make_shared<Listening>());
  return fresh ? entry->second : nullptr;
}

void Fabric::unlisten(const std::string& host, std::uint16_t port) { listening_.erase({host, port}); }

Task<Result<std::shared_ptr<Connection>>> Fabric::dial(NodeId owner, std::string from, std::string to, std::uint16_t port,
                                                       core::Instant deadline) {
  check_deadline(deadline);
  const auto plan = planner_ ? planner_(from, to) : ConnectionPlan{};
  const auto id = world_.new_wait();
  if (plan.fate != DialFate::silent) world_.wake_after(2 * plan.latency, id, Wake::done);
  const auto cause = co_await world_.park(id, owner, deadline);
  if (cause == Wake::deadline) co_return failed(Errc::timed_out, "connect to", to, port);
  if (!hosts_.contains(to)) co_return failed(Errc::unknown_host, "connect to", to, port);
  if (!has_power(to)) {
    (void)co_await world_.park(world_.new_wait(), owner, deadline);  // nobody answers: only the deadline ends it
    co_return failed(Errc::timed_out, "connect to", to, port);
  }
  if (plan.fate == DialFate::unreachable) co_return failed(Errc::unreachable, "connect to", to, port);
  const auto listening = listening_.find({to, port});
  if (plan.fate == DialFate::refused || listening == listening_.end()) co_return failed(Errc::refused, "connect to", to, port);
  if (++last_dial_port_ == kFirstFreePort) last_dial_port_ = kFirstDialPort;
  auto connection =
      std::make_shared<Connection>(world_, *this, plan, Address{std::move(from), last_dial_port_}, Address{to, port});
  std::erase_if(connections_, [](const auto& weak) { return weak.expired(); });
  connections_.push_back(connection);
  listening->second->backlog.push_back(connection);
  world_.wake(std::exchange(listening->second->acceptor, 0), Wake::done);
  co_return std::move(connection);
}

Task<Result<std::unique_ptr<ByteStream>>> SimNetwork::dial(std::string host, std::uint16_t port, core::Instant deadline) {
  auto connection = co_await fabric_.dial(owner_, host_, std::move(host), port, deadline);
  if (!connection) co_return std::unexpected{std::move(connection.error())};
  std::unique_ptr<ByteStream> stream = std::make_unique<SimStream>(owner_, std::move(*connection), Connection::Side::dialler);
  co_return std::move(stream);
}

Result<std::unique_ptr<Listener>> SimNetwork::listen(std::string, std::uint16_t port) {
  auto listening = fabric_.listen(host_, port);
  if (!listening) return failed(Errc::in_use, "listen at", host_, port);
  return std::make_unique<SimListener>(world_, fabric_, owner_, host_, port, std::move(listening));
}

Task<Result<std::size_t>> SimStream::read_some(core::ByteBuffer into, core::Instant deadline) {
  return connection_->read_some(side_, owner_, into, deadline);
}

Task<Result<void>> SimStream::write_all(core::ByteView bytes, core::Instant deadline) {
  while (!bytes.empty()) {
    const auto taken = co_await connection_->write_some(side_, owner_, bytes, deadline);
    if (!taken) co_return std::unexpected{taken.error()};
    bytes = bytes.subspan(*taken);
  }
  co_return Result<void>{};
}

Task<Result<void>> SimStream::write(core::ByteView head, FileRange range, core::Instant deadline) {
  if (auto done = co_await write_all(head, deadline); !done) co_return done;
  std::vector<std::byte> chunk(next_chunk_bytes(range));
  while (range.file != nullptr && range.length > 0) {
    const auto want = next_chunk_bytes(range);
    if (auto taken = take_bytes(range, core::ByteBuffer{chunk}.first(want)); !taken) co_return taken;
    if (auto done = co_await write_all(core::ByteView{chunk}.first(want), deadline); !done) co_return done;
  }
  co_return Result<void>{};
}

std::string SimStream::peer() const {
  return connection_->name_of(side_ == Connection::Side::dialler ? Connection::Side::acceptor : Connection::Side::dialler);
}

}  // namespace scanferry::platform::sim
