// What a price chart is given, and how that becomes what lightweight-charts draws.

/** A bar of `GET /prices/candles`. */
export interface Bar {
  /** A date ("2013-03-01") for bars of a day and longer, else the instant at which it opened. */
  time: string;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}
/** Bars of an answer of the API; what has no price cannot be drawn. */
export function barsOf(items: readonly { [Name in keyof Bar]: Bar[Name] | null }[]): Bar[] {
  return items.filter((each): each is Bar => Object.values(each).every((value) => value !== null));
}
export interface Point {
  time: string;
  value: number | null;
}
/** A line over the bars, in the price pane or in one below it. */
export interface Line {
  id: string;
  name: string;
  points: readonly Point[];
  /** "price", or the name of a pane of its own; lines of one name share it. */
  pane: string;
  /** "bars": from zero up and down, as for a histogram. */
  look?: "line" | "dashed" | "bars";
  color?: string;
}
export interface Mark {
  time: string;
  side: "buy" | "sell" | "note";
  text?: string;
}

export function isDate(time: string): boolean {
  return !time.includes("T");
}

/** Seconds since 1970; a date's midnight in UTC. NaN for what is no time. */
export function toSeconds(time: string): number {
  const milliseconds = Date.parse(isDate(time) ? `${time}T00:00:00Z` : time.replace(/(\.\d{3})\d+/, "$1"));
  return Math.floor(milliseconds / 1000);
}

/** Rows by time, each time once (the last row counts): the chart refuses anything else. */
export function ascending<Row extends { time: string }>(rows: readonly Row[]): (Row & { at: number })[] {
  const timed = rows.map((row) => ({ ...row, at: toSeconds(row.time) })).filter((row) => !Number.isNaN(row.at));
  const sorted = timed.every((row, index) => index === 0 || (timed[index - 1]?.at ?? 0) < row.at)
    ? timed
    : [...timed].sort((left, right) => left.at - right.at);
  return sorted.filter((row, index) => row.at !== sorted[index + 1]?.at);
}

/** The last of `rows` (ascending) that is not after `at`; -1: there is none. */
export function lastNotAfter(rows: readonly { at: number }[], at: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.at ?? Infinity) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Marks at the bars in which they happened, in order; those before the first bar are left out. */
export function snapMarks<Each extends { time: string }>(
  marks: readonly Each[],
  rows: readonly { at: number }[],
): (Each & { at: number })[] {
  const snapped: (Each & { at: number })[] = [];
  for (const mark of marks) {
    const seconds = toSeconds(mark.time);
    // A bar of days is named by its date: an instant within that day belongs to it.
    const found = Number.isNaN(seconds) ? -1 : lastNotAfter(rows, seconds);
    const at = rows[found]?.at;
    if (at !== undefined) snapped.push({ ...mark, at });
  }
  return snapped.sort((left, right) => left.at - right.at);
}

/** Decimals that tell prices of this size apart. */
export function priceDigits(price: number): number {
  const size = Math.abs(price);
  if (!Number.isFinite(size) || size === 0) return 2;
  if (size >= 1) return 2;
  return Math.min(8, 3 - Math.floor(Math.log10(size)));
}

/** "1.2 M" */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  for (const [unit, sign] of [
    [1e12, "T"],
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const)
    if (size >= unit) return `${(value / unit).toFixed(size >= 100 * unit ? 0 : size >= 10 * unit ? 1 : 2)} ${sign}`;
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}
