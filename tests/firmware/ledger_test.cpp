// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <fstream>

#include "test_spool.hpp"

using namespace scanferry;
using namespace scanferry::firmware;
using core::DeliveryState;

namespace {

constexpr core::WallTime kNow{core::Millis{1'000'000}};
constexpr core::Millis kLongest{60'000};
constexpr core::WallTime kLater{kNow + core::Millis{1000}};

struct LedgerTest {
  TestFolder folder;
  platform::LinuxRuntime runtime{platform::LogLevel::error};
  std::string path{folder.path() + "/ledger.sqlite"};
  std::unique_ptr<Ledger> ledger{open()};
  std::vector<std::string> both{"main", "second"};

  std::unique_ptr<Ledger> open() {
    auto opened = Ledger::open(runtime.platform().store, path, "", Ledger::Repair::set_aside);
    REQUIRE(opened);
    return std::move(*opened);
  }
  void accept(const std::string& uid, const AcceptedSource& source = {}) {
    Instance instance;
    instance.sop_instance_uid = uid;
    instance.sop_class_uid = "1.2";
    instance.transfer_syntax_uid = "1.3";
    instance.data_set_offset = 100;
    instance.file_bytes = 1000;
    instance.accepted_at = kNow;
    REQUIRE(ledger->accept({&instance, 1}, both, source));
  }
  std::vector<Delivery> due(const std::string& destination, core::WallTime now = kNow) {
    auto rows = ledger->due(destination, 100, now, kLongest);
    REQUIRE(rows);
    return *rows;
  }
  void update(const Delivery& delivery, DeliveryState state, core::WallTime not_before = {}) {
    REQUIRE(ledger->update(delivery.instance.id, delivery.destination, {state, 1, 0, not_before, 0xA700, "words"}, kNow));
  }
};

}  // namespace

TEST_CASE_METHOD(LedgerTest, "an accepted instance is due at each destination, in order of acceptance") {
  accept("2.25.2");
  accept("2.25.1");
  for (const auto& destination : both) {
    const auto rows = due(destination);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].instance.sop_instance_uid == "2.25.2");
    CHECK(rows[1].instance.sop_instance_uid == "2.25.1");
    CHECK(rows[0].instance.data_set_bytes() == 900);
  }
}

TEST_CASE_METHOD(LedgerTest, "accepting the same UID again changes nothing") {
  accept("2.25.1");
  update(due("main")[0], DeliveryState::stored);
  accept("2.25.1");
  CHECK(due("main").empty());
  CHECK(due("second").size() == 1);
  CHECK(*ledger->spool_bytes() == 1000);
}

TEST_CASE_METHOD(LedgerTest, "a source is known until it is forgotten") {
  accept("2.25.1", {"folder/x.json 7", "8 a.raw"});
  CHECK(*ledger->files_of_source("folder/x.json 7") == "8 a.raw");
  CHECK_FALSE(*ledger->files_of_source("folder/x.json 8"));
  REQUIRE(ledger->forget_source("folder/x.json 7"));
  CHECK_FALSE(*ledger->files_of_source("folder/x.json 7"));
}

TEST_CASE_METHOD(LedgerTest, "a delivery waits for its time, but not for a time that a wrong clock wrote") {
  accept("2.25.1");
  update(due("main")[0], DeliveryState::pending, kNow + core::Millis{5000});
  CHECK(due("main").empty());
  CHECK(due("main", kNow + core::Millis{5000}).size() == 1);
  CHECK(due("main", kNow - core::Millis{100'000}).size() == 1);
}

TEST_CASE_METHOD(LedgerTest, "a held delivery is not due until it is released") {
  accept("2.25.1");
  update(due("main")[0], DeliveryState::held);
  CHECK(due("main").empty());
  CHECK(*ledger->set_state({"2.25.1", "main", DeliveryState::held}, DeliveryState::pending, "", kNow) == 1);
  const auto rows = due("main");
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].attempts == 0);
}

TEST_CASE_METHOD(LedgerTest, "what is stored cannot be held or sent again by a filter that names everything") {
  accept("2.25.1");
  update(due("main")[0], DeliveryState::stored);
  CHECK(*ledger->set_state({}, DeliveryState::held, "all", kNow) == 1);
  CHECK(due("main").empty());
}

TEST_CASE_METHOD(LedgerTest, "only what every destination stored long enough ago can be deleted") {
  accept("2.25.1");
  const auto later = kNow + core::Millis{1};
  CHECK(ledger->deletable(later, kLater, 10)->empty());
  update(due("main")[0], DeliveryState::stored);
  CHECK(ledger->deletable(later, kLater, 10)->empty());
  update(due("second")[0], DeliveryState::stored_with_warning);
  CHECK(ledger->deletable(kNow, kLater, 10)->empty());
  const auto rows = ledger->deletable(later, kLater, 10);
  REQUIRE(rows);
  REQUIRE(rows->size() == 1);
  REQUIRE(ledger->forget(rows->front().id));
  CHECK(*ledger->spool_bytes() == 0);
  CHECK_FALSE(*ledger->contains("2.25.1"));
}

TEST_CASE_METHOD(LedgerTest, "what a person dropped keeps nothing in the spool, and nothing brings it back") {
  accept("2.25.1");
  update(due("main")[0], DeliveryState::stored);
  DeliveryFilter held{"2.25.1", "second", DeliveryState::held};
  CHECK(*ledger->set_state(held, DeliveryState::dropped, "gone", kNow) == 0);  // it is pending
  CHECK(*ledger->set_state({"2.25.1", "second", DeliveryState::pending}, DeliveryState::held, "a test", kNow) == 1);
  CHECK(ledger->deletable(kNow + core::Millis{1}, kLater, 10)->empty());
  CHECK(*ledger->set_state(held, DeliveryState::dropped, "gone", kNow) == 1);
  CHECK(*ledger->set_state({}, DeliveryState::pending, "", kNow) == 0);
  CHECK(due("second").empty());
  CHECK(ledger->deletable(kNow + core::Millis{1}, kLater, 10)->size() == 1);
}

TEST_CASE_METHOD(LedgerTest, "what a clock that was wrong dated ahead does not stay for ever") {
  accept("2.25.1");
  update(due("main")[0], DeliveryState::stored);
  update(due("second")[0], DeliveryState::stored);
  const auto stepped_back = kNow - core::Millis{500};
  CHECK(ledger->deletable(stepped_back - core::Millis{100}, stepped_back, 10)->size() == 1);
}

TEST_CASE_METHOD(LedgerTest, "what no destination was configured for is never deleted") {
  both.clear();
  accept("2.25.1");
  CHECK(ledger->deletable(kNow + core::Millis{1}, kLater, 10)->empty());
}

TEST_CASE_METHOD(LedgerTest, "everything is there after opening again") {
  accept("2.25.1");
  update(due("main")[0], DeliveryState::pending);
  ledger = open();
  const auto rows = due("main");
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].attempts == 1);
  CHECK(rows[0].status == 0xA700);
  CHECK(rows[0].comment == "words");
}

TEST_CASE_METHOD(LedgerTest, "what was held while it was sent stays held, unless the peer stored it") {
  const auto [outcome, state] = GENERATE(table<DeliveryState, DeliveryState>({
      {DeliveryState::pending, DeliveryState::held},
      {DeliveryState::stored, DeliveryState::stored},
  }));
  accept("2.25.1");
  const auto delivery = due("main")[0];
  CHECK(*ledger->is_pending(delivery.instance.id, "main"));
  REQUIRE(ledger->set_state({"2.25.1", "main", DeliveryState::pending}, DeliveryState::held, "", kNow));
  CHECK_FALSE(*ledger->is_pending(delivery.instance.id, "main"));
  update(delivery, outcome);
  REQUIRE(ledger->each({"2.25.1", "main", {}}, [expected = state](const Delivery& d) { CHECK(d.state == expected); }));
}

TEST_CASE_METHOD(LedgerTest, "who only looks does not set a corrupt ledger aside") {
  ledger.reset();
  std::ofstream{path, std::ios::binary} << std::string(8192, 'x');
  CHECK_FALSE(Ledger::open(runtime.platform().store, path, "", Ledger::Repair::no));
  CHECK_FALSE(std::filesystem::exists(path + ".corrupt-1"));
}

TEST_CASE_METHOD(LedgerTest, "a corrupt ledger is set aside and begun anew") {
  accept("2.25.1");
  ledger.reset();
  std::ofstream{path, std::ios::binary} << std::string(8192, 'x');
  ledger = open();
  CHECK(due("main").empty());
  CHECK(std::filesystem::exists(path + ".corrupt-1"));
}
