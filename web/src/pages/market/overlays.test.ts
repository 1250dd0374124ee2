import { describe, expect, it } from "vitest";
import { beginnings, formulasOf, kFirstView, linesOf, readView, signalsOf, substitute, tradeMarks } from "./overlays";

const evaluated = {
  times: ["2013-01-01", "2013-01-02", "2013-01-03", "2013-01-04"],
  columns: [{ name: "x", type: "truth" as const, values: [null, true, true, false] }],
  formulas_from: null,
};

describe("overlays", () => {
  it("ask for each column of a formula that has several", () => {
    expect(formulasOf({ text: "bbands(close)", inPrices: true, outputs: ["upper", "lower"] })).toEqual([
      "bbands(close).upper",
      "bbands(close).lower",
    ]);
    expect(formulasOf({ text: "close", inPrices: true, outputs: ["value"] })).toEqual(["close"]);
  });
  it("stand in the prices that are shown, conditions below them", () => {
    const prices = { ...evaluated, columns: [{ name: "x", type: "number" as const, values: [null, 4, 8, 2] }] };
    const [line] = linesOf({ text: "x", inPrices: true, outputs: ["value"] }, prices, 0.5);
    expect(line?.pane).toBe("price");
    expect(line?.points.map((point) => point.value)).toEqual([null, 2, 4, 1]);
    expect(linesOf({ text: "x", inPrices: true, outputs: ["value"] }, evaluated, 0.5)[0]?.pane).toBe("x");
  });
  it("mark where a condition begins to hold", () => {
    expect(beginnings(evaluated)).toEqual(["2013-01-02"]);
  });
});

describe("signals of a strategy file", () => {
  const text = `# remark
name: x
params:
  fast: {default: 5}
let:
  upper: max(high, fast)  # of some days
  # a remark
  calm: close < upper and
    volume > 0
buy: cross_above(close, upper) and calm
sell: "close < upper"
size: {percent: 100}
`;
  it("have their names put in place", () => {
    expect(signalsOf(text, [{ name: "fast", value: 5 }])).toEqual([
      { key: "buy", formula: "cross_above(close, (max(high, 5))) and (close < (max(high, 5)) and volume > 0)" },
      { key: "sell", formula: "close < (max(high, 5))" },
    ]);
  });
  it("leave operators, options and columns as they are", () => {
    const names = new Map([
      ["n", "3"],
      ["upper", "9"],
    ]);
    expect(substitute("n(close, n) + x.upper + f(n=n) + (n == 2)", names)).toBe(
      "n(close, 3) + x.upper + f(n=3) + (3 == 2)",
    );
  });
});

describe("trades of a run", () => {
  it("are marked where they were filled", () => {
    const trade = { number: 1, symbol: "A", side: "short", outcome: "closed", quantity: "1" };
    const marks = tradeMarks(
      [
        { ...trade, entry_at: "2013-01-02T00:00:00Z", exit_at: "2013-01-04T00:00:00Z" },
        { ...trade, entry_at: null, exit_at: null },
        { ...trade, symbol: "B", entry_at: "2013-01-02", exit_at: null },
      ],
      "A",
    );
    expect(marks.map((mark) => [mark.side, mark.text])).toEqual([
      ["sell", "1 short"],
      ["buy", "1 cover"],
    ]);
  });
});

describe("the view", () => {
  it("begins with something, whatever was stored", () => {
    expect(readView(null)).toEqual(kFirstView);
    expect(readView("{")).toEqual(kFirstView);
    expect(readView('{"timeframe":"1w","prices":"no","overlays":[{"text":3}]}')).toEqual({
      timeframe: "1w",
      prices: "today",
      logScale: false,
      overlays: [],
    });
  });
});
