import { describe, expect, it } from "vitest";
import { calledOperator, fitting, type Word } from "./words";

const words: Word[] = [
  { name: "sma", kind: "operator", detail: "(x, n)", info: "" },
  { name: "close", kind: "name", detail: "", info: "" },
  { name: "buy", kind: "key", detail: "", info: "" },
];
const names = (before: string, isStrategy: boolean) =>
  fitting(words, before, isStrategy).words.map((word) => word.name);

describe("what is offered", () => {
  it("is the language in a formula", () => {
    expect(names("sma(cl", false)).toEqual(["sma", "close"]);
    expect(fitting(words, "sma(cl", false).from).toBe(4);
    expect(fitting(words, "raw.cl", false).from).toBe(0);
  });
  it("is a key at the beginning of a strategy's line, and the language behind it", () => {
    expect(names("bu", true)).toEqual(["buy"]);
    expect(names("buy: sm", true)).toEqual(["sma", "close"]);
    expect(names("  upper: sm", true)).toEqual(["sma", "close"]);
  });
  it("is nothing in a remark", () => {
    expect(names("# clo", true)).toEqual([]);
  });
});

describe("a formula that is a call", () => {
  it("names its operator", () => {
    expect(calledOperator("macd(sma(close, 3), 12)")).toBe("macd");
    expect(calledOperator("macd(close).signal")).toBeNull();
    expect(calledOperator("sma(close, 3) + sma(close, 5)")).toBeNull();
    expect(calledOperator("close")).toBeNull();
    expect(calledOperator("sma(close")).toBeNull();
  });
});
