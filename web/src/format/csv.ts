// Tables as CSV, for spreadsheets (RFC 4180, with CRLF).

export type CsvValue = string | number | boolean | null | undefined;
export interface CsvColumn<Row> {
  title: string;
  value: (row: Row) => CsvValue;
  /** A number, as text or not: it is written as it is. All else is text of somebody. */
  number?: boolean;
}

const kNumber = /^[+-]?\d+(\.\d+)?$/;

/** A spreadsheet takes a text that begins so for a formula, and runs it. */
function isFormulaLike(text: string): boolean {
  return /^[\s]*[=+\-@]/.test(text) || /^[\t\r]/.test(text);
}

export function csvField(value: CsvValue, isNumber: boolean): string {
  if (value === null || value === undefined) return "";
  const text = String(value);
  const safe = (isNumber && kNumber.test(text)) || !isFormulaLike(text) ? text : `'${text}`;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function toCsv<Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string {
  const lines = [columns.map((column) => csvField(column.title, false)).join(",")];
  for (const row of rows)
    lines.push(columns.map((column) => csvField(column.value(row), column.number === true)).join(","));
  return lines.join("\r\n") + "\r\n";
}

/** Hands a file to the browser, as if it had come by a link. */
export function download(name: string, text: string, type: string): void {
  // The mark at its beginning tells spreadsheets that it is UTF-8.
  const url = URL.createObjectURL(
    new Blob([type === "text/csv" ? "\ufeff" : "", text], { type: `${type};charset=utf-8` }),
  );
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
