// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/uid.hpp>
#include <scanferry/dimse/user_information.hpp>

namespace scanferry::dimse {

/// One abstract syntax with one transfer syntax, to be proposed in a presentation context of its own (PS3.8 9.3.2.2):
/// so the peer's answer says exactly what it takes. Who would take any of several says so in one context.
struct ProposedContext {
  core::Uid abstract_syntax;
  core::Uid transfer_syntax;
  std::span<const core::Uid> alternatives{};  ///< further transfer syntaxes, borrowed until the proposal is encoded
};
/// Transfer syntaxes of one context that we propose: an answer names one by its place, in 8 bits.
inline constexpr std::size_t kSyntaxesMax = 255;

/// PS3.8 9.3.2.2: odd context ids, 1 to 255.
inline constexpr std::size_t kContextsMax = 128;

/// The id of the context at `index` of a proposal, and back.
constexpr std::uint8_t context_id_at(std::size_t index) { return static_cast<std::uint8_t>(2 * index + 1); }
constexpr std::size_t context_index_of(std::uint8_t id) { return id / 2U; }

/// PS3.8 9.3.3.2 table 9-18, and one of ours.
enum class ContextResult : std::uint8_t {
  accepted = 0,
  user_rejected = 1,
  no_reason = 2,
  abstract_syntax_not_supported = 3,
  transfer_syntaxes_not_supported = 4,
  unanswered = 255,  ///< the acceptor said nothing about it: it counts as refused
};

/// What became of one proposed context.
struct ContextAnswer {
  ContextResult result{ContextResult::unanswered};
  std::uint8_t syntax{0};  ///< which of the context's proposed transfer syntaxes was accepted, from 0
  Roles roles{};           ///< what the requestor may be in it, PS3.7 D.3.3.4
};

/// The answers to a whole proposal, by context id. Together with the A-ASSOCIATE-RQ, which both sides keep, this is all
/// that was negotiated about contexts.
class ContextAnswers {
 public:
  void set(std::uint8_t id, ContextAnswer answer) { answers_[context_index_of(id)] = answer; }
  [[nodiscard]] ContextAnswer at(std::uint8_t id) const { return answers_[context_index_of(id)]; }
  [[nodiscard]] bool accepted(std::uint8_t id) const { return id % 2 == 1 && at(id).result == ContextResult::accepted; }

 private:
  std::array<ContextAnswer, kContextsMax> answers_{};
};

/// Reads the answers of an A-ASSOCIATE-AC: contexts, and the roles in them. `proposal` and `reply` are the items of RQ and AC; the
/// proposal may end inside its user identity. An answer to what was not proposed is ignored; an accepted transfer syntax that was
/// not proposed counts as refused, and a role that was not proposed is not granted.
ContextAnswers read_answers(core::ByteView proposal, core::ByteView reply);

/// Why there is no usable context for a pair: the acceptor takes the abstract syntax in no context; or it does, or says that
/// it would (PS3.8 table 9-18, result 4), but not with the transfer syntax.
enum class ContextError : std::uint8_t { class_refused, syntax_refused };

/// The id of the accepted context for the pair, or why there is none. `proposal` is the items of the RQ. Without a
/// transfer syntax any will do: a message without a data set has none.
std::expected<std::uint8_t, ContextError> find_context(core::ByteView proposal, const ContextAnswers& answers,
                                                       std::string_view abstract_syntax,
                                                       std::optional<std::string_view> transfer_syntax = std::nullopt);

/// What was agreed for the accepted context `id` of a proposal, borrowed from it; empty for others.
std::string_view abstract_syntax_of(core::ByteView proposal, const ContextAnswers& answers, std::uint8_t id);
std::string_view transfer_syntax_of(core::ByteView proposal, const ContextAnswers& answers, std::uint8_t id);

}  // namespace scanferry::dimse
