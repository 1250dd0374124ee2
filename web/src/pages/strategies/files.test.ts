import { describe, expect, it } from "vitest";
import type { Strategy } from "../../api/types";
import { byStrategy, commonBody, resultLink, studyBody } from "./files";

function row(strategy_id: number, name: string, version: number, custom_order: number, owner_id = 1): Strategy {
  return { strategy_id, owner_id, name, text: "", version, custom_order, created_at: "" };
}

describe("the list of strategies", () => {
  it("has each once, in its owner's order, with its newest version", () => {
    const list = byStrategy([row(1, "b", 1, 2), row(2, "a", 1, 1), row(3, "b", 2, 2), row(4, "a", 1, 1, 2)]);
    expect(list.map((each) => [each.newest.strategy_id, each.versions.length])).toEqual([
      [2, 1],
      [3, 2],
      [4, 1],
    ]);
  });
});

describe("what is asked of a job", () => {
  it("leaves out what is empty", () => {
    expect(
      commonBody({ symbols: " aapl, msft", cash: "", "set fast": "20", "set slow": " " }, ["fast", "slow"]),
    ).toEqual({ symbols: ["AAPL", "MSFT"], set: ["fast=20"] });
  });
  it("has lists and numbers where they belong", () => {
    expect(
      studyBody({ study: "x", objectives: "sharpe, min:max_drawdown", constraints: "trades >= 30", trials: "50" }, []),
    ).toEqual({
      study: "x",
      objectives: ["sharpe", "min:max_drawdown"],
      constraints: ["trades >= 30"],
      trials: 50,
    });
  });
});

describe("the link to a result", () => {
  it("is made of its number", () => {
    expect(resultLink("backtest", '{"run": "12-3fa9c1"}')?.to).toBe("/runs/12");
    expect(resultLink("optimize", '{"study": {"id": "s3-3fa9c1"}}')?.to).toBe("/studies/3");
    expect(resultLink("backtest", '{"run": null}')).toBeNull();
    expect(resultLink("backtest", "")).toBeNull();
  });
});
