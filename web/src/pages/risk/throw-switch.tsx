// Throws a kill switch, after saying what it stops.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask } from "../../api/client";
import { toApiError } from "../../api/errors";
import type { components } from "../../api/schema";
import { useMe } from "../../app/auth";
import { useWish } from "../../app/wish";
import { Button } from "../../ui/button";
import { Confirm, Dialog } from "../../ui/dialog";
import { Checkbox, SelectField, TextField } from "../../ui/field";
import { useToasts } from "../../ui/toasts";
import { useServiceNames } from "../records/lookups";
import { switchText } from "./switch-text";

type Kill = components["schemas"]["risk_kill"];
type Scope = NonNullable<Kill["scope"]>;

export function ThrowSwitch({ onClose }: { onClose: () => void }) {
  const me = useMe();
  const queries = useQueryClient();
  const services = useServiceNames();
  const { tell } = useToasts();
  const isAdmin = me.role === "admin";
  const wish = useWish();
  const [scope, setScope] = useState<Scope>(isAdmin ? "all" : "service");
  const [subject, setSubject] = useState("");
  const [halts, setHalts] = useState<"orders" | "entries">("orders");
  const [flatten, setFlatten] = useState(false);
  const [reason, setReason] = useState("");
  const [sure, setSure] = useState(false);
  const [wrong, setWrong] = useState<Map<string, string>>(new Map());
  const options = [...services.values()].map((row) => ({ value: String(row.service_id), text: row.name }));
  const chosen = scope === "service" && subject === "" ? (options[0]?.value ?? "") : subject;
  const target =
    scope === "service"
      ? `service ${options.find((each) => each.value === chosen)?.text ?? chosen}`
      : switchText(scope, chosen);
  if (sure)
    return (
      <Confirm
        title="Throw the kill switch"
        action="Throw the kill switch"
        onClose={() => setSure(false)}
        onConfirm={async () => {
          try {
            const body = { scope, subject: scope === "all" ? "" : chosen, halts, flatten, reason };
            const { switch_id } = await wish.send(body, (header) =>
              ask(api.POST("/risk/kill", { params: { header }, body })),
            );
            tell(`Kill switch ${switch_id} is thrown`);
          } catch (error) {
            setWrong(toApiError(error).fields());
            throw error;
          }
          await queries.invalidateQueries({ queryKey: ["switches"] });
          onClose();
        }}
      >
        <p>
          It stops <strong>{target}</strong>.
        </p>
        <ul>
          <li>Orders that work there are cancelled.</li>
          {flatten ? (
            <li>What services hold there is sold at the market, and nothing is bought.</li>
          ) : halts === "orders" ? (
            <li>No other order leaves, exits and stops neither: what is held stays as it is.</li>
          ) : (
            <li>Nothing new is bought. Positions may still be closed, and stops go on.</li>
          )}
          <li>It survives restarts, and stays until somebody lifts it.</li>
        </ul>
      </Confirm>
    );
  return (
    <Dialog title="Throw the kill switch" onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          setSure(true);
        }}
      >
        <div className="pair">
          <SelectField
            label="What it stops"
            value={scope}
            onChange={(event) => {
              setScope(event.target.value as Scope);
              setSubject("");
            }}
            options={
              isAdmin
                ? [
                    { value: "all", text: "everything" },
                    { value: "account", text: "one broker account" },
                    { value: "strategy", text: "one strategy" },
                    { value: "service", text: "one service" },
                    { value: "instrument", text: "one instrument" },
                  ]
                : [{ value: "service", text: "one of my services" }]
            }
            error={wrong.get("scope")}
          />
          {scope === "service" ? (
            <SelectField
              label="Service"
              value={chosen}
              onChange={(event) => setSubject(event.target.value)}
              options={options}
              error={wrong.get("subject")}
            />
          ) : (
            scope !== "all" && (
              <TextField
                label={
                  { account: "Number of the account", strategy: "Name of the strategy", instrument: "Symbol" }[
                    scope as "account" | "strategy" | "instrument"
                  ]
                }
                value={subject}
                onChange={(event) => setSubject(event.target.value.trim())}
                error={wrong.get("subject")}
                required
              />
            )
          )}
        </div>
        <SelectField
          label="How"
          value={halts}
          disabled={flatten}
          hint={flatten ? "sales have to pass" : undefined}
          onChange={(event) => setHalts(event.target.value as "orders" | "entries")}
          options={[
            { value: "orders", text: "no order leaves" },
            { value: "entries", text: "nothing new is bought, exits go on" },
          ]}
        />
        <Checkbox
          label="Sell what services hold there"
          checked={flatten}
          onChange={(event) => setFlatten(event.target.checked)}
        />
        <TextField
          label="Reason"
          value={reason}
          maxLength={200}
          onChange={(event) => setReason(event.target.value)}
          error={wrong.get("reason")}
          required
        />
        <div className="actions">
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" look="danger">
            Go on…
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
