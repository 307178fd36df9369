// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <map>
#include <set>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "agent/acceptance_group.hpp"

#include "test_spool.hpp"

using namespace scanferry;
using namespace scanferry::firmware;
using namespace std::literals;

namespace {

constexpr std::size_t kAssociations = 16;
constexpr std::size_t kObjects = 40;

// (0008,0016) and (0008,0018), explicit VR little endian.
std::string data_set_of(std::string_view sop_class, std::string_view uid) {
  const auto element = [](char number, std::string_view value) {
    const std::string padded = std::string{value} + std::string(value.size() % 2, '\0');
    return "\x08\0"s + number + "\0UI"s + static_cast<char>(padded.size()) + '\0' + padded;
  };
  return element('\x16', sop_class) + element('\x18', uid);
}

/// Its work is done long before it is told.
class LateStorage final : public platform::StorageThread {
 public:
  std::size_t begun{0};
  std::size_t told{0};

 private:
  platform::Task<void> execute(platform::StorageJob& job) override {
    constexpr std::size_t kTurns = 2 * kAssociations;
    ++begun;
    job.run();
    const auto executor = co_await boost::asio::this_coro::executor;
    for (std::size_t turn = 0; turn < kTurns; ++turn) co_await boost::asio::post(executor, boost::asio::use_awaitable);
    ++told;
  }
};

/// Counts what it is given, and refuses what it is told to.
class CountingKeeper final : public ObjectKeeper {
 public:
  CountingKeeper(TestSpool& test, const LateStorage& late) : test_{test}, late_{late} {}

  Result<std::string> place_for(const IncomingObject&) override { return text(test_.folder.path(), "/", ++files_, ".part"); }
  Result<void> admit(std::uint64_t bytes) override {
    admitted_ += bytes;
    return {};
  }
  void ended(std::uint64_t bytes) override { admitted_ -= bytes; }
  std::vector<StoreAnswer> keep(std::span<const ReceivedObject> objects) override {
    std::set<std::string> uids;
    std::vector<StoreAnswer> answers;
    for (const auto& object : objects) {
      uids.emplace(object.announced.sop_instance_uid.view());
      ++kept[std::string{object.announced.sop_instance_uid.view()}];
      kept_by[std::string{object.announced.sop_instance_uid.view()}] = late_.begun;
      (void)test_.platform.store.remove(object.path);
      answers.push_back({});
    }
    largest_group = std::max(largest_group, objects.size());
    one_uid_twice = one_uid_twice || uids.size() != objects.size();
    return answers;
  }
  [[nodiscard]] std::uint64_t admitted() const { return admitted_; }

  std::map<std::string, std::size_t> kept;
  std::map<std::string, std::size_t> kept_by;  ///< the piece of late storage work
  std::size_t largest_group{0};
  bool one_uid_twice{false};

 private:
  TestSpool& test_;
  const LateStorage& late_;
  std::uint64_t admitted_{0};
  std::uint64_t files_{0};
};

struct Sender {
  TestSpool& test;
  AcceptanceGroup& group;
  CountingKeeper& keeper;
  const LateStorage& late;
  std::map<std::uint16_t, std::size_t> statuses;

  /// Every third object is the same for all, and every fifth is another than announced.
  platform::Task<void> send(std::size_t number) {
    for (std::size_t n = 0; n < kObjects; ++n) {
      IncomingObject object;
      object.sop_class_uid = "1.2.840.10008.5.1.4.1.1.7"sv;
      object.transfer_syntax_uid = "1.2.840.10008.1.2.1"sv;
      object.sop_instance_uid.assign(text("2.25.", n % 3 == 0 ? 0 : number + 1, ".", n + 1));
      IncomingFile file{test.platform.store, keeper, object};
      const auto data_set = data_set_of(object.sop_class_uid.view(), n % 5 == 0 ? "2.25.7"sv : object.sop_instance_uid.view());
      file.put(core::bytes_of(data_set));
      const auto answer = co_await group.accept(file);
      ++statuses[answer.status];
      const bool is_mine_alone = n % 3 != 0;
      if (is_mine_alone && answer.status == 0) CHECK(keeper.kept_by[std::string{object.sop_instance_uid.view()}] <= late.told);
      CHECK_FALSE(file.is_open());
    }
  }
};

}  // namespace

TEST_CASE("objects of many associations are accepted in groups, each once, never two of one UID together, and told when all is done") {
  TestSpool test;
  LateStorage late;
  CountingKeeper keeper{test, late};
  const auto& real = test.platform;
  const bool is_late = GENERATE(false, true);
  platform::Platform platform{real.clock, real.random, real.store, is_late ? late : real.storage, real.network, real.log, real.sqlite_vfs};
  AcceptanceGroup group{platform, keeper};
  Sender sender{test, group, keeper, late, {}};
  for (std::size_t number = 0; number < kAssociations; ++number) test.runtime.spawn(sender.send(number));
  test.runtime.run();
  const std::size_t others = kAssociations * kObjects / 5;
  CHECK(sender.statuses == std::map<std::uint16_t, std::size_t>{{0, kAssociations * kObjects - others}, {0xA900, others}});
  CHECK(keeper.largest_group > 1);
  CHECK(keeper.largest_group <= kAssociations);
  CHECK_FALSE(keeper.one_uid_twice);
  CHECK(keeper.admitted() == 0);
  for (const auto& [uid, times] : keeper.kept) CHECK(times == (uid.starts_with("2.25.0.") ? kAssociations : 1));
}
