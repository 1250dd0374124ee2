// One service: how it stands, what it did, what it decided and why.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { api, ask } from "../api/client";
import type { Service, Transaction } from "../api/types";
import { useService } from "../app/rows";
import { PageHead } from "../app/shell";
import { formatDecimal, formatNumber, toNumber } from "../format/numbers";
import { usePollInterval, usePrice, useRoom } from "../live/live";
import { Loaded, Panel } from "../ui/panel";
import { PagedTable } from "../ui/paged";
import { Table, type Column } from "../ui/table";
import { Badge, Decimal, Figure, Gain, Money, State, Time } from "../ui/values";
import { EditServiceButton, RemoveServiceButton } from "./edit-service";
import { ClosePositionButton, ServiceButtons } from "./service-actions";
import { ServiceGains, ServicePrices } from "./service-charts";
import { TotalGain, valueOf } from "./service-values";

/** Where it stands in its cycle: the state that is, and those it can go to. */
function Cycle({ service }: { service: Service }) {
  const modes = [
    { mode: "BUY", text: "looks for a chance to buy" },
    { mode: "SELL", text: "holds, and looks for a chance to sell" },
    { mode: "HOLD", text: "does neither" },
  ];
  return (
    <div className="stack">
      <div className="row">
        <State state={service.state} />
        <span className="soft">
          {service.state === "ACTIVE" && "decides and trades"}
          {service.state === "PAUSED" && "buys nothing, keeps its stops"}
          {service.state === "INACTIVE" && "is off"}
          {service.state === "ERROR" && "needs somebody to look, then to start it again"}
        </span>
      </div>
      {service.error && <div className="notice bad">{service.error}</div>}
      <ol className="cycle" aria-label="Mode">
        {modes.map(({ mode, text }) => (
          <li key={mode} aria-current={service.mode === mode ? "step" : undefined} title={text}>
            {mode === "BUY" ? "↓ " : mode === "SELL" ? "↑ " : ""}
            {mode}
            {service.mode === mode && `: ${text}`}
          </li>
        ))}
      </ol>
    </div>
  );
}

function Figures({ service }: { service: Service }) {
  const price = usePrice(service.stock_symbol);
  const value = valueOf(service, price?.last);
  return (
    <div className="figures">
      <Figure label="Worth now">
        {Number.isNaN(value) ? (
          <span className="soft">no price yet</span>
        ) : (
          <Money amount={value.toFixed(2)} currency={service.currency} />
        )}
      </Figure>
      <Figure label="Gain in all">
        <TotalGain service={service} />
      </Figure>
      <Figure label="Cash">
        <Money amount={service.current_balance} currency={service.currency} />
      </Figure>
      <Figure label="Holds">
        <Decimal value={service.current_shares} /> <span className="small soft">{service.stock_symbol}</span>
      </Figure>
      <Figure label={`${service.stock_symbol} now`}>
        <Decimal value={price?.last} />
      </Figure>
      <Figure label="Bought / sold">
        {service.buy_count} / {service.sell_count}
      </Figure>
    </div>
  );
}

function Settings({ service }: { service: Service }) {
  const percent = (text: string) => (text === "0" ? "never" : `${formatDecimal(text)} %`);
  return (
    <dl className="fact-list">
      <dt>Decides by</dt>
      <dd>{service.strategy}</dd>
      <dt>Every</dt>
      <dd>{service.interval_seconds} s</dd>
      <dt>Stop loss</dt>
      <dd>{percent(service.stop_loss_percent)}</dd>
      <dt>Take profit</dt>
      <dd>{percent(service.take_profit_percent)}</dd>
      <dt>Thresholds</dt>
      <dd>
        buys at {formatDecimal(service.buy_threshold)} %, sells at {formatDecimal(service.sell_threshold)} % confidence
      </dd>
      <dt>A purchase takes</dt>
      <dd>
        {formatDecimal(service.allocation_percent)} % of its cash, and leaves{" "}
        <Money amount={service.minimum_balance} currency={service.currency} />
      </dd>
      <dt>Was given</dt>
      <dd>
        <Money amount={service.initial_balance} currency={service.currency} />
      </dd>
      <dt>Since</dt>
      <dd>
        <Time at={service.created_at} />
      </dd>
    </dl>
  );
}

const kTransactionColumns: Column<Transaction>[] = [
  { id: "id", title: "No.", cell: (row) => row.transaction_id, end: true },
  { id: "state", title: "State", cell: (row) => <State state={row.state} /> },
  { id: "shares", title: "Shares", cell: (row) => <Decimal value={row.shares} />, end: true },
  { id: "bought", title: "Bought", cell: (row) => <Time at={row.purchase_date} /> },
  { id: "purchase", title: "at", cell: (row) => <Decimal value={row.purchase_price} />, end: true },
  { id: "sold", title: "Sold", cell: (row) => <Time at={row.sale_date} /> },
  { id: "sale", title: "at", cell: (row) => <Decimal value={row.sale_price} />, end: true },
];

function Transactions({ service }: { service: Service }) {
  useRoom("transactions");
  const [page, setPage] = useState(1);
  const query = useQuery({
    queryKey: ["transactions", "list", "service", service.service_id, page],
    queryFn: () =>
      ask(
        api.GET("/transactions", {
          params: { query: { service_id: service.service_id, sort: "-transaction_id", page, per_page: 20 } },
        }),
      ),
    refetchInterval: usePollInterval(),
    placeholderData: (before) => before,
  });
  const columns: Column<Transaction>[] = [
    ...kTransactionColumns,
    {
      id: "gain",
      title: "Gain after fees",
      cell: (row) =>
        row.state === "OPEN" ? (
          <span className="soft">open</span>
        ) : (
          <Gain amount={row.net_gain_loss} currency={service.currency} />
        ),
      end: true,
    },
  ];
  return (
    <Panel title="Transactions" flush>
      <PagedTable
        query={query}
        label="Transactions"
        columns={columns}
        rowKey={(row) => row.transaction_id}
        empty="It has not traded yet."
        onPage={setPage}
        height="460px"
      />
    </Panel>
  );
}

function Decisions({ service }: { service: Service }) {
  const poll = usePollInterval();
  const query = useQuery({
    queryKey: ["services", "decisions", service.service_id],
    queryFn: () =>
      ask(
        api.GET("/services/{id}/decisions", {
          params: { path: { id: service.service_id }, query: { per_page: 30 } },
        }),
      ),
    refetchInterval: poll === false ? 2_000 : poll,
  });
  return (
    <Panel title="Last decisions" flush>
      <Loaded query={query} isEmpty={(data) => data.items.length === 0} empty="It has not decided anything yet.">
        {(data) => (
          <Table
            label="Last decisions"
            rows={data.items}
            rowKey={(row) => row.seq}
            height="460px"
            columns={[
              { id: "time", title: "When", cell: (row) => <Time at={row.time} style="time" /> },
              {
                id: "decision",
                title: "Decision",
                cell: (row) => (
                  <Badge tone={row.decision === "YES" ? "good" : "plain"} mark={row.decision === "YES" ? "✓" : "–"}>
                    {row.question}: {row.decision}
                  </Badge>
                ),
              },
              {
                id: "confidence",
                title: "Confidence",
                cell: (row) => <span className="number">{formatNumber(row.confidence, 1)} %</span>,
                end: true,
              },
              {
                id: "why",
                title: "Why",
                cell: (row) => <span title={row.numbers}>{row.reason}</span>,
              },
              { id: "outcome", title: "What came of it", cell: (row) => row.outcome },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}

/** What it would do now. Nothing follows from asking. */
function DecisionNow({ service }: { service: Service }) {
  const poll = usePollInterval();
  const query = useQuery({
    queryKey: ["services", "decision", service.service_id],
    queryFn: () => ask(api.GET("/services/{id}/decision", { params: { path: { id: service.service_id } } })),
    refetchInterval: poll === false ? Math.max(2_000, Math.min(10_000, service.interval_seconds * 500)) : poll,
    enabled: service.state === "ACTIVE" || service.state === "PAUSED",
    retry: false,
  });
  if (service.state !== "ACTIVE" && service.state !== "PAUSED") return null;
  return (
    <Panel title="What it would do now">
      <Loaded query={query}>
        {(decision) => (
          <div className="stack">
            <div className="row">
              <Badge
                tone={decision.decision === "YES" ? "good" : "plain"}
                mark={decision.decision === "YES" ? "✓" : "–"}
              >
                {decision.question}: {decision.decision}
              </Badge>
              <span className="number">{formatNumber(decision.confidence, 1)} % confidence</span>
            </div>
            <ul className="reasons">
              {decision.reasons.map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
            {decision.numbers && <code>{decision.numbers}</code>}
            {decision.quantity && <span>It would order {formatDecimal(decision.quantity)}.</span>}
            {decision.bid && (
              <span className="small soft">
                at {formatDecimal(decision.bid)} to {formatDecimal(decision.ask)}, quoted{" "}
                <Time at={decision.quoted_at} style="time" />
              </span>
            )}
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

export default function ServicePage() {
  const id = toNumber(useParams()["id"]);
  const query = useService(id);
  return (
    <Loaded query={query} rows={6}>
      {(service) => (
        <div className="stack">
          <PageHead
            title={
              <>
                <Link to="/services">Services</Link> / {service.name}
              </>
            }
          >
            <ServiceButtons service={service} />
            <ClosePositionButton service={service} />
            <EditServiceButton service={service} />
            <RemoveServiceButton service={service} />
          </PageHead>
          <Panel title="How it stands">
            <div className="stack">
              <Cycle service={service} />
              <Figures service={service} />
            </div>
          </Panel>
          <div className="overview">
            <ServicePrices service={service} />
            <ServiceGains service={service} />
          </div>
          <div className="overview">
            <Decisions service={service} />
            <div className="stack">
              <DecisionNow service={service} />
              <Panel title="Settings">
                <Settings service={service} />
              </Panel>
            </div>
          </div>
          <Transactions service={service} />
        </div>
      )}
    </Loaded>
  );
}
