// Orders: those that work, and all there were.
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { Link } from "react-router";
import { api, ask, askAll } from "../../api/client";
import type { paths } from "../../api/schema";
import type { Order } from "../../api/types";
import { useMayTrade, useMe } from "../../app/auth";
import { isWorking, kOrderStates, kWorkingStates } from "../../app/order-states";
import { PageHead } from "../../app/shell";
import { useWish } from "../../app/wish";
import { download, toCsv, type CsvColumn } from "../../format/csv";
import { usePollInterval, useRoom } from "../../live/live";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { TextField } from "../../ui/field";
import { Panel } from "../../ui/panel";
import { PagedTable } from "../../ui/paged";
import { type Column } from "../../ui/table";
import { useToasts } from "../../ui/toasts";
import { Decimal, State, Time } from "../../ui/values";
import { FilterChoice, Filters, FilterText } from "../records/filters";
import { dayRange, sortText, useList, withoutEmpty } from "../records/list";
import { useServiceNames } from "../records/lookups";
import { CancelOrder, OrderDialog } from "./details";
import { PlaceOrder } from "./dialogs";
import { mayCancel } from "./timeline";

type Query = NonNullable<paths["/orders"]["get"]["parameters"]["query"]>;

// "order" opens one: other pages link to it.
const kFilters = ["show", "symbol", "side", "state", "service", "from", "to"] as const;
const kInitial = { id: "order_id", down: true };
const kPerPage = 50;

function queryOf(filters: Readonly<Record<string, string>>): Query {
  const days = dayRange(filters["from"] ?? "", filters["to"] ?? "");
  return withoutEmpty({
    symbol__contains: filters["symbol"]?.toUpperCase(),
    side: filters["side"],
    state: filters["state"],
    state__in: filters["show"] === "working" ? [...kWorkingStates] : undefined,
    service_id: Number(filters["service"]) || undefined,
    service_id__is_null: filters["service"] === "none" || undefined,
    created_at__gte: days.gte,
    created_at__lt: days.lt,
  });
}

const kCsv: CsvColumn<Order>[] = [
  { title: "order", value: (row) => row.order_id, number: true },
  { title: "decided", value: (row) => row.created_at },
  { title: "changed", value: (row) => row.updated_at },
  { title: "symbol", value: (row) => row.symbol },
  { title: "side", value: (row) => row.side },
  { title: "kind", value: (row) => row.kind },
  { title: "time in force", value: (row) => row.time_in_force },
  { title: "quantity", value: (row) => row.quantity, number: true },
  { title: "filled", value: (row) => row.filled_quantity, number: true },
  { title: "limit price", value: (row) => row.limit_price, number: true },
  { title: "stop price", value: (row) => row.stop_price, number: true },
  { title: "fill price", value: (row) => row.fill_price, number: true },
  { title: "filled amount", value: (row) => row.filled_amount, number: true },
  { title: "fees", value: (row) => row.fees, number: true },
  { title: "state", value: (row) => row.state },
  { title: "reason", value: (row) => row.reason },
  { title: "note", value: (row) => row.note },
  { title: "service", value: (row) => row.service_id, number: true },
  { title: "portfolio", value: (row) => row.portfolio_id, number: true },
  { title: "transaction", value: (row) => row.transaction_id, number: true },
  { title: "client order", value: (row) => row.client_order_id },
  { title: "broker order", value: (row) => row.broker_order_id },
];

function CancelAll({ onClose }: { onClose: () => void }) {
  const me = useMe();
  const queries = useQueryClient();
  const { tell } = useToasts();
  const wish = useWish();
  const working = useQuery({
    queryKey: ["orders", "list", "working-count"],
    queryFn: () => ask(api.GET("/orders", { params: { query: { state__in: [...kWorkingStates], per_page: 1 } } })),
    staleTime: 0,
  });
  return (
    <Confirm
      title="Cancel all orders"
      action="Cancel all orders"
      onClose={onClose}
      onConfirm={async () => {
        const { asked } = await wish.send("all", (header) =>
          ask(api.POST("/orders/cancel-all", { params: { header } })),
        );
        tell(`The broker is asked to cancel ${asked} order${asked === 1 ? "" : "s"}`);
        await queries.invalidateQueries({ queryKey: ["orders"] });
      }}
    >
      {working.data ? `${working.data.meta.total} orders that work` : "All orders that work"} are cancelled
      {me.role === "admin" ? ", those of all users" : ""}, exits and stops too. What is filled stays. Services that run
      go on, and may place new ones; to stop them as well, throw the kill switch.
    </Confirm>
  );
}

export default function Orders() {
  const list = useList(kFilters, kInitial, "order");
  const { filters, set } = list;
  const poll = usePollInterval();
  const mayTrade = useMayTrade();
  const services = useServiceNames();
  const { tell, tellError } = useToasts();
  const [asking, setAsking] = useState<"place" | "cancel-all" | Order | null>(null);
  const [saving, setSaving] = useState(false);
  const open = Number(list.opened) || null;
  const setOpen = useCallback((id: number | null) => list.open(id === null ? "" : String(id)), [list.open]);
  useRoom("orders");
  const query = useMemo(() => queryOf(filters), [filters]);
  const rows = useQuery({
    queryKey: ["orders", "list", query, sortText(list.sorting), list.page],
    queryFn: () =>
      ask(
        api.GET("/orders", {
          params: { query: { ...query, sort: sortText(list.sorting), page: list.page, per_page: kPerPage } },
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: poll,
  });
  const columns = useMemo((): Column<Order>[] => {
    const sort = () => 0;
    return [
      {
        id: "order_id",
        title: "Order",
        sort,
        cell: (row) => (
          <span className="two-lines">
            <span className="number">#{row.order_id}</span>
            <span className="small soft">
              <Time at={row.created_at} />
            </span>
          </span>
        ),
      },
      {
        id: "symbol",
        title: "Symbol",
        sort,
        cell: (row) => <Link to={`/market/${encodeURIComponent(row.symbol)}`}>{row.symbol}</Link>,
      },
      {
        id: "side",
        title: "Side",
        sort,
        cell: (row) => (
          <span className="nowrap">
            <span aria-hidden="true">{row.side === "buy" ? "↓" : "↑"}</span> {row.side}
          </span>
        ),
      },
      {
        id: "kind",
        title: "Kind",
        sort,
        cell: (row) => (
          <span className="two-lines nowrap">
            {row.kind.replaceAll("_", " ")}
            <span className="small soft">{row.time_in_force.replaceAll("_", " ")}</span>
          </span>
        ),
      },
      {
        id: "quantity",
        title: "Filled",
        end: true,
        cell: (row) => (
          <span className="nowrap">
            <Decimal value={row.filled_quantity} /> <span className="soft">of</span> <Decimal value={row.quantity} />
          </span>
        ),
      },
      {
        id: "price",
        title: "Price",
        end: true,
        cell: (row) => (
          <span className="two-lines nowrap">
            <Decimal value={row.fill_price} />
            {(row.limit_price || row.stop_price) && (
              <span className="small soft">
                {row.limit_price && `limit ${row.limit_price}`} {row.stop_price && `stop ${row.stop_price}`}
              </span>
            )}
          </span>
        ),
      },
      {
        id: "state",
        title: "State",
        sort,
        cell: (row) => <State state={row.state} />,
      },
      {
        id: "reason",
        title: "Why",
        sort,
        cell: (row) => (
          <span className="two-lines why">
            {row.reason.replaceAll("_", " ")}
            {row.note && <span className="small soft">{row.note}</span>}
          </span>
        ),
      },
      {
        id: "service_id",
        title: "Whose",
        sort,
        cell: (row) =>
          row.service_id !== null ? (
            <Link to={`/services/${row.service_id}`}>{services.get(row.service_id)?.name ?? row.service_id}</Link>
          ) : (
            <Link className="nowrap" to={`/portfolios/${row.portfolio_id}`}>
              portfolio {row.portfolio_id}
            </Link>
          ),
      },
      {
        id: "more",
        title: "More",
        cell: (row) => (
          <span className="row nowrap">
            <Button small onClick={() => setOpen(row.order_id)} aria-label={`Details of order ${row.order_id}`}>
              Details
            </Button>
            {mayTrade && isWorking(row.state) && (
              <Button
                small
                look="danger"
                disabled={!mayCancel(row.state)}
                onClick={() => setAsking(row)}
                aria-label={`Cancel order ${row.order_id}`}
              >
                Cancel
              </Button>
            )}
          </span>
        ),
      },
    ];
  }, [services, mayTrade, setOpen]);
  const save = async () => {
    setSaving(true);
    try {
      const all = await askAll<Order>((page) =>
        api.GET("/orders", { params: { query: { ...query, sort: "order_id", ...page } } }),
      );
      download("orders.csv", toCsv(kCsv, all), "text/csv");
      tell(`${all.length.toLocaleString("en")} rows are in orders.csv`);
    } catch (error) {
      tellError(error);
    }
    setSaving(false);
  };
  const setOf = (name: string) => (value: string) => set({ [name]: value });
  const working = filters["show"] === "working";
  return (
    <div className="stack">
      <PageHead title="Orders">
        <Button busy={saving} disabled={!rows.data?.meta.total} onClick={() => void save()}>
          Download CSV
        </Button>
        {mayTrade && (
          <>
            <Button look="danger" onClick={() => setAsking("cancel-all")}>
              Cancel all…
            </Button>
            <Button look="primary" onClick={() => setAsking("place")}>
              Place an order
            </Button>
          </>
        )}
      </PageHead>
      <Panel
        title={working ? "Working orders" : "All orders"}
        flush
        actions={
          <div className="row" role="group" aria-label="Which orders">
            <Button
              small
              aria-pressed={!working}
              look={working ? undefined : "primary"}
              onClick={() => set({ show: "" })}
            >
              All
            </Button>
            <Button
              small
              aria-pressed={working}
              look={working ? "primary" : undefined}
              onClick={() => set({ show: "working", state: "" })}
            >
              Working
            </Button>
          </div>
        }
      >
        <Filters any={Object.keys(filters).length > 0} onClear={list.clear}>
          <FilterText
            label="Symbol"
            value={filters["symbol"] ?? ""}
            onValue={useCallback((value: string) => set({ symbol: value.trim() }), [set])}
          />
          <FilterChoice label="Side" value={filters["side"] ?? ""} onValue={setOf("side")} options={["buy", "sell"]} />
          <FilterChoice
            label="State"
            value={filters["state"] ?? ""}
            onValue={setOf("state")}
            options={kOrderStates.map((value) => ({ value, text: value.replaceAll("_", " ") }))}
          />
          <FilterChoice
            label="Service"
            value={filters["service"] ?? ""}
            onValue={setOf("service")}
            options={[
              { value: "none", text: "none: by hand" },
              ...[...services.values()].map((row) => ({ value: String(row.service_id), text: row.name })),
            ]}
          />
          <TextField
            label="Decided from"
            type="date"
            value={filters["from"] ?? ""}
            onChange={(event) => set({ from: event.target.value })}
          />
          <TextField
            label="Decided to"
            type="date"
            value={filters["to"] ?? ""}
            onChange={(event) => set({ to: event.target.value })}
          />
        </Filters>
        <PagedTable
          query={rows}
          label="Orders found"
          columns={columns}
          rowKey={(row) => row.order_id}
          empty={
            Object.keys(filters).length > 0
              ? working
                ? "No order works."
                : "No order is like that."
              : "There was no order yet."
          }
          sorting={list.sorting}
          onSort={list.setSorting}
          onPage={list.setPage}
        />
      </Panel>
      {asking === "place" && <PlaceOrder onClose={() => setAsking(null)} />}
      {asking === "cancel-all" && <CancelAll onClose={() => setAsking(null)} />}
      {asking !== null && typeof asking === "object" && <CancelOrder order={asking} onClose={() => setAsking(null)} />}
      {open !== null && <OrderDialog key={open} id={open} onOpen={setOpen} onClose={() => setOpen(null)} />}
    </div>
  );
}
