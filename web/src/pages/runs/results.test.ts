import { describe, expect, it } from "vitest";
import { cellsOf, ranked, readJson, readObjectives, readTrial } from "./results";

const trial = (number: number, settings: object, value: number, state = "complete") =>
  readTrial({
    number,
    state,
    parameters: JSON.stringify(settings),
    objective_values: JSON.stringify([value]),
    note: "",
  });

describe("a study", () => {
  const trials = [
    trial(0, { fast: 10, slow: 100, side: 1 }, 0.5),
    trial(1, { fast: 10, slow: 100, side: 2 }, 0.9),
    trial(2, { fast: 5, slow: 50, side: 1 }, -0.2),
    trial(3, { fast: 5, slow: 100, side: 1 }, 9, "infeasible"),
  ];
  it("has its best trial first", () => {
    expect(ranked(trials, 0, true).map((each) => each.number)).toEqual([1, 0, 2]);
    expect(ranked(trials, 0, false).map((each) => each.number)).toEqual([2, 0, 1]);
  });
  it("is seen by two settings, with the best of all others", () => {
    expect(cellsOf(trials, "fast", "slow", 0, true)).toEqual({
      xs: [5, 10],
      ys: [50, 100],
      cells: [
        [1, 1, 0.9, 2],
        [0, 0, -0.2, 1],
      ],
    });
  });
  it("says what is sought", () => {
    expect(readObjectives('["maximise sharpe","minimise max_drawdown"]')).toEqual([
      { name: "sharpe", most: true },
      { name: "max_drawdown", most: false },
    ]);
    expect(readObjectives("")).toEqual([]);
  });
  it("bears texts that are no JSON", () => {
    expect(readJson("{")).toBeNull();
    expect(readJson("")).toBeNull();
  });
});
