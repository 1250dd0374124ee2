// Candles with volume, lines over or below them, and marks. Loaded when first shown:
//
//   const PriceChart = lazyPart(() => import("../charts/price-chart"));
//   <PriceChart label="AAPL, daily" bars={items} lines={lines} marks={marks} viewKey="AAPL 1d" height={420} />
//
// Keep `bars`, `lines`, `marks` and `compared` the same objects while they hold the same (useMemo): the chart draws anew what changed.
import {
  CandlestickSeries,
  CrosshairMode,
  HistogramSeries,
  LineSeries,
  LineStyle,
  PriceScaleMode,
  TickMarkType,
  createChart,
  createSeriesMarkers,
  createTextWatermark,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type SeriesType,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { lineColor, useChartColors, withAlpha } from "./colors";
import { ascending, isDate, lastNotAfter, priceDigits, shortNumber, snapMarks } from "./series";
import type { Bar, Line, Mark, Point } from "./series";
import "./charts.css";

export type { Bar, Line, Mark, Point } from "./series";

export interface Compared {
  symbol: string;
  points: readonly Point[];
}

export interface PriceChartProps {
  /** What is shown, for those who cannot see it. */
  label: string;
  bars: readonly Bar[];
  /** Without them: lines only, drawn over the times of their points. */
  lines?: readonly Line[];
  /** Bought, sold, or a note; each at the bar in which it happened. */
  marks?: readonly Mark[];
  /** Others beside it. All are then shown in percent since the first bar in view. */
  compared?: readonly Compared[];
  /** Each step up is the same factor, not the same amount. Compared symbols go by percent instead. */
  logScale?: boolean;
  /** Volume below the candles; by default where there is any. */
  volume?: boolean;
  /** The newest price, in the prices of the bars: a line across. */
  last?: number;
  /** The view begins anew when it changes: symbol and timeframe. */
  viewKey?: string;
  /** How many of the newest bars are in view at first; "all" fits all of them. */
  firstBars?: number | "all";
  /** Somebody looks at the oldest bars: load what is before them. It is called again until there are more. */
  onEarlier?: () => void;
  /** The wheel zooms. Without it the wheel scrolls the page. */
  wheel?: boolean;
  /** In pixels; panes below the prices add to it. */
  height?: number;
}

const kPaneHeight = 120;
const kNearOldest = 40;

const dateWords = new Intl.DateTimeFormat("sv-SE", { timeZone: "UTC" });
const monthWords = new Intl.DateTimeFormat("en", { month: "short", timeZone: "UTC" });
const zoneParts = {
  both: new Intl.DateTimeFormat("sv-SE", {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  }),
  day: new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" }),
  time: new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }),
};

/** A date as it is; an instant in the zone of who looks. */
function timeWords(at: number, ofDates: boolean): string {
  return (ofDates ? dateWords : zoneParts.both).format(new Date(at * 1000));
}

function tickWords(at: number, type: TickMarkType, ofDates: boolean): string {
  const date = new Date(at * 1000);
  if (type === TickMarkType.Year) return String(date.getUTCFullYear());
  if (type === TickMarkType.Month) return monthWords.format(date);
  if (type === TickMarkType.DayOfMonth) return ofDates ? String(date.getUTCDate()) : zoneParts.day.format(date);
  return zoneParts.time.format(date);
}

interface Drawn {
  chart: IChartApi;
  candles: ISeriesApi<"Candlestick">;
  volume: ISeriesApi<"Histogram">;
  marks: ISeriesMarkersPluginApi<Time>;
}

export default function PriceChart({
  label,
  bars,
  lines = kNone,
  marks = kNone,
  compared = kNone,
  logScale = false,
  volume,
  last,
  viewKey = "",
  firstBars = 160,
  onEarlier,
  wheel = true,
  height = 420,
}: PriceChartProps) {
  const colors = useChartColors();
  const box = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  /** The time under the crosshair. */
  const [hovered, setHovered] = useState<number | null>(null);

  const rows = useMemo(() => ascending(bars), [bars]);
  const ofDates = rows[0] ? isDate(rows[0].time) : lines[0]?.points[0] ? isDate(lines[0].points[0].time) : true;
  const digits = priceDigits(rows.at(-1)?.close ?? 1);
  const withVolume = volume ?? rows.some((row) => row.volume > 0);
  const panes = useMemo(() => [...new Set(lines.map((line) => line.pane).filter((pane) => pane !== "price"))], [lines]);
  const shownLines = useMemo(
    () =>
      lines.map((line, at) => ({
        ...line,
        color: line.color ?? lineColor(colors, at),
        rows: ascending(line.points),
      })),
    [lines, colors],
  );
  const shownCompared = useMemo(
    () =>
      compared.map((each, at) => ({
        ...each,
        color: lineColor(colors, lines.length + at + 1),
        rows: ascending(each.points),
      })),
    [compared, colors, lines.length],
  );
  const whole = height + panes.length * kPaneHeight;

  // The chart itself lives as long as the page's part; what it shows is put in below.
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const chart = createChart(element, {
      autoSize: true,
      // Its logo brings a style of its own, which the server's policy forbids; the link stands below the chart.
      layout: { attributionLogo: false, panes: { enableResize: true } },
      crosshair: { mode: CrosshairMode.Normal },
      handleScroll: { vertTouchDrag: false },
      rightPriceScale: { minimumWidth: 64 },
    });
    const candles = chart.addSeries(CandlestickSeries, { priceLineVisible: false });
    const volumes = chart.addSeries(HistogramSeries, {
      priceScaleId: "volume",
      priceFormat: { type: "volume" },
      lastValueVisible: false,
      priceLineVisible: false,
    });
    chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
    const next = { chart, candles, volume: volumes, marks: createSeriesMarkers(candles, []) };
    chart.subscribeCrosshairMove((event) => setHovered(typeof event.time === "number" ? event.time : null));
    setDrawn(next);
    return () => {
      setDrawn(null);
      chart.remove();
    };
  }, []);

  useEffect(() => {
    if (!drawn) return;
    drawn.chart.applyOptions({
      layout: {
        background: { color: colors.ground },
        textColor: colors.soft,
        fontFamily: colors.font,
        panes: { separatorColor: colors.line, separatorHoverColor: colors.line },
      },
      grid: { vertLines: { color: withAlpha(colors.line, 0.55) }, horzLines: { color: withAlpha(colors.line, 0.55) } },
      crosshair: {
        vertLine: { color: colors.strong, labelBackgroundColor: colors.strong },
        horzLine: { color: colors.strong, labelBackgroundColor: colors.strong },
      },
      rightPriceScale: { borderColor: colors.line },
      timeScale: { borderColor: colors.line },
    });
    // Up is hollow and down is filled: told apart without their colours.
    drawn.candles.applyOptions({
      upColor: colors.ground,
      borderUpColor: colors.gain,
      wickUpColor: colors.gain,
      downColor: colors.loss,
      borderDownColor: colors.loss,
      wickDownColor: colors.loss,
    });
  }, [drawn, colors]);

  useEffect(() => {
    drawn?.chart.applyOptions({
      handleScroll: { mouseWheel: wheel },
      handleScale: { mouseWheel: wheel },
      timeScale: {
        timeVisible: !ofDates,
        // Years of days fit into one view.
        minBarSpacing: 0.05,
        secondsVisible: false,
        tickMarkFormatter: (at: Time, type: TickMarkType) => tickWords(at as number, type, ofDates),
      },
      localization: { timeFormatter: (at: Time) => timeWords(at as number, ofDates) },
    });
  }, [drawn, wheel, ofDates]);

  useEffect(() => {
    if (!drawn) return;
    const mode =
      compared.length > 0 ? PriceScaleMode.Percentage : logScale ? PriceScaleMode.Logarithmic : PriceScaleMode.Normal;
    // Of the price pane alone: what stands below it has no percent.
    drawn.chart
      .priceScale("right", 0)
      .applyOptions({ mode, scaleMargins: { top: 0.08, bottom: withVolume && rows.length > 0 ? 0.2 : 0.06 } });
  }, [drawn, compared.length, logScale, withVolume, rows.length]);

  useEffect(() => {
    if (!drawn) return;
    drawn.candles.applyOptions({ priceFormat: { type: "price", precision: digits, minMove: 10 ** -digits } });
    drawn.candles.setData(
      rows.map(({ at, open, high, low, close }) => ({ time: at as UTCTimestamp, open, high, low, close })),
    );
  }, [drawn, rows, digits]);

  useEffect(() => {
    drawn?.volume.setData(
      withVolume
        ? rows.map(({ at, open, close, volume: traded }) => ({
            time: at as UTCTimestamp,
            value: traded,
            color: withAlpha(close >= open ? colors.gain : colors.loss, 0.35),
          }))
        : [],
    );
  }, [drawn, rows, withVolume, colors]);

  useEffect(() => {
    if (!drawn) return;
    const { chart } = drawn;
    const added: ISeriesApi<SeriesType>[] = [];
    for (const line of shownLines) {
      const pane = line.pane === "price" ? 0 : panes.indexOf(line.pane) + 1;
      const values = line.rows.flatMap(({ value }) => (value === null ? [] : [value]));
      const most = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const precision = priceDigits(most);
      const common = {
        color: line.color,
        priceLineVisible: false,
        lastValueVisible: pane > 0,
        priceFormat:
          most >= 1e6
            ? { type: "custom" as const, minMove: 1, formatter: shortNumber }
            : { type: "price" as const, precision, minMove: 10 ** -precision },
      };
      const series =
        line.look === "bars"
          ? chart.addSeries(HistogramSeries, common, pane)
          : chart.addSeries(
              LineSeries,
              {
                ...common,
                lineWidth: 2,
                crosshairMarkerRadius: 3,
                lineStyle: line.look === "dashed" ? LineStyle.Dashed : LineStyle.Solid,
              },
              pane,
            );
      // A row without a value keeps the gap.
      series.setData(
        line.rows.map(({ at, value }) =>
          value === null ? { time: at as UTCTimestamp } : { time: at as UTCTimestamp, value },
        ),
      );
      added.push(series);
    }
    const all = chart.panes();
    all[0]?.setStretchFactor(height);
    const titles = panes.map((name, index) => {
      const pane = all[index + 1];
      pane?.setStretchFactor(kPaneHeight);
      if (!pane) return null;
      pane.priceScale("right").applyOptions({ mode: PriceScaleMode.Normal, scaleMargins: { top: 0.2, bottom: 0.08 } });
      return createTextWatermark(pane, {
        horzAlign: "left",
        vertAlign: "top",
        lines: [{ text: name, color: colors.soft, fontSize: 11, lineHeight: 18, fontFamily: colors.mono }],
      });
    });
    return () => {
      // Charts that are gone have taken all of it with them.
      if (!drawn.chart.chartElement().isConnected) return;
      for (const title of titles) title?.detach();
      for (const series of added) chart.removeSeries(series);
    };
  }, [drawn, shownLines, panes, colors, height]);

  useEffect(() => {
    if (!drawn) return;
    const added = shownCompared.map((each) => {
      const series = drawn.chart.addSeries(LineSeries, {
        color: each.color,
        lineWidth: 2,
        priceLineVisible: false,
        title: each.symbol,
      });
      series.setData(
        each.rows.flatMap(({ at, value }) => (value === null ? [] : [{ time: at as UTCTimestamp, value }])),
      );
      return series;
    });
    return () => {
      if (!drawn.chart.chartElement().isConnected) return;
      for (const series of added) drawn.chart.removeSeries(series);
    };
  }, [drawn, shownCompared]);

  useEffect(() => {
    drawn?.marks.setMarkers(
      snapMarks(marks, rows).map(({ at, side, text }) => ({
        time: at as UTCTimestamp,
        position: side === "buy" ? "belowBar" : "aboveBar",
        shape: side === "buy" ? "arrowUp" : side === "sell" ? "arrowDown" : "circle",
        color: side === "buy" ? colors.gain : side === "sell" ? colors.loss : colors.warning,
        ...(text && { text }),
      })),
    );
  }, [drawn, marks, rows, colors]);

  useEffect(() => {
    if (!drawn || last === undefined || !Number.isFinite(last)) return;
    const line: IPriceLine = drawn.candles.createPriceLine({
      price: last,
      color: colors.accent,
      lineWidth: 1,
      lineStyle: LineStyle.Dotted,
      axisLabelVisible: true,
      title: "last",
    });
    return () => {
      if (drawn.chart.chartElement().isConnected) drawn.candles.removePriceLine(line);
    };
  }, [drawn, last, colors]);

  // What is in view at first. Bars that come before the others later leave it as it is.
  const seen = useRef<string | null>(null);
  const count = rows.length || (shownLines[0]?.rows.length ?? 0);
  useEffect(() => {
    if (!drawn) {
      seen.current = null;
      return;
    }
    if (count === 0 || seen.current === viewKey) return;
    seen.current = viewKey;
    if (firstBars === "all" || count <= firstBars) drawn.chart.timeScale().fitContent();
    else drawn.chart.timeScale().setVisibleLogicalRange({ from: count - firstBars, to: count + 4 });
  }, [drawn, count, viewKey, firstBars]);

  useEffect(() => {
    if (!drawn || !onEarlier || count === 0) return;
    const scale = drawn.chart.timeScale();
    const look = () => {
      const range = scale.getVisibleLogicalRange();
      if (range && range.from < kNearOldest) onEarlier();
    };
    scale.subscribeVisibleLogicalRangeChange(look);
    return () => scale.unsubscribeVisibleLogicalRangeChange(look);
  }, [drawn, onEarlier, count]);

  const press = (event: KeyboardEvent) => {
    const scale = drawn?.chart.timeScale();
    const range = scale?.getVisibleLogicalRange();
    if (!scale || !range) return;
    const width = range.to - range.from;
    const show = (from: number, to: number) => {
      event.preventDefault();
      scale.setVisibleLogicalRange({ from, to });
    };
    if (event.key === "ArrowLeft") show(range.from - width / 8, range.to - width / 8);
    else if (event.key === "ArrowRight") show(range.from + width / 8, range.to + width / 8);
    else if (event.key === "+" || event.key === "=") show(range.from + width / 5, range.to);
    else if (event.key === "-") show(range.from - width / 4, range.to);
    else if (event.key === "Home") show(0, width);
    else if (event.key === "End") show(count - width + 4, count + 4);
  };

  return (
    <figure className="price-chart">
      <Legend at={hovered} rows={rows} digits={digits} ofDates={ofDates} lines={shownLines} compared={shownCompared} />
      <div
        ref={box}
        className="canvas"
        role="group"
        tabIndex={0}
        aria-label={`${label}. Arrow keys scroll, plus and minus zoom.`}
        style={{ height: whole }}
        onKeyDown={press}
      />
      <figcaption className="small soft">
        <a href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
          TradingView Lightweight Charts™, © 2025 TradingView, Inc.
        </a>
      </figcaption>
    </figure>
  );
}

const kNone: readonly never[] = [];

type Timed<Row> = Row & { at: number };

function valueAt(rows: readonly Timed<Point>[], at: number): number | null {
  const found = rows[lastNotAfter(rows, at)];
  return found?.at === at ? found.value : null;
}

/** The values under the crosshair; without one those of the newest bar. */
function Legend({
  at,
  rows,
  digits,
  ofDates,
  lines,
  compared,
}: {
  at: number | null;
  rows: readonly Timed<Bar>[];
  digits: number;
  ofDates: boolean;
  lines: readonly (Line & { color: string; rows: readonly Timed<Point>[] })[];
  compared: readonly (Compared & { color: string; rows: readonly Timed<Point>[] })[];
}) {
  const time = at ?? rows.at(-1)?.at ?? lines[0]?.rows.at(-1)?.at;
  if (time === undefined) return null;
  const index = lastNotAfter(rows, time);
  const bar = rows[index]?.at === time ? rows[index] : undefined;
  const before = rows[index - 1];
  const change = bar && before && before.close !== 0 ? bar.close / before.close - 1 : null;
  const price = (value: number) => value.toFixed(digits);
  return (
    <div className="legend number">
      <span>{timeWords(time, ofDates)}</span>
      {bar && (
        <>
          <span>
            <b>O</b> {price(bar.open)}
          </span>
          <span>
            <b>H</b> {price(bar.high)}
          </span>
          <span>
            <b>L</b> {price(bar.low)}
          </span>
          <span>
            <b>C</b> {price(bar.close)}
          </span>
          {change !== null && (
            <span className={change > 0 ? "gain" : change < 0 ? "loss" : ""}>
              {change > 0 ? "▲ +" : change < 0 ? "▼ −" : ""}
              {Math.abs(change * 100).toFixed(2)} %
            </span>
          )}
          {bar.volume > 0 && (
            <span>
              <b>V</b> {shortNumber(bar.volume)}
            </span>
          )}
        </>
      )}
      {lines.map((line) => {
        const value = valueAt(line.rows, time);
        return (
          <span key={line.id} style={{ color: line.color }}>
            <b>{line.name}</b>{" "}
            {value === null ? "–" : Math.abs(value) >= 1e6 ? shortNumber(value) : value.toFixed(priceDigits(value))}
          </span>
        );
      })}
      {compared.map((each) => {
        const value = valueAt(each.rows, time);
        return (
          <span key={each.symbol} style={{ color: each.color }}>
            <b>{each.symbol}</b> {value === null ? "–" : value.toFixed(priceDigits(value))}
          </span>
        );
      })}
    </div>
  );
}
