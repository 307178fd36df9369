// SPDX-License-Identifier: Apache-2.0
#include "echo_probe.hpp"

#include "wire.hpp"

namespace scanferry::tests {
namespace {

constexpr std::string_view kVerification = "1.2.840.10008.1.1";
constexpr std::string_view kImplicitLittleEndian = "1.2.840.10008.1.2";
constexpr std::uint8_t kContext = 1;

// PS3.8 9.3.2, with one presentation context.
Bytes associate_request(std::string_view called_aet) {
  Wire context;
  context.u8(kContext).u8(0).u8(0).u8(0).item(0x30, kVerification).item(0x40, kImplicitLittleEndian);
  Wire user;
  user.item(0x51, Wire{}.be32(16384).data()).item(0x52, "1.2.826.0.1.3680043.9.9999.2");
  Wire request;
  request.be16(1).be16(0).padded(called_aet, 16).padded("PROBE", 16).bytes(Bytes(32));
  request.item(0x10, "1.2.840.10008.3.1.1.1").item(0x20, context.data()).item(0x50, user.data());
  return make_pdu(kAssociateRq, request.data());
}

Bytes echo_request() {
  Command command;
  command.field = kEchoRq;
  command.message_id = 7;
  command.sop_class_uid = kVerification;
  return make_data_pdus(kContext, true, encode_command(command), 512);
}

std::string judge_echo(const Pdu& pdu) {
  const auto pdvs = pdu.type == kData ? split_pdvs(pdu) : std::nullopt;
  if (!pdvs || pdvs->size() != 1 || !pdvs->front().is_command || !pdvs->front().is_last) return "no whole C-ECHO-RSP came";
  const auto response = decode_command(pdvs->front().value);
  if (!response || response->field != kEchoRsp || response->message_id != 7) return "the C-ECHO-RSP is malformed";
  if (response->status != 0) return "the C-ECHO-RSP has status " + std::to_string(response->status);
  return {};
}

}  // namespace

platform::Task<std::string> probe_by_echo(platform::Network& network, platform::Clock& clock, std::string host, std::uint16_t port,
                                          std::string called_aet, core::Millis patience) {
  auto stream = co_await network.dial(std::move(host), port, clock.now() + patience);
  if (!stream) co_return stream.error().detail;
  PduReader reader{**stream, clock, patience};
  if (!co_await send(**stream, clock, associate_request(called_aet), patience)) co_return std::string{"cannot ask for an association"};
  const auto accepted = co_await reader.next();
  if (!accepted || accepted->type != kAssociateAc) co_return std::string{"the association is not accepted"};
  if (!co_await send(**stream, clock, echo_request(), patience)) co_return std::string{"cannot send C-ECHO-RQ"};
  const auto answer = co_await reader.next();
  if (!answer) co_return std::string{"no answer to C-ECHO-RQ"};
  auto wrong = judge_echo(*answer);
  if (!wrong.empty()) co_return wrong;
  if (!co_await send(**stream, clock, make_pdu(kReleaseRq, Bytes(4)), patience)) co_return std::string{"cannot send A-RELEASE-RQ"};
  const auto released = co_await reader.next();
  if (!released || released->type != kReleaseRp) co_return std::string{"no A-RELEASE-RP came"};
  co_return std::string{};
}

}  // namespace scanferry::tests
