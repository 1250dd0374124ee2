// What many parts of a page ask: health, markets, the kill switches.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, ask, askAll } from "../api/client";
import { useMessages, usePollInterval } from "../live/live";
import type { RoomMessage } from "../live/socket";

export interface HealthReport {
  time: string;
  state: "healthy" | "degraded" | "halted";
  reasons: { state?: string; what?: string; text: string }[];
  facts: {
    feeds: { name: string; in_session: boolean; silent_ms: number | null }[];
    brokers: { name: string; connected: boolean }[];
    queues: { name: string; depth: number; limit: number }[];
    disk_free_bytes: number;
    commit_p99_ms: number | null;
    commit_last_ms: number | null;
    commit_stalled_ms: number | null;
    ledger_error: string;
    clock_skew_ms: number | null;
    clock_set_ms: number | null;
    resident_bytes: number;
    unknown_orders: number;
    blocked_instruments: unknown[];
    blocked_accounts: unknown[];
    kill_switches: unknown[];
    quarantined_quotes: number;
  };
}

const kHealthKey = ["health"];

/** What the program says of itself each second; by asking while the socket is lost. */
export function useHealth(): HealthReport | undefined {
  const queries = useQueryClient();
  const poll = usePollInterval();
  useMessages(
    "health",
    useCallback(
      (message: RoomMessage) => {
        if (message.type === "health") queries.setQueryData(kHealthKey, message.health);
      },
      [queries],
    ),
  );
  const asked = useQuery({
    queryKey: kHealthKey,
    queryFn: async () => (await ask(api.GET("/system/health"))) as unknown as HealthReport,
    refetchInterval: poll,
  });
  return asked.data;
}

const kMinute = 60_000;

export function useMarkets() {
  return useQuery({
    queryKey: ["markets"],
    queryFn: () => ask(api.GET("/system/markets")),
    refetchInterval: kMinute / 2,
    staleTime: kMinute / 2,
  });
}

/** Those that are thrown. */
export function useKillSwitches() {
  const poll = usePollInterval();
  return useQuery({
    queryKey: ["switches", "list"],
    queryFn: () => askAll((page) => api.GET("/risk/switches", { params: { query: page } })),
    refetchInterval: poll === false ? kMinute / 6 : poll,
  });
}

export function useBreakers() {
  const poll = usePollInterval();
  return useQuery({
    queryKey: ["breaker", "list"],
    queryFn: () => ask(api.GET("/risk/breaker")),
    refetchInterval: poll === false ? kMinute / 12 : poll,
  });
}
