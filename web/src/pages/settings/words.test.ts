import { expect, test } from "vitest";
import { inGroups, qrPath, recoveryText, stateOfKey } from "./words";

test("a secret in groups of four", () => {
  expect(inGroups("JBSWY3DPEHPK3PXP")).toBe("JBSW Y3DP EHPK 3PXP");
  expect(inGroups("JBSWY3")).toBe("JBSW Y3");
  expect(inGroups("JBSW Y3DP")).toBe("JBSW Y3DP");
});

test("a square for each run of dark modules", () => {
  expect(
    qrPath([
      [true, true, false, true],
      [false, false, false, false],
    ]),
  ).toBe("M4 4h2v1h-2zM7 4h1v1h-1z");
});

test("recovery codes one a line", () => {
  expect(recoveryText("tess", ["aaa", "bbb"]).split("\n").slice(3)).toEqual(["aaa", "bbb", ""]);
});

test("keys end by being taken back, or by time", () => {
  const now = Date.UTC(2024, 0, 1);
  expect(stateOfKey({ revoked_at: null, expires_at: null }, now)).toBe("good");
  expect(stateOfKey({ revoked_at: null, expires_at: "2023-12-31T00:00:00Z" }, now)).toBe("expired");
  expect(stateOfKey({ revoked_at: "2023-01-01T00:00:00Z", expires_at: null }, now)).toBe("revoked");
});
