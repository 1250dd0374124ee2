#include "market/instrument.hpp"

#include <gtest/gtest.h>

namespace argosy::market {
namespace {

core::Quantity quantity(const char* text) { return *core::Quantity::parse(text); }

Instrument apple() { return {.symbol = "AAPL", .exchange = "XNAS"}; }

TEST(Symbol, may_have_the_punctuation_of_data_vendors) {
  for (const char* symbol : {"AAPL", "BRK.B", "BF-B", "^GSPC", "EURUSD=X", "005930.KS", "BTC/USD", "a", "ES_F"}) {
    EXPECT_EQ(check_symbol(symbol), symbol);
  }
}

TEST(Symbol, must_be_short_and_plain) {
  for (const char* symbol : {"", ".", "..", "-", "A B", " A", "A'", "A;", "A\n", "ÄPFEL", "ABCDEFGHIJKLMNOPQRSTU"}) {
    const auto checked = check_symbol(symbol);
    ASSERT_FALSE(checked) << symbol;
    EXPECT_EQ(checked.error().code, core::ErrorCode::kInvalidArgument);
  }
  EXPECT_TRUE(check_symbol("ABCDEFGHIJKLMNOPQRST"));
}

TEST(Instrument, is_checked_field_by_field) {
  EXPECT_TRUE(check_instrument(apple()));
  Instrument wrong = apple();
  wrong.symbol = "";
  EXPECT_FALSE(check_instrument(wrong));
  wrong = apple();
  wrong.exchange = "MARS";
  EXPECT_EQ(check_instrument(wrong).error().field, "exchange");
  wrong = apple();
  wrong.currency = "usd";
  EXPECT_EQ(check_instrument(wrong).error().field, "currency");
  wrong = apple();
  wrong.tick = core::Price();
  EXPECT_EQ(check_instrument(wrong).error().field, "tick");
  wrong = apple();
  wrong.lot = quantity("-1");
  EXPECT_EQ(check_instrument(wrong).error().field, "lot");
}

TEST(RoundToLot, goes_towards_zero) {
  Instrument instrument = apple();
  EXPECT_EQ(round_to_lot(instrument, quantity("12.7")), quantity("12"));
  EXPECT_EQ(round_to_lot(instrument, quantity("12")), quantity("12"));
  EXPECT_EQ(round_to_lot(instrument, quantity("0.999999999")), quantity("0"));
  EXPECT_EQ(round_to_lot(instrument, quantity("-12.7")), quantity("-12"));
  instrument.lot = quantity("100");
  EXPECT_EQ(round_to_lot(instrument, quantity("299.5")), quantity("200"));
  instrument.lot = quantity("0.25");
  EXPECT_EQ(round_to_lot(instrument, quantity("1.1")), quantity("1"));
  instrument.fractional = true;
  EXPECT_EQ(round_to_lot(instrument, quantity("1.123456789")), quantity("1.123456789"));
}

TEST(RoundToLotDeathTest, stops_without_a_lot) {
  Instrument instrument = apple();
  instrument.lot = core::Quantity();
  EXPECT_DEATH(static_cast<void>(round_to_lot(instrument, quantity("1"))), "lot 0 of AAPL");
}

TEST(Instrument, describes_every_field) {
  const core::RecordType& type = core::record_type<Instrument>();
  EXPECT_EQ(type.name, "instrument");
  ASSERT_EQ(type.fields.size(), 9U);
  EXPECT_EQ(type.fields.front().name, "symbol");
  EXPECT_TRUE(type.fields.front().notes.required);
  EXPECT_EQ(type.fields[3].type, core::FieldType::kPrice);
}

}  // namespace
}  // namespace argosy::market
