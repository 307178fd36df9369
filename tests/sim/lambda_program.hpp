// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include <scanferry/platform/sim/node.hpp>

namespace scanferry::tests {

/// A program for a simulated machine made of one coroutine, which may be a lambda's: the program keeps it alive.
class LambdaProgram final : public platform::sim::Program {
 public:
  using Body = std::function<platform::Task<void>(platform::sim::SimNode&)>;

  LambdaProgram(platform::sim::SimNode& node, Body body) : body_{std::move(body)} { node.spawn(body_(node)); }

  static platform::sim::SimNode::MakeProgram maker(Body body) {
    return [body = std::move(body)](platform::sim::SimNode& node) { return std::make_unique<LambdaProgram>(node, body); };
  }

 private:
  Body body_;
};

}  // namespace scanferry::tests
