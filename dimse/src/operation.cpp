// SPDX-License-Identifier: Apache-2.0
#include <scanferry/dimse/operation.hpp>

#include <array>

#include <scanferry/dimse/status.hpp>
#include <scanferry/dimse/uids.hpp>

namespace scanferry::dimse {
namespace {

constexpr std::array kOperations{
    Operation{.field = CommandField::c_store, .name = "C-STORE", .names_instance = true},
    Operation{.field = CommandField::c_get, .name = "C-GET", .may_pend = true, .answers_data = true},
    Operation{.field = CommandField::c_find, .name = "C-FIND", .may_pend = true, .answers_data = true},
    Operation{.field = CommandField::c_move, .name = "C-MOVE", .may_pend = true, .answers_data = true},
    Operation{.field = CommandField::c_echo, .name = "C-ECHO"},
    Operation{.field = CommandField::n_event_report, .name = "N-EVENT-REPORT", .names_instance = true, .answers_data = true},
    Operation{.field = CommandField::n_get, .name = "N-GET", .names_instance = true, .answers_data = true},
    Operation{.field = CommandField::n_set, .name = "N-SET", .names_instance = true, .answers_data = true},
    Operation{.field = CommandField::n_action, .name = "N-ACTION", .names_instance = true, .answers_data = true},
    Operation{.field = CommandField::n_create, .name = "N-CREATE", .answers_data = true},
    Operation{.field = CommandField::n_delete, .name = "N-DELETE", .names_instance = true},
};

/// A request that affects its SOP class and instance.
CommandSet affecting(CommandField operation, std::string_view sop_class_uid, std::string_view sop_instance_uid) {
  CommandSet request;
  request.command_field = request_field(operation);
  request.affected_sop_class_uid = sop_class_uid;
  request.affected_sop_instance_uid = sop_instance_uid;
  return request;
}

/// One that requests them: of an instance that is there.
CommandSet requesting(CommandField operation, std::string_view sop_class_uid, std::string_view sop_instance_uid) {
  CommandSet request;
  request.command_field = request_field(operation);
  request.requested_sop_class_uid = sop_class_uid;
  request.requested_sop_instance_uid = sop_instance_uid;
  return request;
}

CommandSet with_priority(CommandSet request) {
  request.priority = kPriorityMedium;
  return request;
}

}  // namespace

const Operation* find_operation(std::uint16_t command_field) {
  for (const auto& operation : kOperations) {
    if (request_field(operation.field) == (command_field & ~kResponseBit)) return &operation;
  }
  return nullptr;
}

bool may_answer_data(const Operation& operation, std::uint16_t status) {
  switch (operation.field) {
    case CommandField::c_find: return is_pending(status);
    case CommandField::c_move:
    case CommandField::c_get: return !is_pending(status) && status != 0;
    default: return operation.answers_data;
  }
}

std::string_view missing_in(const Operation& operation, const CommandSet& request) {
  if (request.sop_class_uid().empty()) return "the SOP Class UID is missing";
  if (operation.names_instance && request.sop_instance_uid().empty()) return "the SOP Instance UID is missing";
  switch (operation.field) {
    case CommandField::c_move: return request.move_destination.empty() ? "the Move Destination is missing" : "";
    case CommandField::n_event_report: return request.event_type ? "" : "the Event Type ID is missing";
    case CommandField::n_action: return request.action_type ? "" : "the Action Type ID is missing";
    default: return {};
  }
}

CommandSet echo_request() { return affecting(CommandField::c_echo, uid::kVerification, {}); }

CommandSet store_request(std::string_view sop_class_uid, std::string_view sop_instance_uid) {
  return with_priority(affecting(CommandField::c_store, sop_class_uid, sop_instance_uid));
}

CommandSet find_request(std::string_view sop_class_uid) {
  return with_priority(affecting(CommandField::c_find, sop_class_uid, {}));
}

CommandSet get_request(std::string_view sop_class_uid) {
  return with_priority(affecting(CommandField::c_get, sop_class_uid, {}));
}

CommandSet move_request(std::string_view sop_class_uid, std::string_view destination) {
  auto request = with_priority(affecting(CommandField::c_move, sop_class_uid, {}));
  request.move_destination = destination;
  return request;
}

CommandSet event_report_request(std::string_view sop_class_uid, std::string_view sop_instance_uid, std::uint16_t event_type) {
  auto request = affecting(CommandField::n_event_report, sop_class_uid, sop_instance_uid);
  request.event_type = event_type;
  return request;
}

CommandSet n_get_request(std::string_view sop_class_uid, std::string_view sop_instance_uid, std::span<const core::Tag> attributes) {
  auto request = requesting(CommandField::n_get, sop_class_uid, sop_instance_uid);
  request.attributes = TagList{attributes};
  return request;
}

CommandSet n_set_request(std::string_view sop_class_uid, std::string_view sop_instance_uid) {
  return requesting(CommandField::n_set, sop_class_uid, sop_instance_uid);
}

CommandSet n_action_request(std::string_view sop_class_uid, std::string_view sop_instance_uid, std::uint16_t action_type) {
  auto request = requesting(CommandField::n_action, sop_class_uid, sop_instance_uid);
  request.action_type = action_type;
  return request;
}

CommandSet n_create_request(std::string_view sop_class_uid, std::string_view sop_instance_uid) {
  return affecting(CommandField::n_create, sop_class_uid, sop_instance_uid);
}

CommandSet n_delete_request(std::string_view sop_class_uid, std::string_view sop_instance_uid) {
  return requesting(CommandField::n_delete, sop_class_uid, sop_instance_uid);
}

CommandSet response_to(const CommandSet& request, std::uint16_t status) {
  CommandSet response;
  response.command_field = static_cast<std::uint16_t>(request.command_field.value_or(0) | kResponseBit);
  response.responded_message_id = request.message_id;
  response.affected_sop_class_uid = request.sop_class_uid();
  response.affected_sop_instance_uid = request.sop_instance_uid();
  response.event_type = request.event_type;
  response.action_type = request.action_type;
  response.status = status;
  return response;
}

}  // namespace scanferry::dimse
