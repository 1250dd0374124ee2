// One order: what it is, and what it went through.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { api, ask } from "../../api/client";
import type { Order } from "../../api/types";
import { useMayTrade } from "../../app/auth";
import { useWish } from "../../app/wish";
import { usePollInterval } from "../../live/live";
import { Button } from "../../ui/button";
import { Confirm, Dialog } from "../../ui/dialog";
import { Loaded } from "../../ui/panel";
import { useToasts } from "../../ui/toasts";
import { Decimal, State, Time } from "../../ui/values";
import { useServiceNames } from "../records/lookups";
import { ChangeOrder } from "./dialogs";
import { mayCancel, mayChange, timelineOf } from "./timeline";

export function CancelOrder({ order, onClose }: { order: Order; onClose: () => void }) {
  const queries = useQueryClient();
  const { tell } = useToasts();
  const wish = useWish();
  return (
    <Confirm
      title={`Cancel order ${order.order_id}`}
      action="Cancel the order"
      onClose={onClose}
      onConfirm={async () => {
        await wish.send(order.order_id, (header) =>
          ask(api.POST("/orders/{id}/cancel", { params: { path: { id: order.order_id }, header } })),
        );
        tell("The broker is asked to cancel it");
        await queries.invalidateQueries({ queryKey: ["orders"] });
      }}
    >
      The order to {order.side} {order.quantity} {order.symbol} is cancelled. What is filled, {order.filled_quantity}{" "}
      shares, stays.
    </Confirm>
  );
}

function Timeline({ order }: { order: Order }) {
  const steps = useQuery({
    // With its state and what is filled: when they change there are more steps.
    queryKey: ["order steps", order.order_id, order.state, order.filled_quantity],
    queryFn: () => ask(api.GET("/orders/{id}/steps", { params: { path: { id: order.order_id } } })),
    placeholderData: (before) => before,
  });
  return (
    <Loaded query={steps}>
      {(data) => (
        <ol className="steps">
          {timelineOf(order, data.items).map((step, at) => (
            <li key={at} className={step.at === undefined ? "waits" : step.tone}>
              <span className={step.at === undefined ? "soft" : undefined}>
                {step.fill ? (
                  <>
                    Filled <Decimal value={step.fill.quantity} /> at <Decimal value={step.fill.price} />
                  </>
                ) : (
                  step.what
                )}
              </span>
              {step.at ? <Time at={step.at} /> : <span className="small soft">not yet</span>}
              {step.note && <span className="small soft">{step.note}</span>}
              {step.fill && (
                <span className="small soft">
                  fee <Decimal value={step.fill.fee} />
                </span>
              )}
            </li>
          ))}
        </ol>
      )}
    </Loaded>
  );
}

export function OrderDialog({
  id,
  onOpen,
  onClose,
}: {
  id: number;
  onOpen: (id: number) => void;
  onClose: () => void;
}) {
  const mayTrade = useMayTrade();
  const poll = usePollInterval();
  const services = useServiceNames();
  const [asking, setAsking] = useState<"cancel" | "change" | null>(null);
  const one = useQuery({
    queryKey: ["orders", "one", id],
    queryFn: () => ask(api.GET("/orders/{id}", { params: { path: { id } } })),
    refetchInterval: poll,
  });
  const next = useQuery({
    queryKey: ["orders", "list", "replacing", id],
    queryFn: () => ask(api.GET("/orders", { params: { query: { replaces: id } } })),
    refetchInterval: poll,
  });
  const order = one.data;
  if (order && asking === "cancel") return <CancelOrder order={order} onClose={() => setAsking(null)} />;
  if (order && asking === "change") return <ChangeOrder order={order} onClose={() => setAsking(null)} />;
  return (
    <Dialog title={`Order ${id}`} onClose={onClose}>
      <Loaded query={one} rows={6}>
        {(order) => (
          <div className="stack">
            <div className="row">
              <strong>
                {order.side} <Decimal value={order.quantity} /> {order.symbol}
              </strong>
              <State state={order.state} />
              {order.late_fill && <span className="warning small">! filled after it had ended</span>}
              {order.overfilled && <span className="warning small">! filled for more than it asked</span>}
            </div>
            <dl className="pairs">
              <dt>Kind</dt>
              <dd>
                {order.kind.replaceAll("_", " ")}, {order.time_in_force.replaceAll("_", " ")}
                {order.limit_price && (
                  <>
                    , limit <Decimal value={order.limit_price} />
                  </>
                )}
                {order.stop_price && (
                  <>
                    , stop <Decimal value={order.stop_price} />
                  </>
                )}
              </dd>
              <dt>Filled</dt>
              <dd>
                <Decimal value={order.filled_quantity} /> of <Decimal value={order.quantity} />
                {order.fill_price && (
                  <>
                    {" "}
                    at <Decimal value={order.fill_price} />, fees <Decimal value={order.fees} />
                  </>
                )}
              </dd>
              <dt>Whose</dt>
              <dd>
                {order.service_id !== null ? (
                  <Link to={`/services/${order.service_id}`}>
                    {services.get(order.service_id)?.name ?? `service ${order.service_id}`}
                  </Link>
                ) : order.portfolio_id !== null ? (
                  <Link to={`/portfolios/${order.portfolio_id}`}>portfolio {order.portfolio_id}</Link>
                ) : (
                  "–"
                )}
              </dd>
              {(order.wanted_quantity ?? order.wanted_limit ?? order.wanted_stop) !== null && (
                <>
                  <dt>Shall become</dt>
                  <dd>
                    {order.wanted_quantity && `${order.wanted_quantity} shares `}
                    {order.wanted_limit && `limit ${order.wanted_limit} `}
                    {order.wanted_stop && `stop ${order.wanted_stop}`}
                  </dd>
                </>
              )}
              {order.replaces !== null && (
                <>
                  <dt>In place of</dt>
                  <dd>
                    <Button small onClick={() => order.replaces !== null && onOpen(order.replaces)}>
                      order {order.replaces}
                    </Button>
                  </dd>
                </>
              )}
              {next.data?.items.map((each) => (
                <div key={each.order_id} className="contents">
                  <dt>Replaced by</dt>
                  <dd>
                    <Button small onClick={() => onOpen(each.order_id)}>
                      order {each.order_id}
                    </Button>
                  </dd>
                </div>
              ))}
              <dt>Numbers</dt>
              <dd className="mono small">
                {order.client_order_id}
                {order.broker_order_id && `, ${order.broker_order_id}`}, decision {order.decision}
              </dd>
            </dl>
            <section className="stack" aria-label="Timeline">
              <h3>What it went through</h3>
              <Timeline order={order} />
            </section>
          </div>
        )}
      </Loaded>
      <div className="actions">
        {order && mayTrade && mayChange(order) && <Button onClick={() => setAsking("change")}>Change…</Button>}
        {order && mayTrade && mayCancel(order.state) && (
          <Button look="danger" onClick={() => setAsking("cancel")}>
            Cancel the order…
          </Button>
        )}
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}
