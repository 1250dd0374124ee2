// The limits that there are, as docs/concepts/risk.md has them, with the form of their values. The API tells only those
// that were set; the hard ones stand in trading.yaml.

export interface LimitKind {
  name: string;
  text: string;
  example: string;
  /** Holds for orders that close, too. */
  always?: boolean;
}

export const kLimits: readonly LimitKind[] = [
  { name: "max_order_value", text: "value of one order", example: "2500", always: true },
  { name: "max_order_quantity", text: "shares of one order", example: "100", always: true },
  { name: "price_collar", text: "how far beyond the price a limit may lie", example: "2%", always: true },
  { name: "max_reference_age", text: "how old that price may be", example: "30s", always: true },
  {
    name: "equal_orders",
    text: "orders of the same instrument, side, quantity and price",
    example: "{most: 5, within: 10s}",
    always: true,
  },
  {
    name: "messages",
    text: "orders and cancels sent, as a token bucket",
    example: "{per_second: 10, burst: 20, reserve: 10}",
    always: true,
  },
  { name: "self_match", text: "orders that could trade with an own working one", example: "refuse", always: true },
  { name: "max_working_orders", text: "orders that work at once", example: "50" },
  { name: "max_position_value", text: "value held of one instrument, with working orders", example: "10000" },
  { name: "max_position_quantity", text: "shares held of one instrument, with working orders", example: "500" },
  { name: "max_open_positions", text: "instruments held, with working orders", example: "10" },
  { name: "max_gross_exposure", text: "all positions, long and short added up", example: "50000" },
  { name: "max_net_exposure", text: "all positions, short taken from long", example: "50000" },
  { name: "max_leverage", text: "gross exposure as a multiple of the equity", example: "0.5" },
  { name: "max_daily_loss", text: "lost since the day began, open positions included", example: "2%" },
  { name: "max_drawdown", text: "lost since the highest equity", example: "10%" },
  {
    name: "instrument_fills",
    text: "fills of one instrument; one more stops it until somebody has looked",
    example: "{most: 20, within: 1m}",
  },
  { name: "restricted", text: "symbols whose positions may only become smaller", example: "[TSLA, FB]" },
  { name: "allowed", text: "the only symbols that may be bought", example: "[AAPL, MSFT]" },
  {
    name: "trading_hours",
    text: "how far from open and close positions may grow",
    example: "{after_open: 5m, before_close: 10m}",
  },
  {
    name: "correlated_exposure",
    text: "positions that move together, as a share of the equity",
    example: "{above: 0.8, share: 40%}",
  },
];

/** What a switch stops, in words that say what will happen when it is thrown. */
export function switchText(scope: string, subject: string): string {
  if (scope === "all") return "everything: all accounts, services and instruments";
  const names: Record<string, string> = {
    account: "broker account",
    strategy: "all services of the strategy",
    service: "service",
    instrument: "instrument",
  };
  return `${names[scope] ?? scope} ${subject}`;
}
