// One backtest: what it gained and how, and how far that can be believed.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Suspense, lazy, useMemo, useState, type ReactNode } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { api, ask } from "../api/client";
import type { Run } from "../api/types";
import { useMayTrade } from "../app/auth";
import { PageHead } from "../app/shell";
import { useChartColors } from "../charts/colors";
import type { Bar } from "../charts/series";
import { formatNumber, formatPercent, toNumber } from "../format/numbers";
import { Button } from "../ui/button";
import { Confirm } from "../ui/dialog";
import { Checkbox } from "../ui/field";
import { Empty, Failure, Loaded, Loading, Panel } from "../ui/panel";
import { Table, type Column } from "../ui/table";
import { useToasts } from "../ui/toasts";
import { Badge, Decimal, Figure, Gain, GainPercent, Money, Time } from "../ui/values";
import { tradeMarks } from "./market/overlays";
import { kHopeless, useCurve, useRun, useTrades, type Curve } from "./runs/curve";
import { monthlyReturns, type Year } from "./runs/equity";
import { costsOption, drawdownOption, equityOption } from "./runs/plots";
import { readJson, type Headline, type Judged } from "./runs/results";
import "./runs/runs.css";

const Plot = lazy(() => import("../charts/plot"));
const PriceChart = lazy(() => import("../charts/price-chart"));

/** What a run is judged by is in the result of its job alone: the newest backtest that ran when the run was stored. */
function useJudged(run: Run | undefined) {
  return useQuery({
    queryKey: ["runs", "judged", run?.run_id],
    queryFn: async (): Promise<Judged | null> => {
      if (!run) return null;
      const { items } = await ask(
        api.GET("/jobs", {
          params: {
            query: {
              type: "backtest",
              started_at__lte: run.created_at,
              ended_at__gte: run.created_at,
              sort: "-started_at",
              per_page: 10,
            } as never,
          },
        }),
      );
      for (const job of items) {
        const whole = await ask(api.GET("/jobs/{id}", { params: { path: { id: job.job_id ?? 0 } } }));
        const judged = readJson<Judged>(whole.result);
        if (judged?.run === run.run_id) return judged;
      }
      return null;
    },
    enabled: run !== undefined,
    staleTime: Infinity,
    retry: false,
  });
}

export default function RunPage() {
  const id = Number(useParams()["id"]);
  const run = useRun(id);
  return (
    <Loaded query={run} rows={8}>
      {(data) => <Shown key={data.run_id} run={data} />}
    </Loaded>
  );
}

function Shown({ run }: { run: Run }) {
  const go = useNavigate();
  const queries = useQueryClient();
  const { tell } = useToasts();
  const mayTrade = useMayTrade();
  const headline = useMemo(() => readJson<Headline>(run.statistics), [run]);
  const judged = useJudged(run);
  const curve = useCurve(run);
  const [removing, setRemoving] = useState(false);
  if (!headline) return <Empty>The statistics of this run cannot be read.</Empty>;
  const symbol = run.symbols[0] ?? "";
  return (
    <div className="stack run">
      <PageHead
        title={
          <>
            {run.strategy} <span className="soft name">run {run.run_id}</span>
          </>
        }
      >
        <Link className="button" to={`/market/${encodeURIComponent(symbol)}?run=${run.number}`}>
          On the chart
        </Link>
        <Link className="button" to={`/runs/compare?a=${run.number}`}>
          Compare
        </Link>
        {mayTrade && (
          <Button look="danger" onClick={() => setRemoving(true)}>
            Forget
          </Button>
        )}
      </PageHead>
      <div className="row small">
        <span className="soft">
          {run.symbols.slice(0, 8).join(", ")}
          {run.symbols.length > 8 && ` and ${run.symbols.length - 8} more`}, bars of {run.timeframe}, {headline.from} to{" "}
          {headline.to}, made <Time at={run.created_at} />
        </span>
        <LookAhead judged={judged.data} pending={judged.isPending} />
        {judged.data?.quick && (
          <Badge tone="careful" mark="!">
            quick: nothing tells luck from skill
          </Badge>
        )}
      </div>
      {headline.warnings.length > 0 && (
        <ul className="notice careful warnings">
          {headline.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      <Panel title="In short">
        <div className="grid figures">
          <Figure label="Total return">
            <GainPercent ratio={run.total_return} />
          </Figure>
          <Figure label="Buy and hold">
            <GainPercent ratio={headline.buy_and_hold_return} />
          </Figure>
          <Figure label="Final equity">
            <Money amount={run.final_equity} currency={run.currency} />
          </Figure>
          <Figure label="A year (CAGR)">
            <GainPercent ratio={headline.cagr} />
          </Figure>
          <Figure label="Sharpe ratio">{formatNumber(headline.sharpe)}</Figure>
          <Figure label="Max drawdown">{formatPercent(headline.max_drawdown)}</Figure>
          <Figure label="Trades, won">
            {run.trades}, {formatPercent(headline.win_rate, 0)}
          </Figure>
        </div>
      </Panel>
      <EquityPanel run={run} {...curve} />
      <Monthly run={run} curve={curve.curve} pending={curve.pending} />
      <div className="grid wide">
        <Statistics headline={headline} judged={judged.data ?? null} pending={judged.isPending} />
        <div className="stack">
          <Luck judged={judged.data ?? null} pending={judged.isPending} error={judged.error} />
          <Costs judged={judged.data ?? null} headline={headline} pending={judged.isPending} />
        </div>
      </div>
      <Trades run={run} headline={headline} />
      <Made run={run} headline={headline} />
      {removing && (
        <Confirm
          title={`Forget run ${run.run_id}?`}
          action="Forget it"
          onClose={() => setRemoving(false)}
          onConfirm={async () => {
            await ask(api.DELETE("/runs/{id}", { params: { path: { id: run.number } } }));
            tell(`Run ${run.run_id} is forgotten`);
            await queries.invalidateQueries({ queryKey: ["runs", "list"] });
            await go("/runs");
          }}
        >
          <p>Its trades and statistics are gone then. The strategy stays, and can be tried again.</p>
        </Confirm>
      )}
    </div>
  );
}

function LookAhead({ judged, pending }: { judged: Judged | null | undefined; pending: boolean }) {
  if (pending) return null;
  const found = judged?.look_ahead;
  if (!found) return <Badge mark="?">look-ahead not {judged ? "checked" : "known"}</Badge>;
  const isClean = found.badge === "clean" && found.leaks.length === 0;
  return (
    <span title={`${found.checked.toLocaleString("en")} of ${found.bars.toLocaleString("en")} bars were checked`}>
      <Badge tone={isClean ? "good" : "bad"} mark={isClean ? "✓" : "!"}>
        {isClean
          ? `no look-ahead at any of ${found.checked.toLocaleString("en")} bars`
          : `look-ahead: ${found.leaks.length} ${found.leaks.length === 1 ? "leak" : "leaks"} (${found.badge})`}
      </Badge>
    </span>
  );
}

function Chart({ children, height }: { children: ReactNode; height: number }) {
  return (
    <Suspense
      fallback={
        <div style={{ height }}>
          <Loading rows={4} />
        </div>
      }
    >
      {children}
    </Suspense>
  );
}

const kBearable = 0.02;

function EquityPanel({
  run,
  curve,
  error,
  pending,
}: {
  run: Run;
  curve: Curve | null;
  error: unknown;
  pending: boolean;
}) {
  const colors = useChartColors();
  const [log, setLog] = useState(false);
  const off = curve ? Math.max(Math.abs(curve.offFinal), Math.abs(curve.offDrawdown)) : 0;
  const isPositive = curve ? [...curve.values, ...curve.hold].every((each) => each.equity > 0) : false;
  const useLog = log && isPositive;
  const options = useMemo(
    () =>
      curve && {
        equity: equityOption(
          [
            { name: "this run", values: curve.values },
            { name: "buy and hold", values: curve.hold, dashed: true },
          ],
          colors,
          useLog,
        ),
        falls: drawdownOption([{ name: "below the peak", values: curve.values, falls: curve.falls }], colors),
      },
    [curve, colors, useLog],
  );
  return (
    <Panel
      title="Equity and drawdown"
      actions={
        <Checkbox
          label="log scale"
          checked={useLog}
          disabled={!isPositive}
          onChange={(event) => setLog(event.currentTarget.checked)}
        />
      }
    >
      {pending ? (
        <Loading rows={8} />
      ) : error ? (
        <Failure error={error} />
      ) : !curve || !options ? (
        <Empty>There are no daily bars to draw it by.</Empty>
      ) : off > kHopeless ? (
        <div className="notice careful">
          Its equity cannot be drawn: day by day it is not stored, and made of its trades it would end{" "}
          {formatPercent(curve.offFinal, 1)} off. So it is with strategies that rebalance.
        </div>
      ) : (
        <>
          <Chart height={300}>
            <Plot
              label={`Equity of run ${run.run_id} against buy and hold`}
              text={`from ${run.initial_cash} to ${run.final_equity} ${run.currency}`}
              option={options.equity}
              height={300}
            />
          </Chart>
          <h3>Drawdown</h3>
          <Chart height={150}>
            <Plot
              label="Drawdown"
              text={`at most ${formatPercent(run.max_drawdown)} below an earlier peak`}
              option={options.falls}
              height={150}
            />
          </Chart>
          <p className={`small ${off > kBearable ? "warning" : "soft"}`}>
            {off > kBearable && "! "}
            Made of its trades and the daily closes: ends {formatPercent(Math.abs(curve.offFinal), 2)} off the run's
            final equity, with a largest drawdown {formatPercent(Math.abs(curve.offDrawdown), 2)} off its own.
          </p>
        </>
      )}
    </Panel>
  );
}

const kMonths = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** From this return on a cell has its strongest colour. */
const kStrong = 0.15;

function HeatCell({ value, strong, isYear }: { value: number | null; strong: number; isYear?: boolean }) {
  if (value === null) return <td />;
  const share = Math.round(Math.min(1, Math.abs(value) / strong) * 45);
  const color = value >= 0 ? "var(--gain)" : "var(--loss)";
  return (
    <td
      className={isYear ? "year" : undefined}
      style={{ background: `color-mix(in srgb, ${color} ${share}%, var(--surface))` }}
    >
      {value > 0 ? "+" : value < 0 ? "−" : ""}
      {Math.abs(value * 100).toFixed(1)}
    </td>
  );
}

function Monthly({ run, curve, pending }: { run: Run; curve: Curve | null; pending: boolean }) {
  const years = useMemo<Year[]>(
    () =>
      curve && Math.abs(curve.offFinal) <= kHopeless ? monthlyReturns(toNumber(run.initial_cash), curve.values) : [],
    [curve, run.initial_cash],
  );
  return (
    <Panel title="Monthly returns, in percent" flush>
      {pending ? (
        <Loading rows={6} />
      ) : years.length === 0 ? (
        <Empty>They need the equity day by day.</Empty>
      ) : (
        <div className="heat-frame" tabIndex={0} role="region" aria-label="Monthly returns">
          <table className="heat number">
            <thead>
              <tr>
                <th scope="col">
                  <span className="visually-hidden">Year</span>
                </th>
                {kMonths.map((month) => (
                  <th key={month} scope="col">
                    {month}
                  </th>
                ))}
                <th scope="col">Year</th>
              </tr>
            </thead>
            <tbody>
              {[...years].reverse().map((year) => (
                <tr key={year.year}>
                  <th scope="row">{year.year}</th>
                  {year.months.map((value, at) => (
                    <HeatCell key={kMonths[at]} value={value} strong={kStrong} />
                  ))}
                  <HeatCell value={year.whole} strong={3 * kStrong} isYear />
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

interface StatisticRow {
  id: string;
  name: string;
  value: string;
  hold?: string;
}

function statisticRows(headline: Headline): StatisticRow[] {
  const percent = (value: number | null) => formatPercent(value);
  const number = (value: number | null) => formatNumber(value);
  return [
    {
      id: "total_return",
      name: "Total return",
      value: percent(headline.total_return),
      hold: percent(headline.buy_and_hold_return),
    },
    { id: "cagr", name: "A year (CAGR)", value: percent(headline.cagr), hold: percent(headline.buy_and_hold_cagr) },
    { id: "volatility", name: "Volatility a year", value: percent(headline.volatility) },
    { id: "sharpe", name: "Sharpe", value: number(headline.sharpe), hold: number(headline.buy_and_hold_sharpe) },
    { id: "sortino", name: "Sortino", value: number(headline.sortino) },
    { id: "calmar", name: "Calmar", value: number(headline.calmar) },
    {
      id: "max_drawdown",
      name: "Max drawdown",
      value: percent(headline.max_drawdown),
      hold: percent(headline.buy_and_hold_max_drawdown),
    },
    { id: "win_rate", name: "Trades won", value: percent(headline.win_rate) },
    { id: "profit_factor", name: "Profit factor", value: number(headline.profit_factor) },
    { id: "expectancy", name: "Mean profit of a trade", value: number(headline.expectancy) },
    { id: "exposure", name: "Time in the market", value: percent(headline.exposure) },
    { id: "turnover", name: "Turnover a year", value: number(headline.turnover) },
  ];
}
const kPercents = new Set(["total_return", "cagr", "volatility", "max_drawdown", "win_rate"]);

function Statistics({ headline, judged, pending }: { headline: Headline; judged: Judged | null; pending: boolean }) {
  const intervals = new Map((judged?.luck?.statistics ?? []).map((each) => [each.name, each]));
  const words = (id: string, value: number | null) =>
    kPercents.has(id) ? formatPercent(value, 1) : formatNumber(value);
  const columns: Column<StatisticRow>[] = [
    { id: "name", title: "Statistic", cell: (row) => row.name },
    { id: "value", title: "This run", end: true, cell: (row) => <strong className="number">{row.value}</strong> },
    {
      id: "interval",
      title: judged?.luck ? `${formatPercent(judged.luck.confidence, 0)} interval` : "Interval",
      end: true,
      cell: (row) => {
        const found = intervals.get(row.id);
        return found ? (
          <span className="number soft">
            {words(row.id, found.low)} to {words(row.id, found.high)}
          </span>
        ) : (
          <span className="soft">–</span>
        );
      },
    },
    { id: "hold", title: "Buy and hold", end: true, cell: (row) => <span className="number">{row.hold ?? "–"}</span> },
  ];
  return (
    <Panel title="Statistics" flush>
      <Table label="Statistics" rows={statisticRows(headline)} columns={columns} rowKey={(row) => row.id} />
      {!pending && !judged && (
        <p className="small soft foot">
          Intervals are in the result of the job that made a run; this one's is not there, or was quick.
        </p>
      )}
    </Panel>
  );
}

function Luck({ judged, pending, error }: { judged: Judged | null; pending: boolean; error: unknown }) {
  const luck = judged?.luck;
  return (
    <Panel title="Luck or skill">
      {pending ? (
        <Loading rows={4} />
      ) : error ? (
        <Failure error={error} />
      ) : !luck ? (
        <Empty>
          {judged?.quick ? "A quick run leaves it out." : "The job that made this run is not there any more."}
        </Empty>
      ) : (
        <dl className="told">
          {luck.sharpe && (
            <>
              <dt>Sharpe ratio above zero</dt>
              <dd>
                with a probability of <b>{formatPercent(luck.sharpe.probabilistic, 1)}</b>
                {luck.sharpe.minimum_years !== null &&
                  `; a record of ${formatNumber(luck.sharpe.minimum_years, 1)} years would be enough to say so`}
              </dd>
            </>
          )}
          {luck.random_entries && (
            <>
              <dt>Entries against random ones</dt>
              <dd>
                p = <b>{formatNumber(luck.random_entries.p_value, 3)}</b>:{" "}
                {luck.random_entries.p_value <= 0.05
                  ? "the entries know something"
                  : "random entries did as well; the exits or the market made the money"}
                <span className="soft">
                  {" "}
                  ({luck.random_entries.measure} {formatPercent(luck.random_entries.actual, 1)}, at random{" "}
                  {formatPercent(luck.random_entries.random_mean, 1)})
                </span>
              </dd>
            </>
          )}
          {luck.drawdown && (
            <>
              <dt>Drawdown, its trades shuffled</dt>
              <dd>
                median <b>{formatPercent(luck.drawdown.median, 1)}</b>, one order in twenty is worse than{" "}
                <b>{formatPercent(luck.drawdown.high, 1)}</b>
                <span className="soft">
                  ; {formatPercent(luck.drawdown.smaller, 0)} of the orders had a smaller one
                </span>
              </dd>
            </>
          )}
        </dl>
      )}
    </Panel>
  );
}

function Costs({ judged, headline, pending }: { judged: Judged | null; headline: Headline; pending: boolean }) {
  const colors = useChartColors();
  const costs = judged?.costs;
  const option = useMemo(() => (costs ? costsOption(costs.ladder, colors) : null), [costs, colors]);
  return (
    <Panel title="Return at 0 to 3 times the costs">
      {pending ? (
        <Loading rows={4} />
      ) : !costs || !option ? (
        <Empty>
          {judged?.quick ? "A quick run leaves it out." : "The job that made this run is not there any more."} Paid were{" "}
          {headline.fees} {headline.currency} of fees.
        </Empty>
      ) : (
        <div className="stack">
          <Chart height={200}>
            <Plot
              label="Total return at 0 to 3 times the costs"
              text={costs.ladder
                .map((rung) => `${rung.multiple} times: ${formatPercent(rung.total_return, 1)}`)
                .join(", ")}
              option={option}
              height={200}
            />
          </Chart>
          <p className="small">
            {costs.break_even !== null ? (
              <>
                <b>{formatNumber(costs.break_even)}</b> times the costs take all of the gain.
                {costs.break_even < 2 && " It lives on the quality of that estimate."}
              </>
            ) : (
              costs.break_even_state
            )}
            {!costs.assumed && " No costs were assumed; a step is 0.1 % of each fill."}
          </p>
        </div>
      )}
    </Panel>
  );
}

interface TradeRow {
  number: number;
  symbol: string;
  side: string;
  outcome: string;
  entry_reason: string;
  entry_signal: string;
  entry_at: string | null;
  entry_price: string | null;
  quantity: string;
  exit_reason: string | null;
  exit_at: string | null;
  exit_price: string | null;
  fees: string;
  profit: string;
  dividends: string;
  decisions: number;
  note: string;
}

const kChartBars = 4000;

function Trades({ run, headline }: { run: Run; headline: Headline }) {
  const trades = useTrades(run.number);
  const [symbol, setSymbol] = useState(run.symbols[0] ?? "");
  const [unfilled, setUnfilled] = useState(false);
  const bars = useQuery({
    queryKey: ["candles", symbol, run.timeframe, "run", headline.from, headline.to],
    queryFn: async () =>
      (await ask(
        api.GET("/prices/candles", {
          params: {
            query: { symbol, timeframe: run.timeframe, limit: kChartBars, from: headline.from, to: headline.to },
          },
        }),
      )) as unknown as { items: Bar[] },
    staleTime: Infinity,
    gcTime: 60_000,
    retry: false,
  });
  const marks = useMemo(() => tradeMarks(trades.data ?? [], symbol), [trades.data, symbol]);
  const ofDays = !/[mh]$/.test(run.timeframe);
  const when = (at: string | null) =>
    at === null ? (
      <span className="soft">–</span>
    ) : ofDays ? (
      <span className="number">{at.slice(0, 10)}</span>
    ) : (
      <Time at={at} />
    );
  const rows = (trades.data ?? []).filter((row) => unfilled || row.entry_at !== null);
  const left = (trades.data?.length ?? 0) - (trades.data ?? []).filter((row) => row.entry_at !== null).length;
  const columns: Column<TradeRow>[] = [
    {
      id: "number",
      title: "No.",
      end: true,
      sort: (row) => row.number,
      cell: (row) => <span className="number">{row.number}</span>,
    },
    { id: "symbol", title: "Symbol", sort: (row) => row.symbol, cell: (row) => row.symbol },
    { id: "side", title: "Side", sort: (row) => row.side, cell: (row) => row.side },
    {
      id: "outcome",
      title: "Became",
      sort: (row) => row.outcome,
      cell: (row) => <span title={row.note}>{row.outcome}</span>,
    },
    {
      id: "entry_at",
      title: "Entered",
      sort: (row) => row.entry_at ?? row.entry_signal,
      cell: (row) => when(row.entry_at),
    },
    {
      id: "entry_price",
      title: "At",
      end: true,
      sort: (row) => toNumber(row.entry_price),
      cell: (row) => <Decimal value={row.entry_price} />,
    },
    { id: "exit_at", title: "Left", sort: (row) => row.exit_at ?? "", cell: (row) => when(row.exit_at) },
    {
      id: "exit_price",
      title: "At",
      end: true,
      sort: (row) => toNumber(row.exit_price),
      cell: (row) => <Decimal value={row.exit_price} />,
    },
    {
      id: "quantity",
      title: "Quantity",
      end: true,
      sort: (row) => toNumber(row.quantity),
      cell: (row) => <Decimal value={row.quantity} />,
    },
    {
      id: "profit",
      title: "Profit",
      end: true,
      sort: (row) => toNumber(row.profit),
      cell: (row) => <Gain amount={row.profit} currency={run.currency} />,
    },
    {
      id: "fees",
      title: "Fees",
      end: true,
      sort: (row) => toNumber(row.fees),
      cell: (row) => <Decimal value={row.fees} digits={2} />,
    },
    {
      id: "reason",
      title: "Why",
      cell: (row) => (
        <span className="small soft">
          {[row.entry_reason, row.exit_reason, row.note].filter(Boolean).join(" → ").replaceAll("_", " ")}
        </span>
      ),
    },
  ];
  return (
    <>
      <Panel
        title={`Trades on the chart of ${symbol}`}
        actions={
          run.symbols.length > 1 && (
            <label className="row small">
              Symbol
              <select className="input symbol" value={symbol} onChange={(event) => setSymbol(event.target.value)}>
                {run.symbols.map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </select>
            </label>
          )
        }
      >
        <Loaded
          query={bars}
          rows={8}
          isEmpty={(data) => data.items.length === 0}
          empty="There are no bars of it any more."
        >
          {(data) => (
            <Chart height={400}>
              <PriceChart
                label={`${symbol} with the trades of run ${run.run_id}`}
                bars={data.items}
                marks={marks}
                viewKey={symbol}
                firstBars="all"
                logScale
                wheel={false}
                height={380}
              />
            </Chart>
          )}
        </Loaded>
        <p className="small soft">
          Prices are adjusted forward from the first bar, as the strategy saw them, on a log scale; those of the table
          below are as quoted.
        </p>
      </Panel>
      <Panel
        title="Trades"
        flush
        actions={
          left > 0 && (
            <Checkbox
              label={`and ${left} that came to nothing`}
              checked={unfilled}
              onChange={(event) => setUnfilled(event.currentTarget.checked)}
            />
          )
        }
      >
        <Loaded query={trades} empty="It never decided to trade.">
          {() => (
            <Table
              label="Trades"
              rows={rows}
              columns={columns}
              rowKey={(row) => row.number}
              initial={{ id: "number", down: false }}
              height="480px"
            />
          )}
        </Loaded>
      </Panel>
    </>
  );
}

function Made({ run, headline }: { run: Run; headline: Headline }) {
  const facts: [string, ReactNode][] = [
    ["Cash at the start", <Money key="c" amount={run.initial_cash} currency={run.currency} />],
    ["Account", headline.account],
    ["Fees", `${headline.fee_schedule}: ${headline.fees} in all`],
    ["Slippage", headline.slippage],
    ["Latency", headline.latency],
    ["Dividends", headline.dividends],
    ["Orders", `${headline.orders}, ${headline.orders_denied} denied, ${headline.orders_rejected} rejected`],
    ["Bars", `${headline.bars.toLocaleString("en")} of ${run.timeframe}, filled in those of ${run.fill_timeframe}`],
    ["Version of Argosy", run.code_version],
    ["Data", <code key="d">{run.data_hash.slice(0, 16)}</code>],
    ["Result", <code key="r">{run.result_hash.slice(0, 16)}</code>],
  ];
  return (
    <Panel title="How it was made">
      <dl className="run-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <details>
        <summary>The strategy file as it was then</summary>
        <pre className="file" tabIndex={0}>
          {run.strategy_text}
        </pre>
      </details>
    </Panel>
  );
}
