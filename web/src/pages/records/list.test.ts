import { expect, test } from "vitest";
import { dayRange, readList, withoutEmpty } from "./list";

const kInitial = { id: "order_id", down: true };

test("what stands in the address, and nothing else", () => {
  const read = (text: string) => readList(new URLSearchParams(text), ["state", "symbol"], kInitial);
  expect(read("")).toEqual({ page: 1, sorting: kInitial, filters: {} });
  expect(read("page=3&sort=-created_at&state=filled&other=1&symbol=")).toEqual({
    page: 3,
    sorting: { id: "created_at", down: true },
    filters: { state: "filled" },
  });
  expect(read("page=-1&sort=a;b").page).toBe(1);
  expect(read("page=-1&sort=a;b").sorting).toEqual(kInitial);
});

test("days are those of who looks, the last one included", () => {
  const range = dayRange("2024-02-28", "2024-02-29");
  expect(range.gte).toBe(new Date(2024, 1, 28).toISOString());
  expect(range.lt).toBe(new Date(2024, 2, 1).toISOString());
  expect(dayRange("", "")).toEqual({ gte: undefined, lt: undefined });
  expect(withoutEmpty({ a: "", b: undefined, c: "x", d: 0 })).toEqual({ c: "x", d: 0 });
});
