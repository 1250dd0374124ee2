// Rows that several pages show, by the keys that live/apply.ts knows.
import { queryOptions, useQueries, useQuery } from "@tanstack/react-query";
import { api, ask, askAll } from "../api/client";
import type { Order, Page, PortfolioValue, Service } from "../api/types";
import { usePollInterval, useRoom } from "../live/live";
import { isWorking, kWorkingStates } from "./order-states";

/** All of the caller's services; an admin's: everybody's. `select`: what of them is shown. */
export function useServices<Shown = Service[]>(select?: (rows: Service[]) => Shown) {
  useRoom("services");
  return useQuery({
    queryKey: ["services", "list", "all"],
    queryFn: () => askAll<Service>((page) => api.GET("/services", { params: { query: page } })),
    refetchInterval: usePollInterval(),
    select,
  });
}

export function useService(id: number) {
  useRoom(`service_${id}`);
  return useQuery({
    queryKey: ["services", "one", id],
    queryFn: () => ask(api.GET("/services/{id}", { params: { path: { id } } })),
    refetchInterval: usePollInterval(),
  });
}

export function usePortfolios() {
  return useQuery({
    queryKey: ["portfolios", "list", "all"],
    queryFn: () => askAll((page) => api.GET("/portfolios", { params: { query: page } })),
    refetchInterval: usePollInterval(),
  });
}

const kValueMs = 5_000;

/** What a portfolio is worth, again every few seconds: prices move without a row that changes. */
function valueQuery(id: number) {
  return queryOptions({
    queryKey: ["portfolios", "value", id],
    queryFn: () => ask(api.GET("/portfolios/{id}/value", { params: { path: { id } } })),
    refetchInterval: kValueMs,
  });
}
export function usePortfolioValue(id: number) {
  return useQuery(valueQuery(id));
}
/** Those that are known. */
export function usePortfolioValues(ids: readonly number[]): PortfolioValue[] {
  return useQueries({
    queries: ids.map(valueQuery),
    combine: (all) => all.map((each) => each.data).filter((value) => value !== undefined),
  });
}

const onlyWorking = (page: Page<Order>) => ({ ...page, items: page.items.filter((order) => isWorking(order.state)) });

/** Orders that may still be filled, and those of which nothing is known. */
export function useOpenOrders() {
  useRoom("orders");
  return useQuery({
    queryKey: ["orders", "list", "open"],
    queryFn: () =>
      ask(
        api.GET("/orders", { params: { query: { state__in: [...kWorkingStates], sort: "-order_id", per_page: 100 } } }),
      ),
    refetchInterval: usePollInterval(),
    select: onlyWorking,
  });
}
