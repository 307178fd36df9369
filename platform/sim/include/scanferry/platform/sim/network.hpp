// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <scanferry/platform/network.hpp>
#include <scanferry/platform/sim/world.hpp>

namespace scanferry::platform::sim {

/// What becomes of an attempt to connect.
enum class DialFate : std::uint8_t { answered, refused, unreachable, silent };

/// What the network does to one connection; drawn when it is dialled.
struct ConnectionPlan {
  DialFate fate{DialFate::answered};
  Micros latency{300};                           ///< one way
  std::uint64_t bytes_per_second{0};             ///< 0: no limit
  std::size_t read_bytes_max{1U << 20U};         ///< one read gets 1 to so many bytes
  std::size_t window_bytes{64U << 10U};          ///< what may be under way or unread in one direction before writes wait
  std::optional<std::uint64_t> reset_after;      ///< both sides see a reset once so many bytes were sent, in both directions
  std::optional<std::uint64_t> silence_after;    ///< nothing arrives any more, and nobody is told
  std::optional<std::uint64_t> stall_after;      ///< what the dialler sends waits for `stall_for` on its way
  Micros stall_for{0};
};

class Fabric;

/// Two ends of a TCP connection, seen from nowhere.
class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  enum class Side : std::uint8_t { dialler, acceptor };

  /// A host and a port on it.
  using Address = std::pair<std::string, std::uint16_t>;

  Connection(World& world, Fabric& fabric, ConnectionPlan plan, Address dialler, Address acceptor);

  Task<Result<std::size_t>> read_some(Side side, NodeId owner, core::ByteBuffer into, core::Instant deadline);
  /// Takes what the window has room for, waiting until there is some.
  Task<Result<std::size_t>> write_some(Side side, NodeId owner, core::ByteView bytes, core::Instant deadline);
  void close(Side side, core::ByteView last_words = {});
  /// The machine lost its power: nobody is told.
  void vanish(std::string_view lost);
  [[nodiscard]] bool open(Side side) const { return end(side).state == State::open; }
  [[nodiscard]] std::string name_of(Side side) const;

 private:
  enum class State : std::uint8_t { open, closed, vanished };
  /// One end, with what has arrived there.
  struct End {
    State state{State::open};
    bool reset{false};
    bool finished{false};              ///< the other end's FIN has arrived
    std::vector<std::byte> arrived;
    std::size_t consumed{0};           ///< of `arrived`
    std::size_t under_way{0};          ///< bytes on their way to here
    Micros last_arrival{0};
    WaitId reader{0};
    WaitId writer{0};

    [[nodiscard]] std::size_t unread() const { return arrived.size() - consumed; }
  };
  static constexpr Side other(Side side) { return side == Side::dialler ? Side::acceptor : Side::dialler; }
  [[nodiscard]] End& end(Side side) { return ends_[static_cast<std::size_t>(side)]; }
  [[nodiscard]] const std::string& host(Side side) const { return addresses_[static_cast<std::size_t>(side)].first; }
  [[nodiscard]] const End& end(Side side) const { return ends_[static_cast<std::size_t>(side)]; }

  void send(Side from, core::ByteView bytes);
  void arrive(Side at, std::vector<std::byte> bytes);
  void arrive_end(Side at);
  void send_reset(Side to);
  void arrive_reset(Side at);
  void break_both();
  [[nodiscard]] Micros arrival_time(Side from, std::size_t bytes);
  [[nodiscard]] bool silent() const { return plan_.silence_after && carried_ >= *plan_.silence_after; }
  void wake(WaitId& id, Wake cause);
  static std::unexpected<Error> failed(Errc code, std::string_view doing, const std::string& peer);

  World& world_;
  Fabric& fabric_;
  ConnectionPlan plan_;
  std::array<Address, 2> addresses_;
  std::array<End, 2> ends_;
  std::uint64_t carried_{0};
};

/// The network between all machines of a world, and what is wrong with it. It outlives the machines.
class Fabric {
 public:
  using Planner = std::function<ConnectionPlan(std::string_view from_host, std::string_view to_host)>;

  explicit Fabric(World& world);

  /// From now on a wait on a stream or a dial without a deadline is a failure of the world.
  void demand_deadlines() { deadlines_demanded_ = true; }
  void check_deadline(core::Instant deadline);

  /// Asked at each dial; without one, every connection is a good one.
  void set_planner(Planner planner) { planner_ = std::move(planner); }

  void add_host(std::string host) { hosts_.try_emplace(std::move(host), false); }
  void power_on(const std::string& host) { hosts_[host] = true; }
  /// Listeners go, connections fall silent.
  void power_off(const std::string& host);
  [[nodiscard]] bool has_power(std::string_view host) const;

  struct Listening {
    std::deque<std::shared_ptr<Connection>> backlog;
    WaitId acceptor{0};
    bool closed{false};
  };
  using Address = Connection::Address;
  /// Null when the port is taken.
  std::shared_ptr<Listening> listen(const std::string& host, std::uint16_t& port);
  void unlisten(const std::string& host, std::uint16_t port);

  Task<Result<std::shared_ptr<Connection>>> dial(NodeId owner, std::string from, std::string to, std::uint16_t port,
                                                 core::Instant deadline);

 private:
  World& world_;
  Planner planner_;
  std::map<std::string, bool, std::less<>> hosts_;
  std::map<Address, std::shared_ptr<Listening>> listening_;
  std::uint16_t last_dial_port_;
  bool deadlines_demanded_{false};
  std::vector<std::weak_ptr<Connection>> connections_;
};

/// The seam's Network for one machine.
class SimNetwork final : public Network {
 public:
  SimNetwork(World& world, Fabric& fabric, NodeId owner, std::string host)
      : world_{world}, fabric_{fabric}, owner_{owner}, host_{std::move(host)} {}

  Task<Result<std::unique_ptr<ByteStream>>> dial(std::string host, std::uint16_t port, core::Instant deadline) override;
  Result<std::unique_ptr<Listener>> listen(std::string address, std::uint16_t port) override;

 private:
  World& world_;
  Fabric& fabric_;
  NodeId owner_;
  std::string host_;
};

/// The seam's ByteStream: one end of a Connection.
class SimStream final : public ByteStream {
 public:
  SimStream(NodeId owner, std::shared_ptr<Connection> connection, Connection::Side side)
      : owner_{owner}, connection_{std::move(connection)}, side_{side} {}
  ~SimStream() override { connection_->close(side_); }
  SimStream(const SimStream&) = delete;
  SimStream& operator=(const SimStream&) = delete;

  Task<Result<std::size_t>> read_some(core::ByteBuffer into, core::Instant deadline) override;
  Task<Result<void>> write(core::ByteView head, FileRange range, core::Instant deadline) override;
  void close() override { connection_->close(side_); }
  void close_with(core::ByteView last_words) override { connection_->close(side_, last_words); }
  [[nodiscard]] std::string peer() const override;

  /// The connection, for checkers that ask whether the other side still holds it.
  [[nodiscard]] const std::shared_ptr<Connection>& connection() const { return connection_; }
  [[nodiscard]] Connection::Side side() const { return side_; }

 private:
  Task<Result<void>> write_all(core::ByteView bytes, core::Instant deadline);

  NodeId owner_;
  std::shared_ptr<Connection> connection_;
  Connection::Side side_;
};

}  // namespace scanferry::platform::sim
