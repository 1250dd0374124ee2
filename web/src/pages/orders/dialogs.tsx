// Placing and changing an order by hand.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask } from "../../api/client";
import type { components } from "../../api/schema";
import type { Order } from "../../api/types";
import { useStockSearch } from "../../app/keyboard";
import { usePortfolios } from "../../app/rows";
import { useWish } from "../../app/wish";
import { usePrice } from "../../live/live";
import { FormDialog } from "../../ui/action";
import { Combobox } from "../../ui/combobox";
import { SelectField, TextField } from "../../ui/field";
import { useToasts } from "../../ui/toasts";
import { Decimal, Time } from "../../ui/values";

type NewOrder = components["schemas"]["new_order"];

export function PlaceOrder({ symbol: first = "", onClose }: { symbol?: string; onClose: () => void }) {
  const queries = useQueryClient();
  const { tell } = useToasts();
  const portfolios = usePortfolios();
  const wish = useWish();
  const [symbol, setSymbol] = useState(first);
  const [side, setSide] = useState<"buy" | "sell">("buy");
  const [kind, setKind] = useState("market");
  const [sizedBy, setSizedBy] = useState("quantity");
  const [chosen, setChosen] = useState("");
  const found = useStockSearch(symbol);
  const price = usePrice(symbol.toUpperCase());
  const isByAmount = side === "buy" && sizedBy === "amount";
  const portfolio =
    portfolios.data?.find((row) => String(row.portfolio_id) === chosen) ??
    portfolios.data?.find((row) => row.is_default) ??
    portfolios.data?.[0];
  return (
    <FormDialog
      title="Place an order"
      action={side === "buy" ? "Buy" : "Sell"}
      danger={side === "sell"}
      onClose={onClose}
      onSend={async (text) => {
        const body: NewOrder = {
          symbol: symbol.trim().toUpperCase(),
          side,
          kind: kind as NewOrder["kind"],
          time_in_force: text("time_in_force") as NewOrder["time_in_force"],
          ...(portfolio && { portfolio_id: portfolio.portfolio_id }),
          ...(isByAmount ? { amount: text("amount") } : { quantity: text("quantity") }),
          ...(kind.includes("limit") && { limit_price: text("limit_price") }),
          ...(kind.includes("stop") && { stop_price: text("stop_price") }),
        };
        const order = await wish.send(body, (header) => ask(api.POST("/orders", { params: { header }, body })));
        tell(`Order ${order.order_id} is placed`);
        await queries.invalidateQueries({ queryKey: ["orders"] });
      }}
    >
      {(error) => (
        <>
          <p className="small soft">
            It is the portfolio's own: no service sells what it buys. It goes through the same risk gate.
          </p>
          <div className="pair">
            <Combobox
              label="Symbol"
              text={symbol}
              onText={setSymbol}
              onChoose={setSymbol}
              options={(found.data?.items ?? []).map((row) => ({
                value: row.symbol,
                text: row.symbol,
                note: row.name,
              }))}
              error={error("symbol")}
              autoFocus
              required
            />
            <SelectField
              label="Portfolio"
              value={portfolio ? String(portfolio.portfolio_id) : ""}
              onChange={(event) => setChosen(event.target.value)}
              options={(portfolios.data ?? []).map((row) => ({
                value: String(row.portfolio_id),
                text: `${row.name} (${row.currency})`,
              }))}
              error={error("portfolio_id")}
            />
          </div>
          {price && (
            <p className="small soft">
              Last <Decimal value={price.last} />, bid <Decimal value={price.bid} />, ask <Decimal value={price.ask} />,{" "}
              <Time at={price.time} style="time" />
            </p>
          )}
          <div className="pair">
            <SelectField
              label="Side"
              value={side}
              onChange={(event) => setSide(event.target.value as "buy" | "sell")}
              options={["buy", "sell"]}
              error={error("side")}
            />
            <SelectField
              label="Kind"
              value={kind}
              onChange={(event) => setKind(event.target.value)}
              options={[
                { value: "market", text: "market: at once, at any price" },
                { value: "limit", text: "limit: at this price or better" },
                { value: "stop", text: "stop: market once it is reached" },
                { value: "stop_limit", text: "stop limit: limit once it is reached" },
              ]}
              error={error("kind")}
            />
          </div>
          <div className="pair">
            {side === "buy" && (
              <SelectField
                label="Size by"
                value={sizedBy}
                onChange={(event) => setSizedBy(event.target.value)}
                options={[
                  { value: "quantity", text: "shares" },
                  { value: "amount", text: "what it may cost" },
                ]}
              />
            )}
            {isByAmount ? (
              <TextField
                key="amount"
                label={`Amount (${portfolio?.currency ?? "money"})`}
                name="amount"
                inputMode="decimal"
                hint="fees included"
                error={error("amount")}
                required
              />
            ) : (
              <TextField
                key="quantity"
                label="Shares"
                name="quantity"
                inputMode="decimal"
                error={error("quantity")}
                required
              />
            )}
          </div>
          {kind !== "market" && (
            <div className="pair">
              {kind.includes("stop") && (
                <TextField
                  label="Stop price"
                  name="stop_price"
                  inputMode="decimal"
                  error={error("stop_price")}
                  required
                />
              )}
              {kind.includes("limit") && (
                <TextField
                  label="Limit price"
                  name="limit_price"
                  inputMode="decimal"
                  error={error("limit_price")}
                  required
                />
              )}
            </div>
          )}
          <SelectField
            label="Works"
            name="time_in_force"
            defaultValue="day"
            options={[
              { value: "day", text: "until the session ends" },
              { value: "gtc", text: "until it is cancelled" },
              { value: "ioc", text: "now, the rest is cancelled" },
              { value: "fok", text: "now and whole, or not at all" },
              { value: "at_open", text: "at the opening" },
              { value: "at_close", text: "at the close" },
            ]}
            error={error("time_in_force")}
          />
        </>
      )}
    </FormDialog>
  );
}

export function ChangeOrder({ order, onClose }: { order: Order; onClose: () => void }) {
  const queries = useQueryClient();
  const { tell } = useToasts();
  return (
    <FormDialog
      title={`Change order ${order.order_id}`}
      action="Change it"
      onClose={onClose}
      onSend={async (text) => {
        const changed = (name: string, before: string | null) =>
          text(name) !== "" && text(name) !== before ? { [name]: text(name) } : {};
        await ask(
          api.PATCH("/orders/{id}", {
            params: { path: { id: order.order_id } },
            body: {
              ...changed("quantity", order.quantity),
              ...changed("limit_price", order.limit_price),
              ...changed("stop_price", order.stop_price),
            },
          }),
        );
        tell(`Order ${order.order_id} is being changed: another one takes its place`);
        await queries.invalidateQueries({ queryKey: ["orders"] });
      }}
    >
      {(error) => (
        <>
          <p className="small soft">It is cancelled, and a new order for the rest takes its place.</p>
          <TextField
            label="Shares"
            name="quantity"
            inputMode="decimal"
            defaultValue={order.quantity}
            hint={`with the ${order.filled_quantity} that are filled`}
            error={error("quantity")}
            required
          />
          {order.limit_price !== null && (
            <TextField
              label="Limit price"
              name="limit_price"
              inputMode="decimal"
              defaultValue={order.limit_price}
              error={error("limit_price")}
              required
            />
          )}
          {order.stop_price !== null && (
            <TextField
              label="Stop price"
              name="stop_price"
              inputMode="decimal"
              defaultValue={order.stop_price}
              error={error("stop_price")}
              required
            />
          )}
        </>
      )}
    </FormDialog>
  );
}
