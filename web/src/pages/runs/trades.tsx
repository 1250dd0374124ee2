// The trades of a run, on the chart and in a table.
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { lazyPart } from "../../app/parts";
import { api, ask } from "../../api/client";
import type { Run } from "../../api/types";
import type { components } from "../../api/schema";
import { barsOf } from "../../charts/series";
import { toNumber } from "../../format/numbers";
import { Checkbox } from "../../ui/field";
import { Loaded, Panel } from "../../ui/panel";
import { Table, type Column } from "../../ui/table";
import { Decimal, Gain, Time } from "../../ui/values";
import { tradeMarks } from "../market/overlays";
import { useTrades } from "./curve";
import type { Headline } from "./results";
import { Chart } from "./chart-frame";

const PriceChart = lazyPart(() => import("../../charts/price-chart"));

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
const barsOfAnswer = ({ items }: components["schemas"]["candles"]) => barsOf(items);

export function Trades({ run, headline }: { run: Run; headline: Headline }) {
  const trades = useTrades(run.number);
  const [symbol, setSymbol] = useState(run.symbols[0] ?? "");
  const [unfilled, setUnfilled] = useState(false);
  const bars = useQuery({
    queryKey: ["candles", symbol, run.timeframe, "run", headline.from, headline.to],
    queryFn: () =>
      ask(
        api.GET("/prices/candles", {
          params: {
            query: { symbol, timeframe: run.timeframe, limit: kChartBars, from: headline.from, to: headline.to },
          },
        }),
      ),
    select: barsOfAnswer,
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
        <Loaded query={bars} rows={8} empty="There are no bars of it any more.">
          {(data) => (
            <Chart height={400}>
              <PriceChart
                label={`${symbol} with the trades of run ${run.run_id}`}
                bars={data}
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
