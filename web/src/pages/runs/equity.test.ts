import { describe, expect, it } from "vitest";
import { costOf, drawdowns, equityByDay, holdByDay, monthlyReturns, thinned, type Trade } from "./equity";

const trade: Trade = {
  symbol: "A",
  side: "long",
  outcome: "closed",
  entry_at: "2013-01-02T00:00:00Z",
  entry_price: "10",
  quantity: "20",
  exit_at: "2013-01-04T00:00:00Z",
  exit_price: "6",
  fees: "2",
  profit: "18",
  dividends: "0",
};
// A split in two on the third day: ten shares at 10 become twenty.
const closes = new Map([
  [
    "A",
    [
      { day: "2013-01-01", adjusted: 9, quoted: 9 },
      { day: "2013-01-02", adjusted: 11, quoted: 11 },
      { day: "2013-01-03", adjusted: 13, quoted: 6.5 },
      { day: "2013-01-04", adjusted: 12, quoted: 6 },
    ],
  ],
]);

describe("the equity of a run", () => {
  it("counts what positions are worth while they are held, splits or not", () => {
    expect(costOf(trade)).toBe(100);
    expect(equityByDay(1000, [trade], closes)).toEqual([
      { day: "2013-01-01", equity: 1000 },
      { day: "2013-01-02", equity: 1009 },
      { day: "2013-01-03", equity: 1029 },
      { day: "2013-01-04", equity: 1018 },
    ]);
  });
  it("falls with the price's rise while a position is short", () => {
    const short: Trade = { ...trade, side: "short", exit_at: null, exit_price: null, quantity: "10", fees: "1" };
    expect(equityByDay(1000, [short], closes).map((each) => Math.round(each.equity))).toEqual([1000, 989, 969, 979]);
  });
  it("leaves out what was never filled, and what another trade has in it", () => {
    const none = { ...trade, entry_at: null, outcome: "denied" };
    expect(
      equityByDay(1000, [none, { ...trade, outcome: "added" }], closes).every((each) => each.equity === 1000),
    ).toBe(true);
  });
  it("is compared with holding all symbols from the first day", () => {
    const two = new Map([...closes, ["B", [{ day: "2013-01-02", adjusted: 5, quoted: 5 }]]]);
    expect(holdByDay(900, two).map((each) => each.equity)).toEqual([900, 1000, 1100, 1050]);
    expect(holdByDay(900, new Map())).toEqual([]);
  });
});

describe("what follows from it", () => {
  const values = [100, 120, 90, 130].map((equity, at) => ({ day: `2013-0${at + 1}-28`, equity }));
  it("is the fall below the highest value", () => {
    expect(drawdowns(values)).toEqual([0, 0, -0.25, 0]);
  });
  it("is the return of each month and year", () => {
    const [year] = monthlyReturns(80, values);
    expect(year?.months.slice(0, 5)).toEqual([0.25, 0.19999999999999996, -0.25, 130 / 90 - 1, null]);
    expect(year?.whole).toBe(130 / 80 - 1);
  });
  it("keeps the lowest and the last when points are left out", () => {
    const many = Array.from({ length: 100 }, (_, at) => ({ day: String(at), equity: at === 37 ? -1 : at }));
    const kept = thinned(many, 10);
    expect(kept).toContain(37);
    expect(kept.at(-1)).toBe(99);
  });
});
