// Changes a service's settings, or removes it.
import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useNavigate } from "react-router";
import { api, ask } from "../api/client";
import { toApiError, type ApiError } from "../api/errors";
import type { Service, ServiceChange } from "../api/types";
import { useMayTrade } from "../app/auth";
import { Button } from "../ui/button";
import { Confirm, Dialog } from "../ui/dialog";
import { Checkbox, SelectField, TextField } from "../ui/field";
import { useToasts } from "../ui/toasts";
import { useStrategyNames } from "./strategy-names";

const kTexts = [
  "name",
  "strategy",
  "stop_loss_percent",
  "take_profit_percent",
  "buy_threshold",
  "sell_threshold",
  "allocation_percent",
  "minimum_balance",
] as const;

/** Only what differs from the row. */
export function readChange(form: FormData, service: Service): ServiceChange {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const change: ServiceChange = {};
  for (const name of kTexts) {
    if (text(name) !== service[name]) change[name] = text(name);
  }
  const mode = text("mode");
  if ((mode === "BUY" || mode === "SELL" || mode === "HOLD") && mode !== service.mode) change.mode = mode;
  const interval = Number(text("interval_seconds"));
  if (interval !== service.interval_seconds) change.interval_seconds = interval;
  if (form.has("fractional") !== service.fractional) change.fractional = form.has("fractional");
  if (text("add_balance") !== "") change.add_balance = text("add_balance");
  return change;
}

export function EditServiceButton({ service }: { service: Service }) {
  const may = useMayTrade();
  const [open, setOpen] = useState(false);
  if (!may) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>Change</Button>
      {open && <EditService service={service} onClose={() => setOpen(false)} />}
    </>
  );
}

function EditService({ service, onClose }: { service: Service; onClose: () => void }) {
  const queries = useQueryClient();
  const { tell } = useToasts();
  const strategies = useStrategyNames();
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const wrong = error?.fields() ?? new Map<string, string>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const body = readChange(new FormData(event.currentTarget), service);
      const row = await ask(api.PATCH("/services/{id}", { params: { path: { id: service.service_id } }, body }));
      queries.setQueryData(["services", "one", service.service_id], row);
      tell(`${row.name} is changed`);
      onClose();
    } catch (reason) {
      setError(toApiError(reason));
      setBusy(false);
    }
  };
  const field = (name: (typeof kTexts)[number], label: string, hint?: string) => (
    <TextField
      label={label}
      name={name}
      defaultValue={service[name]}
      inputMode="decimal"
      hint={hint}
      error={wrong.get(name)}
    />
  );
  const options = strategies.some((each) => each.value === service.strategy)
    ? strategies
    : [{ value: service.strategy, text: service.strategy }, ...strategies];
  return (
    <Dialog title={`Change ${service.name}`} onClose={onClose}>
      <form className="form" onSubmit={(event) => void submit(event)} noValidate>
        <div className="pair">
          <TextField label="Name" name="name" defaultValue={service.name} maxLength={100} error={wrong.get("name")} />
          <SelectField
            label="Who decides"
            name="strategy"
            defaultValue={service.strategy}
            options={options}
            error={wrong.get("strategy")}
          />
        </div>
        <div className="pair">
          {field("stop_loss_percent", "Stop loss, %", "0: never")}
          {field("take_profit_percent", "Take profit, %", "0: never")}
        </div>
        <div className="pair">
          {field("buy_threshold", "Buy threshold, %")}
          {field("sell_threshold", "Sell threshold, %")}
        </div>
        <div className="pair">
          {field("allocation_percent", "Share of its cash a purchase takes, %")}
          {field("minimum_balance", "Cash that is never spent")}
        </div>
        <div className="pair">
          <TextField
            label="Seconds between two decisions"
            name="interval_seconds"
            defaultValue={service.interval_seconds}
            inputMode="numeric"
            error={wrong.get("interval_seconds")}
          />
          <SelectField
            label="Mode"
            name="mode"
            defaultValue={service.mode}
            options={["BUY", "SELL", "HOLD"]}
            error={wrong.get("mode")}
          />
        </div>
        <TextField
          label="Give it more money"
          name="add_balance"
          inputMode="decimal"
          hint="from the portfolio's cash; negative: take some back"
          error={wrong.get("add_balance")}
        />
        <Checkbox label="Buys fractions of shares" name="fractional" defaultChecked={service.fractional} />
        {error && wrong.size === 0 && (
          <div className="notice bad" role="alert">
            {error.message}
            {error.hint && <>: {error.hint}</>}
          </div>
        )}
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy}>
            Change
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export function RemoveServiceButton({ service }: { service: Service }) {
  const may = useMayTrade();
  const queries = useQueryClient();
  const go = useNavigate();
  const { tell } = useToasts();
  const [asking, setAsking] = useState(false);
  if (!may || service.state !== "INACTIVE") return null;
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)}>
        Remove
      </Button>
      {asking && (
        <Confirm
          title={`Remove ${service.name}?`}
          action="Remove it"
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await ask(api.DELETE("/services/{id}", { params: { path: { id: service.service_id } } }));
            tell(`${service.name} is removed`);
            await go("/services");
            await queries.invalidateQueries({ queryKey: ["services", "list"] });
          }}
        >
          <p>It cannot be started again. Its transactions and orders stay in the history.</p>
        </Confirm>
      )}
    </>
  );
}
