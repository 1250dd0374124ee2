// What holdings are worth at the last prices, exact, and how a portfolio is spread.
import { subtractDecimals, toNumber } from "../../format/numbers";

/** Exact product of two decimal texts. */
export function multiplyDecimals(left: string, right: string): string {
  const read = (text: string) => {
    const found = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text.trim());
    if (!found) return null;
    const fraction = found[3] ?? "";
    const units = BigInt((found[2] ?? "") + fraction);
    return { units: found[1] ? -units : units, digits: fraction.length };
  };
  const one = read(left);
  const other = read(right);
  if (!one || !other) return "";
  const product = one.units * other.units;
  const digits = one.digits + other.digits;
  const all = (product < 0n ? -product : product).toString().padStart(digits + 1, "0");
  const fraction = digits === 0 ? "" : all.slice(-digits).replace(/0+$/, "");
  return `${product < 0n ? "-" : ""}${digits === 0 ? all : all.slice(0, -digits)}${fraction ? "." + fraction : ""}`;
}

export interface Worth {
  value: string;
  gain: string;
  ratio: number | null;
}

/** null: no price is known. Prices are in the instrument's currency: only where that is the portfolio's is it comparable. */
export function worthOf(quantity: string, cost: string, price: string | undefined): Worth | null {
  if (price === undefined) return null;
  const value = multiplyDecimals(quantity, price);
  if (value === "") return null;
  const gain = subtractDecimals(value, cost);
  const paid = toNumber(cost);
  return { value, gain, ratio: paid > 0 ? toNumber(gain) / paid : null };
}

export interface Slice {
  name: string;
  value: number;
  share: number;
}

/** The largest first; beyond `most` the rest together. What is not positive has no part. */
export function slicesOf(parts: readonly { name: string; value: number }[], most: number): Slice[] {
  const real = parts.filter((part) => part.value > 0).sort((left, right) => right.value - left.value);
  const total = real.reduce((sum, part) => sum + part.value, 0);
  const shown = real.length <= most ? real : real.slice(0, most - 1);
  const rest = real.slice(shown.length).reduce((sum, part) => sum + part.value, 0);
  const all = rest > 0 ? [...shown, { name: "the rest", value: rest }] : shown;
  return all.map((part) => ({ ...part, share: part.value / total }));
}
