import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatDecimal,
  formatMoney,
  formatNumber,
  formatPercent,
  roundDecimal,
  signOf,
  subtractDecimals,
  sumDecimals,
} from "./numbers";
import { formatDuration, formatTime, timeTitle, toMilliseconds } from "./times";

describe("decimals", () => {
  it("have no sign where they round to nothing", () => {
    expect(formatNumber(-0.04, 1)).toBe("0.0");
    expect(formatNumber(-0.06, 1)).toBe("−0.1");
    expect(formatNumber(-1234.5, 1)).toBe("−1,234.5");
  });
  it("are rounded half away from zero, exactly", () => {
    expect(roundDecimal("1.005", 2)).toBe("1.01");
    expect(roundDecimal("-1.005", 2)).toBe("-1.01");
    expect(roundDecimal("0.004", 2)).toBe("0.00");
    expect(roundDecimal("-0.004", 2)).toBe("0.00");
    expect(roundDecimal("9007199254740993.5", 0)).toBe("9007199254740994");
    expect(roundDecimal("99.995", 2)).toBe("100.00");
  });
  it("are grouped, with a real minus, and as long as they are", () => {
    expect(formatDecimal("1234567.125")).toBe("1,234,567.125");
    expect(formatDecimal("-1000", 2)).toBe("\u22121,000.00");
    expect(formatDecimal(null)).toBe("–");
    expect(formatDecimal("what")).toBe("what");
  });
  it("are summed without an error", () => {
    expect(sumDecimals(["0.1", "0.2", null])).toBe("0.3");
    expect(sumDecimals(["9223372036.854775807", "0.000000001"])).toBe("9223372036.854775808");
    expect(sumDecimals(["1", "-3.5"])).toBe("-2.5");
    expect(subtractDecimals("1", "-0.25")).toBe("1.25");
    expect(sumDecimals([])).toBe("0");
  });
});

describe("amounts", () => {
  it("carry their currency", () => {
    expect(formatMoney("1234.5", "USD")).toBe("$1,234.50");
    expect(formatMoney("-3", "EUR")).toBe("\u2212€3.00");
    expect(formatMoney("1234.5", "KRW")).toBe("₩1,235");
    expect(formatMoney("12", "CHF")).toBe("CHF 12.00");
    expect(formatMoney(undefined, "USD")).toBe("–");
  });
  it("have a sign", () => {
    expect(signOf("-0.01")).toBe(-1);
    expect(signOf("0.00")).toBe(0);
    expect(signOf(null)).toBe(0);
  });
});

describe("ratios and sizes", () => {
  it("are percents", () => {
    expect(formatPercent(0.1234)).toBe("12.34 %");
    expect(formatPercent(-0.00001)).toBe("0.00 %");
    expect(formatPercent(null)).toBe("–");
    expect(formatBytes(1536)).toBe("1.5 kB");
    expect(formatBytes(12)).toBe("12 B");
  });
});

describe("times", () => {
  it("are shown in a zone, and in UTC on hover", () => {
    const text = "2024-11-29T18:03:00.123456789Z";
    expect(formatTime(text, "both", "America/New_York")).toBe("2024-11-29 13:03:00");
    expect(timeTitle(text, "America/New_York")).toBe(
      "2024-11-29 13:03:00 (America/New_York)\n2024-11-29T18:03:00.123Z (UTC)",
    );
    expect(formatTime(null)).toBe("–");
    expect(toMilliseconds(text)).toBe(Date.UTC(2024, 10, 29, 18, 3, 0, 123));
  });
  it("have lengths in words", () => {
    expect(formatDuration(59.6)).toBe("1 min");
    expect(formatDuration(7800)).toBe("2 h 10 min");
    expect(formatDuration(90000)).toBe("1 d 1 h");
  });
});
