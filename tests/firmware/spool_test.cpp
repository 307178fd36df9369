// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "test_spool.hpp"

using namespace scanferry;
using namespace scanferry::firmware;

namespace {

const std::vector<std::string> kDestinations{"main"};

Instance put(Spool& spool, std::string_view uid, ObjectSink::Source source = ObjectSink::Source::repeatable) {
  const auto image = small_image(uid, 2);
  auto writer = spool.begin(image, source);
  REQUIRE(writer);
  REQUIRE(writer->append(small_frames(2)));
  auto instance = spool.commit(*writer, image, source);
  REQUIRE(instance);
  return *instance;
}

std::size_t files_in(const std::string& folder) {
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator{folder}) ++files;
  return files;
}

}  // namespace

TEST_CASE("an object that the ledger does not know is queued at the next start") {
  TestSpool test;
  const auto written = put(*test.open(), "2.25.7");
  auto spool = test.open();
  const auto recovered = spool->recover(kDestinations);
  REQUIRE(recovered);
  CHECK(recovered->adopted == 1);
  const auto due = spool->ledger().due("main", 10, core::WallTime::max(), core::Millis{0});
  REQUIRE(due);
  REQUIRE(due->size() == 1);
  CHECK(due->front().instance.sop_instance_uid == "2.25.7");
  CHECK(due->front().instance.data_set_offset == written.data_set_offset);
  CHECK(due->front().instance.file_bytes == written.file_bytes);
  CHECK(due->front().instance.sop_class_uid == written.sop_class_uid);
}

TEST_CASE("an object that was adopted after a crash keeps its content when its source is taken again") {
  TestSpool test;
  put(*test.open(), "2.25.7");
  auto spool = test.open();
  REQUIRE(spool->recover(kDestinations));
  const auto path = test.config.path + "/objects/2.25.7.dcm";
  const auto adopted = std::filesystem::last_write_time(path);
  std::filesystem::last_write_time(path, adopted - std::chrono::hours{1});
  const auto again = put(*spool, "2.25.7");
  CHECK(std::filesystem::last_write_time(path) == adopted - std::chrono::hours{1});
  CHECK(files_in(test.config.path + "/incoming") == 0);
  REQUIRE(spool->ledger().accept({&again, 1}, kDestinations, {"folder/x.json", ""}));
  CHECK(spool->ledger().due("main", 10, core::WallTime::max(), core::Millis{0})->size() == 1);
}

TEST_CASE("a lost ledger is rebuilt from the objects") {
  TestSpool test;
  {
    auto spool = test.open();
    const auto instance = put(*spool, "2.25.7");
    REQUIRE(spool->ledger().accept({&instance, 1}, kDestinations, {}));
  }
  for (const char* file : {"ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"}) {
    std::filesystem::remove(test.config.path + "/" + file);
  }
  auto spool = test.open();
  CHECK(spool->recover(kDestinations)->adopted == 1);
}

TEST_CASE("files that were under construction are gone after a start, whole live frames are kept") {
  TestSpool test;
  {
    auto spool = test.open();
    const auto part = small_image("2.25.8", 2);
    auto repeatable = spool->begin(part, ObjectSink::Source::repeatable);
    const auto live_image = small_image("2.25.9", 9);
    auto live = spool->begin(live_image, ObjectSink::Source::live);
    REQUIRE(repeatable);
    REQUIRE(live);
    REQUIRE(live->append(small_frames(3)));
    REQUIRE(live->checkpoint());
  }
  auto spool = test.open();
  const auto recovered = spool->recover(kDestinations);
  REQUIRE(recovered);
  CHECK(recovered->removed == 1);
  CHECK(recovered->closed == 1);
  CHECK(recovered->adopted == 1);
  CHECK(files_in(test.config.path + "/incoming") == 0);
  CHECK(*spool->ledger().contains("2.25.9"));
}

TEST_CASE("a file that somebody is writing is left alone") {
  TestSpool test;
  auto spool = test.open();
  const auto image = small_image("2.25.8", 2);
  auto writer = spool->begin(image, ObjectSink::Source::repeatable);
  REQUIRE(writer);
  const auto recovered = test.open(Spool::Role::guest)->recover(kDestinations);
  REQUIRE(recovered);
  CHECK(recovered->removed == 0);
  REQUIRE(writer->append(small_frames(2)));
  CHECK(spool->commit(*writer, image, ObjectSink::Source::repeatable));
}

TEST_CASE("an object that is missing is held and told, unless nobody waits for it") {
  TestSpool test;
  auto spool = test.open();
  const auto wanted = put(*spool, "2.25.7");
  const auto done = put(*spool, "2.25.8");
  REQUIRE(spool->ledger().accept({&wanted, 1}, kDestinations, {}));
  REQUIRE(spool->ledger().accept({&done, 1}, kDestinations, {}));
  const auto rows = spool->ledger().due("main", 10, core::WallTime::max(), core::Millis{0});
  REQUIRE(spool->ledger().update(rows->back().instance.id, "main", {core::DeliveryState::stored, 1, 0, {}, 0, ""}, {}));
  std::filesystem::remove(test.config.path + "/objects/2.25.7.dcm");
  std::filesystem::remove(test.config.path + "/objects/2.25.8.dcm");
  const auto recovered = spool->recover(kDestinations);
  REQUIRE(recovered);
  CHECK(recovered->missing == 1);
  CHECK(*spool->ledger().contains("2.25.7"));
  CHECK_FALSE(*spool->ledger().contains("2.25.8"));
}

TEST_CASE("a spool without room refuses before anything is written") {
  TestSpool test;
  test.config.max_bytes = 2'000;
  auto spool = test.open();
  CHECK(spool->admit(2'000));
  const auto refused = spool->admit(2'001);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().trouble == Trouble::environment);
  CHECK_THAT(refused.error().message, Catch::Contains("max_mb"));
}

TEST_CASE("objects that peers are sending count from their first piece to their last") {
  TestSpool test;
  test.config.max_bytes = 2'000;
  auto spool = test.open();
  CHECK(spool->admit_received(1'000));
  CHECK(spool->admit_received(900));
  CHECK_FALSE(spool->admit_received(101));
  CHECK_FALSE(spool->admit(101));
  CHECK(spool->admit(100));
  spool->received_ended(1'900);
  CHECK(spool->admit(2'000));
}

TEST_CASE("a disk that must keep room free refuses too") {
  TestSpool test;
  test.config.min_free_bytes = 1ULL << 60U;
  const auto refused = test.open()->admit(1);
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message, Catch::Contains("min_free_mb"));
}

TEST_CASE("derived UIDs are the same after a restart and differ between names") {
  TestSpool test;
  const auto first = test.open()->derive_uid("folder/x.json");
  auto spool = test.open();
  CHECK(spool->derive_uid("folder/x.json") == first);
  CHECK_FALSE(spool->derive_uid("folder/y.json") == first);
}

TEST_CASE("a spool has one owner") {
  TestSpool test;
  const auto owner = test.open();
  REQUIRE(owner);
  const auto second = Spool::open(test.platform, test.config, Spool::Role::owner);
  REQUIRE_FALSE(second);
  CHECK_THAT(second.error().message, Catch::Contains("another agent"));
  CHECK(test.open(Spool::Role::guest));
}

TEST_CASE("nobody begins an object that somebody else is writing") {
  TestSpool test;
  const auto spool = test.open();
  const auto image = small_image("2.25.8", 2);
  const auto first = spool->begin(image, ObjectSink::Source::repeatable);
  REQUIRE(first);
  CHECK_FALSE(spool->begin(image, ObjectSink::Source::repeatable));
}

TEST_CASE("an object that was cut short is held") {
  TestSpool test;
  auto spool = test.open();
  const auto instance = put(*spool, "2.25.7");
  REQUIRE(spool->ledger().accept({&instance, 1}, kDestinations, {}));
  std::filesystem::resize_file(test.config.path + "/objects/2.25.7.dcm", 100);
  CHECK(spool->recover(kDestinations)->missing == 1);
  CHECK(spool->recover(kDestinations)->missing == 0);
  CHECK_FALSE(*spool->ledger().is_pending(1, "main"));
}
