// Equity and drawdown of a run, against buying and holding.
import { useMemo, useState } from "react";
import { lazyPart } from "../../app/parts";
import type { Run } from "../../api/types";
import { useChartColors } from "../../charts/colors";
import { formatPercent } from "../../format/numbers";
import { Checkbox } from "../../ui/field";
import { Empty, Failure, Loading, Panel } from "../../ui/panel";
import { kHopeless, type Curve } from "./curve";
import { drawdownOption, equityOption } from "./plots";
import { Chart } from "./chart-frame";

const Plot = lazyPart(() => import("../../charts/plot"));

const kBearable = 0.02;

export function EquityPanel({
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
