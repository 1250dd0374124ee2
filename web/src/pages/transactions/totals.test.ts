import { expect, test } from "vitest";
import type { Transaction } from "../../api/types";
import { gainRatio, totalsOf } from "./totals";

function row(change: Partial<Transaction>): Transaction {
  return {
    transaction_id: 1,
    service_id: 1,
    instrument_id: 1,
    stock_symbol: "AAPL",
    shares: "1",
    state: "CLOSED",
    purchase_price: "100",
    sale_price: "110",
    gain_loss: "10",
    net_gain_loss: "9.9",
    purchase_date: "2024-01-02T00:00:00Z",
    sale_date: "2024-01-03T00:00:00Z",
    notes: "",
    bought: "1",
    sold: "1",
    purchase_amount: "100",
    sale_amount: "110",
    fees: "0.1",
    currency_digits: 2,
    quoted_amount: "100",
    ...change,
  };
}

test("sums are exact, and of one currency", () => {
  const rows = [
    row({ net_gain_loss: "0.1", fees: "0.000001" }),
    row({ net_gain_loss: "0.2", fees: "0.000002" }),
    row({ net_gain_loss: "-0.30000001" }),
    row({ service_id: 2, state: "OPEN", sale_price: null, net_gain_loss: "0", sale_amount: "0" }),
  ];
  const totals = totalsOf(rows, (each) => (each.service_id === 2 ? "EUR" : "USD"));
  expect(totals.map((each) => each.currency)).toEqual(["EUR", "USD"]);
  expect(totals[1]).toMatchObject({ count: 3, open: 0, winners: 2, losers: 1, net: "-0.00000001", fees: "0.100003" });
  expect(totals[0]).toMatchObject({ count: 1, open: 1, winners: 0, losers: 0, sales: "0" });
});

test("a gain is a share of what was sold, and none while nothing is", () => {
  expect(gainRatio(row({}))).toBeCloseTo(0.099);
  expect(gainRatio(row({ sale_price: null }))).toBeNull();
  expect(gainRatio(row({ sold: "0" }))).toBeNull();
});
