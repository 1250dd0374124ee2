// What would be decided now, and why: asked by people, without consequences. Nothing is ordered, recorded or
// remembered.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/decimal.hpp"
#include "core/time.hpp"
#include "live/decision.hpp"

namespace argosy::live {

// Of a stock that no service needs to trade: as one with these settings would decide.
struct AdviceWish {
  std::int64_t instrument_id = 0;
  std::string symbol;
  std::string strategy;
  Question what = Question::kBuy;
  core::Price purchase_price;    // of what is held; a sale alone has one
  core::Rate threshold;          // percent: the least confidence of a YES
  core::Rate stop_loss_percent;  // 0: none
  core::Rate take_profit_percent;
};

struct Advice {
  Question what = Question::kBuy;
  bool yes = false;
  double confidence = 0;             // DecisionAnswer::confidence; 100 where no decision is needed
  std::vector<std::string> reasons;  // the first one decided
  std::string source;                // the strategy, or the rule that did
  std::string numbers;               // "draw=0.31 probability=0.4"
  core::Quantity quantity;           // of a YES of a service: what it would order
  core::Price bid;                   // of the last price; zero: there was none
  core::Price ask;
  core::Timestamp quoted_at{};
};

}  // namespace argosy::live
