import { expect, test } from "vitest";
import type { Order } from "../../api/types";
import { countDenials, mayCancel, mayChange, timelineOf, type OrderStep } from "./timeline";

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
function step(seq: number, name: string, change: Partial<OrderStep> = {}): OrderStep {
  return { seq, time: kDecided, step: name, note: "", quantity: null, price: null, fee: null, ...change };
}

test("steps are told in words, and what it waits for has no time", () => {
  const told = [step(1, "pending_submit", { note: "buy_signal" }), step(2, "send")];
  expect(timelineOf(order({ state: "submitted" }), told)).toEqual([
    { what: "Decided, and approved by the risk gate", note: "buy signal", at: kDecided },
    { what: "Sent to the broker", note: undefined, at: kDecided },
    { what: "Accepted by the broker", at: undefined },
    { what: "Filled", at: undefined },
  ]);
});

test("what has ended waits for nothing", () => {
  const fill = step(4, "fill", { quantity: "10", price: "99", time: kChanged });
  expect(timelineOf(order({ state: "filled" }), [step(3, "accept"), fill])).toEqual([
    { what: "Accepted by the broker", note: undefined, at: kDecided },
    { what: "Filled", at: kChanged, fill },
  ]);
  expect(timelineOf(order({ state: "denied" }), [step(1, "denied", { note: "order value: 5" })])).toEqual([
    { what: "Denied by the risk gate", note: "order value: 5", at: kDecided, tone: "bad" },
  ]);
});

test("a step that this page does not know is told all the same", () => {
  expect(timelineOf(order({ state: "expired" }), [step(1, "some_step")])[0]?.what).toBe("some step");
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
