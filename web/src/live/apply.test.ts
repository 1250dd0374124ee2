import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Applier, listsOf, replaceRows } from "./apply";

const change = (what: string, row: object) =>
  ({ type: "change", room: "services", sequence: 1, time: "", what, row }) as const;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("replaceRows", () => {
  it("leaves what has not changed as the same object", () => {
    const rows = [{ id: 1 }, { id: 2, state: "a" }];
    expect(replaceRows(rows, ["id"], new Map([["9", { id: 9 }]]))).toBe(rows);
    const next = replaceRows(rows, ["id"], new Map([["2", { id: 2, state: "b" }]]));
    expect(next[0]).toBe(rows[0]);
    expect(next[1]).toEqual({ id: 2, state: "b" });
  });
});

describe("listsOf", () => {
  it("names what a room tells of", () => {
    expect(listsOf("services")).toEqual(["services"]);
    expect(listsOf("service_3")).toEqual(["services"]);
    expect(listsOf("portfolio_1")).toEqual(["portfolios", "holdings"]);
  });
});

describe("Applier", () => {
  it("puts a row into pages, arrays and single answers", () => {
    const queries = new QueryClient();
    const old = { service_id: 3, state: "ACTIVE" };
    queries.setQueryData(["services", "list", "all"], [old]);
    queries.setQueryData(["services", "list", 1], { items: [old], meta: { page: 1 } });
    queries.setQueryData(["services", "one", 3], old);
    queries.setQueryData(["orders", "list", 1], { items: [{ order_id: 3, state: "new" }], meta: {} });
    const applier = new Applier(queries, 200, 1000);
    applier.take(change("service", { service_id: 3, state: "PAUSED" }));
    applier.take(change("service", { service_id: 3, state: "INACTIVE" }));
    expect(queries.getQueryData(["services", "one", 3])).toEqual(old);
    vi.advanceTimersByTime(200);
    const now = { service_id: 3, state: "INACTIVE" };
    expect(queries.getQueryData(["services", "list", "all"])).toEqual([now]);
    expect(queries.getQueryData(["services", "list", 1])).toEqual({ items: [now], meta: { page: 1 } });
    expect(queries.getQueryData(["services", "one", 3])).toEqual(now);
    expect(queries.getQueryData(["orders", "list", 1])).toEqual({ items: [{ order_id: 3, state: "new" }], meta: {} });
    applier.stop();
  });

  it("keeps holdings of two portfolios apart", () => {
    const queries = new QueryClient();
    const held = (portfolio_id: number, quantity: string) => ({ portfolio_id, symbol: "AAPL", quantity });
    queries.setQueryData(["holdings", "list", 1], [held(1, "10")]);
    queries.setQueryData(["holdings", "list", 2], [held(2, "20")]);
    const applier = new Applier(queries, 200, 1000);
    applier.take(change("holding", held(2, "25")));
    vi.advanceTimersByTime(200);
    expect(queries.getQueryData(["holdings", "list", 1])).toEqual([held(1, "10")]);
    expect(queries.getQueryData(["holdings", "list", 2])).toEqual([held(2, "25")]);
    applier.stop();
  });

  it("has a list read again for a row that it does not know, once for many", () => {
    const queries = new QueryClient();
    queries.setQueryData(["services", "list", "all"], [{ service_id: 1 }]);
    const again = vi.spyOn(queries, "invalidateQueries");
    const applier = new Applier(queries, 200, 1000);
    for (let id = 2; id < 50; ++id) applier.take(change("service", { service_id: id }));
    vi.advanceTimersByTime(1200);
    expect(again).toHaveBeenCalledTimes(1);
    expect(again).toHaveBeenCalledWith({ queryKey: ["services"] });
    applier.stop();
  });

  it("has a list read again that could not be read, when a row of it changes", () => {
    const queries = new QueryClient();
    queries.getQueryCache().build(queries, { queryKey: ["services", "list", "all"] });
    const again = vi.spyOn(queries, "invalidateQueries");
    const applier = new Applier(queries, 200, 1000);
    applier.take(change("service", { service_id: 1 }));
    vi.advanceTimersByTime(1200);
    expect(again).toHaveBeenCalledWith({ queryKey: ["services"] });
    applier.stop();
  });
});
