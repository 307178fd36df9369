// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "echo_probe.hpp"
#include "lambda_program.hpp"
#include "scripted_pacs.hpp"

using namespace scanferry;
using namespace scanferry::platform::sim;
using namespace scanferry::tests;
using platform::Task;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kSecondaryCapture = "1.2.840.10008.5.1.4.1.1.7";
constexpr std::string_view kExplicitLittleEndian = "1.2.840.10008.1.2.1";
constexpr std::string_view kUid = "2.25.1";

struct Rig {
  explicit Rig(PacsBehaviour behaviour = {})
      : world{1},
        fabric{world},
        pacs{std::move(behaviour), 1, [this](const std::string& what) { complaints.push_back(what); }},
        device{world, fabric, "device"},
        host{world, fabric, "pacs"} {
    host.boot(LambdaProgram::maker([this](SimNode& node) {
      return pacs.serve(node.network(), node.clock(), [&node](Task<void> task) { node.spawn(std::move(task)); });
    }));
  }
  void run(LambdaProgram::Body body) {
    device.boot(LambdaProgram::maker(std::move(body)));
    REQUIRE(world.run_until([&] { return device.idle(); }, 1h));
  }

  std::vector<std::string> complaints;
  World world;
  Fabric fabric;
  ScriptedPacs pacs;
  SimNode device;
  SimNode host;
};

Bytes associate(std::string_view abstract_syntax) {
  Wire context;
  context.u8(1).u8(0).u8(0).u8(0).item(0x30, abstract_syntax).item(0x40, kExplicitLittleEndian);
  Wire user;
  user.item(0x51, Wire{}.be32(16384).data());
  Wire request;
  request.be16(1).be16(0).padded("PACS", 16).padded("US", 16).bytes(Bytes(32));
  request.item(0x10, "1.2.840.10008.3.1.1.1").item(0x20, context.data()).item(0x50, user.data());
  return make_pdu(kAssociateRq, request.data());
}

Bytes store_request(core::ByteView data_set) {
  Command command;
  command.field = kStoreRq;
  command.message_id = 3;
  command.data_set_type = 0;
  command.sop_class_uid = kSecondaryCapture;
  command.sop_instance_uid = kUid;
  const auto head = make_data_pdus(1, true, encode_command(command), 100);
  const auto body = make_data_pdus(1, false, data_set, 1000);
  return Wire{}.bytes(head).bytes(body).data();
}

/// Stores one object by hand; the status, or -1 when none came.
Task<int> store(SimNode& node, core::ByteView data_set) {
  auto stream = co_await node.network().dial("pacs", 104, node.clock().now() + 5s);
  if (!stream) co_return -1;
  PduReader reader{**stream, node.clock(), 200s};
  bool sent = co_await send(**stream, node.clock(), associate(kSecondaryCapture), 5s);
  auto answer = co_await reader.next();
  if (!sent || !answer || answer->type != kAssociateAc) co_return -1;
  sent = co_await send(**stream, node.clock(), store_request(data_set), 5s);
  answer = co_await reader.next();
  if (!answer || answer->type != kData) co_return -1;
  const auto pdvs = split_pdvs(*answer);
  const auto response = decode_command(pdvs->front().value);
  co_return response && response->field == kStoreRsp && response->message_id == 3 ? response->status : -1;
}

const Bytes kDataSet(4000, std::byte{0x5A});

}  // namespace

TEST_CASE("a command set survives encoding and decoding, and a wrong group length is seen") {
  Command command;
  command.field = kStoreRsp;
  command.message_id = 0xFFFE;
  command.status = 0xA700;
  command.sop_class_uid = kSecondaryCapture;
  command.sop_instance_uid = "1.2.3";
  command.comment = "odd";
  auto bytes = encode_command(command);
  CHECK(bytes.size() % 2 == 0);
  const auto back = decode_command(bytes);
  REQUIRE(back);
  CHECK(back->field == command.field);
  CHECK(back->message_id == command.message_id);
  CHECK(back->status == command.status);
  CHECK(back->sop_instance_uid == command.sop_instance_uid);
  CHECK(back->comment == command.comment);
  bytes.resize(bytes.size() - 2);
  CHECK_FALSE(decode_command(bytes));
}

TEST_CASE("the scripted PACS answers an echo") {
  Rig rig;
  rig.run([](SimNode& node) -> Task<void> {
    const auto wrong = co_await probe_by_echo(node.network(), node.clock(), "pacs", 104, "PACS", 5s);
    CHECK(wrong.empty());
  });
  CHECK(rig.pacs.echoes() == 1);
  CHECK(rig.complaints.empty());
}

TEST_CASE("the scripted PACS keeps what it answered with success, once") {
  Rig rig;
  for (int i = 0; i < 2; ++i) {
    rig.run([](SimNode& node) -> Task<void> {
      const auto status = co_await store(node, kDataSet);
      CHECK(status == 0);
    });
  }
  REQUIRE(rig.pacs.archive().size() == 1);
  const auto& [uid, stored] = *rig.pacs.archive().begin();
  CHECK(uid == kUid);
  CHECK(stored.data_set == kDataSet);
  CHECK(stored.transfer_syntax_uid == kExplicitLittleEndian);
  CHECK(rig.pacs.dealings(uid).receptions == 2);
  CHECK(rig.complaints.empty());
}

TEST_CASE("the scripted PACS refuses by rule for as often as it was told") {
  PacsBehaviour behaviour;
  behaviour.rules.push_back({1, 0x0110, 2});
  Rig rig{behaviour};
  std::vector<int> statuses;
  rig.run([&](SimNode& node) -> Task<void> {
    for (int i = 0; i < 3; ++i) {
      const auto status = co_await store(node, kDataSet);
      statuses.push_back(status);
    }
  });
  CHECK(statuses == std::vector<int>{0x0110, 0x0110, 0});
  CHECK(rig.pacs.dealings(std::string{kUid}).refusals == 2);
}

TEST_CASE("the scripted PACS misbehaves as told, and an object without an answer may be stored") {
  struct Case {
    const char* what;
    std::uint32_t PacsBehaviour::*rate;
  };
  const auto c = GENERATE(Case{"rejects for ever", &PacsBehaviour::rejects_for_ever}, Case{"rejects for now", &PacsBehaviour::rejects_for_now},
                          Case{"says nothing", &PacsBehaviour::says_nothing}, Case{"aborts at once", &PacsBehaviour::aborts_at_once},
                          Case{"closes before the answer", &PacsBehaviour::closes_before_answer},
                          Case{"never answers", &PacsBehaviour::never_answers}, Case{"garbles", &PacsBehaviour::garbles_answer});
  INFO(c.what);
  PacsBehaviour behaviour;
  behaviour.*c.rate = 1'000'000;
  Rig rig{behaviour};
  rig.run([](SimNode& node) -> Task<void> {
    const auto status = co_await store(node, kDataSet);
    CHECK(status == -1);
  });
  rig.pacs.heal();
  rig.run([](SimNode& node) -> Task<void> {
    const auto status = co_await store(node, kDataSet);
    CHECK(status == 0);
  });
  CHECK(rig.pacs.archive().size() == 1);
  CHECK(rig.complaints.empty());
}

TEST_CASE("the scripted PACS complains about one object that comes twice at a time") {
  Rig rig;
  rig.pacs.behaviour().think_time_max = 10s;
  rig.device.boot([](SimNode& node) {
    struct Two final : Program {
      static Task<void> one(SimNode& n) { (void)co_await store(n, kDataSet); }
    };
    node.spawn(Two::one(node));
    node.spawn(Two::one(node));
    return std::make_unique<Two>();
  });
  rig.world.run_for(1min);
  CHECK(rig.complaints == std::vector<std::string>{"two of one SOP Instance UID are in flight: 2.25.1"});
}

TEST_CASE("the scripted PACS complains about bytes that are no DICOM") {
  Rig rig;
  rig.run([](SimNode& node) -> Task<void> {
    auto stream = co_await node.network().dial("pacs", 104, node.clock().now() + 5s);
    (void)co_await send(**stream, node.clock(), make_pdu(kData, Bytes(10)), 5s);
    PduReader reader{**stream, node.clock(), 5s};
    const auto answer = co_await reader.next();
    CHECK(answer->type == kAbort);
  });
  CHECK(rig.complaints == std::vector<std::string>{"the device broke the protocol: the first PDU is no A-ASSOCIATE-RQ"});
}
