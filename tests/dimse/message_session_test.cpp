// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>

#include <scanferry/dimse/scp_session.hpp>
#include <scanferry/dimse/scu_session.hpp>

#include "wire.hpp"

using namespace scanferry::dimse;
using namespace wire;
using Kind = Event::Kind;

namespace {

constexpr std::array kOperationsServed{CommandField::c_store, CommandField::c_find, CommandField::n_event_report, CommandField::n_action};

/// Takes what a gateway takes.
struct AnyStorage final : Acceptance {
  std::optional<Rejection> refuses(const AssociatePdu&) const override { return std::nullopt; }
  ContextAnswer judge(const PresentationContext&, Roles proposed) const override { return {ContextResult::accepted, 0, proposed}; }
};
const AnyStorage kAnyStorage;

/// An acceptor and what drives it, with bytes that it has not taken yet.
struct Acceptor {
  ScpSession session;
  Driver driver;
  Bytes held{};
  scanferry::core::ByteView unread{};
  Event last{};

  explicit Acceptor(OperationsWindow window = {})
      : session{ScpConfig{.title = "SCANFERRY", .window = window, .timeouts = {}, .acceptance = &kAnyStorage, .serves = kOperationsServed}, {}},
        driver{.session = session, .object = {}, .written = {}} {}

  void establish(const Bytes& user = max_length(16384)) {
    driver.feed(associate_rq({{1, kVerification, {kImplicit}}, {3, kUsMultiFrame, {kExplicit}}}, user));
    REQUIRE(next() == Kind::established);
    driver.take();
  }
  void hear(const Bytes& bytes) {
    held = bytes;
    unread = held;
    session.feed(unread, driver.now);
  }
  Kind next() {
    auto event = session.poll();
    for (int tries = 0; !event && !unread.empty() && tries < 3; ++tries) {
      session.feed(unread, driver.now);
      event = session.poll();
    }
    REQUIRE(event);
    last = *event;
    return event->kind;
  }
  bool is_quiet() { return !session.poll() && unread.empty(); }
  Bytes data() {
    Bytes all;
    do {
      REQUIRE(next() == Kind::data);
      all.insert(all.end(), last.data.begin(), last.data.end());
    } while (!last.is_last);
    return all;
  }
};

Bytes request(unsigned field, unsigned message_id, bool has_data, const Bytes& more = {}) {
  return command(ui(0x0002, kUsMultiFrame) + us(0x0100, field) + us(0x0110, message_id) + us(0x0800, has_data ? 0 : 0x0101) + more);
}
Bytes store_message(unsigned message_id, const Bytes& object) {
  const auto half = object.begin() + static_cast<std::ptrdiff_t>(object.size() / 4 * 2);
  return message(3, request(0x0001, message_id, true, ui(0x1000, "1.2.3"))) +
         p_data(pdv(3, 0, {object.begin(), half}) + pdv(3, 2, {half, object.end()}));
}

std::vector<unsigned> statuses_of(const Bytes& stream) {
  std::vector<unsigned> out;
  for (const auto& pdu : take_apart(stream)) {
    if (const auto status = us_of(pdu.pdvs.at(0).fragment, 0x0900)) out.push_back(*status);
  }
  return out;
}

}  // namespace

TEST_CASE("an object comes piece by piece and is answered when its driver says so") {
  Acceptor scp;
  scp.establish();
  scp.hear(store_message(7, object_of(1000)));
  REQUIRE(scp.next() == Kind::request);
  CHECK(scp.last.command.command_field == request_field(CommandField::c_store));
  CHECK(scp.last.command.affected_sop_instance_uid.view() == "1.2.3");
  CHECK(scp.last.message_id == 7);
  CHECK_FALSE(scp.last.is_last);
  CHECK(scp.session.transfer_syntax_of(scp.last.context_id) == kExplicit);
  CHECK(scp.session.abstract_syntax_of(scp.last.context_id) == kUsMultiFrame);
  const auto asked = scp.last.command;
  CHECK(scp.data() == object_of(1000));
  CHECK(scp.driver.take().empty());
  REQUIRE(scp.session.respond(response_to(asked, 0xA700), std::nullopt, scp.driver.now));
  CHECK_FALSE(scp.session.respond(response_to(asked, 0), std::nullopt, scp.driver.now));
  CHECK(scp.driver.take() == message(3, command(ui(0x0002, kUsMultiFrame) + us(0x0100, 0x8001) + us(0x0120, 7) + us(0x0800, 0x0101) +
                                                us(0x0900, 0xA700) + ui(0x1000, "1.2.3"))));
}

TEST_CASE("an object that is refused before it is there is read over") {
  Acceptor scp;
  scp.establish();
  scp.hear(store_message(7, object_of(1000)) + message(1, echo_request(8)));
  REQUIRE(scp.next() == Kind::request);
  REQUIRE(scp.session.respond(response_to(scp.last.command, 0xA700), std::nullopt, scp.driver.now));
  CHECK(statuses_of(scp.driver.take()) == std::vector{0xA700U});
  CHECK(scp.next() == Kind::echo_served);
  CHECK(scp.is_quiet());
}

TEST_CASE("a peer that stops inside an object is given up after the time for a transfer") {
  Acceptor scp;
  scp.establish();
  scp.hear(message(3, request(0x0001, 1, true, ui(0x1000, "1.2.3"))) + p_data(pdv(3, 0, text("some"))));
  REQUIRE(scp.next() == Kind::request);
  REQUIRE(scp.next() == Kind::data);
  CHECK(scp.session.deadline() == scp.driver.now + Timeouts{}.transfer);
  scp.driver.expire();
  CHECK(scp.next() == Kind::timed_out);
  CHECK(scp.last.stage == Stage::receiving);
  CHECK(scp.driver.take() == abort(0, 0));
}

TEST_CASE("what is not served, or lacks something, is refused without asking the driver") {
  struct Row {
    Bytes command_set;
    unsigned status;
  };
  for (const auto& row : {
           Row{request(0x0140, 1, false), 0x0211},                                         // N-CREATE
           Row{request(0x0777, 1, false), 0x0211},                                         // nothing that there is
           Row{request(0x0001, 1, false), 0x0212},                                         // C-STORE of nothing
           Row{request(0x0100, 1, false, ui(0x1000, "1.2.3")), 0x0212},                    // N-EVENT-REPORT of no event
           Row{command(us(0x0100, 0x0020) + us(0x0110, 1) + us(0x0800, 0x0101)), 0x0212},  // C-FIND of no class
       }) {
    Acceptor scp;
    scp.establish();
    scp.hear(message(3, row.command_set));
    CHECK(scp.is_quiet());
    CHECK(statuses_of(scp.driver.take()) == std::vector{row.status});
  }
}

TEST_CASE("an object of another SOP class than its presentation context's is refused, and read over") {
  Acceptor scp;
  scp.establish();
  const auto other = command(ui(0x0002, kVerification) + us(0x0100, 0x0001) + us(0x0110, 7) + us(0x0800, 0) + ui(0x1000, "1.2.3"));
  scp.hear(message(3, other) + p_data(pdv(3, 2, object_of(100))) + store_message(8, object_of(10)));
  REQUIRE(scp.next() == Kind::request);
  CHECK(scp.last.message_id == 8);
  CHECK(statuses_of(scp.driver.take()) == std::vector{0x0122U});
}

TEST_CASE("a request may have many responses, each with a data set, and may be cancelled") {
  Acceptor scp;
  scp.establish();
  scp.hear(message(3, request(0x0020, 5, true)) + p_data(pdv(3, 2, text("keys"))));
  REQUIRE(scp.next() == Kind::request);
  const auto asked = scp.last.command;
  CHECK(scp.data() == text("keys"));
  for (const auto* const match : {"one!", "second"}) {
    scp.driver.object = text(match);
    REQUIRE(scp.session.respond(response_to(asked, 0xFF00), scp.driver.object.size(), scp.driver.now));
    CHECK_FALSE(scp.session.respond(response_to(asked, 0xFF00), std::nullopt, scp.driver.now));
    const auto pdus = take_apart(scp.driver.take());
    REQUIRE(pdus.size() == 2);
    CHECK(us_of(pdus[0].pdvs[0].fragment, 0x0900) == 0xFF00U);
    CHECK(pdus[1].pdvs[0].fragment == text(match));
  }
  scp.hear(message(3, command(us(0x0100, 0x0FFF) + us(0x0120, 5) + us(0x0800, 0x0101))));
  CHECK(scp.next() == Kind::cancelled);
  CHECK(scp.last.message_id == 5);
  REQUIRE(scp.session.respond(response_to(asked, 0xFE00), std::nullopt, scp.driver.now));
  CHECK(statuses_of(scp.driver.take()) == std::vector{0xFE00U});
  CHECK_FALSE(scp.session.respond(response_to(asked, 0), std::nullopt, scp.driver.now));
}

TEST_CASE("a window lets the requestor have as many requests under way, and no more") {
  // PS3.7 D.3.3.3: | 53H | 00 | 0004 | invoked | performed |
  Acceptor scp{{.invoked = 3, .performed = 1}};
  scp.driver.feed(associate_rq({{3, kUsMultiFrame, {kExplicit}}}, max_length(16384) + hex("53 00 0004 0005 0001")));
  REQUIRE(scp.next() == Kind::established);
  const auto ac = scp.driver.take();
  const auto granted = hex("53 00 0004 0003 0001");
  CHECK(std::search(ac.begin(), ac.end(), granted.begin(), granted.end()) != ac.end());
  std::vector<CommandSet> asked;
  for (unsigned id = 1; id <= 3; ++id) {
    scp.hear(store_message(id, object_of(10)));
    REQUIRE(scp.next() == Kind::request);
    asked.push_back(scp.last.command);
    CHECK(scp.data() == object_of(10));
  }
  // In any order.
  for (const auto at : {2U, 0U, 1U}) {
    REQUIRE(scp.session.respond(response_to(asked[at], 0), std::nullopt, scp.driver.now));
    CHECK(us_of(take_apart(scp.driver.take())[0].pdvs[0].fragment, 0x0120) == at + 1);
  }
  for (unsigned id = 4; id <= 6; ++id) {
    scp.hear(store_message(id, object_of(10)));
    REQUIRE(scp.next() == Kind::request);
    scp.data();
  }
  scp.hear(store_message(7, object_of(10)));
  CHECK(scp.next() == Kind::violated);
}

namespace {

const std::array kContexts{ProposedContext{kVerification, kImplicit}, ProposedContext{kUsMultiFrame, kExplicit}};

struct Requestor {
  ScuSession session;
  Driver driver;

  explicit Requestor(const ScuConfig& config) : session{config, kContexts, {}}, driver{.session = session, .object = {}, .written = {}} {}

  void establish(const Bytes& more = {}) {
    driver.take();
    driver.feed(associate_ac({{1, 0, kImplicit}, {3, 0, kExplicit}}, max_length(16384) + more));
    REQUIRE(next().kind == Kind::established);
  }
  Event next() {
    const auto event = session.poll();
    REQUIRE(event);
    return *event;
  }
};

ScuConfig requestor() { return {.calling = "SCANFERRY", .called = "PACS", .timeouts = {}, .serves = kOperationsServed}; }

}  // namespace

TEST_CASE("with a window several objects are under way, and responses find their requests in any order") {
  auto config = requestor();
  config.window = OperationsWindow{.invoked = 3, .performed = 1};
  Requestor scu{config};
  scu.establish(hex("53 00 0004 0002 0001"));
  CHECK(scu.session.outstanding_max() == 2);
  scu.driver.object = object_of(100);
  const StoreRequest store{.sop_class_uid = kUsMultiFrame, .sop_instance_uid = "1.2", .transfer_syntax_uid = kExplicit, .data_set_bytes = 100};
  for (const unsigned id : {1U, 2U}) {
    REQUIRE(scu.session.ready());
    REQUIRE(scu.session.store(store, scu.driver.now) == id);
    scu.driver.take();
  }
  CHECK_FALSE(scu.session.ready());
  CHECK(scu.session.store(store, scu.driver.now).error() == RequestError::not_ready);
  scu.driver.feed(message(3, store_response(2, 0)) + message(3, store_response(1, 0xA700)));
  const auto first = scu.next();
  CHECK(first.message_id == 2);
  CHECK(first.status == 0);
  const auto second = scu.next();
  CHECK(second.message_id == 1);
  CHECK(second.status == 0xA700);
  CHECK(scu.session.outstanding() == 0);
}

TEST_CASE("without a window of the peer there is one request at a time, whatever we would like") {
  auto config = requestor();
  config.window = OperationsWindow{.invoked = 0, .performed = 0};
  Requestor scu{config};
  scu.establish();
  CHECK(scu.session.outstanding_max() == 1);
}

TEST_CASE("a window without an end ends at ours") {
  auto config = requestor();
  config.window = OperationsWindow{.invoked = 0, .performed = 0};
  Requestor scu{config};
  scu.establish(hex("53 00 0004 0000 0000"));
  CHECK(scu.session.outstanding_max() == kOutstandingMax);
}

TEST_CASE("the peer's requests come between our request and its response, and are answered there") {
  Requestor scu{requestor()};
  scu.establish();
  REQUIRE(scu.session.echo({}));
  scu.driver.take();
  scu.driver.feed(message(3, command(ui(0x0002, kUsMultiFrame) + us(0x0100, 0x0100) + us(0x0110, 9) + us(0x0800, 0x0101) +
                                     ui(0x1000, "1.2.3") + us(0x1002, 1))));
  const auto report = scu.next();
  REQUIRE(report.kind == Kind::request);
  CHECK(report.command.event_type == 1);
  CHECK(report.is_last);
  REQUIRE(scu.session.respond(response_to(report.command, 0), std::nullopt, {}));
  const auto pdus = take_apart(scu.driver.take());
  REQUIRE(pdus.size() == 1);
  CHECK(us_of(pdus[0].pdvs[0].fragment, 0x0100) == 0x8100U);
  CHECK(us_of(pdus[0].pdvs[0].fragment, 0x0120) == 9U);
  scu.driver.feed(message(1, echo_response(1, 0)));
  CHECK(scu.next().kind == Kind::response);
  CHECK(scu.session.ready());
  // Of what it does not serve, and of an echo, its driver hears nothing that needs an answer.
  scu.driver.feed(message(3, request(0x0140, 10, false)));
  CHECK(statuses_of(scu.driver.take()) == std::vector{0x0211U});
}

TEST_CASE("a result's data set is waited for, but not for ever") {
  Requestor scu{requestor()};
  scu.establish();
  REQUIRE(scu.session.invoke(n_get_request(kUsMultiFrame, "1.2.3"), {}));
  scu.driver.take();
  scu.driver.feed(message(3, command(us(0x0100, 0x8110) + us(0x0120, 1) + us(0x0800, 0) + us(0x0900, 0))));
  CHECK_FALSE(scu.next().is_last);
  CHECK(scu.session.deadline() == scu.driver.now + Timeouts{}.transfer);
  scu.driver.feed(p_data(pdv(3, 2, text("values"))));
  const auto data = scu.next();
  CHECK(data.kind == Kind::data);
  CHECK(data.is_last);
  CHECK(scu.session.deadline() == scanferry::core::kNever);
}

TEST_CASE("an identity that should be confirmed and is not ends the association") {
  const auto name = text("engineer");
  auto config = requestor();
  config.identity = UserIdentity{.type = IdentityType::username, .response_requested = true, .primary = name, .secondary = {}};
  for (const bool is_confirmed : {false, true}) {
    Requestor scu{config};
    const auto rq = scu.driver.take();
    const auto item = hex("58 00 000E 01 01 0008 'engineer' 0000");
    CHECK(std::search(rq.begin(), rq.end(), item.begin(), item.end()) != rq.end());
    scu.driver.feed(associate_ac({{1, 0, kImplicit}, {3, 0, kExplicit}}, max_length(0) + (is_confirmed ? hex("59 00 0002 0000") : Bytes{})));
    CHECK(scu.next().kind == (is_confirmed ? Kind::established : Kind::violated));
  }
}

TEST_CASE("a data set that a response announces and cannot have is not waited for") {
  struct Row {
    CommandSet request;
    unsigned status;
    bool is_last;
  };
  for (const auto& row : {Row{find_request(kUsMultiFrame), 0x0000, true}, Row{find_request(kUsMultiFrame), 0xFF00, false},
                          Row{move_request(kUsMultiFrame, "X"), 0x0000, true}, Row{move_request(kUsMultiFrame, "X"), 0xFF00, true},
                          Row{move_request(kUsMultiFrame, "X"), 0xB000, false}, Row{get_request(kUsMultiFrame), 0x0000, true},
                          Row{n_action_request(kUsMultiFrame, "1.2", 1), 0x0000, false}, Row{store_request(kUsMultiFrame, "1.2"), 0, true}}) {
    Requestor scu{requestor()};
    scu.establish();
    scu.driver.object = text("data");
    REQUIRE(scu.session.invoke(row.request, kExplicit, 4, {}));
    scu.driver.take();
    const auto field = *row.request.command_field | 0x8000U;
    scu.driver.feed(message(3, command(us(0x0100, field) + us(0x0120, 1) + us(0x0800, 0) + us(0x0900, row.status))));
    CHECK(scu.next().is_last == row.is_last);
  }
}

TEST_CASE("requests lack nothing that the standard asks for") {
  const std::array requests{echo_request(),
                            store_request("1.2", "1.3"),
                            find_request("1.2"),
                            get_request("1.2"),
                            move_request("1.2", "DEVICE"),
                            event_report_request("1.2", "1.3", 1),
                            n_get_request("1.2", "1.3"),
                            n_set_request("1.2", "1.3"),
                            n_action_request("1.2", "1.3", 1),
                            n_create_request("1.2", ""),
                            n_delete_request("1.2", "1.3")};
  for (const auto& request : requests) {
    const auto* operation = find_operation(*request.command_field);
    REQUIRE(operation);
    INFO(operation->name);
    CHECK(missing_in(*operation, request).empty());
    CommandSet empty;
    CHECK_FALSE(missing_in(*operation, empty).empty());
    CHECK(find_operation(response_field(operation->field)) == operation);
    CHECK(response_to(request, 0).affected_sop_class_uid.empty() == false);
  }
  CHECK(find_operation(request_field(CommandField::c_cancel)) == nullptr);
}
