// One backtest: what it gained and how, and how far that can be believed.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState, type ReactNode } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { api, ask } from "../api/client";
import type { Run } from "../api/types";
import { useMayTrade } from "../app/auth";
import { PageHead } from "../app/shell";
import { formatNumber, formatPercent } from "../format/numbers";
import { Button } from "../ui/button";
import { Confirm } from "../ui/dialog";
import { Empty, Loaded, Panel } from "../ui/panel";
import { useToasts } from "../ui/toasts";
import { Badge, Figure, GainPercent, Money, Time } from "../ui/values";
import { useCurve, useRun } from "./runs/curve";
import { readJson, type Headline, type Judged } from "./runs/results";
import "./runs/runs.css";

import { EquityPanel } from "./runs/equity-panel";
import { Monthly } from "./runs/monthly";
import { Costs, Luck, Statistics } from "./runs/statistics";
import { Trades } from "./runs/trades";

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
            },
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
