// Round trips: what was bought and sold, for how much, and what it gave.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { Link } from "react-router";
import { api, ask, askAll } from "../../api/client";
import type { paths } from "../../api/schema";
import type { Transaction } from "../../api/types";
import { PageHead } from "../../app/shell";
import { download, toCsv } from "../../format/csv";
import { toMilliseconds } from "../../format/times";
import { usePollInterval, useRoom } from "../../live/live";
import { Button } from "../../ui/button";
import { TextField } from "../../ui/field";
import { Failure, Panel } from "../../ui/panel";
import { PagedTable } from "../../ui/paged";
import { type Column } from "../../ui/table";
import { useToasts } from "../../ui/toasts";
import { Decimal, Figure, Gain, GainPercent, Money, State, Time } from "../../ui/values";
import { FilterChoice, Filters, FilterText } from "../records/filters";
import { dayRange, sortText, useList, withoutEmpty } from "../records/list";
import { useServiceNames, useUsualCurrency } from "../records/lookups";
import { TransactionDialog } from "./details";
import { gainRatio, totalsOf, transactionColumns } from "./totals";

type Query = NonNullable<paths["/transactions"]["get"]["parameters"]["query"]>;

const kFilters = ["symbol", "state", "service", "from", "to"] as const;
const kInitial = { id: "purchase_date", down: true };
const kPerPage = 50;
/** More rows are added up when it is asked for: each 500 are a request. */
const kSummedRows = 5_000;
const kSumsMs = 15_000;

function queryOf(filters: Readonly<Record<string, string>>): Query {
  const days = dayRange(filters["from"] ?? "", filters["to"] ?? "");
  return withoutEmpty({
    stock_symbol__contains: filters["symbol"]?.toUpperCase(),
    state: filters["state"] as Transaction["state"] | undefined,
    service_id: filters["service"],
    purchase_date__gte: days.gte,
    purchase_date__lt: days.lt,
  }) as Query;
}

function useAllRows() {
  return useCallback(
    (query: Query) =>
      askAll<Transaction>((page) =>
        api.GET("/transactions", { params: { query: { ...query, sort: "transaction_id", ...page } } }),
      ),
    [],
  );
}

function Sums({ query, total, currencyOf }: { query: Query; total: number; currencyOf: (row: Transaction) => string }) {
  const [wanted, setWanted] = useState(false);
  const allRows = useAllRows();
  const isFew = total <= kSummedRows;
  const sums = useQuery({
    queryKey: ["transaction-sums", query],
    queryFn: () => allRows(query),
    enabled: isFew || wanted,
    // Every new row would ask for all of them again; these sums are of the moment that is named.
    refetchInterval: isFew ? kSumsMs : false,
    placeholderData: keepPreviousData,
  });
  const totals = useMemo(() => (sums.data ? totalsOf(sums.data, currencyOf) : []), [sums.data, currencyOf]);
  if (!isFew && !wanted)
    return (
      <div className="spaced row">
        <Button small onClick={() => setWanted(true)}>
          Add up all {total.toLocaleString("en")} rows
        </Button>
      </div>
    );
  if (sums.isError && !sums.data) return <Failure error={sums.error} retry={() => void sums.refetch()} />;
  return (
    <>
      {totals.map((each) => (
        <div className="figures padded" key={each.currency} aria-label={`Totals in ${each.currency}`} role="group">
          <Figure label="Gain after fees" minor>
            <Gain amount={each.net} currency={each.currency} />
          </Figure>
          <Figure label="Gain before fees" minor>
            <Gain amount={each.gain} currency={each.currency} />
          </Figure>
          <Figure label="Fees" minor>
            <Money amount={each.fees} currency={each.currency} />
          </Figure>
          <Figure label="Paid" minor>
            <Money amount={each.purchases} currency={each.currency} />
          </Figure>
          <Figure label="Received" minor>
            <Money amount={each.sales} currency={each.currency} />
          </Figure>
          <Figure label="Won, lost, open" minor>
            {each.winners} / {each.losers} / {each.open}
          </Figure>
        </div>
      ))}
      {totals.length > 0 && (
        <p className="small soft spaced">
          Totals of all {totals.reduce((sum, each) => sum + each.count, 0).toLocaleString("en")} rows found, exact, as
          of {new Date(sums.dataUpdatedAt).toLocaleTimeString("sv-SE")}
        </p>
      )}
    </>
  );
}

export default function Transactions() {
  const list = useList(kFilters, kInitial, "transaction");
  const poll = usePollInterval();
  const services = useServiceNames();
  const usual = useUsualCurrency();
  const allRows = useAllRows();
  const { tellError, tell } = useToasts();
  const open = Number(list.opened) || null;
  const setOpen = useCallback((id: number | null) => list.open(id === null ? "" : String(id)), [list.open]);
  const [saving, setSaving] = useState(false);
  useRoom("transactions");
  const query = useMemo(() => queryOf(list.filters), [list.filters]);
  const rows = useQuery({
    queryKey: ["transactions", "list", query, sortText(list.sorting), list.page],
    queryFn: () =>
      ask(
        api.GET("/transactions", {
          params: { query: { ...query, sort: sortText(list.sorting), page: list.page, per_page: kPerPage } },
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: poll,
  });
  const currencyOf = useCallback(
    (row: Transaction) => services.get(row.service_id)?.currency ?? usual,
    [services, usual],
  );
  const nameOf = useCallback((id: number) => services.get(id)?.name ?? `service ${id}`, [services]);

  const columns = useMemo((): Column<Transaction>[] => {
    // Sorted by the server, which knows these fields.
    const sort = () => 0;
    return [
      {
        id: "stock_symbol",
        title: "Symbol",
        sort,
        cell: (row) => (
          <span className="two-lines">
            <Link to={`/market/${encodeURIComponent(row.stock_symbol)}`}>{row.stock_symbol}</Link>
            <span className="small soft number">#{row.transaction_id}</span>
          </span>
        ),
      },
      {
        id: "service_id",
        title: "Service",
        sort,
        cell: (row) => <Link to={`/services/${row.service_id}`}>{nameOf(row.service_id)}</Link>,
      },
      { id: "state", title: "State", sort, cell: (row) => <State state={row.state} /> },
      { id: "bought", title: "Shares", end: true, cell: (row) => <Decimal value={row.bought} /> },
      {
        id: "purchase_date",
        title: "Bought",
        sort,
        end: true,
        cell: (row) => (
          <span className="two-lines">
            <Money amount={row.purchase_price} currency={currencyOf(row)} />
            <span className="small soft">
              <Time at={row.purchase_date} />
            </span>
          </span>
        ),
      },
      {
        id: "sale_date",
        title: "Sold",
        sort,
        end: true,
        cell: (row) => (
          <span className="two-lines">
            <Money amount={row.sale_price} currency={currencyOf(row)} />
            <span className="small soft">
              <Time at={row.sale_date} />
            </span>
          </span>
        ),
      },
      {
        id: "fees",
        title: "Fees",
        end: true,
        cell: (row) => <Money amount={row.fees} currency={currencyOf(row)} />,
      },
      {
        id: "net_gain_loss",
        title: "Gain after fees",
        sort,
        end: true,
        cell: (row) =>
          row.sale_price === null ? (
            <span className="soft">–</span>
          ) : (
            <span className="two-lines">
              <Gain amount={row.net_gain_loss} currency={currencyOf(row)} />
              <span className="small">
                <GainPercent ratio={gainRatio(row)} />
              </span>
            </span>
          ),
      },
      {
        id: "more",
        title: "More",
        cell: (row) => (
          <Button small onClick={() => setOpen(row.transaction_id)} aria-label={`Details of ${row.transaction_id}`}>
            Details
          </Button>
        ),
      },
    ];
  }, [currencyOf, nameOf, setOpen]);

  const save = async () => {
    setSaving(true);
    try {
      const all = await allRows(query);
      all.sort((left, right) => toMilliseconds(left.purchase_date) - toMilliseconds(right.purchase_date));
      download("transactions.csv", toCsv(transactionColumns(nameOf, currencyOf), all), "text/csv");
      tell(`${all.length.toLocaleString("en")} rows are in transactions.csv`);
    } catch (error) {
      tellError(error);
    }
    setSaving(false);
  };
  const opened = rows.data?.items.find((row) => row.transaction_id === open);
  const { filters, set } = list;
  const setOf = (name: string) => (value: string) => set({ [name]: value });
  return (
    <div className="stack">
      <PageHead title="Transactions">
        <Button busy={saving} disabled={!rows.data?.meta.total} onClick={() => void save()}>
          Download CSV
        </Button>
      </PageHead>
      <Panel title="Round trips of services" flush>
        <Filters any={Object.keys(filters).length > 0} onClear={list.clear}>
          <FilterText
            label="Symbol"
            value={filters["symbol"] ?? ""}
            onValue={useCallback((value: string) => set({ symbol: value.trim() }), [set])}
          />
          <FilterChoice
            label="State"
            value={filters["state"] ?? ""}
            onValue={setOf("state")}
            options={[
              { value: "OPEN", text: "open" },
              { value: "CLOSED", text: "closed" },
              { value: "CANCELLED", text: "cancelled" },
            ]}
          />
          <FilterChoice
            label="Service"
            value={filters["service"] ?? ""}
            onValue={setOf("service")}
            options={[...services.values()].map((row) => ({ value: String(row.service_id), text: row.name }))}
          />
          <TextField
            label="Bought from"
            type="date"
            value={filters["from"] ?? ""}
            onChange={(event) => set({ from: event.target.value })}
          />
          <TextField
            label="Bought to"
            type="date"
            value={filters["to"] ?? ""}
            onChange={(event) => set({ to: event.target.value })}
          />
        </Filters>
        <PagedTable
          query={rows}
          label="Transactions found"
          columns={columns}
          rowKey={(row) => row.transaction_id}
          empty={
            Object.keys(filters).length > 0
              ? "No round trip is like that."
              : "Nothing was bought yet. A service that runs brings the first round trip."
          }
          sorting={list.sorting}
          onSort={list.setSorting}
          onPage={list.setPage}
          above={(data) => <Sums query={query} total={data.meta.total} currencyOf={currencyOf} />}
        />
      </Panel>
      {open !== null && (
        <TransactionDialog
          id={open}
          known={opened}
          currency={opened ? currencyOf(opened) : usual}
          service={opened ? nameOf(opened.service_id) : ""}
          onClose={() => setOpen(null)}
        />
      )}
    </div>
  );
}
