// What many parts of a page ask: health, markets, the kill switches.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, ask, askAll } from "../api/client";
import type { components } from "../api/schema";
import { useMessages, usePollInterval } from "../live/live";
import type { RoomMessage } from "../live/socket";

export type HealthReport = components["schemas"]["health_report"];

const kHealthKey = ["health"];

/** What the program says of itself each second; by asking while the socket is lost. */
export function useHealthQuery() {
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
  return useQuery({
    queryKey: kHealthKey,
    queryFn: () => ask(api.GET("/system/health")),
    refetchInterval: poll,
  });
}
export function useHealth(): HealthReport | undefined {
  return useHealthQuery().data;
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
