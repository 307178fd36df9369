// SPDX-License-Identifier: Apache-2.0
#include <scanferry/platform/sim/network.hpp>

#include <algorithm>

namespace scanferry::platform::sim {

Connection::Connection(World& world, Fabric& fabric, ConnectionPlan plan, Address dialler, Address acceptor)
    : world_{world}, fabric_{fabric}, plan_{plan}, addresses_{std::move(dialler), std::move(acceptor)} {}

std::string Connection::name_of(Side side) const {
  const auto& [host, port] = addresses_[static_cast<std::size_t>(side)];
  return host + ":" + std::to_string(port);
}

std::unexpected<Error> Connection::failed(Errc code, std::string_view doing, const std::string& peer) {
  return std::unexpected{Error{code, std::string{doing}.append(" ").append(peer).append(": ").append(platform::name_of(code))}};
}

void Connection::wake(WaitId& id, Wake cause) { world_.wake(std::exchange(id, 0), cause); }

Task<Result<std::size_t>> Connection::read_some(Side side, NodeId owner, core::ByteBuffer into, core::Instant deadline) {
  auto& here = end(side);
  const auto alive = shared_from_this();
  if (here.state == State::open && here.unread() == 0 && !here.reset && !here.finished) {
    fabric_.check_deadline(deadline);
    here.reader = world_.new_wait();
    const auto cause = co_await world_.park(here.reader, owner, deadline);
    here.reader = 0;
    if (cause == Wake::deadline && here.unread() == 0) co_return failed(Errc::timed_out, "read from", name_of(other(side)));
  }
  if (here.state != State::open) co_return failed(Errc::cancelled, "read from", name_of(other(side)));
  if (here.unread() == 0) {
    co_return failed(here.reset ? Errc::reset : Errc::end_of_stream, "read from", name_of(other(side)));
  }
  const auto most = std::min({into.size(), here.unread(), plan_.read_bytes_max});
  const auto n = plan_.read_bytes_max < here.unread() ? static_cast<std::size_t>(world_.prng().between(1, most)) : most;
  std::copy_n(here.arrived.begin() + static_cast<std::ptrdiff_t>(here.consumed), n, into.begin());
  here.consumed += n;
  if (here.unread() == 0) {
    here.arrived.clear();
    here.consumed = 0;
  }
  wake(end(other(side)).writer, Wake::done);
  co_return n;
}

Task<Result<std::size_t>> Connection::write_some(Side side, NodeId owner, core::ByteView bytes, core::Instant deadline) {
  auto& here = end(side);
  const auto& there = end(other(side));
  const auto alive = shared_from_this();
  const auto room = [&] {
    const auto held = there.under_way + there.unread();
    return plan_.window_bytes > held ? plan_.window_bytes - held : 0;
  };
  while (here.state == State::open && !here.reset && room() == 0) {
    fabric_.check_deadline(deadline);
    here.writer = world_.new_wait();
    const auto cause = co_await world_.park(here.writer, owner, deadline);
    here.writer = 0;
    if (cause == Wake::deadline && room() == 0) co_return failed(Errc::timed_out, "write to", name_of(other(side)));
  }
  if (here.state != State::open) co_return failed(Errc::cancelled, "write to", name_of(other(side)));
  if (here.reset) co_return failed(Errc::reset, "write to", name_of(other(side)));
  const auto n = std::min(bytes.size(), room());
  send(side, bytes.first(n));
  co_return n;
}

Micros Connection::arrival_time(Side from, std::size_t bytes) {
  auto& there = end(other(from));
  const Micros travel = plan_.bytes_per_second == 0
                            ? Micros{0}
                            : Micros{static_cast<std::int64_t>(bytes * 1'000'000 / plan_.bytes_per_second)};
  const auto begin = std::max(world_.elapsed() + plan_.latency, there.last_arrival);
  there.last_arrival = begin + travel;
  if (from == Side::dialler && plan_.stall_after && carried_ >= *plan_.stall_after) {
    plan_.stall_after.reset();
    there.last_arrival += plan_.stall_for;
  }
  return there.last_arrival - world_.elapsed();
}

void Connection::send(Side from, core::ByteView bytes) {
  carried_ += bytes.size();
  const auto to = other(from);
  if (plan_.reset_after && carried_ >= *plan_.reset_after) return break_both();
  end(to).under_way += bytes.size();
  if (silent()) return;  // it fills the window, as unacknowledged data does
  std::vector<std::byte> copy{bytes.begin(), bytes.end()};
  world_.after(arrival_time(from, bytes.size()), [self = shared_from_this(), to, copy = std::move(copy)]() mutable {
    self->arrive(to, std::move(copy));
  });
}

void Connection::arrive(Side at, std::vector<std::byte> bytes) {
  auto& here = end(at);
  if (here.reset || silent()) return;
  if (here.state == State::vanished && !fabric_.has_power(host(at))) return;
  if (here.state != State::open) return send_reset(other(at));
  world_.note("arrives", bytes.size());
  here.under_way -= bytes.size();
  here.arrived.insert(here.arrived.end(), bytes.begin(), bytes.end());
  wake(here.reader, Wake::done);
}

void Connection::arrive_end(Side at) {
  if (silent()) return;
  end(at).finished = true;
  wake(end(at).reader, Wake::done);
}

void Connection::send_reset(Side to) {
  if (silent()) return;
  world_.after(arrival_time(other(to), 0), [self = shared_from_this(), to] { self->arrive_reset(to); });
}

void Connection::arrive_reset(Side at) {
  auto& here = end(at);
  if (here.state != State::open || here.reset) return;
  world_.note("reset arrives", static_cast<std::uint64_t>(at));
  here.reset = true;
  wake(here.reader, Wake::done);
  wake(here.writer, Wake::done);
}

void Connection::break_both() {
  for (const auto side : {Side::dialler, Side::acceptor}) {
    // What was under way is lost; what has arrived can still be read.
    const Micros delay{static_cast<std::int64_t>(world_.prng().below(static_cast<std::uint64_t>(2 * plan_.latency.count()) + 1))};
    world_.after(delay, [self = shared_from_this(), side] { self->arrive_reset(side); });
  }
  plan_.reset_after.reset();
  plan_.silence_after = 0;
}

void Connection::close(Side side, core::ByteView last_words) {
  auto& here = end(side);
  if (here.state != State::open) return;
  const auto held = end(other(side)).under_way + end(other(side)).unread();
  if (!last_words.empty() && !here.reset && held + last_words.size() <= plan_.window_bytes) send(side, last_words);
  here.state = State::closed;
  wake(here.reader, Wake::cancelled);
  wake(here.writer, Wake::cancelled);
  if (here.reset) return;
  // Closing with unread data tells the other side so, with a reset, as TCP does.
  const auto to = other(side);
  if (here.unread() > 0) return send_reset(to);
  if (silent()) return;
  world_.after(arrival_time(side, 0), [self = shared_from_this(), to] { self->arrive_end(to); });
}

void Connection::vanish(std::string_view lost) {
  for (const auto side : {Side::dialler, Side::acceptor}) {
    if (host(side) == lost && open(side)) end(side).state = State::vanished;
  }
}

}  // namespace scanferry::platform::sim
