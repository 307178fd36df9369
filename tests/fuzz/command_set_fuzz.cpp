// SPDX-License-Identifier: Apache-2.0
// Any bytes as a command set. What was understood can be written, in bounded room, and says the same when it is read again.
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <scanferry/dimse/command_set.hpp>
#include <scanferry/dimse/operation.hpp>
#include <scanferry/dimse/status.hpp>

#include "require.hpp"

using namespace scanferry;
using fuzz::require;

namespace {

std::vector<std::byte> encode(const dimse::CommandSet& command) {
  std::array<std::byte, dimse::kCommandSetBytesMax> room;
  dimse::ByteWriter out{room};
  dimse::put_command_set(out, command);
  return {out.written().begin(), out.written().end()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Memory of their own size shows a read behind them.
  const auto given = std::as_bytes(std::span{data, size});
  const std::vector<std::byte> bytes{given.begin(), given.end()};
  const auto command = dimse::read_command_set(bytes);
  if (!command) {
    require(!command.error().empty());
    return 0;
  }
  require(command->command_field && command->data_set_type);
  const auto written = encode(*command);
  const auto again = dimse::read_command_set(written);
  require(again.has_value());
  require(encode(*again) == written);
  require(again->sop_class_uid() == command->sop_class_uid() && again->sop_instance_uid() == command->sop_instance_uid());
  require(again->error_comment == command->error_comment && again->status == command->status);
  if (const auto* operation = dimse::find_operation(*command->command_field)) {
    (void)dimse::missing_in(*operation, *command);
    (void)dimse::may_answer_data(*operation, command->status.value_or(0));
  }
  (void)dimse::explain_store_status(command->status.value_or(0));
  return 0;
}
