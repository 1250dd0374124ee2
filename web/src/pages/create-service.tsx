// A new service: what it trades, with how much, who decides, and its limits.
import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useNavigate } from "react-router";
import { api, ask } from "../api/client";
import { toApiError, type ApiError } from "../api/errors";
import type { NewService } from "../api/types";
import { useMayTrade } from "../app/auth";
import { useStockSearch } from "../app/keyboard";
import { usePortfolios } from "../app/rows";
import { useWishKey } from "../app/wish";
import { formatMoney } from "../format/numbers";
import { Button } from "../ui/button";
import { Combobox } from "../ui/combobox";
import { Dialog } from "../ui/dialog";
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

function CreateService({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const go = useNavigate();
  const { tell } = useToasts();
  const portfolios = usePortfolios();
  const strategies = useStrategyNames();
  const [symbol, setSymbol] = useState("");
  const found = useStockSearch(symbol);
  const keyOf = useWishKey();
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const wrong = error?.fields() ?? new Map<string, string>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const body = readNewService(new FormData(event.currentTarget), symbol);
      const service = await ask(api.POST("/services", { params: { header: keyOf(body) }, body }));
      await queries.invalidateQueries({ queryKey: ["services", "list"] });
      tell(`${service.name} is created`);
      onClose();
      await go(`/services/${service.service_id}`);
    } catch (reason) {
      setError(toApiError(reason));
      setBusy(false);
    }
  };
  return (
    <Dialog title="Create a service" onClose={onClose}>
      <form className="form" onSubmit={(event) => void submit(event)} noValidate>
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
          error={wrong.get("symbol")}
          autoFocus
          required
        />
        <div className="pair">
          <TextField
            label="Starting balance"
            name="balance"
            inputMode="decimal"
            error={wrong.get("balance")}
            required
            hint="taken from the portfolio's cash"
          />
          <SelectField
            label="Portfolio"
            name="portfolio_id"
            error={wrong.get("portfolio_id")}
            options={(portfolios.data ?? []).map((each) => ({
              value: String(each.portfolio_id),
              text: `${each.name} (${formatMoney(each.cash, each.currency)})`,
            }))}
          />
        </div>
        <div className="pair">
          <SelectField label="Who decides" name="strategy" error={wrong.get("strategy")} options={strategies} />
          <TextField
            label="Name"
            name="name"
            maxLength={100}
            error={wrong.get("name")}
            hint="by default made of the symbol"
          />
        </div>
        <details open={[...wrong.keys()].some((name) => /percent|threshold|interval|minimum/.test(name))}>
          <summary>Limits and timing</summary>
          <div className="form inner">
            <div className="pair">
              <TextField
                label="Stop loss, %"
                name="stop_loss_percent"
                inputMode="decimal"
                placeholder="5"
                hint="below the purchase price; 0: never"
                error={wrong.get("stop_loss_percent")}
              />
              <TextField
                label="Take profit, %"
                name="take_profit_percent"
                inputMode="decimal"
                placeholder="10"
                hint="above the purchase price; 0: never"
                error={wrong.get("take_profit_percent")}
              />
            </div>
            <div className="pair">
              <TextField
                label="Buy threshold, %"
                name="buy_threshold"
                inputMode="decimal"
                placeholder="0"
                hint="least confidence of a YES"
                error={wrong.get("buy_threshold")}
              />
              <TextField
                label="Sell threshold, %"
                name="sell_threshold"
                inputMode="decimal"
                placeholder="0"
                hint="least confidence of a YES"
                error={wrong.get("sell_threshold")}
              />
            </div>
            <div className="pair">
              <TextField
                label="Share of its cash a purchase takes, %"
                name="allocation_percent"
                inputMode="decimal"
                placeholder="100"
                error={wrong.get("allocation_percent")}
              />
              <TextField
                label="Cash that is never spent"
                name="minimum_balance"
                inputMode="decimal"
                placeholder="0"
                error={wrong.get("minimum_balance")}
              />
            </div>
            <TextField
              label="Seconds between two decisions"
              name="interval_seconds"
              inputMode="numeric"
              placeholder="10"
              error={wrong.get("interval_seconds")}
            />
            <Checkbox label="Buys fractions of shares" name="fractional" />
          </div>
        </details>
        <Checkbox label="Start it at once" name="starts" defaultChecked />
        {error && wrong.size === 0 && (
          <div className="notice bad" role="alert">
            {error.message}
            {error.hint && <>: {error.hint}</>}
          </div>
        )}
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy}>
            Create
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
