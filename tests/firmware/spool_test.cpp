// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>

#include <scanferry/core/element_writer.hpp>
#include <scanferry/core/part10.hpp>

#include "test_spool.hpp"

using namespace scanferry;
using namespace scanferry::firmware;

namespace {

using namespace std::literals;

const std::vector<std::string> kDestinations{"main"};
// One element, (0008,0005), explicit VR little endian; the others have another value, or a longer one.
constexpr auto kDataSet = "\x08\0\x05\0CS\x06\0pixels"sv;
constexpr auto kOther = "\x08\0\x05\0CS\x06\0PIXELS"sv;
constexpr auto kLonger = "\x08\0\x05\0CS\x08\0pixels  "sv;

Instance put(Spool& spool, std::string_view uid, ObjectSink::Source source = ObjectSink::Source::repeatable) {
  const auto image = small_image(uid, 2);
  auto writer = spool.begin(image, source);
  REQUIRE(writer);
  REQUIRE(writer->append(small_frames(2)));
  auto instance = spool.commit(*writer, image, source);
  REQUIRE(instance);
  return *instance;
}

/// As a peer's object comes: written whole and synced.
struct Incoming {
  std::unique_ptr<platform::File> file;
  Spool::Reception reception;
};

Incoming write_incoming(TestSpool& test, Spool& spool, const std::string& uid, std::string_view data_set = kDataSet) {
  Incoming incoming;
  auto& instance = incoming.reception.instance;
  instance.sop_instance_uid = uid;
  instance.sop_class_uid = "1.2.840.10008.5.1.4.1.1.7";
  instance.transfer_syntax_uid = "1.2.840.10008.1.2.1";
  std::array<std::byte, 1024> room{};
  core::ElementWriter meta{room};
  core::write_file_meta(meta, {instance.sop_class_uid, instance.sop_instance_uid, instance.transfer_syntax_uid});
  instance.data_set_offset = meta.size();
  instance.file_bytes = meta.size() + data_set.size();
  incoming.reception.path = spool.place_for(uid);
  auto file = test.platform.store.create(incoming.reception.path);
  REQUIRE(file);
  REQUIRE((*file)->write_at(0, core::ByteView{room}.first(meta.size())));
  REQUIRE((*file)->write_at(meta.size(), core::bytes_of(data_set)));
  REQUIRE((*file)->sync());
  incoming.file = std::move(*file);
  incoming.reception.file = incoming.file.get();
  return incoming;
}

Result<Spool::Received> receive(TestSpool& test, Spool& spool, const std::string& uid, std::string_view data_set = kDataSet) {
  auto incoming = write_incoming(test, spool, uid, data_set);
  return spool.accept_received({&incoming.reception, 1}, kDestinations).front();
}

core::DeliveryState state_of(Spool& spool, const std::string& uid) {
  std::optional<core::DeliveryState> state;
  REQUIRE(spool.ledger().each({uid, "main", {}}, [&state](const Delivery& delivery) { state = delivery.state; }));
  REQUIRE(state);
  return *state;
}

void set_state(Spool& spool, const std::string& uid, core::DeliveryState state) {
  REQUIRE(spool.ledger().update(spool.ledger().find(uid).value()->id, "main", {state, 1, 0, {}, 0, ""}, {}));
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

TEST_CASE("an object that is sent again goes again only to where it was dropped") {
  using core::DeliveryState;
  TestSpool test;
  auto spool = test.open();
  REQUIRE(receive(test, *spool, "2.25.7") == Spool::Received::accepted);
  const auto [before, after] = GENERATE(std::pair{DeliveryState::pending, DeliveryState::pending}, std::pair{DeliveryState::stored, DeliveryState::stored},
                                        std::pair{DeliveryState::stored_with_warning, DeliveryState::stored_with_warning},
                                        std::pair{DeliveryState::held, DeliveryState::held}, std::pair{DeliveryState::dropped, DeliveryState::pending});
  set_state(*spool, "2.25.7", before);
  CHECK(receive(test, *spool, "2.25.7") == Spool::Received::known);
  CHECK(state_of(*spool, "2.25.7") == after);
  CHECK(files_in(test.config.path + "/incoming") == 0);
}

TEST_CASE("another content for a UID that is known is a conflict and leaves nothing behind") {
  TestSpool test;
  auto spool = test.open();
  REQUIRE(receive(test, *spool, "2.25.7") == Spool::Received::accepted);
  CHECK(receive(test, *spool, "2.25.7", kOther) == Spool::Received::conflict);
  CHECK(receive(test, *spool, "2.25.7", kLonger) == Spool::Received::conflict);
  CHECK(receive(test, *spool, "2.25.7") == Spool::Received::known);
  CHECK(files_in(test.config.path + "/incoming") == 0);
}

TEST_CASE("an object that was lost is taken again when its peer sends it again") {
  TestSpool test;
  auto spool = test.open();
  REQUIRE(receive(test, *spool, "2.25.7") == Spool::Received::accepted);
  const auto path = test.config.path + "/objects/2.25.7.dcm";
  const bool is_gone = GENERATE(true, false);
  if (is_gone) std::filesystem::remove(path);
  if (!is_gone) std::filesystem::resize_file(path, 3);
  REQUIRE(spool->recover(kDestinations)->missing == 1);
  CHECK(receive(test, *spool, "2.25.7") == Spool::Received::restored);
  CHECK(state_of(*spool, "2.25.7") == core::DeliveryState::pending);
  CHECK(spool->recover(kDestinations)->missing == 0);
}

TEST_CASE("objects that are accepted together have each its own answer") {
  TestSpool test;
  auto spool = test.open();
  REQUIRE(receive(test, *spool, "2.25.7") == Spool::Received::accepted);
  REQUIRE(receive(test, *spool, "2.25.8") == Spool::Received::accepted);
  const std::array incoming{write_incoming(test, *spool, "2.25.6"), write_incoming(test, *spool, "2.25.7"),
                            write_incoming(test, *spool, "2.25.8", kOther), write_incoming(test, *spool, "2.25.9"),
                            write_incoming(test, *spool, "2.25.10")};
  std::vector<Spool::Reception> receptions;
  for (const auto& one : incoming) receptions.push_back(one.reception);
  std::filesystem::remove(receptions[3].path);
  const auto received = spool->accept_received(receptions, kDestinations);
  REQUIRE(received.size() == 5);
  CHECK(received[0] == Spool::Received::accepted);
  CHECK(received[1] == Spool::Received::known);
  CHECK(received[2] == Spool::Received::conflict);
  CHECK_FALSE(received[3]);
  CHECK(received[4] == Spool::Received::accepted);
  CHECK(files_in(test.config.path + "/objects") == 4);
  CHECK(files_in(test.config.path + "/incoming") == 0);
  CHECK(spool->ledger().due("main", 10, core::WallTime::max(), core::Millis{0})->size() == 4);
  CHECK_FALSE(*spool->ledger().contains("2.25.9"));
}

TEST_CASE("one UID may come twice at a time") {
  TestSpool test;
  auto spool = test.open();
  const auto path = spool->place_for("2.25.7");
  const auto first = test.platform.store.create(path);
  REQUIRE(first);
  CHECK(receive(test, *spool, "2.25.7") == Spool::Received::accepted);
  CHECK(files_in(test.config.path + "/incoming") == 1);
}

TEST_CASE("an object that the ledger cannot take is not accepted, and is when the ledger can again") {
  TestSpool test;
  auto spool = test.open();
  auto corrupt = false;
  const auto other = Database::open(test.config.path + "/ledger.sqlite", "", corrupt);
  REQUIRE(other);
  REQUIRE((*other)->execute("CREATE TRIGGER refuse BEFORE INSERT ON instances BEGIN SELECT RAISE(ABORT, 'refused'); END"));
  CHECK_FALSE(receive(test, *spool, "2.25.7"));
  CHECK_FALSE(*spool->ledger().contains("2.25.7"));
  CHECK(files_in(test.config.path + "/incoming") == 0);
  REQUIRE((*other)->execute("DROP TRIGGER refuse"));
  const bool comes_again = GENERATE(true, false);
  if (comes_again) CHECK(receive(test, *spool, "2.25.7") == Spool::Received::accepted);
  const auto recovered = spool->recover_incoming(kDestinations);
  REQUIRE(recovered);
  CHECK(recovered->problems == std::vector<std::string>{});
  CHECK(recovered->adopted == (comes_again ? 0 : 1));
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
