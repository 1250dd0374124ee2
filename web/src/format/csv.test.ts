import { expect, test } from "vitest";
import { csvField, toCsv } from "./csv";

test("text that a spreadsheet would run is guarded, numbers are not", () => {
  expect(csvField("=1+1", false)).toBe("'=1+1");
  expect(csvField("@x", false)).toBe("'@x");
  expect(csvField("-5", false)).toBe("'-5");
  expect(csvField("  +cmd", false)).toBe("'  +cmd");
  expect(csvField("\tx", false)).toBe("'\tx");
  expect(csvField("-12.50", true)).toBe("-12.50");
  // Who says number and brings something else is guarded all the same.
  expect(csvField("=1", true)).toBe("'=1");
  expect(csvField("-1+cmd", true)).toBe("'-1+cmd");
});

test("quotes, commas and line ends stay in their field", () => {
  expect(csvField('a "b", c', false)).toBe('"a ""b"", c"');
  expect(csvField("=a,b", false)).toBe('"\'=a,b"');
  expect(csvField(null, true)).toBe("");
  const rows = [{ name: "x\ny", amount: "-1.5" }];
  expect(
    toCsv(
      [
        { title: "name", value: (row) => row.name },
        { title: "amount", value: (row) => row.amount, number: true },
      ],
      rows,
    ),
  ).toBe('name,amount\r\n"x\ny",-1.5\r\n');
});
