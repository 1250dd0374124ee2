// A service's prices as it saw them, with what it bought and sold; and what that gained.
import { useQuery } from "@tanstack/react-query";
import { Suspense, useMemo } from "react";
import { lazyPart } from "../app/parts";
import { api, ask } from "../api/client";
import type { Service, Transaction } from "../api/types";
import type { Mark, Point } from "../charts/series";
import { formatDecimal, formatMoney, sumDecimals, toNumber } from "../format/numbers";
import { usePollInterval, usePrice, useRoom } from "../live/live";
import { Empty, Loaded, Loading, Panel } from "../ui/panel";

const PriceChart = lazyPart(() => import("../charts/price-chart"));
const Plot = lazyPart(() => import("../charts/plot"));

/** Its newest transactions, the newest first. */
function useNewestTransactions(service: Service) {
  useRoom("transactions");
  return useQuery({
    queryKey: ["transactions", "list", "newest", service.service_id],
    queryFn: () =>
      ask(
        api.GET("/transactions", {
          params: { query: { service_id: service.service_id, sort: "-transaction_id", per_page: 500 } },
        }),
      ),
    refetchInterval: usePollInterval(),
  });
}

/** What was bought and sold, as marks. */
export function marksOf(transactions: readonly Transaction[]): Mark[] {
  return transactions
    .filter((each) => each.state !== "CANCELLED")
    .flatMap((each) => [
      { time: each.purchase_date, side: "buy" as const, text: formatDecimal(each.purchase_price) },
      ...(each.sale_date
        ? [{ time: each.sale_date, side: "sell" as const, text: formatDecimal(each.sale_price) }]
        : []),
    ]);
}

export interface GainPoint {
  time: string;
  gain: number;
}

/** What was gained in all after each sale. The list has the newest first, and may lack older ones: it ends at `total`. */
export function gainsOf(transactions: readonly Transaction[], total: string): GainPoint[] {
  const closed = transactions.filter((each) => each.state === "CLOSED" && each.sale_date !== null);
  const known = sumDecimals(closed.map((each) => each.net_gain_loss));
  let gain = toNumber(total) - toNumber(known);
  return closed
    .toSorted((left, right) => (left.sale_date ?? "").localeCompare(right.sale_date ?? ""))
    .map((each) => {
      gain += toNumber(each.net_gain_loss);
      return { time: each.sale_date ?? "", gain };
    });
}

export function ServicePrices({ service }: { service: Service }) {
  const price = usePrice(service.stock_symbol);
  const poll = usePollInterval();
  const transactions = useNewestTransactions(service);
  const decisions = useQuery({
    queryKey: ["services", "decisions", service.service_id, "prices"],
    queryFn: () =>
      ask(
        api.GET("/services/{id}/decisions", {
          params: { path: { id: service.service_id }, query: { per_page: 500 } },
        }),
      ),
    refetchInterval: poll === false ? 5_000 : poll,
  });
  const lines = useMemo(() => {
    const points: Point[] = (decisions.data?.items ?? [])
      .filter((each) => each.bid !== "0")
      .map((each) => ({ time: each.time, value: (toNumber(each.bid) + toNumber(each.ask)) / 2 }))
      .reverse();
    return [{ id: "price", name: service.stock_symbol, points, pane: "price" }];
  }, [decisions.data, service.stock_symbol]);
  const marks = useMemo(() => marksOf(transactions.data?.items ?? []), [transactions.data]);
  const bars = useMemo(() => [], []);
  return (
    <Panel title={`${service.stock_symbol} as it saw it`}>
      <Loaded
        query={decisions}
        isEmpty={(data) => data.items.length < 2}
        empty="Prices show once it has decided a few times."
      >
        {() => (
          <Suspense fallback={<Loading rows={6} />}>
            <PriceChart
              label={`Prices of ${service.stock_symbol} at the last ${decisions.data?.items.length} decisions, with ${marks.length} purchases and sales`}
              bars={bars}
              lines={lines}
              marks={marks}
              last={price ? toNumber(price.last) : undefined}
              viewKey={String(service.service_id)}
              firstBars="all"
              height={320}
            />
          </Suspense>
        )}
      </Loaded>
    </Panel>
  );
}

export function ServiceGains({ service }: { service: Service }) {
  const transactions = useNewestTransactions(service);
  const option = useMemo(() => {
    const gains = gainsOf(transactions.data?.items ?? [], service.total_gain_loss);
    return {
      grid: { left: 8, right: 16, top: 16, bottom: 8, containLabel: true },
      xAxis: { type: "time" as const },
      yAxis: { type: "value" as const, scale: true },
      tooltip: { trigger: "axis" as const },
      series: [
        {
          type: "line" as const,
          step: "end" as const,
          showSymbol: gains.length < 30,
          name: "Gain",
          data: gains.map((each) => [
            Date.parse(each.time.replace(/(\.\d{3})\d+/, "$1")),
            Number(each.gain.toFixed(2)),
          ]),
        },
      ],
    };
  }, [transactions.data, service.total_gain_loss]);
  return (
    <Panel title="Gain over time">
      <Loaded query={transactions}>
        {(data) =>
          data.items.some((each) => each.state === "CLOSED") ? (
            <Suspense fallback={<Loading rows={4} />}>
              <Plot
                label="Gain over time, after fees"
                text={`${formatMoney(service.total_gain_loss, service.currency)} after ${service.sell_count} sales`}
                option={option}
                height={240}
              />
            </Suspense>
          ) : (
            <Empty>It has not sold anything yet.</Empty>
          )
        }
      </Loaded>
    </Panel>
  );
}
