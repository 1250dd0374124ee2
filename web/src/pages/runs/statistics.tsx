// The figures of a run with their intervals, luck told from skill, and other costs.
import { useMemo } from "react";
import { lazyPart } from "../../app/parts";
import { useChartColors } from "../../charts/colors";
import { formatNumber, formatPercent } from "../../format/numbers";
import { Empty, Failure, Loading, Panel } from "../../ui/panel";
import { Table, type Column } from "../../ui/table";
import { costsOption } from "./plots";
import type { Headline, Judged } from "./results";
import { Chart } from "./chart-frame";

const Plot = lazyPart(() => import("../../charts/plot"));

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

export function Statistics({
  headline,
  judged,
  pending,
}: {
  headline: Headline;
  judged: Judged | null;
  pending: boolean;
}) {
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

export function Luck({ judged, pending, error }: { judged: Judged | null; pending: boolean; error: unknown }) {
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

export function Costs({ judged, headline, pending }: { judged: Judged | null; headline: Headline; pending: boolean }) {
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
