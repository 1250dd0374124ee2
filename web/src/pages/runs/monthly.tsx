// What each month of a run gave.
import { useMemo } from "react";
import type { Run } from "../../api/types";
import { toNumber } from "../../format/numbers";
import { Empty, Loading, Panel } from "../../ui/panel";
import { kHopeless, type Curve } from "./curve";
import { monthlyReturns, type Year } from "./equity";

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

export function Monthly({ run, curve, pending }: { run: Run; curve: Curve | null; pending: boolean }) {
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
