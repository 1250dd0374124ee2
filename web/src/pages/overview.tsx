// What the money is doing, at a glance.
import { useQuery } from "@tanstack/react-query";
import { Suspense, useMemo } from "react";
import { Link } from "react-router";
import { api, ask } from "../api/client";
import type { Order, Portfolio, PortfolioValue, Service } from "../api/types";
import { useBreakers, useHealthQuery, useKillSwitches } from "../app/facts";
import { lazyPart } from "../app/parts";
import { useOpenOrders, usePortfolioValues, usePortfolios, useServices } from "../app/rows";
import { PageHead } from "../app/shell";
import { formatDecimal, formatMoney, formatPercent, sumDecimals, toNumber } from "../format/numbers";
import { usePollInterval, useRoom } from "../live/live";
import { Empty, Failure, Loaded, Loading, Panel } from "../ui/panel";
import { Table, type Column } from "../ui/table";
import { Decimal, Figure, Gain, GainPercent, Money, State, Time } from "../ui/values";
import { BreakerLine } from "./breaker-line";
import { CreateServiceButton } from "./create-service";
import { KillSwitchButton } from "./kill-switch";
import { ServiceButtons } from "./service-actions";
import { TotalGain } from "./service-values";

const Plot = lazyPart(() => import("../charts/plot"));

interface Sum {
  currency: string;
  equity: string;
  cash: string;
  investment: string;
}

/** Portfolios of one currency together. */
function sumByCurrency(values: readonly PortfolioValue[]): Sum[] {
  return [...new Set(values.map((value) => value.currency))].sort().map((currency) => {
    const own = values.filter((value) => value.currency === currency);
    const sum = (of: (value: PortfolioValue) => string) => sumDecimals(own.map(of));
    return {
      currency,
      equity: sum((value) => value.equity),
      cash: sumDecimals(own.flatMap((value) => [value.cash, value.money_market, value.services_cash])),
      investment: sum((value) => value.investment),
    };
  });
}

/** The last day's gain or loss of a portfolio, apart from what was paid in or out. */
function usePerformance(id: number) {
  const poll = usePollInterval();
  return useQuery({
    queryKey: ["portfolios", "performance", id],
    queryFn: () => ask(api.GET("/portfolios/{id}/performance", { params: { path: { id }, query: { per_page: 500 } } })),
    refetchInterval: poll === false ? 15_000 : poll,
  });
}

function TodayOf({ value, name }: { value: PortfolioValue; name: string }) {
  const { data } = usePerformance(value.portfolio_id);
  const days = data?.items ?? [];
  const last = days.at(-1);
  const before = days.at(-2);
  if (!last) return null;
  const began = before ? toNumber(before.equity) : null;
  const gain = began === null ? null : toNumber(value.equity) - toNumber(last.flow) - began;
  return (
    <Figure label={name === "" ? "Today" : `Today, ${name}`}>
      {gain === null || began === null ? (
        <span className="soft">first day</span>
      ) : (
        <>
          <Gain amount={gain.toFixed(2)} currency={value.currency} />{" "}
          <span className="small">
            <GainPercent ratio={began === 0 ? null : gain / began} />
          </span>
        </>
      )}
    </Figure>
  );
}

function MoneyPanel() {
  const portfolios = usePortfolios();
  const ids = useMemo(() => portfolios.data?.map((each) => each.portfolio_id) ?? [], [portfolios.data]);
  const values = usePortfolioValues(ids);
  const sums = sumByCurrency(values);
  return (
    <Panel title="Money">
      <Loaded query={portfolios} rows={2} empty="No portfolio yet.">
        {(rows) =>
          sums.length === 0 ? (
            <Loading rows={2} />
          ) : (
            <div className="stack">
              {sums.map((sum) => (
                <div key={sum.currency} className="figures">
                  <Figure label={sums.length > 1 ? `Equity in ${sum.currency}` : "Equity"}>
                    <Money amount={sum.equity} currency={sum.currency} />
                  </Figure>
                  {values
                    .filter((value) => value.currency === sum.currency)
                    .map((value) => (
                      <TodayOf
                        key={value.portfolio_id}
                        value={value}
                        name={
                          values.length > 1
                            ? (rows.find((each) => each.portfolio_id === value.portfolio_id)?.name ?? "")
                            : ""
                        }
                      />
                    ))}
                  <Figure label={`Cash, ${sum.currency}`}>
                    <Money amount={sum.cash} currency={sum.currency} />
                  </Figure>
                  <Figure label="Exposure">
                    <Money amount={sum.investment} currency={sum.currency} />{" "}
                    <span className="small soft">
                      {formatPercent(toNumber(sum.investment) / toNumber(sum.equity), 1)}
                    </span>
                  </Figure>
                </div>
              ))}
            </div>
          )
        }
      </Loaded>
    </Panel>
  );
}

/** Equity by day, of the first portfolio. */
function EquityByDay() {
  const portfolios = usePortfolios();
  const portfolio = portfolios.data?.find((each) => each.is_default) ?? portfolios.data?.[0];
  return portfolio ? <EquityOf portfolio={portfolio} /> : null;
}

function EquityOf({ portfolio }: { portfolio: Portfolio }) {
  const query = usePerformance(portfolio.portfolio_id);
  const days = query.data?.items;
  const option = useMemo(
    () => ({
      grid: { left: 8, right: 16, top: 16, bottom: 8, containLabel: true },
      xAxis: { type: "time" as const },
      yAxis: { type: "value" as const, scale: true },
      tooltip: { trigger: "axis" as const },
      series: [
        {
          type: "line" as const,
          name: "Equity",
          showSymbol: (days?.length ?? 0) < 30,
          data: (days ?? []).map((day) => [Date.parse(day.date), toNumber(day.equity)]),
        },
      ],
    }),
    [days],
  );
  if (!days || days.length < 2) return null;
  const last = days.at(-1);
  return (
    <Panel title={`Equity of ${portfolio.name} by day`}>
      <Suspense fallback={<Loading rows={4} />}>
        <Plot
          label={`Equity of ${portfolio.name} by day`}
          text={`${formatMoney(last?.equity, portfolio.currency)} after ${days.length} days, ${formatPercent(last?.drawdown)} below the highest`}
          option={option}
          height={240}
        />
      </Suspense>
    </Panel>
  );
}

const kServiceColumns: Column<Service>[] = [
  {
    id: "name",
    title: "Service",
    cell: (row) => <Link to={`/services/${row.service_id}`}>{row.name}</Link>,
    sort: (row) => row.name,
  },
  { id: "state", title: "State", cell: (row) => <State state={row.state} />, sort: (row) => row.state },
  { id: "mode", title: "Mode", cell: (row) => <State state={row.mode} />, sort: (row) => row.mode },
  {
    id: "shares",
    title: "Position",
    cell: (row) =>
      row.current_shares === "0" ? <span className="soft">none</span> : <Decimal value={row.current_shares} />,
    sort: (row) => toNumber(row.current_shares),
    end: true,
  },
  {
    id: "gain",
    title: "Gain",
    cell: (row) => <TotalGain service={row} />,
    sort: (row) => toNumber(row.total_gain_loss),
    end: true,
  },
  { id: "act", title: "", cell: (row) => <ServiceButtons service={row} small />, end: true },
];

function ActiveServices() {
  const services = useServices();
  return (
    <Panel title="Services at work" actions={<CreateServiceButton />} flush>
      <Loaded query={services}>
        {(rows) => {
          const shown = rows.filter((row) => row.state !== "INACTIVE");
          if (shown.length === 0)
            return (
              <Empty>
                {rows.length === 0 ? "No service yet. Create one to have it trade for you." : "No service is active."}{" "}
                <Link to="/services">All services</Link>
              </Empty>
            );
          return (
            <Table
              label="Services at work"
              rows={shown}
              rowKey={(row) => row.service_id}
              columns={kServiceColumns}
              height="420px"
            />
          );
        }}
      </Loaded>
    </Panel>
  );
}

const kOrderColumns: Column<Order>[] = [
  { id: "symbol", title: "Symbol", cell: (row) => row.symbol },
  { id: "side", title: "Side", cell: (row) => row.side },
  { id: "quantity", title: "Quantity", cell: (row) => <Decimal value={row.quantity} />, end: true },
  { id: "kind", title: "Kind", cell: (row) => row.kind.replace("_", " ") },
  { id: "price", title: "Limit", cell: (row) => <Decimal value={row.limit_price} />, end: true },
  { id: "state", title: "State", cell: (row) => <State state={row.state} /> },
];

function OpenOrders() {
  const orders = useOpenOrders();
  return (
    <Panel title="Open orders" flush>
      <Loaded query={orders} isEmpty={(page) => page.items.length === 0} empty="No order is waiting.">
        {(page) => (
          <Table
            label="Open orders"
            rows={page.items}
            rowKey={(row) => row.order_id}
            columns={kOrderColumns}
            height="300px"
          />
        )}
      </Loaded>
    </Panel>
  );
}

function Protection() {
  const breakers = useBreakers();
  const switches = useKillSwitches();
  const on = switches.data?.filter((each) => each.released_at === null) ?? [];
  return (
    <Panel title="Protection" actions={<KillSwitchButton />}>
      <div className="stack">
        {on.map((each) => (
          <div key={each.switch_id} className="notice bad">
            <strong>Kill switch on</strong>
            <span>
              {each.scope}
              {each.subject && ` ${each.subject}`}: {each.halts === "orders" ? "no orders" : "no new positions"}
              {each.reason && `, ${each.reason}`}
            </span>
          </div>
        ))}
        <Loaded
          query={breakers}
          isEmpty={(page) => page.items.length === 0}
          empty="No circuit breaker has anything to tell yet."
        >
          {(page) => (
            <>
              {page.items.map((each) => (
                <BreakerLine key={each.broker_account_id} breaker={each} many={page.items.length > 1} />
              ))}
            </>
          )}
        </Loaded>
        {switches.data && on.length === 0 && <span className="soft">No kill switch is on.</span>}
      </div>
    </Panel>
  );
}

function HealthPanel() {
  const { data: health, isError, error, refetch } = useHealthQuery();
  return (
    <Panel title="Health">
      {isError ? (
        <Failure error={error} retry={() => void refetch()} />
      ) : !health ? (
        <Loading rows={2} />
      ) : (
        <div className="stack">
          <div className="row">
            <State state={health.state} />
            {health.reasons.length === 0 && <span className="soft">Nothing is wrong.</span>}
          </div>
          {health.reasons.map((reason) => (
            <span key={reason.text}>{reason.text}</span>
          ))}
        </div>
      )}
    </Panel>
  );
}

interface EventLine {
  key: string;
  time: string;
  text: string;
  tone: "gain" | "loss" | "";
}

/** Orders that went wrong: those of one symbol with one reason are one line. */
export function groupTroubles(orders: readonly Order[]): EventLine[] {
  const groups = Map.groupBy(orders, (order) => `${order.symbol} ${order.side} ${order.state} ${order.note}`);
  return [...groups.values()].flatMap((group) => {
    const order = group[0];
    if (!order) return [];
    const what = `${order.side} ${formatDecimal(order.quantity)} ${order.symbol}`;
    const times = group.length > 1 ? ` (${group.length} times)` : "";
    return [
      {
        key: `o${order.order_id}`,
        time: order.updated_at,
        text: `Order to ${what} ${order.state}${times}${order.note && `: ${order.note}`}`,
        tone: "loss" as const,
      },
    ];
  });
}

/** Fills and orders that went wrong, the newest first. */
function LatestEvents() {
  useRoom("orders");
  const poll = usePollInterval();
  const fills = useQuery({
    queryKey: ["orders", "fills", "newest"],
    queryFn: () => ask(api.GET("/fills", { params: { query: { sort: "-fill_id", per_page: 12 } } })),
    refetchInterval: poll === false ? 3_000 : poll,
  });
  const wrong = useQuery({
    queryKey: ["orders", "list", "wrong"],
    queryFn: () =>
      ask(
        api.GET("/orders", {
          params: { query: { state__in: ["denied", "rejected", "unknown"], sort: "-order_id", per_page: 30 } },
        }),
      ),
    refetchInterval: poll === false ? 5_000 : poll,
  });
  const lines = useMemo(() => {
    const all: EventLine[] = [
      ...(fills.data?.items ?? []).map((fill) => ({
        key: `f${fill.fill_id}`,
        time: fill.filled_at,
        text: `${fill.side === "buy" ? "Bought" : "Sold"} ${formatDecimal(fill.quantity)} ${fill.symbol} at ${formatMoney(fill.price, fill.currency)}`,
        tone: "" as const,
      })),
      ...groupTroubles(wrong.data?.items ?? []),
    ];
    return all.sort((left, right) => right.time.localeCompare(left.time)).slice(0, 14);
  }, [fills.data, wrong.data]);
  return (
    <Panel title="Latest events">
      <Loaded query={fills}>
        {() =>
          lines.length === 0 ? (
            <Empty>Nothing has been bought or sold yet.</Empty>
          ) : (
            <ol className="events">
              {lines.map((line) => (
                <li key={line.key}>
                  <span className="soft small">
                    <Time at={line.time} />
                  </span>
                  <span className={line.tone}>{line.text}</span>
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
    </Panel>
  );
}

export default function Overview() {
  return (
    <div className="stack">
      <PageHead title="Overview" />
      <MoneyPanel />
      <div className="overview">
        <div className="stack">
          <ActiveServices />
          <OpenOrders />
          <EquityByDay />
        </div>
        <div className="stack">
          <Protection />
          <HealthPanel />
          <LatestEvents />
        </div>
      </div>
    </div>
  );
}
