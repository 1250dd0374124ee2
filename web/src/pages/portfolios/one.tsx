// One portfolio: what is in it, how it is spread, what its days gave, and its money's ways.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Suspense, useMemo, useState } from "react";
import { Link, useParams } from "react-router";
import { api, ask, askAll } from "../../api/client";
import { lineColor, useChartColors } from "../../charts/colors";
import type { PlotOption } from "../../charts/plot";
import type { components } from "../../api/schema";
import { useMayTrade } from "../../app/auth";
import { lazyPart } from "../../app/parts";
import { usePortfolioValue } from "../../app/rows";
import { PageHead } from "../../app/shell";
import { formatMoney, formatPercent, toNumber } from "../../format/numbers";
import { useLive, usePollInterval, usePrice, useRoom } from "../../live/live";
import { Button } from "../../ui/button";
import { Failure, Loaded, Loading, Panel } from "../../ui/panel";
import { Pager, Table, type Column, type Sorting } from "../../ui/table";
import { Badge, Decimal, Figure, Gain, GainPercent, Money, Time } from "../../ui/values";
import { sortText } from "../records/list";
import { useServiceNames } from "../records/lookups";
import { ManagePortfolio } from "./manage";
import { MoveMoney } from "./money";
import { Performance } from "./performance";
import { slicesOf, worthOf } from "./worth";
import "../records/records.css";
import "./portfolio.css";

const Plot = lazyPart(() => import("../../charts/plot"));

type Holding = components["schemas"]["holdings"];
type Movement = components["schemas"]["transactions"];
type Funding = components["schemas"]["fundings"];

/** In what a symbol is quoted: its price is comparable with the cost only in the portfolio's currency. */
function useQuoteCurrency(symbol: string) {
  const asked = useQuery({
    queryKey: ["symbol-currency", symbol],
    queryFn: async () => {
      const found = await ask(api.GET("/udf/symbols", { params: { query: { symbol } } }));
      return "currency_code" in found ? (found.currency_code ?? "") : "";
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  return asked.data;
}

function useWorth(row: Holding, currency: string) {
  const price = usePrice(row.symbol);
  const quoted = useQuoteCurrency(row.symbol);
  return { price, quoted, worth: quoted === currency ? worthOf(row.quantity, row.cost, price?.last) : null };
}

function LastPrice({ row, currency }: { row: Holding; currency: string }) {
  const { price, quoted } = useWorth(row, currency);
  if (!price) return <span className="soft">none yet</span>;
  return (
    <span className="two-lines">
      <Money amount={price.last} currency={quoted ?? currency} />
      <span className="small soft">
        <Time at={price.time} style="time" />
      </span>
    </span>
  );
}
function HoldingValue({ row, currency }: { row: Holding; currency: string }) {
  const { worth } = useWorth(row, currency);
  return <Money amount={worth?.value} currency={currency} />;
}
function HoldingGain({ row, currency }: { row: Holding; currency: string }) {
  const { worth } = useWorth(row, currency);
  if (!worth) return <span className="soft">–</span>;
  return (
    <span className="two-lines">
      <Gain amount={worth.gain} currency={currency} />
      <span className="small">
        <GainPercent ratio={worth.ratio} />
      </span>
    </span>
  );
}

function useHoldings(id: number) {
  const poll = usePollInterval();
  useRoom(`portfolio_${id}`);
  return useQuery({
    queryKey: ["holdings", "list", id],
    queryFn: () =>
      askAll<Holding>((page) =>
        api.GET("/portfolios/{id}/holdings", { params: { path: { id }, query: { sort: "symbol", ...page } } }),
      ),
    refetchInterval: poll,
  });
}

function Holdings({ id, currency }: { id: number; currency: string }) {
  const holdings = useHoldings(id);
  const columns = useMemo(
    (): Column<Holding>[] => [
      {
        id: "symbol",
        title: "Symbol",
        sort: (row) => row.symbol,
        cell: (row) => <Link to={`/market/${encodeURIComponent(row.symbol)}`}>{row.symbol}</Link>,
      },
      {
        id: "quantity",
        title: "Shares",
        end: true,
        sort: (row) => toNumber(row.quantity),
        cell: (row) => (
          <span className="two-lines">
            <Decimal value={row.quantity} />
            {toNumber(row.unassigned) > 0 && (
              <span className="small soft">
                <Decimal value={row.unassigned} /> of no service
              </span>
            )}
          </span>
        ),
      },
      {
        id: "cost",
        title: "Cost",
        end: true,
        sort: (row) => toNumber(row.cost),
        cell: (row) => <Money amount={row.cost} currency={currency} />,
      },
      { id: "last", title: "Last price", end: true, cell: (row) => <LastPrice row={row} currency={currency} /> },
      { id: "value", title: "Worth", end: true, cell: (row) => <HoldingValue row={row} currency={currency} /> },
      { id: "gain", title: "Gain", end: true, cell: (row) => <HoldingGain row={row} currency={currency} /> },
    ],
    [currency],
  );
  return (
    <Panel title="Holdings" flush>
      <Loaded query={holdings} empty="It holds no shares.">
        {(rows) => (
          <>
            <Table
              label="Shares held"
              rows={rows.filter((row) => toNumber(row.quantity) !== 0)}
              columns={columns}
              rowKey={(row) => row.symbol}
              initial={{ id: "symbol", down: false }}
              height="440px"
            />
            <p className="small soft spaced">
              Cost without fees. Gains are shown where prices are in {currency}, once one has come.
            </p>
          </>
        )}
      </Loaded>
    </Panel>
  );
}

const kSlices = 10;

function Allocation({
  id,
  currency,
  cash,
  at,
}: {
  id: number;
  currency: string;
  cash: { name: string; value: number }[];
  /** When what it is worth was last asked: the shares are drawn anew then, not at every price. */
  at: number;
}) {
  const holdings = useHoldings(id);
  const { prices } = useLive();
  const colors = useChartColors();
  const { slices, atCost } = useMemo(() => {
    let atCost = false;
    const shares = (holdings.data ?? []).map((row) => {
      const price = prices.get(row.symbol);
      if (!price) atCost = true;
      return { name: row.symbol, value: price ? toNumber(row.quantity) * toNumber(price.last) : toNumber(row.cost) };
    });
    return { slices: slicesOf([...shares, ...cash], kSlices), atCost: atCost && shares.length > 0 };
  }, [holdings.data, cash, prices, at]);
  const option = useMemo(
    () => ({
      tooltip: {
        valueFormatter: (value: unknown) => formatMoney(Number(value).toFixed(2), currency),
      },
      series: [
        {
          type: "pie",
          radius: ["52%", "82%"],
          label: { show: false },
          itemStyle: { borderWidth: 1 },
          data: slices.map(({ name, value }, at) => ({ name, value, itemStyle: { color: lineColor(colors, at) } })),
        },
      ],
    }),
    [slices, currency, colors],
  );
  return (
    <Panel title="Allocation">
      <Loaded query={holdings} rows={4}>
        {() =>
          slices.length === 0 ? (
            <div className="empty">It has neither money nor shares.</div>
          ) : (
            <div className="allocation">
              <Suspense fallback={<Loading rows={4} />}>
                <Plot
                  label="Allocation"
                  text={slices.map((slice) => `${slice.name} ${formatPercent(slice.share, 1)}`).join(", ")}
                  option={option as unknown as PlotOption}
                  height={190}
                />
              </Suspense>
              <dl className="pairs small">
                {slices.map((slice, at) => (
                  <div key={slice.name} className="contents">
                    <dt>
                      <span className="swatch" aria-hidden="true" style={{ background: lineColor(colors, at) }} />
                      {slice.name}
                    </dt>
                    <dd className="number end">{formatPercent(slice.share, 1)}</dd>
                  </div>
                ))}
              </dl>
              {atCost && <p className="small soft">Shares without a price count at their cost.</p>}
            </div>
          )
        }
      </Loaded>
    </Panel>
  );
}

const kPerPage = 50;

function Statement({ id }: { id: number }) {
  const poll = usePollInterval();
  const services = useServiceNames();
  const [page, setPage] = useState(1);
  const [sorting, setSorting] = useState<Sorting>({ id: "time", down: true });
  const [kind, setKind] = useState("");
  const path = { id };
  const rows = useQuery({
    queryKey: ["statement", id, page, sorting, kind],
    queryFn: () =>
      ask(
        api.GET("/portfolios/{id}/transactions", {
          params: { path, query: { sort: sortText(sorting), page, per_page: kPerPage, ...(kind && { kind }) } },
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: poll === false ? 10_000 : poll,
  });
  const sort = () => 0;
  const columns: Column<Movement>[] = [
    { id: "time", title: "When", sort, cell: (row) => <Time at={row.time} /> },
    { id: "kind", title: "What", sort, cell: (row) => row.kind },
    { id: "symbol", title: "Symbol", sort, cell: (row) => row.symbol || <span className="soft">–</span> },
    {
      id: "quantity",
      title: "Shares",
      end: true,
      cell: (row) => (row.symbol ? <Decimal value={row.quantity} /> : null),
    },
    { id: "price", title: "Price", end: true, cell: (row) => (row.symbol ? <Decimal value={row.price} /> : null) },
    { id: "fee", title: "Fee", end: true, cell: (row) => (row.symbol ? <Decimal value={row.fee} /> : null) },
    {
      id: "amount",
      title: "Money",
      end: true,
      cell: (row) => <Money amount={row.amount} currency={row.currency} />,
    },
    {
      id: "service_id",
      title: "Service",
      sort,
      cell: (row) =>
        row.service_id !== null ? (
          <Link to={`/services/${row.service_id}`}>{services.get(row.service_id)?.name ?? row.service_id}</Link>
        ) : (
          <span className="soft">none</span>
        ),
    },
    { id: "note", title: "Note", cell: (row) => <div className="why">{row.note}</div> },
  ];
  return (
    <Panel
      title="Statement"
      flush
      actions={
        <select
          className="input narrow"
          aria-label="Which movements"
          value={kind}
          onChange={(event) => {
            setKind(event.target.value);
            setPage(1);
          }}
        >
          <option value="">all</option>
          {["buy", "sell", "deposit", "withdrawal", "dividend", "split", "delisting"].map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      }
    >
      <Loaded
        query={rows}
        rows={6}
        isEmpty={(data) => data.items.length === 0}
        empty={kind ? "There is none of these." : "Nothing came in or went out yet."}
      >
        {(data) => (
          <>
            <Table
              label="Movements"
              rows={data.items}
              columns={columns}
              rowKey={(row) => `${row.kind} ${row.event} ${row.symbol} ${row.service_id ?? ""}`}
              sorting={sorting}
              onSort={(next) => {
                setSorting(next);
                setPage(1);
              }}
              height="460px"
            />
            <Pager page={page} pages={data.meta.pages ?? 1} total={data.meta.total ?? 0} onPage={setPage} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function Fundings({ id }: { id: number }) {
  const poll = usePollInterval();
  const rows = useQuery({
    queryKey: ["fundings", id],
    queryFn: () =>
      askAll<Funding>((page) =>
        api.GET("/portfolios/{id}/fundings", { params: { path: { id }, query: { sort: "-funding_id", ...page } } }),
      ),
    refetchInterval: poll === false ? 30_000 : poll,
  });
  return (
    <Panel title="Deposits and withdrawals" flush>
      <Loaded query={rows} empty="No money came in yet. Fund it to begin.">
        {(data) => (
          <Table
            label="Fundings"
            rows={data}
            rowKey={(row) => row.funding_id}
            height="320px"
            columns={[
              { id: "time", title: "When", sort: (row) => row.time, cell: (row) => <Time at={row.time} /> },
              {
                id: "amount",
                title: "Amount",
                end: true,
                sort: (row) => toNumber(row.amount),
                cell: (row) => <Money amount={row.amount} currency={row.currency} />,
              },
              { id: "note", title: "Note", cell: (row) => <div className="why">{row.note}</div> },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}

export default function PortfolioPage() {
  const id = Number(useParams()["id"]);
  const mayTrade = useMayTrade();
  const poll = usePollInterval();
  const [moving, setMoving] = useState<"in" | "out" | null>(null);
  const one = useQuery({
    queryKey: ["portfolios", "one", id],
    queryFn: () => ask(api.GET("/portfolios/{id}", { params: { path: { id } } })),
    refetchInterval: poll,
  });
  const value = usePortfolioValue(id);
  const now = value.data;
  const cash = useMemo(
    () =>
      now
        ? [
            { name: "own cash", value: toNumber(now.cash) },
            { name: "cash of services", value: toNumber(now.services_cash) },
            { name: "parked", value: toNumber(now.money_market) },
          ]
        : [],
    // The sums that are drawn, not the answer that brought them.
    [now?.cash, now?.services_cash, now?.money_market],
  );
  if (one.isError && !one.data) return <Failure error={one.error} retry={() => void one.refetch()} />;
  if (!one.data) return <Loading rows={8} />;
  const portfolio = one.data;
  const { currency } = portfolio;
  return (
    <div className="stack">
      <PageHead
        title={
          <span className="row">
            {portfolio.name} {portfolio.is_default && <Badge>default</Badge>}
          </span>
        }
      >
        <Link to="/portfolios">All portfolios</Link>
        {mayTrade && (
          <>
            <Button onClick={() => setMoving("out")}>Withdraw</Button>
            <Button look="primary" onClick={() => setMoving("in")}>
              Fund
            </Button>
            <ManagePortfolio portfolio={portfolio} />
          </>
        )}
      </PageHead>
      <Panel title="Worth now">
        <Loaded query={value} rows={2}>
          {(data) => (
            <div className="figures">
              <Figure label="All of it">
                <Money amount={data.equity} currency={currency} />
              </Figure>
              <Figure label="In shares" minor>
                <Money amount={data.investment} currency={currency} />
              </Figure>
              <Figure label="Own cash" minor>
                <Money amount={data.cash} currency={currency} />
              </Figure>
              <Figure label="Cash of services" minor>
                <Money amount={data.services_cash} currency={currency} />
              </Figure>
              <Figure label="Parked" minor>
                <Money amount={data.money_market} currency={currency} />
              </Figure>
            </div>
          )}
        </Loaded>
      </Panel>
      <div className="held">
        <Holdings id={id} currency={currency} />
        <Allocation id={id} currency={currency} cash={cash} at={value.dataUpdatedAt} />
      </div>
      <Performance id={id} />
      <Statement id={id} />
      <Fundings id={id} />
      {moving !== null && <MoveMoney portfolio={portfolio} out={moving === "out"} onClose={() => setMoving(null)} />}
    </div>
  );
}
