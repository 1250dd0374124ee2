// What an editor offers while one types: operators and names of the formula language, keys of strategy files.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, ask } from "../api/client";

export interface Word {
  name: string;
  kind: "operator" | "name" | "key";
  /** After the name in the list. */
  detail: string;
  info: string;
  /** Columns of an operator that has several. */
  outputs?: readonly string[];
}

const kKeys: readonly (readonly [string, string])[] = [
  ["name", "what it is called"],
  ["description", "what it does"],
  ["timeframe", "the length of a bar: 1m to 12h, 1d, 1w, 1mo"],
  ["symbols", "what it trades; they share the cash in this order"],
  ["params", "named numbers: fast: {default: 50, range: [5, 100], step: 5}"],
  ["let_files", "sets of names shared between strategies"],
  ["let", "named formulas; each sees those before it"],
  ["buy", "the condition that opens a long position"],
  ["short", "the condition that opens a short position"],
  ["sell", "the condition that closes a long position"],
  ["cover", "the condition that closes a short position"],
  ["order", "how positions are entered"],
  ["size", "how much: {percent: 100}"],
  ["stop_loss", "where a position is left within the day"],
  ["take_profit", "where a gain is taken within the day"],
  ["trailing_stop", "a stop that follows the best price"],
  ["max_bars", "closed after so many bars"],
  ["confidence", "how sure an entry is, 0 to 1"],
  ["minimum_confidence", "entries below it are left out"],
  ["rebalance", "hold the best of many symbols"],
  ["account", "cash or margin"],
  ["interest", "what borrowed cash costs a year"],
  ["borrow", "what borrowed shares cost a year"],
  ["fees", "what fills cost: a preset, percent:0.1, per_share:0.005 or free"],
  ["commission_percent", "percent of the traded amount, on both sides"],
  ["slippage", "how much worse fills are: none, fixed:0.01, percent:0.05"],
  ["volume_cap", "most of a bar's volume that an order takes"],
  ["latency", "how late orders arrive: bars:1 or ms:250"],
  ["limit_fills", "when a limit counts as reached"],
  ["limits", "a profile of risk limits"],
];

/** All words of the language; null until they are read. The same object from then on. */
export function useWords(withKeys: boolean): readonly Word[] | null {
  const operators = useQuery({
    queryKey: ["formulas", "operators"],
    queryFn: () => ask(api.GET("/formulas", { params: { query: { per_page: 500 } } })),
    staleTime: Infinity,
  });
  const fields = useQuery({
    queryKey: ["formulas", "fields"],
    queryFn: () => ask(api.GET("/formulas/fields")),
    staleTime: Infinity,
  });
  return useMemo(() => {
    if (!operators.data || !fields.data) return null;
    return [
      // Signs such as + are typed as they are.
      ...operators.data.items
        .filter(({ name }) => /^[a-z]\w*$/.test(name))
        .map(({ name, signature, meaning, arguments: each, outputs }) => ({
          name,
          kind: "operator" as const,
          detail: signature.startsWith(`${name}(`) ? signature.slice(name.length) : signature,
          info: [meaning, ...each].join("\n"),
          outputs,
        })),
      ...fields.data.items.map((field) => ({
        name: field.name,
        kind: "name" as const,
        detail: field.of_position ? "of a position" : "",
        info: field.meaning,
      })),
      ...(withKeys ? kKeys.map(([name, info]) => ({ name, kind: "key" as const, detail: "", info })) : []),
    ];
  }, [operators.data, fields.data, withKeys]);
}

/** What fits at the place of the cursor. `before` is the line up to it. */
export function fitting(words: readonly Word[], before: string, isStrategy: boolean): { from: number; words: Word[] } {
  const typed = /[A-Za-z_][\w.]*$/.exec(before)?.[0] ?? "";
  const from = before.length - typed.length;
  if (before.includes("#") && isStrategy) return { from, words: [] };
  const atKey = isStrategy && from === 0;
  return { from, words: words.filter((word) => (word.kind === "key") === atKey) };
}

/** Of a formula that is nothing but a call: the operator's name. */
export function calledOperator(formula: string): string | null {
  const name = /^([A-Za-z_]\w*)\(/.exec(formula)?.[1];
  if (!name) return null;
  let depth = 0;
  for (let at = name.length; at < formula.length; ++at) {
    if (formula[at] === "(") ++depth;
    else if (formula[at] === ")" && --depth === 0) return at === formula.length - 1 ? name : null;
  }
  return null;
}
