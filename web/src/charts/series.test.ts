import { describe, expect, it } from "vitest";
import { ascending, lastNotAfter, priceDigits, shortNumber, snapMarks, toSeconds } from "./series";

describe("times of bars", () => {
  it("are dates or instants, with nanoseconds or without", () => {
    expect(toSeconds("1970-01-02")).toBe(86400);
    expect(toSeconds("1970-01-01T00:01:00Z")).toBe(60);
    expect(toSeconds("1970-01-01T00:01:00.123456789Z")).toBe(60);
    expect(toSeconds("soon")).toBeNaN();
  });
  it("ascend, each once, and the last row of a time counts", () => {
    const rows = [
      { time: "2013-01-03", value: 3 },
      { time: "2013-01-01", value: 1 },
      { time: "2013-01-03", value: 4 },
      { time: "never", value: 9 },
    ];
    expect(ascending(rows).map((row) => row.value)).toEqual([1, 4]);
  });
});

describe("marks", () => {
  const times = ["2013-01-01", "2013-01-02", "2013-01-04"].map((time) => ({ at: toSeconds(time) }));
  it("stand at the bar in which they happened", () => {
    expect(lastNotAfter(times, toSeconds("2013-01-03"))).toBe(1);
    expect(lastNotAfter(times, toSeconds("2012-12-31"))).toBe(-1);
    const marks = [
      { time: "2013-01-04T15:00:00Z", side: "sell" },
      { time: "2013-01-02T20:59:00.5Z", side: "buy" },
      { time: "2012-01-01", side: "buy" },
    ];
    expect(snapMarks(marks, times).map((mark) => [mark.side, mark.at])).toEqual([
      ["buy", times[1]?.at],
      ["sell", times[2]?.at],
    ]);
  });
});

describe("numbers of charts", () => {
  it("have the digits that tell them apart", () => {
    expect(priceDigits(430)).toBe(2);
    expect(priceDigits(0.5)).toBe(4);
    expect(priceDigits(0.00012)).toBe(7);
    expect(priceDigits(Number.NaN)).toBe(2);
  });
  it("are short", () => {
    expect(shortNumber(117_173_425)).toBe("117 M");
    expect(shortNumber(-2_500)).toBe("-2.50 k");
    expect(shortNumber(12)).toBe("12");
  });
});
