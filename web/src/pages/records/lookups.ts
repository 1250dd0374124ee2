// Names of what rows mention by number.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, ask, askAll } from "../../api/client";
import type { Portfolio, Service } from "../../api/types";
import { useMe } from "../../app/auth";

const kMinute = 60_000;

export function usePortfolios() {
  return useQuery({
    queryKey: ["portfolios", "list", "all"],
    queryFn: () => askAll<Portfolio>((page) => api.GET("/portfolios", { params: { query: page } })),
    staleTime: kMinute,
  });
}

export function useServiceNames(): ReadonlyMap<number, Service> {
  const all = useQuery({
    queryKey: ["service-names"],
    queryFn: () => askAll<Service>((page) => api.GET("/services", { params: { query: page } })),
    staleTime: kMinute,
  });
  return useMemo(() => new Map((all.data ?? []).map((row) => [row.service_id, row])), [all.data]);
}

/** The currency of what cannot be told apart otherwise: that of the only, or the default, portfolio. */
export function useUsualCurrency(): string {
  const { data } = usePortfolios();
  return (data?.find((row) => row.is_default) ?? data?.[0])?.currency ?? "USD";
}

export function useUserNames(): ReadonlyMap<number, string> {
  const me = useMe();
  const all = useQuery({
    queryKey: ["users", "list", "all"],
    queryFn: () => askAll((page) => api.GET("/users", { params: { query: page } })),
    enabled: me.role === "admin",
    staleTime: kMinute,
  });
  return useMemo(
    () => new Map([[me.user_id, me.username], ...(all.data ?? []).map((row) => [row.user_id, row.username] as const)]),
    [all.data, me],
  );
}

export function useSystemInfo() {
  return useQuery({ queryKey: ["info"], queryFn: () => ask(api.GET("/system/info")), staleTime: 10 * kMinute });
}
