import type { components } from "../../api/schema";

type Day = components["schemas"]["performance_day"];

export interface Summary {
  days: number;
  growth: number | null;
  benchmark: number | null;
  drawdown: number | null;
  benchmarkDrawdown: number | null;
}

/** Of the days that have a number: growth is told since the first one. */
export function summaryOf(days: readonly Day[]): Summary {
  const last = (of: (day: Day) => number | null) => days.map(of).findLast((value) => value !== null) ?? null;
  const worst = (of: (day: Day) => number | null) => {
    const all = days.map(of).filter((value) => value !== null);
    return all.length === 0 ? null : Math.min(...all.map((value) => -Math.abs(value)));
  };
  const growth = last((day) => day.growth);
  const benchmark = last((day) => day.benchmark);
  return {
    days: days.length,
    growth: growth === null ? null : growth - 1,
    benchmark: benchmark === null ? null : benchmark - 1,
    drawdown: worst((day) => day.drawdown),
    benchmarkDrawdown: worst((day) => day.benchmark_drawdown),
  };
}
