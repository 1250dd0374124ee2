// Curves, bars, heat maps, shares, scatter and parallel coordinates. Loaded when first shown:
//
//   const Plot = lazyPart(() => import("../charts/plot"));
//   <Plot label="Drawdown" text="at most 12.3 % below an earlier peak, in May 2012" height={180} option={option} />
//
// `option` is what ECharts takes; colours of axes, grid and tooltip are those of the theme unless it names its own. Keep it the
// same object while it says the same (useMemo, with useChartColors() for colours of its own).
import { BarChart, HeatmapChart, LineChart, ParallelChart, PieChart, ScatterChart } from "echarts/charts";
import {
  DataZoomInsideComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  ParallelComponent,
  TooltipComponent,
  VisualMapComponent,
} from "echarts/components";
import type { GridComponentOption, TooltipComponentOption } from "echarts/components";
import type { EChartsOption } from "echarts";
import { init, use, type ECharts } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef, useState } from "react";
import { useChartColors, type ChartColors } from "./colors";
import "./charts.css";

use([
  BarChart,
  HeatmapChart,
  LineChart,
  ParallelChart,
  PieChart,
  ScatterChart,
  DataZoomInsideComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  ParallelComponent,
  TooltipComponent,
  VisualMapComponent,
  CanvasRenderer,
]);

/** All that ECharts takes; drawn is what is named in use() above. */
export type PlotOption = EChartsOption;

export interface PlotProps {
  /** What is shown. */
  label: string;
  /** What one sees in it, in words. */
  text: string;
  option: PlotOption;
  height?: number;
  /** A point, bar or cell was clicked. Offer the same in another way to those without a mouse. */
  onPick?: (picked: { seriesIndex: number; dataIndex: number; name: string }) => void;
}

function themeOf(colors: ChartColors) {
  const axis = {
    axisLine: { lineStyle: { color: colors.line } },
    axisTick: { lineStyle: { color: colors.line } },
    axisLabel: { color: colors.soft },
    nameTextStyle: { color: colors.soft },
    splitLine: { lineStyle: { color: colors.line, opacity: 0.6 } },
    splitArea: { show: false },
  };
  return {
    color: [...colors.lines],
    backgroundColor: "transparent",
    textStyle: { fontFamily: colors.font, color: colors.text },
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: axis,
    logAxis: axis,
    timeAxis: { ...axis, splitLine: { show: false } },
    legend: {
      textStyle: { color: colors.text },
      inactiveColor: colors.strong,
      pageTextStyle: { color: colors.soft },
    },
    visualMap: { textStyle: { color: colors.soft } },
    parallel: {
      parallelAxisDefault: { ...axis, axisLine: { lineStyle: { color: colors.strong } } },
    },
  };
}

function tooltipOf(colors: ChartColors): TooltipComponentOption {
  return {
    // Tooltips of HTML would bring styles in their text, which the server's policy forbids.
    renderMode: "richText",
    confine: true,
    backgroundColor: colors.ground,
    borderColor: colors.line,
    textStyle: { color: colors.text, fontFamily: colors.font, fontSize: 12 },
    axisPointer: { lineStyle: { color: colors.strong }, crossStyle: { color: colors.strong } },
  };
}

/** Around what is drawn: no more room than labels need. Use it with other margins: `grid: { ...kGrid, top: 40 }`. */
export const kGrid: GridComponentOption = {
  left: 4,
  right: 12,
  top: 16,
  bottom: 4,
  outerBoundsMode: "same",
  outerBoundsContain: "axisLabel",
};

export default function Plot({ label, text, option, height = 260, onPick }: PlotProps) {
  const colors = useChartColors();
  const box = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<ECharts | null>(null);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const made = init(element, themeOf(colors), { renderer: "canvas" });
    setChart(made);
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(element);
    return () => {
      observer.disconnect();
      setChart(null);
      made.dispose();
    };
  }, [colors]);

  useEffect(() => {
    if (!chart || chart.isDisposed()) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    chart.setOption(
      {
        animation: !calm,
        animationDuration: 250,
        ...(option.xAxis !== undefined && { grid: kGrid }),
        ...option,
        tooltip: Array.isArray(option.tooltip) ? option.tooltip : { ...tooltipOf(colors), ...option.tooltip },
      },
      { notMerge: true },
    );
  }, [chart, option, colors]);

  useEffect(() => {
    if (!chart || chart.isDisposed() || !onPick) return;
    const pick = (event: { seriesIndex?: number; dataIndex: number; name: string }) =>
      onPick({ seriesIndex: event.seriesIndex ?? 0, dataIndex: event.dataIndex, name: event.name });
    chart.on("click", pick);
    return () => {
      if (!chart.isDisposed()) chart.off("click", pick);
    };
  }, [chart, onPick]);

  return (
    <figure className="plot">
      <div ref={box} className="canvas" role="img" aria-label={`${label}: ${text}`} style={{ height }} />
    </figure>
  );
}
