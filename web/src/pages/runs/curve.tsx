// A run's equity beside buy-and-hold, and its drawdown.
import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, ask, askAll } from "../../api/client";
import type { Run } from "../../api/types";
import { toNumber } from "../../format/numbers";
import { drawdowns, equityByDay, holdByDay, type Close, type Value } from "./equity";
import { readJson, type Headline } from "./results";

/** A curve that ends further off than this would show another run. */
export const kHopeless = 0.05;
const kMostSymbols = 40;
const kMostBars = 10_000;

export function useRun(id: number) {
  return useQuery({
    queryKey: ["runs", "one", id],
    queryFn: () => ask(api.GET("/runs/{id}", { params: { path: { id } } })),
    staleTime: Infinity,
  });
}
export function useTrades(id: number) {
  return useQuery({
    queryKey: ["runs", "trades", id],
    queryFn: () =>
      askAll((page) => api.GET("/runs/{id}/trades", { params: { path: { id }, query: { ...page, sort: "number" } } })),
    enabled: id > 0,
    staleTime: Infinity,
  });
}

async function askCloses(symbol: string, from: string, to: string): Promise<Close[]> {
  const answer = await ask(
    api.GET("/prices/candles", {
      params: {
        query: {
          symbol,
          timeframe: "1d",
          limit: kMostBars,
          from: from.slice(0, 10),
          to: to.slice(0, 10),
          formula: "raw.close",
        },
      },
    }),
  );
  return answer.items.flatMap(({ time, close }, at) => {
    if (close === null) return [];
    const quoted = answer.columns[0]?.values[at];
    return [{ day: time.slice(0, 10), adjusted: close, quoted: typeof quoted === "number" ? quoted : close }];
  });
}

function together(all: { data: Close[] | undefined; error: unknown; isPending: boolean }[]) {
  return {
    data: all.map((each) => each.data),
    error: all.find((each) => each.error)?.error ?? null,
    pending: all.some((each) => each.isPending),
  };
}

export interface Curve {
  values: Value[];
  hold: Value[];
  falls: number[];
  /** Relative to the run's own final equity, and the difference of the two largest drawdowns. */
  offFinal: number;
  offDrawdown: number;
}

/** Curves, once trades and closes are read; `error` when they cannot be. */
export function useCurve(run: Run | undefined): { curve: Curve | null; error: unknown; pending: boolean } {
  const headline = useMemo(() => readJson<Headline>(run?.statistics), [run]);
  const trades = useTrades(run?.number ?? 0);
  const symbols = useMemo(() => (run?.symbols ?? []).slice(0, kMostSymbols), [run]);
  const closes = useQueries({
    queries: symbols.map((symbol) => ({
      queryKey: ["closes", symbol, headline?.from, headline?.to],
      queryFn: () => askCloses(symbol, headline?.from ?? "", headline?.to ?? ""),
      enabled: headline !== null,
      staleTime: Infinity,
      gcTime: 60_000,
      retry: false,
    })),
    combine: together,
  });
  const curve = useMemo(() => {
    if (!run || !headline || !trades.data || closes.pending || closes.error) return null;
    const bySymbol = new Map(symbols.map((symbol, at) => [symbol, closes.data[at] ?? []]));
    const initial = toNumber(run.initial_cash);
    const values = equityByDay(initial, trades.data, bySymbol);
    if (values.length === 0) return null;
    const falls = drawdowns(values);
    return {
      values,
      hold: holdByDay(initial, bySymbol),
      falls,
      offFinal: (values.at(-1)?.equity ?? initial) / toNumber(run.final_equity) - 1,
      offDrawdown: -falls.reduce((least, each) => Math.min(least, each), 0) - (run.max_drawdown ?? 0),
    };
  }, [run, headline, trades.data, closes, symbols]);
  return {
    curve,
    error: trades.error ?? closes.error,
    pending: (run === undefined || trades.isPending || closes.pending) && !trades.error && !closes.error,
  };
}
