import { expect, test } from "vitest";
import { changedFields, isShown, parseLogLine } from "./log";

test("a line of JSON, and one that is none", () => {
  const line = parseLogLine('{"time":"2024-01-01T00:00:00Z","level":"warning","message":"slow","ms":12,"path":"a b"}');
  expect(line).toEqual({
    time: "2024-01-01T00:00:00Z",
    level: "warning",
    message: "slow",
    rest: "ms=12 path=a b",
    isRequest: false,
  });
  expect(parseLogLine("cut off {").message).toBe("cut off {");
  expect(parseLogLine("[1]").message).toBe("[1]");
});

test("levels and requests", () => {
  const request = parseLogLine('{"level":"info","message":"request"}');
  expect(isShown(request, "info", false)).toBe(false);
  expect(isShown(request, "info", true)).toBe(true);
  expect(isShown(request, "warning", true)).toBe(false);
  expect(isShown(parseLogLine("x"), "error", false)).toBe(true);
});

test("what an audit row changed", () => {
  expect(changedFields('{"a":1,"b":"x","c":null}', '{"a":2,"b":"x","c":null,"d":[1]}')).toEqual([
    { name: "a", before: "1", after: "2" },
    { name: "d", before: "", after: "[1]" },
  ]);
  expect(changedFields("open", "closed")).toEqual([{ name: "", before: "open", after: "closed" }]);
  expect(changedFields("", '{"a":1}')).toEqual([{ name: "a", before: "", after: "1" }]);
  expect(changedFields("closed", "closed")).toEqual([]);
});
