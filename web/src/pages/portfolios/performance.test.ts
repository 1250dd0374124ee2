import { expect, test } from "vitest";
import { summaryOf } from "./summary";

const day = (growth: number | null, drawdown: number | null, benchmark: number | null) => ({
  date: "2024-01-02",
  equity: "1",
  flow: "0",
  day_return: null,
  growth,
  drawdown,
  benchmark,
  benchmark_drawdown: null,
});

test("of the days that have a number", () => {
  expect(summaryOf([day(1, 0, 1), day(0.9, -0.1, null), day(null, null, 1.2)])).toEqual({
    days: 3,
    growth: 0.9 - 1,
    benchmark: 1.2 - 1,
    drawdown: -0.1,
    benchmarkDrawdown: null,
  });
  expect(summaryOf([])).toMatchObject({ days: 0, growth: null, drawdown: null });
});
