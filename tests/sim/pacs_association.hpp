// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

#include "scripted_pacs.hpp"

namespace scanferry::tests {

/// One association of a ScriptedPacs, from the first byte to the last.
class PacsAssociation {
 public:
  PacsAssociation(ScriptedPacs& pacs, platform::ByteStream& stream, platform::Clock& clock);
  ~PacsAssociation();
  PacsAssociation(const PacsAssociation&) = delete;
  PacsAssociation& operator=(const PacsAssociation&) = delete;

  platform::Task<void> run();

 private:
  struct Context {
    std::string abstract_syntax;
    std::string transfer_syntax;
  };
  platform::Task<bool> establish();
  platform::Task<bool> answer_request(const Pdu& request);
  Bytes accept(const Pdu& request, bool refuse_all);
  Bytes answer_contexts(Unwire items, bool refuse_all);
  /// False when the association is over.
  platform::Task<bool> take_data(const Pdu& pdu);
  platform::Task<bool> take_command_fragment(const Pdv& pdv);
  platform::Task<bool> take_data_fragment(const Pdv& pdv);
  platform::Task<bool> answer_echo(const Command& request, std::uint8_t context);
  platform::Task<bool> finish_object();
  platform::Task<bool> respond(const Command& response, std::uint8_t context);
  platform::Task<bool> violation(std::string what);
  platform::Task<void> pause(core::Millis span);
  platform::Task<void> wait_for_the_end();
  platform::Task<bool> abort();
  [[nodiscard]] bool begin_object(const Command& request, std::uint8_t context, std::string& wrong);

  ScriptedPacs& pacs_;
  platform::ByteStream& stream_;
  platform::Clock& clock_;
  PduReader reader_;
  bool is_open_{false};
  std::map<std::uint8_t, Context> contexts_;
  Bytes command_;
  struct Object {
    Command request;
    std::uint8_t context{0};
    Bytes data_set;
    ScriptedPacs::ObjectFate fate{};
    std::size_t break_at{0};  ///< bytes of data set after which it aborts or closes
  };
  std::optional<Object> object_;
};

}  // namespace scanferry::tests
