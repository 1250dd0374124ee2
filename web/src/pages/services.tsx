// All services, to be found, compared, started and stopped.
import { useMemo, useState } from "react";
import { Link } from "react-router";
import type { Service } from "../api/types";
import { useMayTrade } from "../app/auth";
import { useServices } from "../app/rows";
import { PageHead } from "../app/shell";
import { toNumber } from "../format/numbers";
import { usePrice } from "../live/live";
import { Button } from "../ui/button";
import { Confirm } from "../ui/dialog";
import { Loaded, Panel } from "../ui/panel";
import { Table, type Column } from "../ui/table";
import { useToasts } from "../ui/toasts";
import { Decimal, Money, State, Time } from "../ui/values";
import { CreateServiceButton } from "./create-service";
import { ServiceButtons, possibleActions, useServiceAction, type ServiceAction } from "./service-actions";
import { TotalGain } from "./service-values";

function LastPrice({ symbol }: { symbol: string }) {
  const price = usePrice(symbol);
  return price ? <Decimal value={price.last} /> : <span className="soft">–</span>;
}

const kColumns: Column<Service>[] = [
  {
    id: "name",
    title: "Service",
    cell: (row) => <Link to={`/services/${row.service_id}`}>{row.name}</Link>,
    sort: (row) => row.name,
  },
  { id: "symbol", title: "Symbol", cell: (row) => row.stock_symbol, sort: (row) => row.stock_symbol },
  { id: "price", title: "Price", cell: (row) => <LastPrice symbol={row.stock_symbol} />, end: true },
  { id: "state", title: "State", cell: (row) => <State state={row.state} />, sort: (row) => row.state },
  { id: "mode", title: "Mode", cell: (row) => <State state={row.mode} />, sort: (row) => row.mode },
  {
    id: "balance",
    title: "Cash",
    cell: (row) => <Money amount={row.current_balance} currency={row.currency} />,
    sort: (row) => toNumber(row.current_balance),
    end: true,
  },
  {
    id: "shares",
    title: "Shares",
    cell: (row) => <Decimal value={row.current_shares} />,
    sort: (row) => toNumber(row.current_shares),
    end: true,
  },
  {
    id: "trades",
    title: "Bought / sold",
    cell: (row) => (
      <span className="number">
        {row.buy_count} / {row.sell_count}
      </span>
    ),
    sort: (row) => row.buy_count + row.sell_count,
    end: true,
  },
  {
    id: "gain",
    title: "Gain",
    cell: (row) => <TotalGain service={row} />,
    sort: (row) => toNumber(row.total_gain_loss),
    end: true,
  },
  { id: "act", title: "", cell: (row) => <ServiceButtons service={row} small /> },
  { id: "strategy", title: "Decides", cell: (row) => row.strategy, sort: (row) => row.strategy },
  {
    id: "updated",
    title: "Last change",
    cell: (row) => <Time at={row.updated_at} />,
    sort: (row) => row.updated_at,
  },
];

const kStates = ["all", "ACTIVE", "PAUSED", "INACTIVE", "ERROR"] as const;

export function filterServices(rows: readonly Service[], text: string, state: string): Service[] {
  const wanted = text.trim().toLowerCase();
  return rows.filter(
    (row) =>
      (state === "all" || row.state === state) &&
      (wanted === "" ||
        [row.name, row.stock_symbol, row.strategy, row.description].some((each) =>
          each.toLowerCase().includes(wanted),
        )),
  );
}

function Bulk({ chosen, onDone }: { chosen: Service[]; onDone: () => void }) {
  const act = useServiceAction();
  const { tell, tellError } = useToasts();
  const [asking, setAsking] = useState<ServiceAction | null>(null);
  const of = (action: ServiceAction) => chosen.filter((row) => possibleActions(row.state).includes(action));
  const run = async (action: ServiceAction) => {
    let done = 0;
    let failed: unknown = null;
    for (const row of of(action)) {
      try {
        await act(row.service_id, action);
        ++done;
      } catch (error) {
        failed = error;
      }
    }
    if (done > 0) tell(`${done} of ${chosen.length} done`);
    if (failed !== null) tellError(failed);
    onDone();
  };
  return (
    <>
      <span className="small soft">{chosen.length} chosen</span>
      {(["start", "pause", "stop"] as const).map((action) => (
        <Button
          key={action}
          small
          look={action === "stop" ? "danger" : undefined}
          disabled={of(action).length === 0}
          onClick={() => setAsking(action)}
        >
          {action === "start" ? "Start" : action === "pause" ? "Pause" : "Stop"} {of(action).length}
        </Button>
      ))}
      {asking && (
        <Confirm
          title={`${asking === "start" ? "Start" : asking === "pause" ? "Pause" : "Stop"} ${of(asking).length} services?`}
          action={asking === "start" ? "Start them" : asking === "pause" ? "Pause them" : "Stop them"}
          danger={asking === "stop"}
          onClose={() => setAsking(null)}
          onConfirm={() => run(asking)}
        >
          <p>
            {of(asking)
              .slice(0, 8)
              .map((row) => row.name)
              .join(", ")}
            {of(asking).length > 8 && " and more"}.
            {asking === "stop" && " What they hold stays as it is, and nobody watches its stop loss any more."}
          </p>
        </Confirm>
      )}
    </>
  );
}

export default function Services() {
  const services = useServices();
  const may = useMayTrade();
  const [text, setText] = useState("");
  const [state, setState] = useState<string>("all");
  const [selected, setSelected] = useState<Set<string | number>>(new Set());
  const rows = useMemo(() => filterServices(services.data ?? [], text, state), [services.data, text, state]);
  const chosen = rows.filter((row) => selected.has(row.service_id));
  return (
    <div className="stack">
      <PageHead title="Services">
        <CreateServiceButton />
      </PageHead>
      <Panel
        title={services.data ? `${rows.length} of ${services.data.length}` : "Services"}
        flush
        actions={
          <>
            {chosen.length > 0 && <Bulk chosen={chosen} onDone={() => setSelected(new Set())} />}
            <input
              className="input narrow"
              type="search"
              placeholder="Name, symbol, strategy"
              aria-label="Filter services"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
            <select
              className="input narrow"
              aria-label="State"
              value={state}
              onChange={(event) => setState(event.target.value)}
            >
              {kStates.map((each) => (
                <option key={each} value={each}>
                  {each === "all" ? "All states" : each}
                </option>
              ))}
            </select>
          </>
        }
      >
        <Loaded query={services} empty="No service yet. Create one to have it trade for you.">
          {() => (
            <Table
              label="Services"
              rows={rows}
              rowKey={(row) => row.service_id}
              columns={kColumns}
              initial={{ id: "name", down: false }}
              {...(may && { selected, onSelect: setSelected })}
            />
          )}
        </Loaded>
      </Panel>
    </div>
  );
}
