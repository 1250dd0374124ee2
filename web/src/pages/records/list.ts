// Where one is in a list that the server pages: page, order and filters stand in the address, so that it can be kept and
// sent, and going back leads to the same rows.
import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import type { Sorting } from "../../ui/table";

export interface ListState {
  page: number;
  sorting: Sorting;
  filters: Readonly<Record<string, string>>;
}

export function readList(params: URLSearchParams, names: readonly string[], initial: Sorting): ListState {
  const page = Number(params.get("page"));
  const sort = params.get("sort") ?? "";
  const filters: Record<string, string> = {};
  for (const name of names) {
    const value = params.get(name);
    if (value) filters[name] = value;
  }
  return {
    page: Number.isInteger(page) && page > 0 ? page : 1,
    sorting: /^-?[a-z_]+$/.test(sort) ? { id: sort.replace(/^-/, ""), down: sort.startsWith("-") } : initial,
    filters,
  };
}

export function sortText({ id, down }: Sorting): string {
  return down ? `-${id}` : id;
}

/** From the first moment of a day to the first of the day after another, in the zone of who looks; "" where open. */
export function dayRange(from: string, to: string): { gte?: string; lt?: string } {
  const start = (text: string, days: number) => {
    const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
    if (!found) return undefined;
    const at = new Date(Number(found[1]), Number(found[2]) - 1, Number(found[3]) + days);
    return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
  };
  return { gte: start(from, 0), lt: start(to, 1) };
}

/** Without what is empty: an empty filter is none. */
export function withoutEmpty<T extends Record<string, unknown>>(query: T): T {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined && value !== "")) as T;
}

/** `opened`: the parameter that names the row whose details are shown, so that other pages can link to it. */
export function useList(names: readonly string[], initial: Sorting, opened = "open") {
  const [params, setParams] = useSearchParams();
  const state = useMemo(() => readList(params, names, initial), [params, names, initial]);
  const set = useCallback(
    (changes: Record<string, string>) =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          // Other rows begin on their first page.
          if (!("page" in changes) && !(opened in changes)) next.delete("page");
          for (const [name, value] of Object.entries(changes)) {
            if (value === "") next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: true },
      ),
    [setParams, opened],
  );
  return {
    ...state,
    set,
    opened: params.get(opened),
    open: useCallback((id: string) => set({ [opened]: id }), [set, opened]),
    setPage: useCallback((page: number) => set({ page: page === 1 ? "" : String(page) }), [set]),
    setSorting: useCallback((sorting: Sorting) => set({ sort: sortText(sorting) }), [set]),
    clear: useCallback(() => set(Object.fromEntries(names.map((name) => [name, ""]))), [set, names]),
  };
}
