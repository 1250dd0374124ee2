// What a strategy file says, bar by bar: the same signals, bit for bit, as a backtest computes over the same bars. One
// maker for a strategy and a symbol, shared by all services that trade them so.
//
//   ARGOSY_TRY(auto maker, StrategyDecisions::make(file, {aapl_history}));
//   maker->add("AAPL", bar);                  // every bar of every symbol it reads, once, in order
//   maker->advance(closing);                  // all bars that close by then were added
//   const DecisionAnswer answer = maker->decide(question);
//
// A purchase is judged by the last bar. A position is left when a bar since its purchase says so: at the last one, or
// at an earlier one when nobody could be asked then. The service's allocation takes the place of the strategy's size; a
// size in percent scales it. Not safe for threads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/row_stream.hpp"
#include "data/symbol_data.hpp"
#include "formula/program_stream.hpp"
#include "live/decision.hpp"
#include "strategy/compiled_strategy.hpp"
#include "strategy/position_exit.hpp"
#include "strategy/signals.hpp"

namespace argosy::live {

// Whether a service can trade by it: kUnsupported for one that ranks or compares symbols, sells short, or decides on
// bars longer than a day.
[[nodiscard]] core::Result<void> check_tradable(const strategy::StrategyFile& file,
                                                const strategy::CompiledStrategy& compiled);
// The symbols whose bars it reads, that of the service first.
[[nodiscard]] std::vector<std::string> symbols_read(const strategy::CompiledStrategy& compiled,
                                                    const std::string& symbol);

class StrategyDecisions final : public DecisionMaker {
 public:
  // `history`: of each symbol that it reads, in the order of symbols_read(), the bars so far; they may be none, the
  // instrument counts.
  [[nodiscard]] static core::Result<std::unique_ptr<StrategyDecisions>> make(strategy::StrategyFile file,
                                                                             std::vector<data::SymbolData> history);
  // The same of one that was compiled already and that check_tradable() let pass.
  [[nodiscard]] static core::Result<std::unique_ptr<StrategyDecisions>> make(strategy::StrategyFile file,
                                                                             strategy::CompiledStrategy compiled,
                                                                             std::vector<data::SymbolData> history);

  // A bar that is not later than the last one of its symbol is left out.
  void add(std::string_view symbol, const market::Bar& bar);
  // An action of a symbol that it may read, known since its history was; before the first bar of its day. Known ones
  // change nothing.
  void take_action(std::string_view symbol, const market::CorporateAction& action);
  void advance(core::Timestamp watermark);

  [[nodiscard]] std::optional<market::Timeframe> timeframe() const override { return file_.timeframe; }
  [[nodiscard]] DecisionAnswer decide(const DecisionQuestion& question) override;
  [[nodiscard]] DecisionAnswer peek(const DecisionQuestion& question) const override;
  [[nodiscard]] std::optional<core::Timestamp> last_bar() const override {
    if (closings_.empty()) return std::nullopt;
    return core::Timestamp(core::Duration(closings_.back()));
  }
  [[nodiscard]] ExitLevels levels(const DecisionQuestion& question) override;

  // Whose bars it reads, its own first.
  [[nodiscard]] std::vector<std::string> symbols() const;
  [[nodiscard]] const strategy::StrategyFile& file() const { return file_; }
  // Of every bar so far, as evaluate_signals() gives them, without entries that lack confidence.
  [[nodiscard]] const strategy::Signals& signals() const { return signals_; }
  [[nodiscard]] const std::vector<std::int64_t>& keys() const { return keys_; }

 private:
  // A symbol's bars on their way to the contexts that read them.
  struct Source {
    data::SymbolData data;  // without bars and factors
    std::vector<std::int64_t> keys;
    std::vector<core::Price> closes;
    data::BarFactors factors;
    struct Reader {
      std::uint32_t context = 0;
      data::RowStream rows;
    };
    std::vector<Reader> readers;
  };
  // What is known of a position of a service.
  struct Held {
    core::Timestamp purchased_at;
    core::Price price;
    std::size_t next = 0;   // the first row that was not looked at
    std::int64_t bars = 0;  // rows looked at
    bool left = false;      // a row said that it shall be left
    trading::OrderReason why = trading::OrderReason::kSellSignal;
    std::optional<strategy::PositionExit> exit;
  };

  StrategyDecisions(strategy::StrategyFile file, strategy::CompiledStrategy compiled);
  void add_source(const data::SymbolData& history);
  void give(Source& source, const market::Bar& bar, const data::BarFactors& factors);
  [[nodiscard]] data::BarFactors factors_at(const Source& source, std::int64_t key) const;
  void take(const formula::ProgramStream::Result& row);
  [[nodiscard]] double value(strategy::Role role, std::size_t row) const;
  [[nodiscard]] core::Price quoted(strategy::Role role, std::size_t row) const;
  [[nodiscard]] EntryWish entry_at(std::size_t row) const;
  [[nodiscard]] std::size_t rows_until(core::Timestamp time) const;
  void look_at(const DecisionQuestion& question, Held& held) const;
  [[nodiscard]] DecisionAnswer answer(const DecisionQuestion& question, Held& held) const;

  strategy::StrategyFile file_;
  strategy::CompiledStrategy compiled_;
  std::optional<formula::ProgramStream> stream_;  // over compiled_.program
  std::vector<Source> sources_;
  std::unordered_map<std::int64_t, Held> held_;  // by service
  // Of each of the symbol's own bars that was computed.
  strategy::Signals signals_;
  std::vector<std::int64_t> keys_;
  std::vector<std::int64_t> closings_;
  std::vector<double> factors_;
  std::vector<core::Price> highs_;
  // Bars that wait for advance(): what signals do not have.
  struct Bare {
    std::int64_t closing = 0;
    double factor = 1;
    core::Price high;
  };
  std::vector<Bare> bare_;
  std::size_t next_bare_ = 0;
  std::vector<data::StreamedRow> streamed_;
};

}  // namespace argosy::live
