// Puts changed rows where they are shown: in the answers of lists and of single rows that queries keep.
//
// Keys of queries are made here alone: ["services", "list", filters...] has a Page or an array of rows,
// ["services", "one", id] a row.
import type { QueryClient } from "@tanstack/react-query";
import type { RoomMessage } from "./socket";

export const kKinds = {
  service: { list: "services", id: ["service_id"] },
  order: { list: "orders", id: ["order_id"] },
  transaction: { list: "transactions", id: ["transaction_id"] },
  portfolio: { list: "portfolios", id: ["portfolio_id"] },
  // Of a symbol each portfolio has one.
  holding: { list: "holdings", id: ["portfolio_id", "symbol"] },
  job: { list: "jobs", id: ["job_id"] },
  stock: { list: "stocks", id: ["id"] },
  notification: { list: "notifications", id: ["notification_id"] },
} as const;
export type Kind = keyof typeof kKinds;

type Row = Record<string, unknown>;
interface RowPage {
  items: Row[];
  meta: unknown;
}

function isKind(what: string): what is Kind {
  return what in kKinds;
}
function isPage(data: unknown): data is RowPage {
  return typeof data === "object" && data !== null && Array.isArray((data as RowPage).items);
}

function idOf(row: Row, id: readonly string[]): string {
  return id.map((field) => String(row[field])).join(" ");
}
/** The lists that have rows of a room: "services" and "service_3" those of services, "portfolio_1" its holdings too. */
export function listsOf(room: string): string[] {
  const name = room.replace(/_.*$/, "").replace(/s?$/, "s");
  return name === "portfolios" ? [name, kKinds.holding.list] : [name];
}

/** The rows with the changed ones in their places; the same array when none of them is in it. */
export function replaceRows(rows: Row[], id: readonly string[], changed: ReadonlyMap<string, Row>): Row[] {
  let next: Row[] | null = null;
  rows.forEach((row, at) => {
    const found = changed.get(idOf(row, id));
    if (!found) return;
    next ??= rows.slice();
    next[at] = { ...row, ...found };
  });
  return next ?? rows;
}

/** Gathers changes and applies them together; lists that a new row belongs to are read again, not more than once a second. */
export class Applier {
  private readonly waiting = new Map<Kind, Map<string, Row>>();
  private readonly stale = new Set<string>();
  private applying: ReturnType<typeof setTimeout> | undefined;
  private reading: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly queries: QueryClient,
    private readonly gatherMs = 200,
    private readonly readAgainMs = 1000,
  ) {}

  take(message: RoomMessage): void {
    if (message.type === "change") this.add(message.what, message.row);
    if (message.type === "snapshot") for (const { what, row } of message.rows) this.add(what, row);
    // Rows that are not in a snapshot may be gone, and lists have other rows now.
    if (message.type === "snapshot" || message.type === "joined")
      for (const list of listsOf(message.room)) this.readAgain(list);
  }
  stop(): void {
    clearTimeout(this.applying);
    clearTimeout(this.reading);
    this.applying = this.reading = undefined;
    this.waiting.clear();
    this.stale.clear();
  }

  private add(what: string, row: unknown): void {
    if (!isKind(what) || typeof row !== "object" || row === null) return;
    const rows = this.waiting.get(what) ?? new Map<string, Row>();
    rows.set(idOf(row as Row, kKinds[what].id), row as Row);
    this.waiting.set(what, rows);
    this.applying ??= setTimeout(() => this.flush(), this.gatherMs);
  }
  private readAgain(list: string): void {
    this.stale.add(list);
    this.reading ??= setTimeout(() => {
      this.reading = undefined;
      const lists = [...this.stale];
      this.stale.clear();
      for (const each of lists) void this.queries.invalidateQueries({ queryKey: [each] });
    }, this.readAgainMs);
  }

  private flush(): void {
    this.applying = undefined;
    const all = [...this.waiting];
    this.waiting.clear();
    for (const [kind, changed] of all) {
      const { list, id } = kKinds[kind];
      for (const query of this.queries.getQueryCache().findAll({ queryKey: [list] })) {
        // An answer that is on its way may be older than the change.
        if (query.state.fetchStatus === "fetching") this.readAgain(list);
        const data: unknown = query.state.data;
        if (query.queryKey[1] === "one") {
          const row = changed.get(String(query.queryKey[2]));
          if (row) this.queries.setQueryData(query.queryKey, (old: Row | undefined) => ({ ...old, ...row }));
        } else if (isPage(data) || Array.isArray(data)) {
          this.replaceInList(query.queryKey, isPage(data) ? data : (data as Row[]), list, id, changed);
        } else if (data === undefined) {
          // What could not be read may be there now.
          this.readAgain(list);
        }
      }
    }
  }
  private replaceInList(
    key: readonly unknown[],
    data: RowPage | Row[],
    list: string,
    id: readonly string[],
    changed: ReadonlyMap<string, Row>,
  ): void {
    const rows = isPage(data) ? data.items : data;
    const next = replaceRows(rows, id, changed);
    if (next !== rows) this.queries.setQueryData(key, isPage(data) ? { ...data, items: next } : next);
    const known = new Set(rows.map((row) => idOf(row, id)));
    if ([...changed.keys()].some((each) => !known.has(each))) this.readAgain(list);
  }
}
