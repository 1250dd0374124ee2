import { expect, test } from "vitest";
import { givenParameters, mayCancelJob, mayRetryJob, resultFacts, spentOf, subjectOf } from "./words";

test("what a job is about", () => {
  const backtest =
    '{"quick":false,"strategy":"my cross","version":1,"symbols":["AAPL","MSFT"],"universe":"","seed":null}';
  expect(subjectOf("backtest", backtest)).toBe("my cross, AAPL, MSFT");
  expect(subjectOf("backup", '{"note":"before the move"}')).toBe("before the move");
  expect(subjectOf("import", '{"file":"a.csv","symbol":"PEAR"}')).toBe("a.csv, PEAR");
  expect(subjectOf("backtest", "not JSON")).toBe("");
  expect(givenParameters(backtest)).toEqual([
    ["strategy", "my cross"],
    ["version", "1"],
    ["symbols", "AAPL, MSFT"],
  ]);
});

test("short facts of a result", () => {
  expect(resultFacts('{"run":"1-5e","total_return":1.45,"warnings":["a"],"long":"' + "x".repeat(200) + '"}')).toEqual([
    ["run", "1-5e"],
    ["total return", "1.45"],
  ]);
  expect(resultFacts("")).toEqual([]);
});

test("times, and what may be done", () => {
  const at = (second: number) => new Date(Date.UTC(2024, 0, 1, 0, 0, second)).toISOString();
  expect(spentOf({ started_at: at(0), ended_at: at(40) }, 0)).toBe("40 s");
  expect(spentOf({ started_at: at(0), ended_at: null }, Date.UTC(2024, 0, 1, 0, 2))).toBe("2 min");
  expect(spentOf({ started_at: null, ended_at: null }, 0)).toBe("");
  expect(mayCancelJob({ state: "RUNNING", cancel_requested: false })).toBe(true);
  expect(mayCancelJob({ state: "RUNNING", cancel_requested: true })).toBe(false);
  expect(mayRetryJob({ state: "DEAD" })).toBe(true);
  expect(mayRetryJob({ state: "DONE" })).toBe(false);
});
