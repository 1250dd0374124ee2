// Numbers, times and states, each shown in one way everywhere.
import type { ReactNode } from "react";
import { formatDecimal, formatMoney, formatPercent, signOf } from "../format/numbers";
import { formatTime, timeTitle, type Style } from "../format/times";

export function Money({ amount, currency }: { amount: string | null | undefined; currency: string }) {
  return <span className="number">{formatMoney(amount, currency)}</span>;
}

export function Decimal({ value, digits }: { value: string | null | undefined; digits?: number }) {
  return <span className="number">{formatDecimal(value, digits)}</span>;
}

const kArrows = { "1": "▲", "0": "", "-1": "▼" } as const;

/** A gain or a loss: by colour, by sign and by arrow. */
function Signed({ sign, children }: { sign: -1 | 0 | 1; children: string }) {
  const plus = sign > 0 && !children.startsWith("+") ? "+" : "";
  return (
    <span className={`number ${sign > 0 ? "gain" : sign < 0 ? "loss" : ""}`}>
      {sign !== 0 && <span aria-hidden="true">{kArrows[`${sign}`]} </span>}
      {plus}
      {children}
    </span>
  );
}

export function Gain({ amount, currency }: { amount: string | null | undefined; currency: string }) {
  return <Signed sign={signOf(amount)}>{formatMoney(amount, currency)}</Signed>;
}

export function GainPercent({ ratio }: { ratio: number | null | undefined }) {
  const text = formatPercent(ratio);
  return <Signed sign={/[1-9]/.test(text) ? signOf(ratio) : 0}>{text}</Signed>;
}

/** In the zone of who looks; the exchange's and UTC on hover. */
export function Time({ at, style = "both", zone }: { at: string | null | undefined; style?: Style; zone?: string }) {
  if (!at) return <span className="soft">–</span>;
  return (
    <time className="number" dateTime={at} title={timeTitle(at, zone)}>
      {formatTime(at, style)}
    </time>
  );
}

export type Tone = "good" | "bad" | "careful" | "info" | "plain";

const kStates: Record<string, { tone: Tone; mark: string }> = {
  ACTIVE: { tone: "good", mark: "▶" },
  PAUSED: { tone: "careful", mark: "❚❚" },
  INACTIVE: { tone: "plain", mark: "■" },
  ERROR: { tone: "bad", mark: "!" },
  BUY: { tone: "info", mark: "↓" },
  SELL: { tone: "info", mark: "↑" },
  HOLD: { tone: "plain", mark: "–" },
  OPEN: { tone: "info", mark: "○" },
  CLOSED: { tone: "plain", mark: "●" },
  CANCELLED: { tone: "plain", mark: "×" },
  QUEUED: { tone: "plain", mark: "…" },
  RUNNING: { tone: "info", mark: "▶" },
  DONE: { tone: "good", mark: "✓" },
  FAILED: { tone: "bad", mark: "!" },
  DEAD: { tone: "bad", mark: "!" },
  WAITING: { tone: "careful", mark: "…" },
  APPROVED: { tone: "good", mark: "✓" },
  REFUSED: { tone: "bad", mark: "×" },
  EXPIRED: { tone: "plain", mark: "×" },
  healthy: { tone: "good", mark: "✓" },
  degraded: { tone: "careful", mark: "!" },
  halted: { tone: "bad", mark: "■" },
  filled: { tone: "good", mark: "✓" },
  partially_filled: { tone: "info", mark: "◐" },
  accepted: { tone: "info", mark: "○" },
  submitted: { tone: "info", mark: "→" },
  created: { tone: "plain", mark: "·" },
  cancelled: { tone: "plain", mark: "×" },
  expired: { tone: "plain", mark: "×" },
  rejected: { tone: "bad", mark: "!" },
  denied: { tone: "bad", mark: "!" },
  unknown: { tone: "careful", mark: "?" },
};

export function Badge({ tone = "plain", mark, children }: { tone?: Tone; mark?: string; children: ReactNode }) {
  return (
    <span className={`badge ${tone}`}>
      {mark && <span aria-hidden="true">{mark}</span>}
      {children}
    </span>
  );
}

/** A state by its name, with a mark besides its colour. */
export function State({ state }: { state: string }) {
  const known = kStates[state];
  return (
    <Badge tone={known?.tone} mark={known?.mark}>
      {state.replaceAll("_", " ")}
    </Badge>
  );
}

export function Figure({ label, minor, children }: { label: string; minor?: boolean; children: ReactNode }) {
  return (
    <div className={`figure ${minor ? "minor" : ""}`}>
      <span className="label">{label}</span>
      <span className="value">{children}</span>
    </div>
  );
}
