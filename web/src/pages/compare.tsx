// Two backtests side by side: their curves, their figures, and why their trades differ.
import { useQuery } from "@tanstack/react-query";
import { Suspense, useMemo } from "react";
import { Link, useSearchParams } from "react-router";
import { lazyPart } from "../app/parts";
import { api, ask } from "../api/client";
import type { components } from "../api/schema";
import { PageHead } from "../app/shell";
import { useChartColors } from "../charts/colors";
import { formatDecimal, formatNumber, formatPercent } from "../format/numbers";
import { SelectField } from "../ui/field";
import { Empty, Failure, Loaded, Loading, Panel } from "../ui/panel";
import { Table, type Column } from "../ui/table";
import { Badge } from "../ui/values";
import { kHopeless, useCurve, useRun } from "./runs/curve";
import { drawdownOption, equityOption } from "./runs/plots";
import "./runs/runs.css";

const Plot = lazyPart(() => import("../charts/plot"));

type Pair = components["schemas"]["compared_value"];
type Difference = components["schemas"]["run_comparison"]["differences"][number];

function numberOf(text: string | null): number {
  return text && /^\d+$/.test(text) ? Number(text) : 0;
}

export default function ComparePage() {
  const [search, setSearch] = useSearchParams();
  const a = numberOf(search.get("a"));
  const b = numberOf(search.get("b"));
  const runs = useQuery({
    queryKey: ["runs", "list", "to compare"],
    queryFn: () => ask(api.GET("/runs", { params: { query: { per_page: 200, sort: "-number" } } })),
  });
  const options = (chosen: number) => {
    const listed = (runs.data?.items ?? []).map((run) => ({
      value: String(run.number),
      text: `${run.run_id} ${run.strategy}, ${formatPercent(run.total_return, 1)}`,
    }));
    if (chosen > 0 && !listed.some((each) => each.value === String(chosen)))
      listed.unshift({ value: String(chosen), text: `run ${chosen}` });
    return [{ value: "", text: "choose a run" }, ...listed];
  };
  const choose = (name: "a" | "b", value: string) =>
    setSearch((old) => {
      const next = new URLSearchParams(old);
      next.set(name, value);
      return next;
    });
  return (
    <div className="stack run">
      <PageHead title="Two runs">
        <Link className="button" to="/runs">
          All runs
        </Link>
      </PageHead>
      <Panel title="Which">
        <div className="pick-two">
          <SelectField
            label="One (a)"
            value={a || ""}
            options={options(a)}
            onChange={(event) => choose("a", event.target.value)}
          />
          <SelectField
            label="The other (b)"
            value={b || ""}
            options={options(b)}
            onChange={(event) => choose("b", event.target.value)}
          />
        </div>
      </Panel>
      {a > 0 && b > 0 ? (
        <>
          <Curves a={a} b={b} />
          <Differences a={a} b={b} />
        </>
      ) : (
        <Empty>Choose two runs.</Empty>
      )}
    </div>
  );
}

function Curves({ a, b }: { a: number; b: number }) {
  const colors = useChartColors();
  const runA = useRun(a);
  const runB = useRun(b);
  const curveA = useCurve(runA.data);
  const curveB = useCurve(runB.data);
  const idA = runA.data?.run_id ?? "a";
  const idB = runB.data?.run_id ?? "b";
  const options = useMemo(() => {
    const named = [
      { name: `a: ${idA}`, curve: curveA.curve },
      { name: `b: ${idB}`, curve: curveB.curve },
    ].flatMap(({ name, curve }) => (curve && Math.abs(curve.offFinal) <= kHopeless ? [{ name, ...curve }] : []));
    if (named.length === 0) return null;
    return {
      count: named.length,
      equity: equityOption(named, colors, false, true),
      falls: drawdownOption(named, colors),
    };
  }, [curveA.curve, curveB.curve, idA, idB, colors]);
  const error = runA.error ?? runB.error ?? curveA.error ?? curveB.error;
  return (
    <Panel title="Gain since the start, and drawdown">
      {error ? (
        <Failure error={error} />
      ) : curveA.pending || curveB.pending ? (
        <Loading rows={8} />
      ) : !options ? (
        <Empty>Their equity day by day is not stored, and cannot be made of their trades.</Empty>
      ) : (
        <Suspense fallback={<Loading rows={8} />}>
          <Plot
            label="Gain of both runs"
            text={`${idA} ends at ${formatPercent(runA.data?.total_return, 1)}, ${idB} at ${formatPercent(runB.data?.total_return, 1)}`}
            option={options.equity}
            height={300}
          />
          <Plot
            label="Drawdown of both runs"
            text={`at most ${formatPercent(runA.data?.max_drawdown, 1)} and ${formatPercent(runB.data?.max_drawdown, 1)}`}
            option={options.falls}
            height={180}
          />
          {options.count < 2 && (
            <p className="small warning">! One of them cannot be drawn: its equity day by day is not stored.</p>
          )}
        </Suspense>
      )}
    </Panel>
  );
}

const kPercents = new Set(["total_return", "cagr", "volatility", "max_drawdown", "win_rate", "exposure"]);
const kLessIsBetter = new Set(["volatility", "max_drawdown", "fees", "charges", "orders_denied"]);
const kNoRank = new Set(["trades", "orders", "exposure", "turnover", "dividends"]);

function figure({ name }: Pair, text: string): string {
  if (kPercents.has(name)) return formatPercent(Number(text));
  return /\.\d{3,}/.test(text) ? formatNumber(Number(text)) : formatDecimal(text);
}
/** Which of the two is better: 1 for a, -1 for b. */
function better({ name, a, b }: Pair): number {
  if (kNoRank.has(name)) return 0;
  return Math.sign(Number(a) - Number(b)) * (kLessIsBetter.has(name) ? -1 : 1);
}

function Differences({ a, b }: { a: number; b: number }) {
  const compared = useQuery({
    queryKey: ["runs", "compare", a, b],
    queryFn: () => ask(api.GET("/runs/compare", { params: { query: { a, b } } })),
    staleTime: Infinity,
  });
  const headline: Column<Pair>[] = [
    { id: "name", title: "Figure", cell: (row) => row.name.replaceAll("_", " ") },
    {
      id: "a",
      title: "a",
      end: true,
      cell: (row) => <span className={`number ${better(row) > 0 ? "better" : ""}`}>{figure(row, row.a)}</span>,
    },
    {
      id: "b",
      title: "b",
      end: true,
      cell: (row) => <span className={`number ${better(row) < 0 ? "better" : ""}`}>{figure(row, row.b)}</span>,
    },
    {
      id: "better",
      title: "Better",
      cell: (row) => (better(row) > 0 ? "a" : better(row) < 0 ? "b" : <span className="soft">–</span>),
    },
  ];
  const configuration: Column<Pair>[] = [
    { id: "name", title: "Setting", cell: (row) => row.name.replaceAll("_", " ") },
    { id: "a", title: "a", cell: (row) => <code>{row.a || "as in the file"}</code> },
    { id: "b", title: "b", cell: (row) => <code>{row.b || "as in the file"}</code> },
  ];
  const differences: Column<Difference & { place: number }>[] = [
    { id: "place", title: "No.", end: true, sort: (row) => row.place, cell: (row) => row.place + 1 },
    { id: "decided", title: "Decided", sort: (row) => row.decided, cell: (row) => row.decided },
    { id: "symbol", title: "Symbol", sort: (row) => row.symbol, cell: (row) => row.symbol },
    { id: "side", title: "Side", sort: (row) => row.side, cell: (row) => row.side },
    { id: "a", title: "Trade of a", end: true, cell: (row) => row.a ?? "–" },
    { id: "b", title: "Trade of b", end: true, cell: (row) => row.b ?? "–" },
    { id: "cause", title: "Cause", sort: (row) => row.cause, cell: (row) => <Badge>{row.cause}</Badge> },
    {
      id: "text",
      title: "What",
      cell: (row) => (
        <>
          {row.text}
          {row.follows !== null && <span className="soft"> (follows from no. {row.follows + 1})</span>}
        </>
      ),
    },
  ];
  return (
    <Loaded query={compared} rows={8}>
      {(data) => (
        <>
          <div className="grid wide">
            <Panel title="Figures" flush>
              <Table label="Figures" rows={data.headline} columns={headline} rowKey={(row) => row.name} />
            </Panel>
            <div className="stack">
              <Panel title="What was set differently" flush>
                {data.configuration.length === 0 ? (
                  <Empty>Nothing.</Empty>
                ) : (
                  <Table
                    label="What was set differently"
                    rows={data.configuration}
                    columns={configuration}
                    rowKey={(row) => row.name}
                  />
                )}
              </Panel>
              <Panel title="Why their trades differ">
                <p>
                  {data.trades.a} trades and {data.trades.b}: {data.trades.matched} were decided at the same close,{" "}
                  {data.trades.same} of these are the same; {data.trades.different} differ.
                </p>
                <div className="row causes">
                  {Object.entries(data.causes)
                    .filter(([, count]) => count > 0)
                    .map(([cause, count]) => (
                      <Badge key={cause} tone="info">
                        {cause}: {count}
                      </Badge>
                    ))}
                </div>
              </Panel>
            </div>
          </div>
          <Panel title="Differences" flush>
            {data.differences.length === 0 ? (
              <Empty>All of their trades are the same.</Empty>
            ) : (
              <Table
                label="Differences"
                rows={data.differences.map((each, place) => ({ ...each, place }))}
                columns={differences}
                rowKey={(row) => row.place}
                initial={{ id: "place", down: false }}
                height="520px"
              />
            )}
          </Panel>
        </>
      )}
    </Loaded>
  );
}
