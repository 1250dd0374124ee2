// What an order went through, as far as the API tells: when it was decided, each fill, and its last change. When it was
// sent and accepted is not told, only that it was.
import type { components } from "../../api/schema";
import type { Order } from "../../api/types";

export type Fill = components["schemas"]["fills"];

export interface Step {
  what: string;
  note?: string;
  /** null: it happened, but nobody tells when; undefined: it has not happened. */
  at: string | null | undefined;
  tone?: "bad";
  fill?: Fill;
}

const kFinal = new Set(["filled", "cancelled", "rejected", "expired", "denied"]);

export function isWorking(state: string): boolean {
  return !kFinal.has(state);
}
/** The states that an order works in, for a filter of the API. */
export const kWorkingStates =
  "created,pending_submit,submitted,accepted,triggered,partially_filled,pending_cancel,pending_replace,unknown";

export const kOrderStates = [...kWorkingStates.split(","), ...kFinal];

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

const kEnds: Record<string, string> = {
  cancelled: "Cancelled",
  rejected: "Rejected by the broker",
  expired: "Expired",
};

export function timelineOf(order: Order, fills: readonly Fill[]): Step[] {
  const { state } = order;
  const steps: Step[] = [{ what: "Decided", note: order.reason.replaceAll("_", " "), at: order.created_at }];
  if (state === "denied") {
    steps.push({ what: "Denied by the risk gate", note: order.note, at: order.updated_at, tone: "bad" });
    return steps;
  }
  const wasSent = state !== "created" && state !== "pending_submit";
  const wasAccepted =
    fills.length > 0 || (wasSent && state !== "submitted" && state !== "rejected" && order.broker_order_id !== "");
  steps.push({ what: "Sent to the broker", at: state === "submitted" ? order.updated_at : wasSent ? null : undefined });
  if (state === "rejected") {
    steps.push({ what: kEnds["rejected"] ?? "", note: order.note, at: order.updated_at, tone: "bad" });
    return steps;
  }
  if (wasAccepted || isWorking(state))
    steps.push({
      what: "Accepted",
      note: order.broker_order_id ? `the broker's number ${order.broker_order_id}` : undefined,
      at: state === "accepted" ? order.updated_at : wasAccepted ? null : undefined,
    });
  if (state === "triggered" && fills.length === 0)
    steps.push({ what: "Triggered: its stop price was reached", at: order.updated_at });
  const inOrder = [...fills].sort((left, right) => left.fill_id - right.fill_id);
  for (const fill of inOrder) steps.push({ what: "Fill", at: fill.filled_at, fill });
  const end = kEnds[state];
  if (end) steps.push({ what: end, note: order.note, at: order.updated_at });
  else if (state === "filled") steps.push({ what: "Filled", at: inOrder.at(-1)?.filled_at ?? order.updated_at });
  else if (state === "pending_cancel") steps.push({ what: "Asked to be cancelled", at: order.updated_at });
  else if (state === "pending_replace") steps.push({ what: "Being changed", at: order.updated_at });
  else if (state === "unknown")
    steps.push({
      what: "No answer of the broker",
      note: "It is asked what became of the order.",
      at: order.updated_at,
      tone: "bad",
    });
  if (isWorking(state)) steps.push({ what: "Filled", at: undefined });
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
