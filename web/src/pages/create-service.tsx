// A new service: what it trades, with how much, who decides, and its limits.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, ask } from "../api/client";
import type { NewService } from "../api/types";
import { useMayTrade } from "../app/auth";
import { useStockSearch } from "../app/keyboard";
import { usePortfolios } from "../app/rows";
import { useWish } from "../app/wish";
import { formatMoney } from "../format/numbers";
import { FormDialog } from "../ui/action";
import { Button } from "../ui/button";
import { Combobox } from "../ui/combobox";
import { Checkbox, SelectField, TextField } from "../ui/field";
import { useToasts } from "../ui/toasts";
import { useStrategyNames } from "./strategy-names";

export function CreateServiceButton() {
  const may = useMayTrade();
  const [open, setOpen] = useState(false);
  if (!may) return null;
  return (
    <>
      <Button look="primary" onClick={() => setOpen(true)}>
        Create service
      </Button>
      {open && <CreateService onClose={() => setOpen(false)} />}
    </>
  );
}

/** Only what was filled in: for the rest the server has defaults. */
export function readNewService(form: FormData, symbol: string): NewService {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const body: NewService = { symbol: symbol.trim().toUpperCase(), balance: text("balance") };
  for (const name of [
    "name",
    "strategy",
    "minimum_balance",
    "allocation_percent",
    "buy_threshold",
    "sell_threshold",
    "stop_loss_percent",
    "take_profit_percent",
  ] as const) {
    if (text(name) !== "") body[name] = text(name);
  }
  if (text("portfolio_id") !== "") body.portfolio_id = Number(text("portfolio_id"));
  if (text("interval_seconds") !== "") body.interval_seconds = Number(text("interval_seconds"));
  if (form.has("fractional")) body.fractional = true;
  body.starts = form.has("starts");
  return body;
}

const kLimits = [
  "stop_loss_percent",
  "take_profit_percent",
  "buy_threshold",
  "sell_threshold",
  "allocation_percent",
  "minimum_balance",
  "interval_seconds",
];

function CreateService({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const go = useNavigate();
  const { tell } = useToasts();
  const portfolios = usePortfolios();
  const strategies = useStrategyNames();
  const [symbol, setSymbol] = useState("");
  const found = useStockSearch(symbol);
  const wish = useWish();
  const send = async (form: FormData) => {
    const body = readNewService(form, symbol);
    const service = await wish.send(body, (header) => ask(api.POST("/services", { params: { header }, body })));
    await queries.invalidateQueries({ queryKey: ["services", "list"] });
    tell(`${service.name} is created`);
    await go(`/services/${service.service_id}`);
  };
  return (
    <FormDialog title="Create a service" action="Create" onClose={onClose} onSend={(_, form) => send(form)}>
      {(error) => (
        <>
          <Combobox
            label="Symbol"
            text={symbol}
            onText={setSymbol}
            onChoose={setSymbol}
            options={(found.data?.items ?? []).map((stock) => ({
              value: stock.symbol,
              text: stock.symbol,
              note: stock.name,
            }))}
            error={error("symbol")}
            autoFocus
            required
          />
          <div className="pair">
            <TextField
              label="Starting balance"
              name="balance"
              inputMode="decimal"
              error={error("balance")}
              required
              hint="taken from the portfolio's cash"
            />
            <SelectField
              label="Portfolio"
              name="portfolio_id"
              error={error("portfolio_id")}
              options={(portfolios.data ?? []).map((each) => ({
                value: String(each.portfolio_id),
                text: `${each.name} (${formatMoney(each.cash, each.currency)})`,
              }))}
            />
          </div>
          <div className="pair">
            <SelectField label="Who decides" name="strategy" error={error("strategy")} options={strategies} />
            <TextField
              label="Name"
              name="name"
              maxLength={100}
              error={error("name")}
              hint="by default made of the symbol"
            />
          </div>
          <details open={kLimits.some((name) => error(name) !== undefined)}>
            <summary>Limits and timing</summary>
            <div className="form inner">
              <div className="pair">
                <TextField
                  label="Stop loss, %"
                  name="stop_loss_percent"
                  inputMode="decimal"
                  placeholder="5"
                  hint="below the purchase price; 0: never"
                  error={error("stop_loss_percent")}
                />
                <TextField
                  label="Take profit, %"
                  name="take_profit_percent"
                  inputMode="decimal"
                  placeholder="10"
                  hint="above the purchase price; 0: never"
                  error={error("take_profit_percent")}
                />
              </div>
              <div className="pair">
                <TextField
                  label="Buy threshold, %"
                  name="buy_threshold"
                  inputMode="decimal"
                  placeholder="0"
                  hint="least confidence of a YES"
                  error={error("buy_threshold")}
                />
                <TextField
                  label="Sell threshold, %"
                  name="sell_threshold"
                  inputMode="decimal"
                  placeholder="0"
                  hint="least confidence of a YES"
                  error={error("sell_threshold")}
                />
              </div>
              <div className="pair">
                <TextField
                  label="Share of its cash a purchase takes, %"
                  name="allocation_percent"
                  inputMode="decimal"
                  placeholder="100"
                  error={error("allocation_percent")}
                />
                <TextField
                  label="Cash that is never spent"
                  name="minimum_balance"
                  inputMode="decimal"
                  placeholder="0"
                  error={error("minimum_balance")}
                />
              </div>
              <TextField
                label="Seconds between two decisions"
                name="interval_seconds"
                inputMode="numeric"
                placeholder="10"
                error={error("interval_seconds")}
              />
              <Checkbox label="Buys fractions of shares" name="fractional" />
            </div>
          </details>
          <Checkbox label="Start it at once" name="starts" defaultChecked />
        </>
      )}
    </FormDialog>
  );
}
