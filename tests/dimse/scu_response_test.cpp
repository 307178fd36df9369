// SPDX-License-Identifier: Apache-2.0
#include "scu_fixture.hpp"

using namespace scanferry::dimse;
using wire::Bytes;
using wire::hex;
using wire::Scu;
using wire::operator+;
using Kind = Event::Kind;

TEST_CASE("status and error comment of a refusal are told") {
  Scu scu;
  scu.establish();
  scu.store(100);
  scu.driver.take();
  scu.driver.feed(wire::message(3, wire::store_response(1, 0xA700, hex("0000 0209 0A000000 'disk full' 20"))));
  CHECK(scu.next() == Kind::response);
  CHECK(scu.last.status == 0xA700);
  CHECK(scu.last.comment.view() == "disk full");
  CHECK(scu.session.ready());
}

TEST_CASE("a response that comes early waits until the object is sent") {
  Scu scu;
  scu.establish(4096);
  scu.store(10'000);
  scu.driver.write_once();
  scu.driver.feed(wire::message(3, wire::store_response(1, 0xC001)));
  CHECK_FALSE(scu.session.poll());
  CHECK_FALSE(scu.session.ready());

  SECTION("and is told then") {
    scu.driver.write_all();
    CHECK(scu.next() == Kind::response);
    CHECK(scu.last.status == 0xC001);
    CHECK(scu.session.ready());
  }
  SECTION("or is told when the peer closes before that") {
    scu.session.peer_closed({});
    CHECK(scu.next() == Kind::response);
    CHECK(scu.next() == Kind::closed);
  }
  SECTION("or when the peer aborts") {
    scu.driver.feed(wire::abort(0, 0));
    CHECK(scu.next() == Kind::response);
    CHECK(scu.next() == Kind::aborted);
  }
}

TEST_CASE("responses that answer nothing of ours break the protocol") {
  struct Row {
    Bytes bytes;
    std::string_view what;
  };
  const auto rsp = [](unsigned field, unsigned id) {
    return wire::command(wire::us(0x0100, field) + wire::us(0x0120, id) + wire::us(0x0800, 0x0101) + wire::us(0x0900, 0));
  };
  const std::array rows{
      Row{wire::message(3, wire::store_response(2, 0)), "response to message 2; message 1 was asked"},
      Row{wire::message(3, rsp(0x8030, 1)), "response 8030H where 8001H was due"},
      Row{wire::message(1, rsp(0x8001, 1)), "response in presentation context 1; it was asked in 3"},
      Row{wire::message(3, wire::command(wire::us(0x0100, 0x8001) + wire::us(0x0800, 0x0101) + wire::us(0x0900, 0))),
          "response to message 0; message 1 was asked"},
      Row{wire::message(3, wire::command(wire::us(0x0100, 0x8001) + wire::us(0x0120, 1) + wire::us(0x0800, 0x0101))),
          "response without a Status"},
      Row{wire::message(5, wire::store_response(1, 0)), "a message in presentation context 5, which was not accepted"},
      Row{wire::message(2, wire::store_response(1, 0)), "a message in presentation context 2, which was not accepted"},
      Row{wire::p_data(wire::pdv(3, 2, wire::text("data"))), "a data set came where a command was due"},
      Row{wire::message(3, wire::text("garbage")), "command set ends inside an element"},
  };
  for (const auto& row : rows) {
    Scu scu;
    scu.establish();
    scu.store(100);
    scu.driver.take();
    scu.driver.feed(row.bytes);
    INFO(row.what);
    CHECK(scu.next() == Kind::violated);
    CHECK(scu.last.comment.view() == row.what);
    CHECK(scu.last.offset > 0);
    scu.check_abort();
    CHECK(scu.session.deadline() == scu.driver.now + Timeouts{}.release);
    scu.session.peer_closed(scu.driver.now);
    CHECK(scu.session.finished());
    CHECK_FALSE(scu.session.poll());
  }
}

TEST_CASE("a second response, or one while idle, breaks the protocol") {
  Scu scu;
  scu.establish();
  REQUIRE(scu.session.echo({}));
  scu.driver.take();
  scu.driver.feed(wire::message(1, wire::echo_response(1, 0)) + wire::message(1, wire::echo_response(1, 0)));
  CHECK(scu.next() == Kind::response);
  CHECK(scu.next() == Kind::violated);
  CHECK(scu.last.comment.view() == "response 8030H to nothing that was asked");
}

TEST_CASE("a data set in a response is read over") {
  Scu scu;
  scu.establish();
  REQUIRE(scu.session.echo({}));
  scu.driver.take();
  const auto announcing = wire::command(wire::us(0x0100, 0x8030) + wire::us(0x0120, 1) + wire::us(0x0800, 1) + wire::us(0x0900, 0));
  scu.driver.feed(wire::message(1, announcing));
  CHECK(scu.next() == Kind::response);
  SECTION("when it comes") { scu.driver.feed(wire::p_data(wire::pdv(1, 0, wire::text("ab")) + wire::pdv(1, 2, wire::text("cd")))); }
  SECTION("when it does not") {}
  CHECK(scu.session.ready());
  REQUIRE(scu.session.echo({}));
  scu.driver.take();
  scu.driver.feed(wire::message(1, wire::echo_response(2, 0)));
  CHECK(scu.next() == Kind::response);
}

TEST_CASE("message ids go round without zero") {
  Scu scu;
  scu.establish();
  for (unsigned i = 1; i <= 0x10001; ++i) {
    const unsigned expected = i <= 0xFFFF ? i : i - 0xFFFF;
    const auto id = scu.session.echo({});
    REQUIRE(id == expected);
    scu.driver.take();
    scu.driver.feed(wire::message(1, wire::echo_response(*id, 0)));
    REQUIRE(scu.next() == Kind::response);
  }
}
