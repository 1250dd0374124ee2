// What is drawn of runs and studies, as ECharts takes it.
import { lineColor, withAlpha, type ChartColors } from "../../charts/colors";
import { shortNumber } from "../../charts/series";
import type { PlotOption } from "../../charts/plot";
import { formatPercent } from "../../format/numbers";
import { thinned, type Value } from "./equity";
import { cellsOf, ranked, type Objective, type Trial } from "./results";

const kRoom = {
  left: 4,
  right: 12,
  top: 34,
  bottom: 4,
  outerBoundsMode: "same",
  outerBoundsContain: "axisLabel",
} as const;

export interface Curved {
  name: string;
  values: readonly Value[];
  dashed?: boolean;
}
function dayTime(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}
function dayWords(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

export function equityOption(
  curves: readonly Curved[],
  colors: ChartColors,
  log: boolean,
  asRatio = false,
): PlotOption {
  const words = (value: number) => (asRatio ? formatPercent(value - 1) : shortNumber(value));
  return {
    useUTC: true,
    grid: kRoom,
    legend: { top: 0, left: 0, icon: "roundRect", itemHeight: 4 },
    tooltip: {
      trigger: "axis",
      formatter: (items) => {
        const rows = Array.isArray(items) ? items : [items];
        const first = rows[0]?.value as [number, number] | undefined;
        return [
          first ? dayWords(first[0]) : "",
          ...rows.map((row) => `${row.seriesName ?? ""}  ${words((row.value as [number, number])[1])}`),
        ].join("\n");
      },
    },
    xAxis: { type: "time" },
    yAxis: {
      type: log ? "log" : "value",
      scale: true,
      axisLabel: { formatter: (value: number) => (asRatio ? formatPercent(value - 1, 0) : words(value)) },
    },
    dataZoom: [{ type: "inside", zoomOnMouseWheel: "shift" }],
    series: curves.map((curve, at) => {
      const first = curve.values[0]?.equity ?? 1;
      return {
        type: "line",
        name: curve.name,
        showSymbol: false,
        lineStyle: { width: curve.dashed ? 1.5 : 2, type: curve.dashed ? "dashed" : "solid" },
        color: curve.dashed ? colors.soft : lineColor(colors, at),
        data: thinned(curve.values).flatMap((index) => {
          const value = curve.values[index];
          return value ? [[dayTime(value.day), asRatio ? value.equity / first : value.equity]] : [];
        }),
      };
    }),
  };
}

export function drawdownOption(
  curves: readonly { name: string; values: readonly Value[]; falls: readonly number[] }[],
  colors: ChartColors,
): PlotOption {
  return {
    useUTC: true,
    grid: { ...kRoom, top: curves.length > 1 ? 34 : 10 },
    ...(curves.length > 1 && { legend: { top: 0, left: 0, icon: "roundRect", itemHeight: 4 } }),
    tooltip: {
      trigger: "axis",
      formatter: (items) => {
        const rows = Array.isArray(items) ? items : [items];
        const first = rows[0]?.value as [number, number] | undefined;
        return [
          first ? dayWords(first[0]) : "",
          ...rows.map((row) => `${row.seriesName ?? ""}  ${formatPercent((row.value as [number, number])[1])}`),
        ].join("\n");
      },
    },
    xAxis: { type: "time" },
    yAxis: { type: "value", max: 0, axisLabel: { formatter: (value: number) => formatPercent(value, 0) } },
    dataZoom: [{ type: "inside", zoomOnMouseWheel: "shift" }],
    series: curves.map((curve, at) => {
      const color = curves.length > 1 ? lineColor(colors, at) : colors.loss;
      return {
        type: "line",
        name: curve.name,
        showSymbol: false,
        color,
        lineStyle: { width: 1.5 },
        ...(curves.length === 1 && { areaStyle: { color: withAlpha(color, 0.2) } }),
        // The lowest of each stretch is kept.
        data: thinned(curve.falls.map((equity) => ({ day: "", equity }))).flatMap((index) => {
          const value = curve.values[index];
          return value ? [[dayTime(value.day), curve.falls[index] ?? 0]] : [];
        }),
      };
    }),
  };
}

export function costsOption(
  ladder: readonly { multiple: number; total_return: number | null }[],
  colors: ChartColors,
): PlotOption {
  return {
    grid: { ...kRoom, top: 26 },
    xAxis: { type: "category", data: ladder.map((rung) => `${rung.multiple}×`) },
    yAxis: { type: "value", axisLabel: { formatter: (value: number) => formatPercent(value, 0) } },
    series: [
      {
        type: "bar",
        barMaxWidth: 56,
        data: ladder.map((rung) => ({
          value: rung.total_return ?? 0,
          itemStyle: { color: (rung.total_return ?? 0) >= 0 ? colors.gain : colors.loss },
        })),
        label: {
          show: true,
          position: "top",
          color: colors.text,
          formatter: (item) => formatPercent(Number(item.value), 1),
        },
      },
    ],
  };
}

function shortValue(value: number): string {
  return Math.abs(value) >= 1e4 ? shortNumber(value) : Number(value.toPrecision(4)).toString().replace("-", "\u2212");
}

export function heatOption(
  trials: readonly Trial[],
  x: string,
  y: string,
  objective: Objective,
  at: number,
  colors: ChartColors,
): { option: PlotOption; text: string } {
  const { xs, ys, cells } = cellsOf(trials, x, y, at, objective.most);
  const values = cells.map((cell) => cell[2]);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const best = ranked(trials, at, objective.most)[0];
  const ramp = [colors.line, colors.accent];
  return {
    text: best
      ? `the best is ${shortValue(best.values[at] ?? 0)} at ${x} ${String(best.settings[x])} and ${y} ${String(best.settings[y])}`
      : "nothing is complete",
    option: {
      grid: { ...kRoom, top: 16, bottom: 64, left: 24 },
      tooltip: {
        formatter: (item) => {
          const cell = (Array.isArray(item) ? item[0] : item)?.value as [number, number, number, number];
          return [
            `${x} ${String(xs[cell[0]])}, ${y} ${String(ys[cell[1]])}`,
            `${objective.name} ${shortValue(cell[2])}`,
            ...(cell[3] > 1 ? [`the best of ${cell[3]} trials`] : []),
          ].join("\n");
        },
      },
      xAxis: { type: "category", name: x, nameLocation: "middle", nameGap: 26, data: xs.map(String) },
      yAxis: {
        type: "category",
        name: y,
        nameLocation: "middle",
        nameGap: 36,
        axisLabel: { hideOverlap: true },
        data: ys.map(String),
      },
      visualMap: {
        min: low,
        max: high === low ? low + 1 : high,
        dimension: 2,
        calculable: false,
        orient: "horizontal",
        left: "center",
        bottom: 0,
        itemHeight: 140,
        itemWidth: 12,
        precision: 3,
        text: [shortValue(high), shortValue(low)],
        inRange: { color: objective.most ? ramp : [...ramp].reverse() },
      },
      series: [
        {
          type: "heatmap",
          data: cells,
          itemStyle: { borderColor: colors.ground, borderWidth: 1 },
          emphasis: { itemStyle: { borderColor: colors.text, borderWidth: 2 } },
        },
      ],
    },
  };
}

const kMostLines = 500;

export function parallelOption(
  trials: readonly Trial[],
  names: readonly string[],
  objectives: readonly Objective[],
  at: number,
  colors: ChartColors,
): PlotOption {
  const objective = objectives[at];
  const shown = ranked(trials, at, objective?.most ?? true).slice(0, kMostLines);
  const values = shown.map((trial) => trial.values[at] ?? 0);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const ofTexts = (name: string) => shown.some((trial) => typeof trial.settings[name] !== "number");
  return {
    parallel: { left: 36, right: 60, top: 40, bottom: 56, parallelAxisDefault: { nameGap: 14 } },
    parallelAxis: [
      ...names.map((name, dim) => ({
        dim,
        name,
        ...(ofTexts(name)
          ? { type: "category" as const, data: [...new Set(shown.map((trial) => String(trial.settings[name])))] }
          : { type: "value" as const, scale: true }),
      })),
      ...objectives.map((each, index) => ({
        dim: names.length + index,
        name: each.name,
        type: "value" as const,
        scale: true,
        inverse: !each.most,
      })),
    ],
    visualMap: {
      min: low,
      max: high === low ? low + 1 : high,
      dimension: names.length + at,
      orient: "horizontal",
      left: "center",
      bottom: 0,
      itemHeight: 140,
      itemWidth: 12,
      precision: 3,
      text: [shortValue(high), shortValue(low)],
      inRange: {
        color: objective?.most === false ? [colors.accent, colors.line] : [colors.line, colors.accent],
        opacity: objective?.most === false ? [0.9, 0.35] : [0.35, 0.9],
      },
    },
    series: [
      {
        type: "parallel",
        smooth: false,
        lineStyle: { width: 1.5 },
        emphasis: { lineStyle: { width: 3 } },
        // The best on top.
        data: [...shown].reverse().map((trial) => [
          ...names.map((name) => {
            const setting = trial.settings[name];
            return typeof setting === "number" ? setting : String(setting);
          }),
          ...objectives.map((_, index) => trial.values[index] ?? Number.NaN),
        ]),
      },
    ],
  };
}
