// What runs, studies and the jobs that made them hold as texts of JSON.

export interface Interval {
  name: string;
  value: number | null;
  low: number | null;
  high: number | null;
}
export interface Headline {
  from: string;
  to: string;
  bars: number;
  universe: string | null;
  initial_cash: string;
  final_equity: string;
  total_return: number | null;
  cagr: number | null;
  volatility: number | null;
  sharpe: number | null;
  sortino: number | null;
  calmar: number | null;
  max_drawdown: number | null;
  max_drawdown_from: string | null;
  max_drawdown_low: string | null;
  max_drawdown_to: string | null;
  trades: number;
  win_rate: number | null;
  profit_factor: number | null;
  expectancy: number | null;
  exposure: number | null;
  turnover: number | null;
  account: string;
  currency: string;
  slippage: string;
  latency: string;
  fee_schedule: string;
  fees: string;
  charges: string;
  dividends: string;
  orders: number;
  orders_denied: number;
  orders_rejected: number;
  open_positions: number;
  buy_and_hold_return: number | null;
  buy_and_hold_cagr: number | null;
  buy_and_hold_sharpe: number | null;
  buy_and_hold_max_drawdown: number | null;
  warnings: string[];
}
/** What only the job of a backtest has: how far its run can be believed. */
export interface Judged {
  run: string | null;
  quick: boolean;
  look_ahead?: { checked: number; bars: number; badge: string; leaks: unknown[] } | null;
  luck?: {
    confidence: number;
    statistics: Interval[];
    drawdown: { orders: number; actual: number; median: number; high: number; smaller: number } | null;
    sharpe: { probabilistic: number; deflated: number; trials: number; minimum_years: number | null } | null;
    random_entries: {
      measure: string;
      actual: number;
      random_mean: number;
      random_low: number;
      random_high: number;
      p_value: number;
      replicates: number;
    } | null;
  } | null;
  costs?: {
    assumed: boolean;
    ladder: { multiple: number; total_return: number | null; final_equity: string; fees: string; trades: number }[];
    break_even: number | null;
    break_even_state: string;
  } | null;
}

/** null for what is no JSON. */
export function readJson<Shape>(text: string | null | undefined): Shape | null {
  try {
    return text ? (JSON.parse(text) as Shape) : null;
  } catch {
    return null;
  }
}

export type Setting = number | string | boolean;
export interface Trial {
  number: number;
  state: string;
  settings: Record<string, Setting>;
  values: (number | null)[];
  note: string;
}
export function readTrial(row: {
  number: number;
  state: string;
  parameters: string;
  objective_values: string;
  note: string;
}): Trial {
  return {
    number: row.number,
    state: row.state,
    note: row.note,
    settings: readJson<Record<string, Setting>>(row.parameters) ?? {},
    values: readJson<(number | null)[]>(row.objective_values) ?? [],
  };
}

export interface Objective {
  name: string;
  most: boolean;
}
/** "maximise sharpe" */
export function readObjectives(text: string): Objective[] {
  return (readJson<string[]>(text) ?? []).map((each) => ({
    name: each.replace(/^(maximise|minimise) /, ""),
    most: !each.startsWith("minimise"),
  }));
}

/** The complete trials, the best by one objective first. */
export function ranked(trials: readonly Trial[], objective: number, most: boolean): Trial[] {
  const value = (trial: Trial) => trial.values[objective] ?? Number.NaN;
  return trials
    .filter((trial) => trial.state === "complete" && Number.isFinite(value(trial)))
    .sort((left, right) => (value(left) - value(right)) * (most ? -1 : 1));
}

export interface Cells {
  xs: Setting[];
  ys: Setting[];
  /** Place in xs, place in ys, the best value of all trials with these two settings, how many they were. */
  cells: [number, number, number, number][];
}
function ordered(values: Iterable<Setting>): Setting[] {
  return [...new Set(values)].sort((left, right) =>
    typeof left === "number" && typeof right === "number" ? left - right : String(left).localeCompare(String(right)),
  );
}
/** A study by two of its settings. Over all others the best value counts. */
export function cellsOf(trials: readonly Trial[], x: string, y: string, objective: number, most: boolean): Cells {
  const rows = ranked(trials, objective, most);
  const xs = ordered(rows.flatMap((trial) => (trial.settings[x] === undefined ? [] : [trial.settings[x]])));
  const ys = ordered(rows.flatMap((trial) => (trial.settings[y] === undefined ? [] : [trial.settings[y]])));
  const found = new Map<string, [number, number, number, number]>();
  for (const trial of rows) {
    const at = xs.indexOf(trial.settings[x] ?? "");
    const up = ys.indexOf(trial.settings[y] ?? "");
    if (at < 0 || up < 0) continue;
    const cell = found.get(`${at} ${up}`);
    // The best comes first.
    if (cell) ++cell[3];
    else found.set(`${at} ${up}`, [at, up, trial.values[objective] ?? 0, 1]);
  }
  return { xs, ys, cells: [...found.values()] };
}
