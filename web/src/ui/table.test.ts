import { describe, expect, it } from "vitest";
import { sortRows, type Column } from "./table";

interface Row {
  name: string;
  value: number;
}
const kColumns: Column<Row>[] = [
  { id: "name", title: "Name", cell: (row) => row.name, sort: (row) => row.name },
  { id: "value", title: "Value", cell: (row) => row.value, sort: (row) => row.value },
  { id: "plain", title: "Plain", cell: () => "" },
];
const kRows: Row[] = [
  { name: "AAPL 10", value: 2 },
  { name: "AAPL 9", value: Number.NaN },
  { name: "IBM 1", value: -1 },
];

describe("sortRows", () => {
  it("sorts numbers within names as numbers", () => {
    expect(sortRows(kRows, kColumns, { id: "name", down: false }).map((row) => row.name)).toEqual([
      "AAPL 9",
      "AAPL 10",
      "IBM 1",
    ]);
  });
  it("sorts by value, and not by what has no order", () => {
    expect(sortRows(kRows, kColumns, { id: "value", down: false }).map((row) => row.value)).toEqual([
      -1,
      2,
      Number.NaN,
    ]);
    expect(sortRows(kRows, kColumns, { id: "plain", down: false })).toEqual(kRows);
    expect(sortRows(kRows, kColumns, null)).toEqual(kRows);
  });
});
