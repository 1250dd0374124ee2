import { describe, expect, it } from "vitest";
import type { Transaction } from "../api/types";
import { gainsOf, marksOf } from "./service-charts";

function transaction(id: number, state: Transaction["state"], net: string, sold: string | null): Transaction {
  return {
    transaction_id: id,
    service_id: 1,
    instrument_id: 1,
    stock_symbol: "AAPL",
    shares: "1",
    state,
    purchase_price: "10",
    sale_price: sold ? "12" : null,
    gain_loss: net,
    net_gain_loss: net,
    purchase_date: `2024-01-0${id}T15:00:00Z`,
    sale_date: sold,
    notes: "",
    bought: "1",
    sold: "0",
    purchase_amount: "10",
    sale_amount: "0",
    fees: "0",
    currency_digits: 2,
    quoted_amount: "10",
  };
}
const kAll = [
  transaction(4, "OPEN", "-1", null),
  transaction(3, "CANCELLED", "0", null),
  transaction(2, "CLOSED", "5", "2024-01-03T15:00:00Z"),
  transaction(1, "CLOSED", "-2", "2024-01-02T15:00:00Z"),
];

describe("what a service did", () => {
  it("is marked where it was bought and sold", () => {
    expect(marksOf(kAll).map((mark) => mark.side)).toEqual(["buy", "buy", "sell", "buy", "sell"]);
  });
  it("gains sale by sale, and ends at the total that is booked", () => {
    expect(gainsOf(kAll, "13").map((point) => point.gain)).toEqual([8, 13]);
    expect(gainsOf([], "0")).toEqual([]);
  });
});
