import { expect, test } from "vitest";
import type { Order } from "../../api/types";
import { countDenials, mayCancel, mayChange, timelineOf, type Fill } from "./timeline";

const kDecided = "2024-01-02T15:00:00Z";
const kChanged = "2024-01-02T15:00:05Z";

function order(change: Partial<Order>): Order {
  return {
    order_id: 7,
    client_order_id: "a-7",
    broker_order_id: "P7",
    broker_account_id: 1,
    service_id: null,
    portfolio_id: 1,
    transaction_id: null,
    instrument_id: 1,
    symbol: "AAPL",
    side: "buy",
    kind: "limit",
    time_in_force: "day",
    effect: "open",
    reason: "buy_signal",
    state: "accepted",
    resting: "accepted",
    quantity: "10",
    filled_quantity: "0",
    limit_price: "100",
    stop_price: null,
    fill_price: null,
    filled_amount: "0",
    fees: "0",
    decision: 1,
    note: "",
    late_fill: false,
    overfilled: false,
    created_at: kDecided,
    updated_at: kChanged,
    replaces: null,
    wanted_quantity: null,
    wanted_limit: null,
    wanted_stop: null,
    ...change,
  };
}
function fill(id: number, at: string): Fill {
  return {
    fill_id: id,
    broker_account_id: 1,
    broker_fill_id: `F${id}`,
    order_id: 7,
    service_id: null,
    instrument_id: 1,
    symbol: "AAPL",
    side: "buy",
    price: "99",
    quantity: "5",
    fee: "1",
    currency: "USD",
    rate: "1",
    rate_inverse: false,
    filled_at: at,
  };
}
const told = (change: Partial<Order>, fills: Fill[] = []) =>
  timelineOf(order(change), fills).map(({ what, at }) => [what, at]);

test("only what the API tells has a time", () => {
  expect(told({ state: "pending_submit" })).toEqual([
    ["Decided", kDecided],
    ["Sent to the broker", undefined],
    ["Accepted", undefined],
    ["Filled", undefined],
  ]);
  expect(told({})).toEqual([
    ["Decided", kDecided],
    ["Sent to the broker", null],
    ["Accepted", kChanged],
    ["Filled", undefined],
  ]);
  expect(told({ state: "denied", note: "order value: 5" })).toEqual([
    ["Decided", kDecided],
    ["Denied by the risk gate", kChanged],
  ]);
  expect(told({ state: "rejected" }).at(-1)).toEqual(["Rejected by the broker", kChanged]);
});

test("fills come in their order, and the last one fills it", () => {
  const fills = [fill(2, "2024-01-02T15:00:04Z"), fill(1, "2024-01-02T15:00:03Z")];
  expect(told({ state: "filled" }, fills)).toEqual([
    ["Decided", kDecided],
    ["Sent to the broker", null],
    ["Accepted", null],
    ["Fill", "2024-01-02T15:00:03Z"],
    ["Fill", "2024-01-02T15:00:04Z"],
    ["Filled", "2024-01-02T15:00:04Z"],
  ]);
  expect(told({ state: "cancelled" }, fills).at(-1)).toEqual(["Cancelled", kChanged]);
  // Cancelled before the broker had it: nobody accepted it.
  expect(told({ state: "cancelled", broker_order_id: "" })).toEqual([
    ["Decided", kDecided],
    ["Sent to the broker", null],
    ["Cancelled", kChanged],
  ]);
});

test("what may be done with it", () => {
  expect(mayCancel("accepted")).toBe(true);
  expect(mayCancel("pending_cancel")).toBe(false);
  expect(mayCancel("filled")).toBe(false);
  expect(mayChange(order({}))).toBe(true);
  expect(mayChange(order({ service_id: 3 }))).toBe(false);
  expect(mayChange(order({ state: "pending_cancel" }))).toBe(false);
});

test("denials are counted by reason, without their numbers", () => {
  const rows = [
    order({ order_id: 1, note: "order value: 5,000 is more than 4,000" }),
    order({ order_id: 2, note: "collar: far away" }),
    order({ order_id: 3, note: "order value: 7,000 is more than 4,000" }),
    order({ order_id: 4, note: "" }),
  ];
  expect(countDenials(rows).map(({ reason, count, last }) => [reason, count, last.order_id])).toEqual([
    ["order value", 2, 3],
    ["collar", 1, 2],
    ["no reason told", 1, 4],
  ]);
});
