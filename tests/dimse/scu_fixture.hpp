// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <catch2/catch.hpp>

#include <array>
#include <vector>

#include <scanferry/dimse/scu_session.hpp>

#include "wire.hpp"

namespace wire {

using scanferry::dimse::Event;
using scanferry::dimse::ProposedContext;
using scanferry::dimse::ScuConfig;
using scanferry::dimse::ScuSession;

inline const std::array kContexts{ProposedContext{kVerification, kImplicit}, ProposedContext{kUsMultiFrame, kExplicit}};
inline const std::vector<Answered> kBoth{{1, 0, kImplicit}, {3, 0, kExplicit}};

/// A requestor of both contexts with its driver.
struct Scu {
  ScuSession session;
  Driver driver;
  Event last{};  ///< what `next` took

  explicit Scu(const ScuConfig& config = {.calling = "SCANFERRY", .called = "PACS", .timeouts = {}})
      : session{config, kContexts, {}}, driver{.session = session, .object = {}, .written = {}} {}

  Event::Kind next() {
    const auto event = session.poll();
    REQUIRE(event);
    last = *event;
    return event->kind;
  }
  void establish(std::uint32_t max_pdu = 16384, const std::vector<Answered>& answers = kBoth) {
    driver.take();
    driver.feed(associate_ac(answers, max_length(max_pdu)));
    REQUIRE(next() == Event::Kind::established);
  }
  void store(std::size_t bytes) {
    driver.object = object_of(bytes);
    REQUIRE(session.store(
        {.sop_class_uid = kUsMultiFrame, .sop_instance_uid = "1.2.3", .transfer_syntax_uid = kExplicit, .data_set_bytes = bytes},
        driver.now));
  }
  void check_abort(unsigned source = 0, unsigned reason = 0) { CHECK(driver.take() == abort(source, reason)); }
};

}  // namespace wire
