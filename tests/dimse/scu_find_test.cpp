// SPDX-License-Identifier: Apache-2.0
#include <scanferry/dimse/status.hpp>

#include "scu_fixture.hpp"

using namespace scanferry::dimse;
using namespace wire;
using scanferry::core::ByteView;
using Kind = Event::Kind;

namespace {

constexpr unsigned kFindResponse = 0x8020;

/// PS3.7 9.3.2.2.
Bytes find_response(unsigned message_id, unsigned status, bool has_match) {
  return command(us(0x0100, kFindResponse) + us(0x0120, message_id) + us(0x0800, has_match ? 0x0000 : 0x0101) + us(0x0900, status));
}

/// A match in two fragments.
Bytes match(unsigned message_id, const Bytes& identifier, unsigned status = 0xFF00) {
  const auto half = identifier.begin() + static_cast<std::ptrdiff_t>(identifier.size() / 4 * 2);
  return message(3, find_response(message_id, status, true)) +
         p_data(pdv(3, 0, {identifier.begin(), half}) + pdv(3, 2, {half, identifier.end()}));
}

struct Finder : Scu {
  ByteView unread;
  Bytes held;

  Finder() {
    establish();
    driver.object = text("identifier");
    REQUIRE(session.invoke(find_request(kUsMultiFrame), kExplicit, driver.object.size(), driver.now) == 1);
  }
  void hear(const Bytes& bytes) {
    held = bytes;
    unread = held;
    session.feed(unread, driver.now);
  }
  /// What a driver does: takes what is there, then feeds what was left.
  std::optional<Event> next_event() {
    auto event = session.poll();
    if (!event && !unread.empty()) {
      session.feed(unread, driver.now);
      event = session.poll();
    }
    return event;
  }
  /// The data set of the match that was just told.
  Bytes identifier() {
    Bytes all;
    for (bool is_last = false; !is_last;) {
      const auto event = next_event();
      REQUIRE(event);
      REQUIRE(event->kind == Kind::data);
      all.insert(all.end(), event->data.begin(), event->data.end());
      is_last = event->is_last;
    }
    return all;
  }
};

}  // namespace

TEST_CASE("a query sends its identifier and gives each match with its data set") {
  Finder scu;
  const auto pdus = take_apart(scu.driver.take());
  REQUIRE(pdus.size() == 2);
  CHECK(us_of(pdus[0].pdvs[0].fragment, 0x0100) == 0x0020U);
  CHECK(us_of(pdus[0].pdvs[0].fragment, 0x0800) != 0x0101U);
  CHECK(pdus[1].pdvs[0].fragment == text("identifier"));
  // All in one piece: each match is taken before the next is looked at.
  scu.hear(match(1, text("first!")) + match(1, text("second"), 0xFF01) + message(3, find_response(1, 0, false)));
  for (const auto& [status, words] : {std::pair{0xFF00, "first!"}, std::pair{0xFF01, "second"}}) {
    const auto event = scu.next_event();
    REQUIRE(event);
    REQUIRE(event->kind == Kind::response);
    CHECK(event->status == status);
    CHECK(scu.identifier() == text(words));
    CHECK_FALSE(scu.session.ready());
  }
  const auto last = scu.next_event();
  REQUIRE(last);
  CHECK(last->kind == Kind::response);
  CHECK(last->status == 0);
  CHECK(scu.session.ready());
}

TEST_CASE("each match gives the next one its own time") {
  Finder scu;
  scu.driver.take();
  for (int n = 0; n < 10; ++n) {
    scu.driver.now = scu.session.deadline() - scanferry::core::Millis{1};
    scu.hear(match(1, text("again!")));
    REQUIRE(scu.next_event()->kind == Kind::response);
    CHECK(scu.identifier() == text("again!"));
  }
  scu.driver.expire();
  CHECK(scu.next() == Kind::timed_out);
}

TEST_CASE("a query is cancelled, and still has its last response") {
  Finder scu;
  scu.session.cancel(1, scu.driver.now);  // it is not written yet
  scu.driver.take();
  scu.session.cancel(1, scu.driver.now);
  const auto pdus = take_apart(scu.driver.take());
  REQUIRE(pdus.size() == 1);
  CHECK(us_of(pdus[0].pdvs[0].fragment, 0x0100) == 0x0FFFU);
  CHECK(us_of(pdus[0].pdvs[0].fragment, 0x0120) == 1U);
  scu.hear(match(1, text("late..")) + message(3, find_response(1, 0xFE00, false)));
  REQUIRE(scu.next_event()->kind == Kind::response);
  CHECK(scu.identifier() == text("late.."));
  CHECK(scu.next_event()->status == 0xFE00);
  CHECK(scu.session.ready());
  scu.session.cancel(1, scu.driver.now);
  CHECK(scu.driver.take().empty());
}

TEST_CASE("a match that breaks the rules ends the association") {
  struct Row {
    const char* what;
    bool is_written;
    Bytes bytes;
  };
  const Row rows[] = {
      {"a match without its data set", true, message(3, find_response(1, 0xFF00, false))},
      {"a match without its data set", true, message(3, find_response(1, 0xFF00, true)) + message(3, find_response(1, 0, false))},
      {"a result before the request was there", false, message(3, find_response(1, 0xFF00, true))},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    Finder scu;
    if (row.is_written) scu.driver.take();
    scu.hear(row.bytes);
    if (scu.next() == Kind::response) scu.next();
    REQUIRE(scu.last.kind == Kind::violated);
    CHECK(scu.last.comment.view() == row.what);
  }
}

TEST_CASE("the last status of a query is told in words") {
  CHECK(explain_find_status(0).empty());
  for (const unsigned status : {0x0110U, 0x0122U, 0xA700U, 0xA900U, 0xC001U, 0xFE00U, 0x1234U}) {
    CHECK_FALSE(explain_find_status(static_cast<std::uint16_t>(status)).empty());
  }
  CHECK(is_pending(0xFF00));
  CHECK(is_pending(0xFF01));
  CHECK_FALSE(is_pending(0));
}
