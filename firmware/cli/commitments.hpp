// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <scanferry/model/document.hpp>

#include "cli/object_list.hpp"

namespace scanferry::firmware {

/// For which objects an archive is asked to commit itself, and what it reports of them, PS3.4 J.3. A report may come before the
/// response to its request, twice, or never.
class Commitments {
 public:
  enum class State : std::uint8_t {
    open,       ///< the archive has not reported
    committed,
    failed,     ///< with a reason
    unnamed,    ///< in a transaction that was reported, and the report does not name it
    not_asked,  ///< the archive did not take the request, or there was none
  };
  struct Entry {
    std::string sop_class_uid;
    std::string transaction;
    State state{State::not_asked};
    std::uint16_t reason{0};  ///< Failure Reason (0008,1197)
    std::string trouble;      ///< why it was not asked for
  };

  /// False when it is there already.
  bool add(const SendObject& object);
  /// One that was added is part of a request that goes out now.
  void ask(const std::string& sop_instance_uid, const std::string& transaction);
  /// What was not asked for, or in a transaction (if one is named), will not be; `trouble` says why. A report counts all the same.
  void give_up(const std::string& transaction, const std::string& trouble);
  /// Takes the data set of an N-EVENT-REPORT. False when it is about no transaction of ours.
  bool take(const model::DataSet& report);

  /// Nothing is left that could be reported.
  [[nodiscard]] bool is_complete() const;
  [[nodiscard]] std::size_t committed() const;
  /// By SOP Instance UID.
  [[nodiscard]] const std::map<std::string, Entry>& entries() const { return entries_; }

 private:
  void take(const model::DataSet& report, core::Tag list, const std::string& transaction, State state);

  std::map<std::string, Entry> entries_;
};

/// Why it is not committed, for a person.
std::string explain(const Commitments::Entry& entry);

}  // namespace scanferry::firmware
