// Stored strategies as they are listed, and what a form of a backtest says to the API.
import type { Strategy } from "../../api/types";

export interface StrategyEntry {
  newest: Strategy;
  /** All of them, the newest first. */
  versions: Strategy[];
}

/** One entry a strategy, in its owner's order. */
export function byStrategy(rows: readonly Strategy[]): StrategyEntry[] {
  const found = new Map<string, Strategy[]>();
  for (const row of rows) {
    const key = `${row.owner_id} ${row.name}`;
    found.set(key, [...(found.get(key) ?? []), row]);
  }
  return [...found.values()]
    .map((each) => {
      const versions = [...each].sort((left, right) => right.version - left.version);
      return { newest: versions[0] as Strategy, versions };
    })
    .sort(
      (left, right) =>
        left.newest.owner_id - right.newest.owner_id ||
        left.newest.custom_order - right.newest.custom_order ||
        left.newest.name.localeCompare(right.newest.name),
    );
}

/** "AAPL, msft ibm" has three. */
export function words(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean);
}
/** Lines, or what stands between semicolons: names may have spaces. */
export function entries(text: string): string[] {
  return text
    .split(/[\n;,]+/)
    .map((each) => each.trim())
    .filter(Boolean);
}

export type Fields = Record<string, string>;

const kTexts = ["universe", "timeframe", "from", "to", "cash", "currency", "fees", "slippage", "latency"] as const;

/** What both kinds of work are told. Fields that are empty are left to the file and the API. */
export function commonBody(fields: Fields, parameters: readonly string[]) {
  const texts: Partial<Record<(typeof kTexts)[number], string>> = {};
  for (const name of kTexts) if (fields[name]?.trim()) texts[name] = fields[name].trim();
  const symbols = words(fields["symbols"] ?? "").map((each) => each.toUpperCase());
  const set = parameters
    .filter((name) => fields[`set ${name}`]?.trim())
    .map((name) => `${name}=${fields[`set ${name}`]?.trim()}`);
  const seed = fields["seed"]?.trim();
  const { prices } = fields;
  return {
    ...texts,
    ...((prices === "adjusted" || prices === "raw") && { prices: prices as "adjusted" | "raw" }),
    ...(symbols.length > 0 && { symbols }),
    ...(set.length > 0 && { set }),
    ...(seed && { seed: Number(seed) }),
  };
}

export function studyBody(fields: Fields, parameters: readonly string[]) {
  const whole = (name: string) => (fields[name]?.trim() ? { [name]: Number(fields[name]) } : {});
  const text = (name: string) => (fields[name]?.trim() ? { [name]: fields[name].trim() } : {});
  const list = (name: string) =>
    entries(fields[name] ?? "").length > 0 ? { [name]: entries(fields[name] ?? "") } : {};
  return {
    ...commonBody(fields, parameters),
    ...text("study"),
    ...list("objectives"),
    ...list("constraints"),
    ...text("sampler"),
    ...text("pruner"),
    ...text("walk_forward"),
    ...text("cv"),
    ...whole("trials"),
    ...whole("workers"),
    ...(fields["anchored"] === "yes" && { anchored: true }),
  };
}

/** Where the result of a job is to be seen; null: it has none, or none yet. */
export function resultLink(type: string, result: string): { to: string; text: string } | null {
  try {
    const read = JSON.parse(result) as { run?: string | null; study?: { id?: string } };
    const id = type === "optimize" ? read.study?.id : read.run;
    const number = /^s?(\d+)-/.exec(id ?? "")?.[1];
    if (!number) return null;
    return type === "optimize"
      ? { to: `/studies/${number}`, text: `Study ${number}` }
      : { to: `/runs/${number}`, text: `Run ${number}` };
  } catch {
    return null;
  }
}

export const kNewText = `# What it does, where the idea is from, and when it does not work.
name: my strategy
timeframe: 1d
params:
  fast: {default: 20, range: [5, 60], step: 5}
  slow: {default: 100, range: [50, 250], step: 10}
buy: cross_above(sma(close, fast), sma(close, slow))
sell: cross_below(sma(close, fast), sma(close, slow))
size: {percent: 100}
commission_percent: 0.1
`;
