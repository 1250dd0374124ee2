// What would be decided now, and why. Asked of the process that trades; nothing follows from it.
#include <fmt/format.h>

#include "ledger/instruments.hpp"
#include "rest/resources.hpp"

namespace argosy::rest {

using core::ErrorCode;
using core::fail;
using core::Result;
using server::Access;
using server::endpoint;
using server::None;

struct BuyQuery {
  std::string symbol;
};
struct SellQuery {
  std::string symbol;
  core::Price purchase_price;
};
struct DecisionOut {
  std::string decision;
  std::vector<std::string> reasons;
  double confidence = 0;
  std::string question;
  std::string source;
  std::string numbers;
  std::optional<core::Quantity> quantity;
  std::optional<core::Price> bid;
  std::optional<core::Price> ask;
  std::optional<core::Timestamp> quoted_at;
};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::BuyQuery> {
  using Row = argosy::rest::BuyQuery;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, symbol, .limits = {.maximum_length = 20}, .text = "of a stock", .required = true)};
  static constexpr RecordType kType{"buy_question", "Whether to buy", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::SellQuery> {
  using Row = argosy::rest::SellQuery;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, symbol, .limits = {.maximum_length = 20}, .text = "of a stock", .required = true),
      ARGOSY_FIELD(Row, purchase_price, .limits = {.minimum = 0}, .text = "that was paid a share", .required = true)};
  static constexpr RecordType kType{"sell_question", "Whether to sell", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::DecisionOut> {
  using Row = argosy::rest::DecisionOut;
  static constexpr std::array<std::string_view, 2> kDecisions{"YES", "NO"};
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, decision, .limits = {.one_of = kDecisions}, .text = "YES or NO"),
      ARGOSY_FIELD(Row, reasons, .text = "in words; the first one decided"),
      ARGOSY_FIELD(Row, confidence, .unit = "%",
                   .text = "of a YES: how sure the strategy is of it; of a NO: how near it is to a YES"),
      ARGOSY_FIELD(Row, question, .text = "buy or sell"),
      ARGOSY_FIELD(Row, source, .text = "the strategy, or the rule that decided"),
      ARGOSY_FIELD(Row, numbers, .text = "that it was computed from"),
      ARGOSY_FIELD(Row, quantity, .text = "that a service would order"),
      ARGOSY_FIELD(Row, bid, .text = "of the last price"),
      ARGOSY_FIELD(Row, ask, .text = "of the last price"),
      ARGOSY_FIELD(Row, quoted_at, .text = "of the last price"),
  };
  static constexpr RecordType kType{"decision", "What would be decided now", kFields};
};

namespace argosy::rest {
namespace {

DecisionOut to_out(const live::Advice& advice) {
  DecisionOut out{.decision = advice.yes ? "YES" : "NO",
                  .reasons = advice.reasons,
                  .confidence = advice.confidence,
                  .question = advice.what == live::Question::kBuy ? "buy" : "sell",
                  .source = advice.source,
                  .numbers = advice.numbers,
                  .quantity = {},
                  .bid = {},
                  .ask = {},
                  .quoted_at = {}};
  if (advice.quantity.is_positive()) out.quantity = advice.quantity;
  if (advice.quoted_at == core::Timestamp{}) return out;
  out.bid = advice.bid;
  out.ask = advice.ask;
  out.quoted_at = advice.quoted_at;
  return out;
}

// By the settings that a new service would have.
Result<DecisionOut> decide(const Resources& resources, const std::string& symbol, live::Question what,
                           core::Price purchase_price) {
  ARGOSY_TRY(const auto rows, resources.store.ledger().read([&](ledger::Transaction& work) {
    return ledger::select<ledger::InstrumentRow>(work, "WHERE symbol = :symbol", {symbol});
  }));
  if (rows.empty()) return fail(ErrorCode::kNotFound, fmt::format("there is no stock {}", symbol));
  const live::CreateService& usual = resources.service_defaults;
  live::AdviceWish wish{.instrument_id = rows.front().instrument_id,
                        .symbol = rows.front().symbol,
                        .strategy = resources.strategy_reference(usual.strategy),
                        .what = what,
                        .purchase_price = purchase_price,
                        .threshold = what == live::Question::kBuy ? usual.buy_threshold : usual.sell_threshold,
                        .stop_loss_percent = usual.stop_loss_percent,
                        .take_profit_percent = usual.take_profit_percent};
  ARGOSY_TRY(const live::Advice advice, resources.advise(wish));
  return to_out(advice);
}

}  // namespace

void add_decisions(server::Api& api, const Resources& resources) {
  api.add(endpoint<None, BuyQuery, None, DecisionOut>(
      {.path = "/decisions/buy",
       .name = "decide_to_buy",
       .tag = "decisions",
       .summary = "Whether a service with the usual settings would buy now",
       .access = Access::kViewer},
      [&](const auto& call) { return decide(resources, call.query.symbol, live::Question::kBuy, {}); }));
  api.add(endpoint<None, SellQuery, None, DecisionOut>(
      {.path = "/decisions/sell",
       .name = "decide_to_sell",
       .tag = "decisions",
       .summary = "Whether a service with the usual settings would sell what was bought at a price",
       .access = Access::kViewer},
      [&](const auto& call) -> Result<DecisionOut> {
        if (!call.query.purchase_price.is_positive())
          return fail(core::Error(ErrorCode::kInvalidArgument, "it must be above 0").in_field("purchase_price", {}));
        return decide(resources, call.query.symbol, live::Question::kSell, call.query.purchase_price);
      }));
  api.add(endpoint<IdPath, None, None, DecisionOut>(
      {.path = "/services/{id}/decision",
       .name = "get_service_decision",
       .tag = "services",
       .summary = "What it would do now, and why; it does not do it",
       .access = Access::kViewer},
      [&](const auto& call) -> Result<DecisionOut> {
        ARGOSY_TRY(const auto row, resources.store.get<ledger::ServiceRow>(*call.caller, call.path.id));
        ARGOSY_TRY(const live::Advice advice, resources.advise_service(row.service_id));
        return to_out(advice);
      }));
}

}  // namespace argosy::rest
