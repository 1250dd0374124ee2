// Names of what rows mention by number.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, ask, askAll } from "../../api/client";
import type { Service } from "../../api/types";
import { useMe } from "../../app/auth";
import { usePortfolios, useServices } from "../../app/rows";

const kMinute = 60_000;

type NamedService = Pick<Service, "service_id" | "name" | "currency">;

/** What does not change with each trade, so that tables are not drawn again for it. */
const named = (rows: Service[]): NamedService[] =>
  rows.map(({ service_id, name, currency }) => ({ service_id, name, currency }));

export function useServiceNames(): ReadonlyMap<number, NamedService> {
  const { data } = useServices(named);
  return useMemo(() => new Map((data ?? []).map((row) => [row.service_id, row])), [data]);
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
