// What is drawn over the candles: formulas, signals of strategies, trades of runs.
import type { Line, Mark, Point } from "../../charts/series";

export interface Overlay {
  text: string;
  /** In the price pane, or in one of its own. */
  inPrices: boolean;
  /** Names of its columns; of one alone its name does not matter. */
  outputs: string[];
}
/** Answer of `POST /formulas/evaluate`. */
export interface Evaluated {
  times: string[];
  columns: { name: string; type: "number" | "truth"; values: (number | boolean | null)[] }[];
  formulas_from: string | null;
}

/** The formulas that an overlay asks for: each column of one that has several. */
export function formulasOf({ text, outputs }: Overlay): string[] {
  return outputs.length > 1 ? outputs.map((output) => `${text}.${output}`) : [text];
}

export function pointsOf(evaluated: Evaluated, column: number, factor = 1): Point[] {
  const values = evaluated.columns[column]?.values ?? [];
  return evaluated.times.map((time, at) => {
    const value = values[at];
    return {
      time,
      value: typeof value === "boolean" ? Number(value) : typeof value === "number" ? value * factor : null,
    };
  });
}

/** Lines of an overlay; what stands in the price pane is in the prices that are shown. */
export function linesOf(overlay: Overlay, evaluated: Evaluated, factor: number): Line[] {
  return evaluated.columns.map((column, at) => ({
    id: `${overlay.text} ${at}`,
    name: overlay.outputs.length > 1 ? `${overlay.text}.${overlay.outputs[at] ?? at}` : overlay.text,
    points: pointsOf(evaluated, at, overlay.inPrices && column.type === "number" ? factor : 1),
    pane: overlay.inPrices && column.type === "number" ? "price" : overlay.text,
    ...(column.type === "truth" && { look: "bars" as const }),
  }));
}

/** Times at which a condition begins to hold. */
export function beginnings(evaluated: Evaluated): string[] {
  const values = evaluated.columns[0]?.values ?? [];
  return evaluated.times.filter((_, at) => values[at] === true && values[at - 1] !== true);
}

export interface RunTrade {
  number: number;
  symbol: string;
  side: string;
  outcome: string;
  entry_at: string | null;
  exit_at: string | null;
  quantity: string;
}
export function tradeMarks(trades: readonly RunTrade[], symbol: string): Mark[] {
  const marks: Mark[] = [];
  for (const trade of trades) {
    if (trade.symbol !== symbol) continue;
    const isLong = trade.side === "long";
    if (trade.entry_at)
      marks.push({
        time: trade.entry_at,
        side: isLong ? "buy" : "sell",
        text: `${trade.number} ${isLong ? "in" : "short"}`,
      });
    if (trade.exit_at)
      marks.push({
        time: trade.exit_at,
        side: isLong ? "sell" : "buy",
        text: `${trade.number} ${isLong ? "out" : "cover"}`,
      });
  }
  return marks;
}

/** Without a remark at its end, and without quotes around it. */
function plain(text: string): string {
  const bare = text.replace(/(^|\s)#.*$/, "").trim();
  return /^"[^"]*"$|^'[^']*'$/.test(bare) ? bare.slice(1, -1) : bare;
}

/** Top keys of a strategy file and the lines below each. It reads the simple files that people write, not all of YAML. */
function blocks(text: string): Map<string, { value: string; below: string[] }> {
  const found = new Map<string, { value: string; below: string[] }>();
  let current: { value: string; below: string[] } | undefined;
  for (const line of text.split("\n")) {
    const key = /^([A-Za-z_]\w*):(.*)$/.exec(line);
    if (key) {
      current = { value: plain(key[2] ?? ""), below: [] };
      found.set(key[1] ?? "", current);
    } else if (/^\s+\S/.test(line) && !/^\s*#/.test(line)) current?.below.push(line);
  }
  return found;
}

function formulaOf(block: { value: string; below: string[] } | undefined): string {
  if (!block) return "";
  const begin = /^[|>][+-]?$/.test(block.value) ? "" : block.value;
  return [begin, ...block.below.map(plain)].join(" ").trim();
}

/** The formula with each name that stands for another in its place, in brackets. */
export function substitute(formula: string, names: ReadonlyMap<string, string>): string {
  // Names behind a dot are columns, those before "(" or "=" operators and their options.
  return formula.replace(/(?<![\w.])[A-Za-z_]\w*(?!\w*\s*(?:\(|=(?!=)))/g, (name) => {
    const stands = names.get(name);
    return stands === undefined ? name : /^-?[\w.]+$/.test(stands) ? stands : `(${stands})`;
  });
}

export interface Signal {
  key: "buy" | "sell" | "short" | "cover";
  formula: string;
}
/** The conditions of a strategy file as formulas that stand by themselves: parameters by their values, `let` put in place. */
export function signalsOf(text: string, parameters: readonly { name: string; value: number }[]): Signal[] {
  const found = blocks(text);
  const names = new Map(parameters.map(({ name, value }) => [name, String(value)]));
  let name = "";
  const lets = new Map<string, string>();
  for (const line of found.get("let")?.below ?? []) {
    const entry = /^\s+([A-Za-z_]\w*):(?:\s+(.*))?$/.exec(line);
    if (entry) lets.set((name = entry[1] ?? ""), plain(entry[2] ?? "").replace(/^[|>][+-]?$/, ""));
    else if (name) lets.set(name, `${lets.get(name) ?? ""} ${plain(line)}`.trim());
  }
  for (const [each, formula] of lets) names.set(each, substitute(formula, names));
  return (["buy", "sell", "short", "cover"] as const).flatMap((key) => {
    const formula = formulaOf(found.get(key));
    return formula ? [{ key, formula: substitute(formula, names) }] : [];
  });
}

/** The symbol, how it is looked at, and what is drawn: kept in the browser of who looks. */
export interface MarketView {
  timeframe: string;
  prices: "today" | "adjusted" | "raw";
  logScale: boolean;
  overlays: Overlay[];
}
export const kFirstView: MarketView = {
  timeframe: "1d",
  prices: "today",
  logScale: false,
  overlays: [{ text: "sma(close, 50)", inPrices: true, outputs: ["value"] }],
};
export const kTimeframes = ["1m", "5m", "15m", "30m", "1h", "4h", "1d", "1w", "1mo"] as const;

export function readView(stored: string | null): MarketView {
  try {
    const read = JSON.parse(stored ?? "") as Partial<MarketView>;
    return {
      timeframe: typeof read.timeframe === "string" ? read.timeframe : kFirstView.timeframe,
      prices: read.prices === "raw" || read.prices === "adjusted" ? read.prices : "today",
      logScale: read.logScale === true,
      overlays: Array.isArray(read.overlays)
        ? read.overlays.filter((each) => typeof each?.text === "string" && Array.isArray(each.outputs))
        : kFirstView.overlays,
    };
  } catch {
    return kFirstView;
  }
}
