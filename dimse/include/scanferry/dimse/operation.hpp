// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <scanferry/core/tag.hpp>
#include <scanferry/core/uid.hpp>
#include <scanferry/dimse/command_set.hpp>

/// The DIMSE operations, PS3.7 9.1 and 10.1. A service is made of them: its SOP class, what is put into the data sets, and what its
/// statuses mean (status.hpp); the exchange of messages is the same for all (message_session.hpp).
namespace scanferry::dimse {

struct Operation {
  CommandField field{};
  std::string_view name;      ///< "C-STORE"
  bool names_instance{false}; ///< its request says which SOP instance it is about
  bool may_pend{false};       ///< several responses: all but the last have a pending status
  bool answers_data{false};   ///< a response may have a data set: `may_answer_data` says which
};

/// What a Command Field (of a request or a response) stands for; null for C-CANCEL, which is no operation, and what is not known.
const Operation* find_operation(std::uint16_t command_field);

/// Whether a response with this status may have a data set, PS3.7 9.3 and 10.3: matches of a C-FIND do, and what failed of a C-MOVE
/// or C-GET is listed in the end. Peers are known to announce one where there is none.
bool may_answer_data(const Operation& operation, std::uint16_t status);

/// What of a request PS3.7 9.3 and 10.3 demand and is not there, in words; empty: nothing.
std::string_view missing_in(const Operation& operation, const CommandSet& request);

// Requests, complete but for what the session adds: message id and Command Data Set Type.
CommandSet echo_request();
CommandSet store_request(std::string_view sop_class_uid, std::string_view sop_instance_uid);
CommandSet find_request(std::string_view sop_class_uid);
CommandSet get_request(std::string_view sop_class_uid);
CommandSet move_request(std::string_view sop_class_uid, std::string_view destination);
CommandSet event_report_request(std::string_view sop_class_uid, std::string_view sop_instance_uid, std::uint16_t event_type);
/// No attributes: all of them.
CommandSet n_get_request(std::string_view sop_class_uid, std::string_view sop_instance_uid, std::span<const core::Tag> attributes = {});
CommandSet n_set_request(std::string_view sop_class_uid, std::string_view sop_instance_uid);
CommandSet n_action_request(std::string_view sop_class_uid, std::string_view sop_instance_uid, std::uint16_t action_type);
/// Without an instance UID the peer gives one.
CommandSet n_create_request(std::string_view sop_class_uid, std::string_view sop_instance_uid);
CommandSet n_delete_request(std::string_view sop_class_uid, std::string_view sop_instance_uid);

/// The response to `request` with its status, complete but for Command Data Set Type.
CommandSet response_to(const CommandSet& request, std::uint16_t status);

}  // namespace scanferry::dimse
