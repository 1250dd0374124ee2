// One round trip: purchase and sale, its orders, notes, and what can be done with it.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Link } from "react-router";
import { api, ask } from "../../api/client";
import { toApiError } from "../../api/errors";
import type { Transaction } from "../../api/types";
import { useMayTrade } from "../../app/auth";
import { isWorking } from "../../app/order-states";
import { useWish } from "../../app/wish";
import { usePollInterval, usePrice } from "../../live/live";
import { FormDialog } from "../../ui/action";
import { Button } from "../../ui/button";
import { Confirm, Dialog } from "../../ui/dialog";
import { TextArea, TextField } from "../../ui/field";
import { Loaded } from "../../ui/panel";
import { useToasts } from "../../ui/toasts";
import { Decimal, Gain, GainPercent, Money, State, Time } from "../../ui/values";
import { gainRatio } from "./totals";

function Notes({ id }: { id: number }) {
  const queries = useQueryClient();
  const mayTrade = useMayTrade();
  const poll = usePollInterval();
  const wish = useWish();
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const path = { id };
  const notes = useQuery({
    queryKey: ["transaction-notes", id],
    queryFn: () =>
      ask(api.GET("/transactions/{id}/notes", { params: { path, query: { sort: "note_id", per_page: 500 } } })),
    refetchInterval: poll,
  });
  const add = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const text = String(new FormData(form).get("text") ?? "").trim();
    if (text === "") return;
    setBusy(true);
    setWrong("");
    try {
      await wish.send(text, (header) =>
        ask(api.POST("/transactions/{id}/notes", { params: { path, header }, body: { text } })),
      );
      form.reset();
      await queries.invalidateQueries({ queryKey: ["transaction-notes", id] });
    } catch (error) {
      const why = toApiError(error);
      setWrong(why.fields().get("text") ?? why.message);
    }
    setBusy(false);
  };
  return (
    <section className="stack" aria-label="Notes">
      <h3>Notes</h3>
      <Loaded query={notes} rows={1} isEmpty={(data) => data.items.length === 0} empty="Nobody wrote about it yet.">
        {(data) => (
          <ul className="notes">
            {data.items.map((note) => (
              <li key={note.note_id}>
                {note.text}
                <div className="small soft">
                  {note.author}, <Time at={note.created_at} />
                </div>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {mayTrade && (
        <form className="form" onSubmit={(event) => void add(event)}>
          <TextArea
            label="New note"
            name="text"
            rows={2}
            maxLength={2000}
            error={wrong || undefined}
            hint="It stays."
          />
          <div className="row">
            <Button type="submit" small busy={busy}>
              Add the note
            </Button>
          </div>
        </form>
      )}
    </section>
  );
}

function Complete({ row, currency, onClose }: { row: Transaction; currency: string; onClose: () => void }) {
  const queries = useQueryClient();
  const price = usePrice(row.stock_symbol);
  const { tell } = useToasts();
  const wish = useWish();
  return (
    <FormDialog
      title={`Close transaction ${row.transaction_id} by hand`}
      action="Close it at this price"
      danger
      onClose={onClose}
      onSend={async (text) => {
        const path = { id: row.transaction_id };
        const body = { price: text("price") };
        await wish.send(body, (header) =>
          ask(api.POST("/transactions/{id}/complete", { params: { path, header }, body })),
        );
        tell(`Transaction ${row.transaction_id} is closed`);
        await queries.invalidateQueries({ queryKey: ["transactions"] });
      }}
    >
      {(error) => (
        <>
          <p>
            No order is sent. The <Decimal value={row.shares} /> shares of {row.stock_symbol} pass from the service to
            its portfolio, which pays the service this price for each. The round trip counts as sold at it.
          </p>
          <TextField
            label={`Price a share (${currency})`}
            name="price"
            inputMode="decimal"
            defaultValue={price?.last ?? row.purchase_price}
            error={error("price")}
            required
          />
        </>
      )}
    </FormDialog>
  );
}

export function TransactionDialog({
  id,
  known,
  currency,
  service,
  onClose,
}: {
  id: number;
  known: Transaction | undefined;
  currency: string;
  service: string;
  onClose: () => void;
}) {
  const mayTrade = useMayTrade();
  const queries = useQueryClient();
  const poll = usePollInterval();
  const { tell } = useToasts();
  const [asking, setAsking] = useState<"complete" | "cancel" | null>(null);
  const wish = useWish();
  const one = useQuery({
    queryKey: ["transactions", "one", id],
    queryFn: () => ask(api.GET("/transactions/{id}", { params: { path: { id } } })),
    initialData: known,
    refetchInterval: poll,
  });
  const orders = useQuery({
    queryKey: ["orders", "list", "of-transaction", id],
    queryFn: () =>
      ask(api.GET("/orders", { params: { query: { transaction_id: id, sort: "order_id", per_page: 100 } } })),
    refetchInterval: poll,
  });
  const working = (orders.data?.items ?? []).filter((order) => isWorking(order.state));
  const row = one.data;
  if (asking === "complete" && row) return <Complete row={row} currency={currency} onClose={() => setAsking(null)} />;
  if (asking === "cancel")
    return (
      <Confirm
        title={`Cancel the order of transaction ${id}`}
        action="Cancel the order"
        onClose={() => setAsking(null)}
        onConfirm={async () => {
          await wish.send(id, (header) =>
            ask(api.POST("/transactions/{id}/cancel", { params: { path: { id }, header } })),
          );
          tell("The broker is asked to cancel it");
          await queries.invalidateQueries({ queryKey: ["orders"] });
        }}
      >
        Order {working.map((order) => order.order_id).join(", ")} is cancelled. What was filled stays.
      </Confirm>
    );
  return (
    <Dialog title={`Transaction ${id}`} onClose={onClose}>
      <Loaded query={one} rows={6}>
        {(row) => (
          <div className="stack">
            <div className="row">
              <strong>{row.stock_symbol}</strong>
              <State state={row.state} />
              <Link to={`/services/${row.service_id}`}>{service || `service ${row.service_id}`}</Link>
            </div>
            <div className="grid sides">
              <section>
                <h3>Purchase</h3>
                <dl className="pairs">
                  <dt>Shares</dt>
                  <dd>
                    <Decimal value={row.bought} />
                  </dd>
                  <dt>Price</dt>
                  <dd>
                    <Money amount={row.purchase_price} currency={currency} />
                  </dd>
                  <dt>Paid</dt>
                  <dd>
                    <Money amount={row.purchase_amount} currency={currency} />
                  </dd>
                  <dt>Time</dt>
                  <dd>
                    <Time at={row.purchase_date} />
                  </dd>
                </dl>
              </section>
              <section>
                <h3>Sale</h3>
                <dl className="pairs">
                  <dt>Shares</dt>
                  <dd>
                    <Decimal value={row.sold} />
                  </dd>
                  <dt>Price</dt>
                  <dd>
                    <Money amount={row.sale_price} currency={currency} />
                  </dd>
                  <dt>Received</dt>
                  <dd>
                    <Money amount={row.sale_amount} currency={currency} />
                  </dd>
                  <dt>Time</dt>
                  <dd>
                    <Time at={row.sale_date} />
                  </dd>
                </dl>
              </section>
            </div>
            <dl className="pairs">
              <dt>Held</dt>
              <dd>
                {row.state === "OPEN" ? <Decimal value={row.shares} /> : <span className="soft">nothing any more</span>}
              </dd>
              <dt>Fees</dt>
              <dd>
                <Money amount={row.fees} currency={currency} />
              </dd>
              <dt>Gain</dt>
              <dd>
                <Gain amount={row.gain_loss} currency={currency} /> before fees
              </dd>
              <dt>After fees</dt>
              <dd>
                <Gain amount={row.net_gain_loss} currency={currency} />{" "}
                {row.sale_price !== null && (
                  <>
                    (<GainPercent ratio={gainRatio(row)} />)
                  </>
                )}
              </dd>
              <dt>Orders</dt>
              <dd>
                {orders.data?.items.length === 0 && <span className="soft">none</span>}
                {orders.data?.items.map((order) => (
                  <div key={order.order_id} className="row">
                    <Link to={`/orders?order=${order.order_id}`}>
                      {order.side} #{order.order_id}
                    </Link>
                    <State state={order.state} />
                  </div>
                ))}
              </dd>
              {row.notes && (
                <>
                  <dt>Remark</dt>
                  <dd>{row.notes}</dd>
                </>
              )}
            </dl>
            <Notes id={id} />
          </div>
        )}
      </Loaded>
      <div className="actions">
        {mayTrade && working.length > 0 && (
          <Button look="danger" onClick={() => setAsking("cancel")}>
            Cancel its order…
          </Button>
        )}
        {mayTrade && row?.state === "OPEN" && working.length === 0 && (
          <Button onClick={() => setAsking("complete")}>Close by hand…</Button>
        )}
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}
