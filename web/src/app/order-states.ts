// The states of orders, as trading/order.hpp has them.

/** May still be filled, or nothing is known of it. */
export const kWorkingStates: readonly string[] = [
  "created",
  "pending_submit",
  "submitted",
  "accepted",
  "triggered",
  "partially_filled",
  "pending_cancel",
  "pending_replace",
  "unknown",
];
const kFinalStates: readonly string[] = ["filled", "cancelled", "rejected", "expired", "denied"];

export const kOrderStates: readonly string[] = [...kWorkingStates, ...kFinalStates];

export function isWorking(state: string): boolean {
  return !kFinalStates.includes(state);
}
