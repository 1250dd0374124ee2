import { expect, test } from "vitest";
import { multiplyDecimals, slicesOf, worthOf } from "./worth";

test("products are exact", () => {
  expect(multiplyDecimals("0.1", "0.2")).toBe("0.02");
  expect(multiplyDecimals("11", "431.73")).toBe("4749.03");
  expect(multiplyDecimals("-2.50", "4")).toBe("-10");
  expect(multiplyDecimals("123456789012345678.9", "10")).toBe("1234567890123456789");
  expect(multiplyDecimals("0", "5.5")).toBe("0");
  expect(multiplyDecimals("x", "5")).toBe("");
});

test("value and gain of a holding", () => {
  expect(worthOf("11", "4700", "431.73")).toEqual({ value: "4749.03", gain: "49.03", ratio: 49.03 / 4700 });
  expect(worthOf("11", "0", "10")).toEqual({ value: "110", gain: "110", ratio: null });
  expect(worthOf("11", "4700", undefined)).toBeNull();
});

test("slices add up to the whole", () => {
  const parts = [5, 40, 0, 30, -3, 15, 10].map((value, at) => ({ name: `${at}`, value }));
  const slices = slicesOf(parts, 4);
  expect(slices.map((slice) => [slice.name, slice.value])).toEqual([
    ["1", 40],
    ["3", 30],
    ["5", 15],
    ["the rest", 15],
  ]);
  expect(slices.reduce((sum, slice) => sum + slice.share, 0)).toBeCloseTo(1);
  expect(slicesOf(parts, 10)).toHaveLength(5);
});
