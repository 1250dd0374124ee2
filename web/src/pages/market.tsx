// Prices of one symbol, with what one wants to see over them.
import { useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { Link, Navigate, useLocation, useNavigate, useParams, useSearchParams } from "react-router";
import { api, ask, askAll } from "../api/client";
import { toApiError } from "../api/errors";
import type { components } from "../api/schema";
import { useStockSearch } from "../app/keyboard";
import { lazyPart } from "../app/parts";
import { barsOf, type Bar } from "../charts/series";
import { toNumber } from "../format/numbers";
import { usePrice } from "../live/live";
import { Button } from "../ui/button";
import { Combobox } from "../ui/combobox";
import { Checkbox, SelectField } from "../ui/field";
import { Empty, Failure, Loaded, Loading, Panel } from "../ui/panel";
import { Badge, Decimal, GainPercent, Time } from "../ui/values";
import { FormulaBox } from "./market/formula-box";
import {
  beginnings,
  formulasOf,
  kTimeframes,
  linesOf,
  readView,
  signalsOf,
  tradeMarks,
  type Evaluated,
  type MarketView,
  type Overlay,
} from "./market/overlays";
import "./market/market.css";

const PriceChart = lazyPart(() => import("../charts/price-chart"));

const kLastSymbol = "argosy-market-symbol";
const kView = "argosy-market-view";
const kPageBars = 1000;
const kMostBars = 10_000;

type Candles = components["schemas"]["candles"];

/** Without a symbol: the one that was looked at last, or the first there is. */
export default function MarketPage() {
  const { symbol } = useParams();
  const { search } = useLocation();
  const last = localStorage.getItem(kLastSymbol);
  const first = useQuery({
    queryKey: ["stocks", "list", "first"],
    queryFn: () => ask(api.GET("/stocks", { params: { query: { per_page: 1, sort: "symbol" } } })),
    enabled: !symbol && !last,
  });
  if (symbol) return <Market key={symbol} symbol={symbol} />;
  const to = last ?? first.data?.items[0]?.symbol;
  if (to) return <Navigate to={{ pathname: `/market/${encodeURIComponent(to)}`, search }} replace />;
  return (
    <Panel title="Market">
      <Loaded
        query={first}
        isEmpty={(page) => page.items.length === 0}
        empty="There are no stocks yet: an admin imports bars."
      >
        {() => null}
      </Loaded>
    </Panel>
  );
}

function useView(): [MarketView, (change: Partial<MarketView>) => void] {
  const [view, setView] = useState(() => readView(localStorage.getItem(kView)));
  const change = useCallback((part: Partial<MarketView>) => {
    setView((old) => {
      const next = { ...old, ...part };
      localStorage.setItem(kView, JSON.stringify(next));
      return next;
    });
  }, []);
  return [view, change];
}

async function askCandles(query: {
  symbol: string;
  timeframe: string;
  prices: "adjusted" | "raw";
  from?: string;
  to?: string;
  limit: number;
  formula?: string;
}): Promise<Candles> {
  return ask(api.GET("/prices/candles", { params: { query } }));
}

function SymbolField({ label, onChoose }: { label: string; onChoose: (symbol: string) => void }) {
  const [text, setText] = useState("");
  const found = useStockSearch(text);
  return (
    <Combobox
      label={label}
      text={text}
      onText={setText}
      options={(text.trim() ? (found.data?.items ?? []) : []).map((stock) => ({
        value: stock.symbol,
        text: stock.symbol,
        note: stock.name,
      }))}
      onChoose={(value) => {
        setText("");
        onChoose(value);
      }}
    />
  );
}

function scaled(bars: readonly Bar[], factor: number): readonly Bar[] {
  if (factor === 1) return bars;
  return bars.map((bar) => ({
    ...bar,
    open: bar.open * factor,
    high: bar.high * factor,
    low: bar.low * factor,
    close: bar.close * factor,
  }));
}

function Market({ symbol }: { symbol: string }) {
  const go = useNavigate();
  const [search, setSearch] = useSearchParams();
  const [view, setView] = useView();
  const [compared, setCompared] = useState<string[]>([]);
  const [formula, setFormula] = useState("");
  const { timeframe } = view;
  const asked = view.prices === "raw" ? "raw" : "adjusted";

  const stock = useQuery({
    queryKey: ["stocks", "list", "symbol", symbol],
    queryFn: () => ask(api.GET("/stocks", { params: { query: { symbol, per_page: 1 } } })),
  });
  const known = stock.data?.items[0];
  useEffect(() => {
    if (known) localStorage.setItem(kLastSymbol, symbol);
    document.title = `${symbol} · Market · Argosy`;
  }, [known, symbol]);

  const candles = useInfiniteQuery({
    queryKey: ["candles", symbol, timeframe, asked],
    queryFn: ({ pageParam }) =>
      askCandles({
        symbol,
        timeframe,
        prices: asked,
        limit: kPageBars,
        formula: "raw.close",
        ...(pageParam !== null && { to: pageParam }),
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.earlier,
    staleTime: 60_000,
  });
  const pages = candles.data?.pages;
  const newest = pages?.[0];
  // Formulas see prices adjusted forward from the first bar. Read "as of today", the newest bar is as quoted.
  const factor = useMemo(() => {
    if (view.prices !== "today" || !newest) return 1;
    const quoted = newest.columns[0]?.values.at(-1);
    const close = newest.items.at(-1)?.close;
    return typeof quoted === "number" && quoted && close ? quoted / close : 1;
  }, [newest, view.prices]);
  const bars = useMemo(
    () =>
      scaled(
        [...(pages ?? [])].reverse().flatMap((page) => barsOf(page.items)),
        factor,
      ),
    [pages, factor],
  );
  const from = bars[0]?.time;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = candles;
  const earlier = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage && bars.length < kMostBars) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, bars.length]);

  // Each formula is asked for by itself: one that fails leaves the others.
  const evaluate = (formulas: string[]) => ({
    queryKey: ["evaluated", symbol, timeframe, asked, from, formulas],
    queryFn: async () =>
      ask(
        api.POST("/formulas/evaluate", {
          body: { symbol, timeframe, prices: asked, formulas, limit: kMostBars, ...(from && { from }) },
        }),
      ),
    enabled: from !== undefined,
    staleTime: 60_000,
    retry: false,
    placeholderData: (before: Evaluated | undefined) => before,
  });
  const overlays = useQueries({
    queries: view.overlays.map((overlay) => evaluate(formulasOf(overlay))),
    combine: combined,
  });
  const lines = useMemo(
    () =>
      view.overlays.flatMap((overlay, at) => {
        const data = overlays.data[at];
        return data ? linesOf(overlay, data, factor) : [];
      }),
    [view.overlays, overlays, factor],
  );

  const others = useQueries({
    queries: compared.map((other) => ({
      queryKey: ["candles", other, timeframe, "compared", from],
      queryFn: () =>
        askCandles({ symbol: other, timeframe, prices: "adjusted", limit: kMostBars, ...(from && { from }) }),
      enabled: from !== undefined,
      staleTime: 60_000,
      placeholderData: (before: Candles | undefined) => before,
    })),
    combine: combined,
  });
  const comparedLines = useMemo(
    () =>
      compared.flatMap((other, at) => {
        const data = others.data[at];
        return data ? [{ symbol: other, points: data.items.map(({ time, close }) => ({ time, value: close })) }] : [];
      }),
    [compared, others],
  );

  const strategyId = search.get("strategy");
  const signals = useSignals(strategyId, evaluate);
  const runId = search.get("run");
  const trades = useQuery({
    queryKey: ["runs", "trades", runId, symbol],
    queryFn: () =>
      askAll((page) =>
        api.GET("/runs/{id}/trades", { params: { path: { id: Number(runId) }, query: { ...page, symbol } } }),
      ),
    enabled: runId !== null,
  });
  const marks = useMemo(
    () => [...signals.marks, ...tradeMarks(trades.data ?? [], symbol)],
    [signals.marks, trades.data, symbol],
  );
  const setParameter = (name: string, value: string | null) =>
    setSearch(
      (old) => {
        const next = new URLSearchParams(old);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );

  const price = usePrice(symbol);
  const lastPrice = price ? toNumber(price.last) : Number.NaN;
  const shownLast =
    view.prices !== "adjusted" && compared.length === 0 && Number.isFinite(lastPrice) ? lastPrice : undefined;
  const quoted = newest?.columns[0]?.values.at(-1);
  const before = typeof quoted === "number" ? quoted : null;
  const strategies = useQuery({
    queryKey: ["strategies", "list", "newest"],
    queryFn: () =>
      askAll((page) => api.GET("/strategies", { params: { query: { ...page, sort: "custom_order,-version" } } })),
  });
  const newestStrategies = useMemo(() => {
    const names = new Set<string>();
    return (strategies.data ?? []).filter(({ owner_id, name }) => {
      const key = `${owner_id} ${name}`;
      return !names.has(key) && Boolean(names.add(key));
    });
  }, [strategies.data]);

  return (
    <div className="stack market">
      <div className="row apart">
        <div>
          <h1>
            {symbol} {known && <span className="soft name">{known.name}</span>}
          </h1>
          <div className="row">
            {price ? (
              <>
                <span className="last">
                  <Decimal value={price.last} />
                </span>
                {before && (
                  <span title="since the last stored close">
                    <GainPercent ratio={lastPrice / before - 1} />
                  </span>
                )}
                <span className="small soft">
                  bid <Decimal value={price.bid} />, ask <Decimal value={price.ask} />,{" "}
                  <Time at={price.time} style="time" />
                </span>
              </>
            ) : (
              <span className="soft">no price yet; the last stored close is {before ?? "unknown"}</span>
            )}
            {known && !known.is_active && (
              <Badge tone="careful" mark="!">
                not for new services
              </Badge>
            )}
          </div>
        </div>
        <div className="find">
          <SymbolField label="Another symbol" onChoose={(to) => void go(`/market/${encodeURIComponent(to)}`)} />
        </div>
      </div>

      <section className="panel" aria-label="Chart">
        <div className="content stack tools">
          <div className="row">
            <div className="choices" role="group" aria-label="Timeframe">
              {kTimeframes.map((each) => (
                <button
                  key={each}
                  type="button"
                  aria-pressed={each === timeframe}
                  onClick={() => setView({ timeframe: each })}
                >
                  {each}
                </button>
              ))}
            </div>
            <div className="choices" role="group" aria-label="Prices">
              {(
                [
                  ["today", "adjusted", "adjusted for splits and dividends; the newest bar as quoted"],
                  [
                    "adjusted",
                    "as formulas",
                    "adjusted forward from the first bar, as formulas and strategies see them",
                  ],
                  ["raw", "as quoted", "not adjusted; formulas are computed of these prices as well"],
                ] as const
              ).map(([value, text, title]) => (
                <button
                  key={value}
                  type="button"
                  title={title}
                  aria-pressed={view.prices === value}
                  onClick={() => setView({ prices: value })}
                >
                  {text}
                </button>
              ))}
            </div>
            <Checkbox
              label="log scale"
              checked={view.logScale}
              disabled={compared.length > 0}
              onChange={(event) => setView({ logScale: event.currentTarget.checked })}
            />
            {isFetchingNextPage && <span className="small soft">loading older bars …</span>}
          </div>
          {(compared.length > 0 || runId || strategyId) && (
            <div className="row">
              {compared.map((other) => (
                <Chip
                  key={other}
                  text={`against ${other}, in percent`}
                  onRemove={() => setCompared(compared.filter((each) => each !== other))}
                />
              ))}
              {strategyId && (
                <Chip
                  text={`signals of ${signals.name ?? `strategy ${strategyId}`}: ${signals.marks.length}`}
                  onRemove={() => setParameter("strategy", null)}
                />
              )}
              {runId && (
                <Chip
                  text={`trades of run ${runId}: ${trades.data ? trades.data.length : "…"}`}
                  onRemove={() => setParameter("run", null)}
                >
                  <Link to={`/runs/${runId}`}>the run</Link>
                </Chip>
              )}
            </div>
          )}
          {trades.isError && <Failure error={trades.error} retry={() => void trades.refetch()} />}
          {others.errors.map((error, at) => Boolean(error) && <Failure key={compared[at]} error={error} />)}
          {signals.problems.map((problem) => (
            <div key={problem} className="notice careful small">
              {problem}
            </div>
          ))}
          {candles.isError ? (
            <Failure error={candles.error} retry={() => void candles.refetch()} />
          ) : candles.isPending ? (
            <div className="chart-room">
              <Loading rows={8} />
            </div>
          ) : bars.length === 0 ? (
            <Empty>There are no bars of {symbol}.</Empty>
          ) : (
            <Suspense
              fallback={
                <div className="chart-room">
                  <Loading rows={8} />
                </div>
              }
            >
              <PriceChart
                label={`${symbol}, bars of ${timeframe}`}
                bars={bars}
                lines={lines}
                marks={marks}
                compared={comparedLines}
                logScale={view.logScale}
                {...(shownLast !== undefined && { last: shownLast })}
                viewKey={`${symbol} ${timeframe} ${view.prices}`}
                onEarlier={earlier}
                height={460}
              />
            </Suspense>
          )}
        </div>
      </section>

      <div className="grid market-below">
        <Panel title="Formulas">
          <div className="stack">
            <FormulaBox
              text={formula}
              onText={setFormula}
              onAdd={(overlay) =>
                setView({ overlays: [...view.overlays.filter((each) => each.text !== overlay.text), overlay] })
              }
            />
            {view.overlays.length > 0 && (
              <ul className="overlays" aria-label="Drawn formulas">
                {view.overlays.map((overlay, at) => (
                  <OverlayRow
                    key={overlay.text}
                    overlay={overlay}
                    error={overlays.errors[at]}
                    from={overlays.data[at]?.formulas_from ?? null}
                    onPane={() =>
                      setView({
                        overlays: view.overlays.map((each) =>
                          each === overlay ? { ...each, inPrices: !each.inPrices } : each,
                        ),
                      })
                    }
                    onEdit={() => {
                      setFormula(overlay.text);
                      setView({ overlays: view.overlays.filter((each) => each !== overlay) });
                    }}
                    onRemove={() => setView({ overlays: view.overlays.filter((each) => each !== overlay) })}
                  />
                ))}
              </ul>
            )}
          </div>
        </Panel>
        <Panel title="Beside the prices">
          <div className="form">
            <SymbolField
              label="Compare with"
              onChoose={(other) => {
                if (other !== symbol && !compared.includes(other)) setCompared([...compared, other]);
              }}
            />
            <SelectField
              label="Signals of a strategy"
              hint="where its conditions begin to hold, with the parameters of its file"
              value={strategyId ?? ""}
              onChange={(event) => setParameter("strategy", event.target.value || null)}
              options={[
                { value: "", text: "none" },
                ...newestStrategies.map((each) => ({ value: String(each.strategy_id), text: each.name })),
              ]}
            />
          </div>
        </Panel>
      </div>
    </div>
  );
}

function combined<Data>(all: { data: Data | undefined; error: unknown }[]) {
  return { data: all.map((each) => each.data), errors: all.map((each) => each.error) };
}

function useSignals(
  strategyId: string | null,
  evaluate: (formulas: string[]) => {
    queryKey: unknown[];
    queryFn: () => Promise<Evaluated>;
    enabled: boolean;
    staleTime: number;
    retry: boolean;
    placeholderData: (before: Evaluated | undefined) => Evaluated | undefined;
  },
) {
  const strategy = useQuery({
    queryKey: ["strategies", "signals", strategyId],
    queryFn: async () => {
      const row = await ask(api.GET("/strategies/{id}", { params: { path: { id: Number(strategyId) } } }));
      const checked = await ask(api.POST("/strategies/check", { body: { text: row.text } }));
      return { name: row.name, signals: signalsOf(row.text, checked.parameters ?? []) };
    },
    enabled: strategyId !== null,
    staleTime: 60_000,
  });
  const data = strategyId === null ? undefined : strategy.data;
  const signals = useMemo(() => data?.signals ?? [], [data]);
  const evaluated = useQueries({ queries: signals.map((signal) => evaluate([signal.formula])), combine: combined });
  const marks = useMemo(
    () =>
      signals.flatMap(({ key }, at) => {
        const found = evaluated.data[at];
        if (!found) return [];
        return beginnings(found).map((time) => ({
          time,
          side: key === "buy" || key === "cover" ? ("buy" as const) : ("sell" as const),
          text: key,
        }));
      }),
    [signals, evaluated],
  );
  const problems = signals.flatMap(({ key }, at) => {
    const error = evaluated.errors[at];
    return error ? [`${key} is not drawn: ${toApiError(error).message}`] : [];
  });
  if (strategyId !== null && strategy.isError) problems.push(toApiError(strategy.error).message);
  if (data && data.signals.length === 0) problems.push(`${data.name} has no conditions that could be drawn`);
  return { name: data?.name, marks, problems };
}

function Chip({ text, onRemove, children }: { text: string; onRemove: () => void; children?: React.ReactNode }) {
  return (
    <span className="badge info chip">
      {text}
      {children}
      <button type="button" aria-label={`Remove ${text}`} onClick={onRemove}>
        ×
      </button>
    </span>
  );
}

function OverlayRow({
  overlay,
  error,
  from,
  onPane,
  onEdit,
  onRemove,
}: {
  overlay: Overlay;
  error: unknown;
  from: string | null;
  onPane: () => void;
  onEdit: () => void;
  onRemove: () => void;
}) {
  return (
    <li>
      <div className="row apart">
        <code>{overlay.text}</code>
        <span className="row">
          <Button
            small
            look="plain"
            onClick={onPane}
            aria-label={`${overlay.inPrices ? "over the prices" : "own pane"}: ${overlay.text}, change it`}
          >
            {overlay.inPrices ? "over the prices" : "own pane"}
          </Button>
          <Button small look="plain" onClick={onEdit} aria-label={`Edit ${overlay.text}`}>
            Edit
          </Button>
          <Button small look="plain" onClick={onRemove} aria-label={`Remove ${overlay.text}`}>
            Remove
          </Button>
        </span>
      </div>
      {error ? <p className="loss small">{toApiError(error).message}</p> : null}
      {from && <p className="soft small">Computed from {from} on: there are more bars than one request reads.</p>}
    </li>
  );
}
