// What a portfolio's days gave, beside a benchmark, and how far it was below its highest.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Suspense, useMemo, useState } from "react";
import { api, askAll } from "../../api/client";
import type { PlotOption } from "../../charts/plot";
import type { components } from "../../api/schema";
import { useChartColors, withAlpha } from "../../charts/colors";
import { useStockSearch } from "../../app/keyboard";
import { lazyPart } from "../../app/parts";
import { formatPercent } from "../../format/numbers";
import { Combobox } from "../../ui/combobox";
import { Button } from "../../ui/button";
import { TextField } from "../../ui/field";
import { Loaded, Loading, Panel } from "../../ui/panel";
import { Figure, GainPercent } from "../../ui/values";
import { withoutEmpty } from "../records/list";
import { summaryOf } from "./summary";

const Plot = lazyPart(() => import("../../charts/plot"));

type Day = components["schemas"]["performance_day"];

function percent(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1e6) / 1e4;
}

function Plots({ days, symbol }: { days: readonly Day[]; symbol: string }) {
  const colors = useChartColors();
  const summary = useMemo(() => summaryOf(days), [days]);
  const dates = useMemo(() => days.map((day) => day.date), [days]);
  const growth = useMemo(
    () => ({
      tooltip: { trigger: "axis", valueFormatter: (value: unknown) => `${String(value)} %` },
      legend: { top: 0, show: symbol !== "" },
      grid: {
        left: 4,
        right: 12,
        top: symbol === "" ? 16 : 36,
        bottom: 4,
        outerBoundsMode: "same",
        outerBoundsContain: "axisLabel",
      },
      xAxis: { type: "category", data: dates },
      yAxis: { type: "value", scale: true, axisLabel: { formatter: "{value} %" } },
      series: [
        {
          type: "line",
          name: "portfolio",
          showSymbol: days.length < 3,
          lineStyle: { width: 2 },
          data: days.map((day) => percent(day.growth === null ? null : day.growth - 1)),
        },
        ...(symbol === ""
          ? []
          : [
              {
                type: "line" as const,
                name: symbol,
                showSymbol: days.length < 3,
                // Told apart without colour as well.
                lineStyle: { width: 2, type: "dashed" as const },
                data: days.map((day) => percent(day.benchmark === null ? null : day.benchmark - 1)),
              },
            ]),
      ],
    }),
    [days, dates, symbol],
  );
  const drawdown = useMemo(
    () => ({
      tooltip: { trigger: "axis", valueFormatter: (value: unknown) => `${String(value)} %` },
      xAxis: { type: "category", data: dates },
      yAxis: { type: "value", max: 0, axisLabel: { formatter: "{value} %" } },
      series: [
        {
          type: "line",
          name: "portfolio",
          showSymbol: days.length < 3,
          lineStyle: { width: 1.5, color: colors.loss },
          itemStyle: { color: colors.loss },
          areaStyle: { color: withAlpha(colors.loss, 0.2) },
          data: days.map((day) => percent(day.drawdown === null ? null : -Math.abs(day.drawdown))),
        },
        ...(symbol === ""
          ? []
          : [
              {
                type: "line" as const,
                name: symbol,
                showSymbol: days.length < 3,
                lineStyle: { width: 1.5, type: "dashed" as const, color: colors.soft },
                itemStyle: { color: colors.soft },
                data: days.map((day) =>
                  percent(day.benchmark_drawdown === null ? null : -Math.abs(day.benchmark_drawdown)),
                ),
              },
            ]),
      ],
    }),
    [days, dates, symbol, colors],
  );
  return (
    <div className="stack">
      <div className="figures">
        <Figure label={`Gained in ${summary.days} day${summary.days === 1 ? "" : "s"}`} minor>
          <GainPercent ratio={summary.growth} />
        </Figure>
        {symbol !== "" && (
          <Figure label={`${symbol} in these days`} minor>
            <GainPercent ratio={summary.benchmark} />
          </Figure>
        )}
        <Figure label="Deepest fall" minor>
          {formatPercent(summary.drawdown)}
        </Figure>
        {symbol !== "" && (
          <Figure label={`Deepest fall of ${symbol}`} minor>
            {formatPercent(summary.benchmarkDrawdown)}
          </Figure>
        )}
      </div>
      <Suspense fallback={<Loading rows={6} />}>
        <Plot
          label="Growth"
          text={`${formatPercent(summary.growth)} in ${summary.days} days${symbol ? `, ${symbol} ${formatPercent(summary.benchmark)}` : ""}`}
          option={growth as unknown as PlotOption}
        />
        <h3>Below its highest</h3>
        <Plot
          label="Drawdown"
          text={`at most ${formatPercent(summary.drawdown)}`}
          option={drawdown as unknown as PlotOption}
          height={150}
        />
      </Suspense>
    </div>
  );
}

export function Performance({ id }: { id: number }) {
  const [text, setText] = useState("");
  const [symbol, setSymbol] = useState("");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const found = useStockSearch(text);
  const query = withoutEmpty({ benchmark: symbol, from, to });
  const days = useQuery({
    queryKey: ["performance", id, query],
    queryFn: () =>
      askAll<Day>((page) =>
        api.GET("/portfolios/{id}/performance", { params: { path: { id }, query: { ...query, ...page } } }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  return (
    <Panel title="Performance">
      <div className="stack">
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            setSymbol(text.trim().toUpperCase());
          }}
        >
          <div className="pair">
            <Combobox
              label="Beside"
              text={text}
              onText={(next) => {
                setText(next);
                if (next === "") setSymbol("");
              }}
              onChoose={(value) => {
                setText(value);
                setSymbol(value);
              }}
              options={(found.data?.items ?? []).map((row) => ({
                value: row.symbol,
                text: row.symbol,
                note: row.name,
              }))}
            />
            <TextField label="From" type="date" value={from} onChange={(event) => setFrom(event.target.value)} />
            <TextField label="To" type="date" value={to} onChange={(event) => setTo(event.target.value)} />
          </div>
          <Button type="submit" className="visually-hidden">
            Compare
          </Button>
        </form>
        <Loaded query={days} rows={6} empty="No day has ended with a record of what it was worth yet.">
          {(rows) => <Plots days={rows} symbol={rows.some((day) => day.benchmark !== null) ? symbol : ""} />}
        </Loaded>
        <p className="small soft">Day by day, apart from deposits and withdrawals.</p>
      </div>
    </Panel>
  );
}
