// What a run reads, as it stood at one bar: what came later is gone, is something else, or lies behind a curtain that
// rises bar by bar.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "backtest/market_data.hpp"
#include "backtest/steps.hpp"
#include "core/rng.hpp"

namespace argosy::honesty::detail {

// A copy that is cut again and again, at ever earlier bars, so that each cut costs little. `market` outlives it.
class CutData {
 public:
  // Bars after `last_key` are not copied: no cut comes later.
  CutData(const backtest::MarketData& market, const backtest::OtherSymbols& others, std::int64_t last_key);

  // Bars after `last_key`, their corporate actions and exchange rates are gone. Keys never grow from cut to cut.
  void truncate(std::int64_t last_key);
  // As truncate(); then come bars at the real times with random prices and volumes, a split and a dividend.
  void perturb(std::int64_t last_key, core::Rng rng);

  [[nodiscard]] const backtest::MarketData& market() const { return market_; }
  [[nodiscard]] const backtest::OtherSymbols& others() const { return others_; }
  // How many rows of each symbol closed before anything that was cut: their values must be as they were.
  [[nodiscard]] const std::vector<std::size_t>& kept() const { return kept_; }
  // The first key at which a bar was cut: the run before it must be as it was.
  [[nodiscard]] std::int64_t first_cut_key() const { return first_cut_key_; }

 private:
  void note_kept();

  const backtest::MarketData& whole_;
  std::vector<const data::SymbolData*> whole_others_;
  backtest::MarketData market_;
  std::vector<std::shared_ptr<data::SymbolData>> own_others_;
  backtest::OtherSymbols others_;
  std::vector<std::size_t> kept_;
  std::int64_t first_cut_key_ = 0;
};

// Bars and signals of which a run sees no more than it has lived through: before each instant those of that instant
// are uncovered. What lies behind is random. `feeds` and what they refer to outlive it.
class Curtain {
 public:
  Curtain(std::span<const backtest::Feed> feeds, core::Rng rng);
  Curtain(const Curtain&) = delete;
  Curtain& operator=(const Curtain&) = delete;

  [[nodiscard]] std::vector<backtest::Feed> feeds() const;
  // Uncovers all bars up to this key; of finer bars those within them.
  void uncover(std::int64_t key);

 private:
  struct Covered {
    const backtest::Feed* feed = nullptr;
    data::SymbolData data;
    data::SymbolData detail;
    std::vector<std::uint8_t> signals;
    std::vector<std::vector<double>> columns;
    std::size_t row = 0;  // of the next bar to uncover
    std::size_t fine = 0;
  };
  std::vector<Covered> covered_;
};

}  // namespace argosy::honesty::detail
