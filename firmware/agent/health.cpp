// SPDX-License-Identifier: Apache-2.0
#include "agent/health.hpp"

#include <scanferry/dimse/uids.hpp>

namespace scanferry::firmware {
Health::Health(platform::Platform& platform, const AgentConfig& config, Pusher& pusher)
    : platform_{platform}, config_{config}, pusher_{pusher}, route_{platform, pusher.destination().security},
      area_{text("health ", pusher.destination().name)},
      wake_{platform.clock.make_event()} {}

void Health::stop() {
  stopping_ = true;
  wake_->notify();
  if (link_ != nullptr) link_->abort();
}

platform::Task<void> Health::run() {
  while (!stopping_) {
    // An object on its way proves more than an echo.
    if (!pusher_.is_busy()) {
      const auto result = co_await check();
      if (!stopping_) note(result);
    }
    if (!stopping_) co_await wake_->wait_until(platform_.clock.now() + config_.echo_interval);
  }
}

platform::Task<Result<void>> Health::check() {
  ContextPlan plan;
  plan.add(dimse::uid::kVerification, dimse::uid::kImplicitVrLittleEndian);
  Link link{route_.platform(), config_.aet, pusher_.destination()};
  link_ = &link;
  auto result = co_await link.open(plan.contexts());
  if (result) result = co_await link.echo();
  co_await link.close();
  link_ = nullptr;
  co_return result;
}

void Health::note(const Result<void>& result) {
  if (result) pusher_.link_proved_good();
  const auto trouble = result ? std::string{} : result.error().message;
  const bool news = !asked_ || trouble != trouble_;
  asked_ = true;
  trouble_ = trouble;
  if (!news) return;
  if (result) {
    platform_.log.write(platform::LogLevel::info, area_, "answers C-ECHO");
  } else {
    platform_.log.write(platform::LogLevel::warning, area_, text("does not answer C-ECHO: ", trouble));
  }
}

}  // namespace scanferry::firmware
