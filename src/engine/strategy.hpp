// A strategy written in C++ instead of formulas. It sees bars when they are complete and acts through the engine, so
// that every order of its goes through the same gate, brackets and books as those of a strategy file.
//
//   class TurnOfMonth final : public engine::Strategy {
//     void on_bar(Engine& engine, InstrumentIndex i, const market::Bar& bar) override {
//       if (!engine.account().position(i).is_open() && is_last_week(bar)) engine.enter(bar.key, i, Side::kBuy);
//     }
//   };
//
// samples/cpp/turn_of_month.cpp is a whole program.
#pragma once

#include "engine/engine.hpp"
#include "market/bar.hpp"

namespace argosy::engine {

class Strategy {
 public:
  virtual ~Strategy() = default;
  // A bar is complete and its close is the instrument's mark. Bars of one instant come in the order of the instruments,
  // after all of their closes are marked.
  virtual void on_bar(Engine& engine, InstrumentIndex i, const market::Bar& bar) = 0;
};

}  // namespace argosy::engine
