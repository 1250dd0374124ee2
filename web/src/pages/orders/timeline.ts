// What an order went through, in words: the steps that the journal has of it, and what it waits for.
import type { components } from "../../api/schema";
import type { Order } from "../../api/types";
import { isWorking } from "../../app/order-states";

export type OrderStep = components["schemas"]["order_step"];

export interface Step {
  what: string;
  note?: string;
  /** undefined: it has not happened. */
  at: string | undefined;
  tone?: "bad";
  fill?: OrderStep;
}

/** One that is being cancelled or changed is left alone until the broker has answered. */
export function mayCancel(state: string): boolean {
  return isWorking(state) && state !== "pending_cancel";
}
/** Orders of services are changed by their services. */
export function mayChange(order: Order): boolean {
  return (
    order.service_id === null &&
    order.kind !== "market" &&
    ["accepted", "triggered", "partially_filled"].includes(order.state)
  );
}

const kWords: Record<string, string> = {
  created: "Decided",
  pending_submit: "Decided, and approved by the risk gate",
  denied: "Denied by the risk gate",
  deny: "Denied by the risk gate",
  submit: "Approved by the risk gate",
  send: "Sent to the broker",
  accept: "Accepted by the broker",
  reject: "Rejected by the broker",
  trigger: "Triggered: its stop price was reached",
  request_cancel: "Asked to be cancelled",
  cancel: "Cancelled",
  refuse_cancel: "The broker did not cancel it",
  request_replace: "Asked to be changed",
  replace: "Changed",
  refuse_replace: "The broker did not change it",
  order_change: "Shall become another one",
  order_found: "Found at the broker after it was given up",
  expire: "Expired",
  lose: "No answer of the broker: it is asked what became of the order",
};
const kBad = new Set(["denied", "deny", "reject", "lose", "refuse_cancel", "refuse_replace"]);

export function timelineOf(order: Order, told: readonly OrderStep[]): Step[] {
  const steps: Step[] = told.map((each) =>
    each.step === "fill"
      ? { what: "Filled", at: each.time, fill: each }
      : {
          what: kWords[each.step] ?? each.step.replaceAll("_", " "),
          note: each.note.replaceAll("_", " ") || undefined,
          at: each.time,
          ...(kBad.has(each.step) && { tone: "bad" as const }),
        },
  );
  if (isWorking(order.state)) {
    if (!told.some((each) => each.step === "accept" || each.step === "fill"))
      steps.push({ what: "Accepted by the broker", at: undefined });
    steps.push({ what: "Filled", at: undefined });
  }
  return steps;
}

/** The name of a reason, without its numbers: "order value: 5,000 of 4,000" is "order value". */
export function denialReason(note: string): string {
  return note.split(":")[0]?.trim() || "no reason told";
}

export function countDenials(orders: readonly Order[]): { reason: string; count: number; last: Order }[] {
  const found = new Map<string, { reason: string; count: number; last: Order }>();
  for (const order of orders) {
    const reason = denialReason(order.note);
    const entry = found.get(reason);
    if (!entry) found.set(reason, { reason, count: 1, last: order });
    else {
      ++entry.count;
      if (order.order_id > entry.last.order_id) entry.last = order;
    }
  }
  return [...found.values()].sort((left, right) => right.count - left.count || left.reason.localeCompare(right.reason));
}
