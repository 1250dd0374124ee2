#include "trading/fees.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/files.hpp"
#include "trading/fee_file.hpp"
#include "trading/sizing.hpp"

namespace argosy::trading {
namespace {

Money money(const char* text) { return *Money::parse(text); }

core::Result<FeeFile> shipped(const std::string& name) {
  const std::string path = std::string(ARGOSY_SOURCE_DIR) + "/samples/fees/" + name + ".yaml";
  ARGOSY_TRY(const std::string text, core::system_files().read(path));
  return parse_fee_file(text, path, shipped);
}

struct Bill {
  const char* preset;
  Side side;
  const char* quantity;
  const char* price;
  const char* date;
  const char* exchange;
  bool converted;
  const char* expected;
};

TEST(Fees, PresetsChargeWhatTheirBrokersDo) {
  const Bill bills[] = {
      // Worked examples of the broker's pages: the minimum, the rate, and the 1 % maximum.
      {"ibkr_fixed", Side::kBuy, "100", "25", "2026-05-05", "XNAS", false, "1"},
      {"ibkr_fixed", Side::kBuy, "1000", "25", "2026-05-05", "XNAS", false, "5"},
      {"ibkr_fixed", Side::kBuy, "1000", "0.25", "2026-05-05", "XNAS", false, "2.5"},
      {"ibkr_fixed", Side::kBuy, "1", "258", "2026-05-05", "XNAS", false, "1"},
      {"ibkr_fixed", Side::kBuy, "1", "10", "2026-05-05", "XNAS", false, "0.1"},
      // 1000 at 50 on 2026-05-05: SEC 1.03, TAF 0.195 to the cent, commission 5.
      {"ibkr_fixed", Side::kSell, "1000", "50", "2026-05-05", "XNYS", false, "6.23"},
      {"us_regulatory", Side::kSell, "1000", "50", "2026-05-05", "XNYS", false, "1.23"},
      {"us_regulatory", Side::kSell, "1000", "50", "2025-06-01", "XNYS", false, "0.17"},
      {"us_regulatory", Side::kSell, "1000", "50", "2026-10-01", "XNYS", false, "1.03"},
      {"us_regulatory", Side::kSell, "100000", "50", "2026-05-05", "XNYS", false, "112.79"},
      {"us_regulatory", Side::kSell, "1000", "50", "2005-01-03", "XNYS", false, "1.20"},
      {"us_regulatory", Side::kSell, "1", "1", "2026-05-05", "XNYS", false, "0.01"},
      {"us_regulatory", Side::kBuy, "1000", "50", "2026-05-05", "XNYS", false, "0"},
      {"us_regulatory", Side::kSell, "1000", "50", "2026-05-05", "XLON", false, "0"},
      {"ibkr_tiered", Side::kBuy, "1000", "25", "2026-05-05", "XNAS", false, "3.702582"},
      {"kis", Side::kSell, "100", "187.5", "2026-05-05", "XNAS", false, "47.29"},
      {"trading212", Side::kBuy, "10", "100", "2026-05-05", "XNAS", true, "1.5"},
      {"trading212", Side::kBuy, "10", "100", "2026-05-05", "XNAS", false, "0"},
      {"trading212", Side::kBuy, "1000", "11", "2026-05-05", "XLON", false, "56.5"},
      {"trading212", Side::kSell, "1000", "10", "2026-05-05", "XLON", false, "0"},
      {"krx", Side::kSell, "10", "70000", "2026-05-05", "XKRX", false, "1505"},
  };
  for (const Bill& bill : bills) {
    const auto file = shipped(bill.preset);
    ASSERT_TRUE(file.has_value()) << file.error().describe();
    const market::Instrument instrument{.symbol = "A", .exchange = bill.exchange};
    const FeeInput fill{.side = bill.side,
                        .quantity = *Quantity::parse(bill.quantity),
                        .price = *Price::parse(bill.price),
                        .date = *core::Date::parse(bill.date),
                        .instrument = &instrument,
                        .converted = bill.converted};
    EXPECT_EQ(file->schedule.fee(fill), money(bill.expected))
        << bill.preset << " " << bill.quantity << " at " << bill.price << " on " << bill.date << ": "
        << file->schedule.fee(fill).to_string();
    Money sum;
    for (const Money fee : file->schedule.fees(fill)) sum += fee;
    EXPECT_EQ(sum, file->schedule.fee(fill));
  }
}

TEST(Fees, PercentIsHalfToEvenOnBothSides) {
  const market::Instrument instrument{.symbol = "A"};
  FeeInput fill{.quantity = Quantity::from_integer(10), .price = *Price::parse("12.345"), .instrument = &instrument};
  const FeeSchedule fees = FeeSchedule::percent(*Rate::parse("0.001"));
  EXPECT_EQ(fees.fee(fill), money("0.12345"));
  fill.side = Side::kSell;
  EXPECT_EQ(fees.fee(fill), money("0.12345"));
  EXPECT_TRUE(FeeSchedule::percent(Rate()).is_free());
}

// Searching for what a sum of money buys relies on it.
RC_GTEST_PROP(Fees, MoreSharesNeverCostLess, ()) {
  const auto name = *rc::gen::element<std::string>("ibkr_fixed", "ibkr_tiered", "trading212", "kis", "krx");
  const FeeSchedule fees = shipped(name)->schedule;
  const market::Instrument instrument{.symbol = "A", .exchange = *rc::gen::element<std::string>("XNYS", "XLON")};
  FeeInput fill{.side = *rc::gen::element(Side::kBuy, Side::kSell),
                .quantity = Quantity::from_units(*rc::gen::inRange<std::int64_t>(1, 1'000'000'000'000)),
                .price = Price::from_units(*rc::gen::inRange<std::int64_t>(1, 1'000'000'000'000)),
                .date = core::Date::from_days(*rc::gen::inRange(12'000, 21'000)),
                .instrument = &instrument};
  const Money fewer = fees.fee(fill);
  RC_ASSERT(!fewer.is_negative());
  fill.quantity += Quantity::from_units(*rc::gen::inRange<std::int64_t>(1, 1'000'000'000'000));
  RC_ASSERT(fees.fee(fill) >= fewer);
}

RC_GTEST_PROP(Fees, AffordableIsTheMostThatTheCashPays, ()) {
  const auto name = *rc::gen::element<std::string>("ibkr_fixed", "ibkr_tiered", "trading212", "kis");
  const FeeSchedule fees = shipped(name)->schedule;
  const market::Instrument instrument{.symbol = "A", .exchange = *rc::gen::element<std::string>("XNYS", "XLON")};
  const BuyTerms terms{.instrument = instrument,
                       .price = Price::from_units(*rc::gen::inRange<std::int64_t>(10'000'000, 900'000'000'000)),
                       .date = core::Date::from_days(*rc::gen::inRange(12'000, 21'000)),
                       .fees = fees};
  const Money cash = Money::from_units(*rc::gen::inRange<std::int64_t>(0, 100'000'000'000));
  const Quantity most = affordable(terms, cash);
  if (most.is_positive()) RC_ASSERT(terms.cost(most) <= cash);
  RC_ASSERT(terms.cost(most + instrument.lot) > cash);
}

TEST(FeeFile, SaysWhereAndWhy) {
  const std::pair<const char*, const char*> cases[] = {
      {"name: x\nitems:\n  - {name: a, percant: 1}\n",
       "x.yaml:3:15: unknown key \"percant\". Did you mean \"percent\"?"},
      {"name: x\nitems:\n  - {name: a}\n", "a needs either rates"},
      {"name: x\nitems:\n  - {name: a, percent: -1}\n", "a percentage from 0 to 100 is expected"},
      {"name: x\nitems:\n  - {name: a, per_share: x}\n", "a number that is not negative is expected"},
      {"name: x\nitems:\n  - {percent: 1}\n", "an item needs a name"},
      {"name: x\nitems:\n  - {name: a, sides: left, percent: 1}\n", "sides is buy, sell or both"},
      {"name: x\nitems:\n  - name: a\n    dated: [{from: 2024-01-02, percent: 1}, {from: 2024-01-01, percent: 2}]\n",
       "dates must ascend"},
      {"name: x\nitems:\n  - {name: a, share_of: b, percent: 1}\n", "there is no item \"b\" before this one"},
      {"name: x\nitems:\n  - include: y\n", "other files cannot be read here"},
      {"items: []\n", "the key \"name\" is missing"},
      {"nome: x\n", "Did you mean \"name\"?"},
  };
  for (const auto& [text, expected] : cases) {
    const auto file = parse_fee_file(text, "x.yaml");
    ASSERT_FALSE(file.has_value()) << text;
    EXPECT_NE(file.error().describe().find(expected), std::string::npos) << file.error().describe();
  }
}

}  // namespace
}  // namespace argosy::trading
