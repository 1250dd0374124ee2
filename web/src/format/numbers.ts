// Amounts, prices and quantities come as decimal texts, and are shown as they are: nothing is rounded on the way but
// where fewer digits are asked for. Only charts and sums for the eye make doubles of them.

const kMinus = "\u2212";

/** The parts of a decimal text, or null when it is none. */
function parts(text: string): { negative: boolean; whole: string; fraction: string } | null {
  const found = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (!found) return null;
  return { negative: found[1] === "-", whole: (found[2] ?? "").replace(/^0+(?=\d)/, ""), fraction: found[3] ?? "" };
}

/** Rounded half away from zero to `digits` decimals, as books do; exact, however long it is. */
export function roundDecimal(text: string, digits: number): string {
  const found = parts(text);
  if (!found) return text;
  const padded = found.fraction.padEnd(digits + 1, "0");
  let units = BigInt(found.whole + padded.slice(0, digits));
  if (padded.charCodeAt(digits) >= 53) units += 1n;
  const all = units.toString().padStart(digits + 1, "0");
  const sign = found.negative && units !== 0n ? "-" : "";
  return digits === 0 ? sign + all : `${sign}${all.slice(0, -digits)}.${all.slice(-digits)}`;
}

function grouped(whole: string): string {
  return whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** "12,345.60"; with `digits` undefined as many decimals as it has. A minus is a real one. */
export function formatDecimal(text: string | null | undefined, digits?: number): string {
  if (text === null || text === undefined || text === "") return "–";
  const found = parts(digits === undefined ? text : roundDecimal(text, digits));
  if (!found) return text;
  return `${found.negative ? kMinus : ""}${grouped(found.whole)}${found.fraction ? "." + found.fraction : ""}`;
}

const kSigns: Record<string, string> = { USD: "$", EUR: "€", GBP: "£", JPY: "¥", KRW: "₩" };
const kNoCents = new Set(["JPY", "KRW"]);

/** Decimals that amounts of a currency are shown with. */
export function currencyDigits(currency: string): number {
  return kNoCents.has(currency) ? 0 : 2;
}

/** "$1,234.50", "−€3.00", "CHF 12.00". */
export function formatMoney(amount: string | null | undefined, currency: string): string {
  const text = formatDecimal(amount, currencyDigits(currency));
  if (text === "–") return text;
  const sign = kSigns[currency];
  if (sign === undefined) return `${currency} ${text}`;
  return text.startsWith(kMinus) ? `${kMinus}${sign}${text.slice(1)}` : sign + text;
}

/** A ratio as percent: 0.1234 is "12.34 %". */
export function formatPercent(ratio: number | null | undefined, digits = 2): string {
  if (ratio === null || ratio === undefined || !Number.isFinite(ratio)) return "–";
  const text = formatDecimal((ratio * 100).toFixed(digits));
  return `${/[1-9]/.test(text) ? text : text.replace(kMinus, "")} %`;
}

/** A statistic: four digits that count. */
export function formatNumber(value: number | null | undefined, digits = 2): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const text = value.toFixed(digits);
  // What rounds to nothing has no sign.
  return formatDecimal(Number(text) === 0 ? text.replace("-", "") : text);
}

/** For charts and comparisons; NaN for what is no number. */
export function toNumber(text: string | null | undefined): number {
  return text === null || text === undefined || text === "" ? Number.NaN : Number(text);
}

/** -1, 0 or 1. */
export function signOf(text: string | number | null | undefined): -1 | 0 | 1 {
  const value = typeof text === "number" ? text : toNumber(text);
  return value > 0 ? 1 : value < 0 ? -1 : 0;
}

/** Exact sum of decimal texts. */
export function sumDecimals(texts: readonly (string | null | undefined)[]): string {
  const kDigits = 9;
  let units = 0n;
  for (const text of texts) {
    const found = text ? parts(text) : null;
    if (!found) continue;
    const each = BigInt(found.whole + found.fraction.slice(0, kDigits).padEnd(kDigits, "0"));
    units += found.negative ? -each : each;
  }
  const negative = units < 0n;
  const all = (negative ? -units : units).toString().padStart(kDigits + 1, "0");
  const fraction = all.slice(-kDigits).replace(/0+$/, "");
  return `${negative ? "-" : ""}${all.slice(0, -kDigits)}${fraction ? "." + fraction : ""}`;
}

/** Exact difference of two decimal texts. */
export function subtractDecimals(left: string, right: string): string {
  return sumDecimals([left, right.startsWith("-") ? right.slice(1) : `-${right}`]);
}

/** "1.5 GB". */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return "–";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit + 1 < units.length) {
    value /= 1000;
    ++unit;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
