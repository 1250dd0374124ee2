// Changes a service's settings, or removes it.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, ask } from "../api/client";
import type { Service, ServiceChange } from "../api/types";
import { useMayTrade } from "../app/auth";
import { FormDialog } from "../ui/action";
import { Button } from "../ui/button";
import { Confirm } from "../ui/dialog";
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
  const options = strategies.some((each) => each.value === service.strategy)
    ? strategies
    : [{ value: service.strategy, text: service.strategy }, ...strategies];
  const send = async (form: FormData) => {
    const body = readChange(form, service);
    const row = await ask(api.PATCH("/services/{id}", { params: { path: { id: service.service_id } }, body }));
    queries.setQueryData(["services", "one", service.service_id], row);
    tell(`${row.name} is changed`);
  };
  return (
    <FormDialog title={`Change ${service.name}`} action="Change" onClose={onClose} onSend={(_, form) => send(form)}>
      {(error) => {
        const field = (name: (typeof kTexts)[number], label: string, hint?: string) => (
          <TextField
            label={label}
            name={name}
            defaultValue={service[name]}
            inputMode="decimal"
            hint={hint}
            error={error(name)}
          />
        );
        return (
          <>
            <div className="pair">
              <TextField label="Name" name="name" defaultValue={service.name} maxLength={100} error={error("name")} />
              <SelectField
                label="Who decides"
                name="strategy"
                defaultValue={service.strategy}
                options={options}
                error={error("strategy")}
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
                error={error("interval_seconds")}
              />
              <SelectField
                label="Mode"
                name="mode"
                defaultValue={service.mode}
                options={["BUY", "SELL", "HOLD"]}
                error={error("mode")}
              />
            </div>
            <TextField
              label="Give it more money"
              name="add_balance"
              inputMode="decimal"
              hint="from the portfolio's cash; negative: take some back"
              error={error("add_balance")}
            />
            <Checkbox label="Buys fractions of shares" name="fractional" defaultChecked={service.fractional} />
          </>
        );
      }}
    </FormDialog>
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
