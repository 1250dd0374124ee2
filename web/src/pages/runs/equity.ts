// What a run was worth day by day. The API tells what closed trades had gained; what positions were worth while they were
// held is made here, of the trades and the daily closes. How far that is from the run's own figures is shown beside it.
import { toNumber } from "../../format/numbers";

export interface Trade {
  symbol: string;
  side: string;
  outcome: string;
  entry_at: string | null;
  entry_price: string | null;
  quantity: string;
  exit_at: string | null;
  exit_price: string | null;
  fees: string;
  profit: string;
  dividends: string;
}
/** A day of a symbol: its close as quoted, and adjusted for splits and dividends. */
export interface Close {
  day: string;
  adjusted: number;
  quoted: number;
}
export interface Value {
  day: string;
  equity: number;
}

export function dayOf(time: string): string {
  return time.slice(0, 10);
}

/** The last close not after a day; undefined: it has none yet. */
function closeAt(closes: readonly Close[], day: string): Close | undefined {
  let low = 0;
  let high = closes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((closes[middle]?.day ?? "") <= day) low = middle + 1;
    else high = middle;
  }
  return closes[low - 1];
}

/** What was paid (or, short, received) for a position, splits since or not. */
export function costOf(trade: Trade): number {
  const quantity = toNumber(trade.quantity);
  if (trade.exit_price === null) return quantity * toNumber(trade.entry_price);
  const sold = quantity * toNumber(trade.exit_price);
  const gained = toNumber(trade.profit) + toNumber(trade.fees);
  return trade.side === "short" ? sold + gained : sold - gained;
}

export function equityByDay(
  initial: number,
  trades: readonly Trade[],
  closes: ReadonlyMap<string, readonly Close[]>,
): Value[] {
  const days = [...new Set([...closes.values()].flatMap((each) => each.map((close) => close.day)))].sort();
  const at = new Map(days.map((day, index) => [day, index]));
  const indexOf = (day: string) => {
    const exact = at.get(day);
    if (exact !== undefined) return exact;
    const next = days.findIndex((each) => each >= day);
    return next < 0 ? days.length : next;
  };
  const gains = new Array<number>(days.length).fill(0);
  for (const trade of trades) {
    // What enlarged a position is in the figures of the trade that opened it.
    if (!trade.entry_at || trade.outcome === "added") continue;
    const own = closes.get(trade.symbol) ?? [];
    const first = closeAt(own, dayOf(trade.entry_at));
    const cost = costOf(trade);
    const entry = toNumber(trade.entry_price);
    const begin = indexOf(dayOf(trade.entry_at));
    const end = trade.exit_at ? indexOf(dayOf(trade.exit_at)) : days.length;
    const total = toNumber(trade.profit) + toNumber(trade.dividends);
    if (trade.exit_at) for (let day = end; day < days.length; ++day) gains[day] = (gains[day] ?? 0) + total;
    if (!first || !Number.isFinite(entry) || entry === 0) continue;
    // The entry's price on the adjusted scale: what it has grown by since then counts splits and dividends.
    const adjustedEntry = (entry * first.adjusted) / first.quoted;
    const paid = toNumber(trade.fees) * (trade.exit_at ? 0.5 : 1);
    let next = own.indexOf(first);
    for (let day = begin; day < end; ++day) {
      while (next + 1 < own.length && (own[next + 1]?.day ?? "") <= (days[day] ?? "")) ++next;
      const growth = (own[next]?.adjusted ?? first.adjusted) / adjustedEntry - 1;
      gains[day] = (gains[day] ?? 0) + cost * (trade.side === "short" ? -growth : growth) - paid;
    }
  }
  return days.map((day, index) => ({ day, equity: initial + (gains[index] ?? 0) }));
}

/** The same cash in equal parts in all symbols, each from its first close on. */
export function holdByDay(initial: number, closes: ReadonlyMap<string, readonly Close[]>): Value[] {
  const all = [...closes.values()].filter((each) => each.length > 0);
  if (all.length === 0) return [];
  const days = [...new Set(all.flatMap((each) => each.map((close) => close.day)))].sort();
  const places = all.map(() => -1);
  return days.map((day) => {
    let equity = 0;
    all.forEach((own, at) => {
      let place = places[at] ?? -1;
      while (place + 1 < own.length && (own[place + 1]?.day ?? "") <= day) ++place;
      places[at] = place;
      const growth = place < 0 ? 1 : (own[place]?.adjusted ?? 1) / (own[0]?.adjusted ?? 1);
      equity += (initial / all.length) * growth;
    });
    return { day, equity };
  });
}

/** How far below the highest value until then: 0 or less. */
export function drawdowns(values: readonly Value[]): number[] {
  let peak = -Infinity;
  return values.map(({ equity }) => {
    peak = Math.max(peak, equity);
    return peak > 0 ? equity / peak - 1 : 0;
  });
}

export interface Year {
  year: number;
  /** Twelve; null where there is no value. */
  months: (number | null)[];
  whole: number | null;
}
/** The return of each month, from the last value of the month before. */
export function monthlyReturns(initial: number, values: readonly Value[]): Year[] {
  const ends = new Map<string, number>();
  for (const { day, equity } of values) ends.set(day.slice(0, 7), equity);
  const years = new Map<number, Year>();
  const begins = new Map<number, number>();
  let before = initial;
  for (const [month, equity] of ends) {
    const year = Number(month.slice(0, 4));
    const row = years.get(year) ?? { year, months: new Array<number | null>(12).fill(null), whole: null };
    years.set(year, row);
    if (!begins.has(year)) begins.set(year, before);
    row.months[Number(month.slice(5, 7)) - 1] = before > 0 ? equity / before - 1 : null;
    const begin = begins.get(year) ?? 0;
    row.whole = begin > 0 ? equity / begin - 1 : null;
    before = equity;
  }
  return [...years.values()];
}

/** Not more points than a screen shows, the lowest and the last among them. */
export function thinned(values: readonly Value[], most = 1500): number[] {
  if (values.length <= most) return values.map((_, at) => at);
  const step = Math.ceil(values.length / most);
  const kept: number[] = [];
  for (let from = 0; from < values.length; from += step) {
    let low = from;
    for (let at = from; at < Math.min(values.length, from + step); ++at)
      if ((values[at]?.equity ?? 0) < (values[low]?.equity ?? 0)) low = at;
    kept.push(low);
  }
  if (kept.at(-1) !== values.length - 1) kept.push(values.length - 1);
  return kept;
}
