// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include <scanferry/core/bytes.hpp>
#include <scanferry/dimse/pdu.hpp>
#include <scanferry/dimse/pdu_reader.hpp>
#include <scanferry/dimse/state_table.hpp>

namespace scanferry::dimse {

/// What the upper layer tells its user: the indication and confirmation primitives of PS3.8 7.
struct Indication {
  enum class Kind : std::uint8_t {
    associate_asked,    ///< A-ASSOCIATE indication: `associate`
    associate_accepted, ///< A-ASSOCIATE confirmation: `associate`
    associate_rejected, ///< A-ASSOCIATE confirmation: `rejection`
    data,               ///< P-DATA indication: `fragment`
    release_asked,      ///< A-RELEASE indication, to be answered with `answer_release`
    release_confirmed,  ///< A-RELEASE confirmation
    aborted,            ///< A-ABORT or A-P-ABORT indication: `abortion`
    violated,           ///< A-P-ABORT indication of our own: `fault`
  };
  Kind kind{};
  AssociatePdu associate;
  Rejection rejection;
  Fragment fragment;
  Abortion abortion;
  PduFault fault;
};

/// The upper layer of one association, both roles: the machine of PS3.8 9.2 over PDUs. It knows no time: the ARTIM timer
/// (PS3.8 9.1.5) is its user's, who calls `artim_expired` in Sta2 and Sta13. The transport's opening is behind it when it begins.
class Association {
 public:
  /// `incoming` bounds A-ASSOCIATE PDUs of the peer, `outgoing` is where all PDUs but the requestor's first are put together.
  /// Both are borrowed for life.
  Association(Role role, core::ByteBuffer incoming, core::ByteBuffer outgoing, std::uint32_t max_pdu_receive);

  /// Takes bytes from the front of `bytes` until there is something to tell, or all of them.
  std::optional<Indication> receive(core::ByteView& bytes);
  /// True when the user had to be told: the association was not over yet.
  bool transport_closed();
  void artim_expired();

  // The user's primitives. Each puts its PDU into the output; false, and nothing done, where the state does not allow it.

  /// Evt2: sends `pdu`, an encoded A-ASSOCIATE-RQ; borrowed until written. Its pieces come out one after the other.
  bool request(const RequestPdu& pdu);
  bool request(core::ByteView pdu) { return request(RequestPdu{.head = pdu, .identity = {}, .tail = {}}); }
  /// Evt7. `asked` is the indication's, and its views are still valid. False too when the answer is longer than the output's room.
  bool accept(const AssociatePdu& asked, const ContextAnswers& answers, std::uint32_t max_pdu_bytes,
              const AssociateAnswer& more = {});
  bool reject(const Rejection& rejection);
  /// Evt9: may P-DATA-TF be put into `writer` now?
  [[nodiscard]] bool may_send_data() const { return action_for(state_, Trigger::data_request) != Action::none; }
  bool release();
  bool answer_release();
  /// Evt15: what was not written yet is withdrawn in favour of an A-ABORT. False where there is no association to abort.
  bool abort();
  /// Closes without a word.
  void drop();

  /// Where the user puts P-DATA-TF PDUs.
  [[nodiscard]] ByteWriter& writer() { return out_; }
  /// What to write next; there may be more behind it once it was written.
  [[nodiscard]] core::ByteView output() const;
  void wrote();

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] Role role() const { return role_; }
  [[nodiscard]] const PduReader& reader() const { return reader_; }

 private:
  struct Decoded {
    Trigger trigger{};
    Indication indication;
  };
  static Decoded decode(const Incoming& incoming);
  static Decoded decode_pdu(const Incoming& incoming);
  std::optional<Indication> react(Decoded decoded);
  Indication break_off(const Decoded& decoded, AbortSource source);
  bool fire(Trigger trigger);
  void enter(State state);
  void withdraw();
  void put_abort_alone(AbortSource source, AbortReason reason);

  Role role_;
  State state_;
  PduReader reader_;
  ByteWriter out_;
  std::array<core::ByteView, 3> request_{};  ///< what of the A-ASSOCIATE-RQ is not written yet
};

}  // namespace scanferry::dimse
