import { describe, expect, it } from "vitest";
import { marked, problemText, rangeOf } from "./problems";

function slice(text: string, problem: Parameters<typeof rangeOf>[1]): string {
  const { from, to } = rangeOf(text, problem);
  return text.slice(from, to);
}

describe("where a mistake stands", () => {
  it("is read from the carets below a formula", () => {
    expect(marked("sma(clos,20)\n    ^^^^")).toEqual({ formula: "sma(clos,20)", from: 4, length: 4 });
    expect(marked("nothing marked")).toBeNull();
  });
  it("is the word in a formula", () => {
    const text = "sma(clos,20)";
    expect(slice(text, { detail: "", hint: "sma(clos,20)\n    ^^^^", line: 1, column: 5 })).toBe("clos");
  });
  it("is the word in the formula of a strategy file", () => {
    const text = "name: x\nbuy: cross_above(clos, sma(close, 20))\n";
    const hint = "cross_above(clos, sma(close, 20))\n            ^^^^";
    expect(slice(text, { detail: "", hint, line: 2, column: 6 })).toBe("clos");
  });
  it("is the word in a long line of which a part is told", () => {
    const text = "buy: close > 1 and close > 2 and clos > 3 and close > 4";
    const hint = "...close > 2 and clos > 3 and...\n                 ^^^^";
    expect(marked(hint)).toEqual({ formula: "close > 2 and clos > 3 and", from: 14, length: 4 });
    expect(slice(text, { detail: "", hint, line: 1, column: 6 })).toBe("clos");
  });
  it("is the word at the column where nothing is marked", () => {
    expect(slice("name: x\nsel: a\n", { detail: "", line: 2, column: 1 })).toBe("sel");
  });
  it("is the last letter where the text ends too early", () => {
    expect(slice("sma(close,", { detail: "", hint: "sma(close,\n          ^", line: 1, column: 11 })).toBe(",");
  });
  it("is all of it when no place is told", () => {
    expect(slice("a b", { detail: "" })).toBe("a b");
    expect(problemText({ detail: "no", line: 2, column: 6 })).toBe("line 2, column 6: no");
  });
});
