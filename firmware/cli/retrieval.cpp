// SPDX-License-Identifier: Apache-2.0
#include "cli/retrieval.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <scanferry/core/value_text.hpp>
#include <scanferry/dimse/status.hpp>

#include "cli/identifier.hpp"
#include "cli/number_range.hpp"

namespace scanferry::firmware {
namespace {

constexpr core::Tag kFailedInstances{0x0008, 0x0058};

// PS3.4 C.4.2.1.5 and C.4.3.1.4.
constexpr std::uint16_t kDoneNotAll = 0xB000;  ///< failures or warnings among the sub-operations
constexpr std::uint16_t kNoneDone = 0xA702;    ///< no sub-operation could be done
constexpr std::uint16_t kCancelled = 0xFE00;

/// For an archive to end what it was told to cancel.
constexpr core::Millis kCancelPatience{5'000};

/// What the archive lists at the end; nothing when it lists nothing.
std::vector<std::string> failed_instances(const Answer& last) {
  std::vector<std::string> uids;
  if (last.data_set.empty()) return uids;
  const model::MemorySource source{core::bytes_of(last.data_set)};
  const auto document = model::Document::read_data_set(source, last.transfer_syntax_uid);
  const auto* element = document ? document->data_set().find(kFailedInstances) : nullptr;
  if (element == nullptr) return uids;
  for (const auto uid : core::TextValues{core::Vr::ui, core::text_of(element->bytes())}) uids.emplace_back(core::trimmed(core::Vr::ui, uid));
  return uids;
}

/// Statuses that some archives give when sub-operations failed, though the standard has B000H for that.
bool has_failures(std::uint16_t status) { return status == 0 || status == kDoneNotAll || status == kNoneDone; }

std::string json_of(const SubOperations& counts, std::uint16_t status, const std::vector<std::string>& failed) {
  char code[8];
  std::snprintf(code, sizeof code, "%04X", status);
  std::string list;
  for (const auto& uid : failed) list += text(list.empty() ? "" : ",", json_string(uid));
  return text("{\"status\":\"", code, "\",\"completed\":", counts.completed, ",\"warned\":", counts.warned, ",\"failed\":", counts.failed,
              ",\"failed_instances\":[", list, "]}");
}

}  // namespace

void RetrievalOptions::add_to(CLI::App& command) {
  peer.add_to(command);
  command.add_option("-k,--key", keys, "PATH[:VR]=VALUE: what is wanted, by the unique keys of the level and those above it")
      ->required()->allow_extra_args(false);
  command.add_option("--root", root, "Information model: study or patient")->capture_default_str()->check(CLI::IsMember({"study", "patient"}));
  command.add_option("--level", level, "What the keys name: patient, study, series or image")
      ->capture_default_str()->check(CLI::IsMember({"patient", "study", "series", "image"}));
  command.add_option("--cancel-after", cancel_after, "Cancel after so many objects");
  command.add_option("--timeout", timeout_seconds, "Seconds to wait for each response; connecting and associating take no longer, either")
      ->capture_default_str()->check(number_between(0.1, 86400.0));
  command.add_flag("--json", json, "One JSON object: the counts");
  command.add_flag("--quiet", quiet, "Only errors");
}

Result<Peer> RetrievalOptions::resolve(platform::Store& store) const {
  auto found = peer.resolve(store);
  if (!found) return found;
  found->limit_response(timeout_seconds);
  return found;
}

Result<model::Document> RetrievalOptions::identifier() const {
  auto all = keys;
  auto upper = level;
  for (char& c : upper) c = static_cast<char>(c - 'a' + 'A');
  all.push_back("QueryRetrieveLevel=" + upper);
  return identifier_of(all);
}

void SubOperations::take(const dimse::CommandSet& response) {
  completed = response.completed.value_or(completed);
  failed = response.failed.value_or(failed);
  warned = response.warned.value_or(warned);
  remaining = response.remaining.value_or(0);
}

Retrieval::Retrieval(platform::LinuxRuntime& runtime, const RetrievalOptions& options, const Peer& peer)
    : runtime_{runtime}, clock_{runtime.platform().clock}, options_{options}, peer_{peer},
      route_{runtime.platform(), peer.destination.security}, progress_{!options.quiet && !options.json}, ended_{clock_.make_event()} {}

platform::Task<bool> Retrieval::run(std::span<const dimse::ProposedContext> contexts, dimse::CommandSet request,
                                    const model::Document& identifier, Serving serving) {
  Link link{route_.platform(), peer_.calling, peer_.destination};
  link.serve(serving);
  link_ = &link;
  counts_ = {};
  const auto last = co_await ask(link, contexts, request, identifier);
  co_await link.close();
  link_ = nullptr;
  ended_->notify();
  progress_.clear();
  if (!last) {
    print_error(last.error().message);
    co_return false;
  }
  add_up(*last);
  co_return true;
}

platform::Task<Result<Answer>> Retrieval::ask(Link& link, std::span<const dimse::ProposedContext> contexts, dimse::CommandSet request,
                                              const model::Document& identifier) {
  if (const auto opened = co_await link.open(contexts); !opened) co_return std::unexpected{opened.error()};
  EncodeDataSet encode = [&identifier](std::string_view syntax) { return encode_identifier(identifier, syntax); };
  TakeAnswer take_one = [this](const Answer& answer) { return take(answer); };
  co_return co_await link.ask(request, std::move(encode), std::move(take_one));
}

/// What came now failed before.
void Retrieval::add_up(const Answer& last) {
  SubOperations now = std::exchange(counts_, {});
  now.take(last.command);
  const bool is_first = !failed_.has_value();
  const auto came = std::uint32_t{now.completed} + now.warned;
  counts_.completed = static_cast<std::uint16_t>(so_far_.completed + now.completed);
  counts_.warned = static_cast<std::uint16_t>(so_far_.warned + now.warned);
  counts_.failed = is_first ? now.failed : static_cast<std::uint16_t>(so_far_.failed - std::min<std::uint32_t>(so_far_.failed, came));
  so_far_ = counts_;
  auto named = failed_instances(last);
  if (!is_first) std::erase_if(named, [this](const std::string& uid) { return std::ranges::find(*failed_, uid) == failed_->end(); });
  failed_ = std::move(named);
  last_ = last;
  // Of what did not come here because it had come already nobody has to be told.
  if (!is_first && counts_.failed == 0 && has_failures(last_.status)) last_.status = counts_.warned > 0 ? kDoneNotAll : 0;
}

bool Retrieval::is_worth_another() const {
  return counts_.failed > 0 && has_failures(last_.status) && !is_stopped_ && !is_enough_;
}

bool Retrieval::take(const Answer& answer) {
  counts_.take(answer.command);
  progress_.show(clock_.now(), counts_.done(), counts_.done() + counts_.remaining, "objects", 0);
  is_enough_ = options_.cancel_after != 0 && counts_.done() >= options_.cancel_after;
  return !is_stopped_ && !is_enough_;
}

void Retrieval::stop() {
  const bool is_first = !is_stopped_;
  is_stopped_ = true;
  if (link_ == nullptr) return;
  if (is_first && link_->is_open()) return runtime_.spawn(break_off_later());
  link_->abort();
}

platform::Task<void> Retrieval::break_off_later() {
  const bool is_over = co_await ended_->wait_until(clock_.now() + kCancelPatience);
  if (!is_over && link_ != nullptr) link_->abort();
}

bool Retrieval::tell() const {
  const auto failed = failed_.value_or(std::vector<std::string>{});
  if (options_.json) print(json_of(counts_, last_.status, failed));
  for (const auto& uid : failed) print_error(text(uid, ": not sent"));
  const bool is_whole = last_.status == 0 || (last_.status == kDoneNotAll && counts_.warned > 0) || (last_.status == kCancelled && is_enough_);
  if (!is_whole || counts_.failed > 0) {
    const auto why = last_.status == 0 ? std::string{"succeeded in part"} : explain(last_, dimse::explain_retrieve_status(last_.status));
    print_error(text(to_string(peer_.destination.address), ": ", why, counts_.failed > 0 ? text("; ", counts_.failed, " objects were not sent") : ""));
  }
  return is_whole && counts_.failed == 0 && failed.empty();
}

}  // namespace scanferry::firmware
