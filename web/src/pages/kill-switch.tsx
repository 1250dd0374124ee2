// Stops trading at once, and says what stops it.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask } from "../api/client";
import { useMe } from "../app/auth";
import { useKillSwitches } from "../app/facts";
import { useWishKey } from "../app/wish";
import { Button } from "../ui/button";
import { Confirm } from "../ui/dialog";
import { Checkbox, SelectField, TextField } from "../ui/field";
import { useToasts } from "../ui/toasts";

/** Of admins: all accounts at once. Lifting it again is on the page Risk. */
export function KillSwitchButton({ small }: { small?: boolean }) {
  const me = useMe();
  const queries = useQueryClient();
  const { tell } = useToasts();
  const switches = useKillSwitches();
  const [asking, setAsking] = useState(false);
  const [halts, setHalts] = useState<"orders" | "entries">("orders");
  const [flatten, setFlatten] = useState(false);
  const [reason, setReason] = useState("");
  const keyOf = useWishKey();
  if (me.role !== "admin") return null;
  const isOn = switches.data?.some((each) => each.scope === "all" && each.released_at === null) ?? false;
  const what =
    halts === "orders"
      ? "No order leaves any more, and all that work are cancelled."
      : "No position is opened any more; those that are there may be closed.";
  return (
    <>
      <Button look="danger" small={small} disabled={isOn} onClick={() => setAsking(true)}>
        {isOn ? "Kill switch is on" : "Kill switch"}
      </Button>
      {asking && (
        <Confirm
          title="Stop all trading?"
          action="Stop all trading"
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            const body = { scope: "all" as const, subject: "", halts, reason: reason.trim() || "by hand", flatten };
            await ask(api.POST("/risk/kill", { params: { header: keyOf(body) }, body }));
            tell("The kill switch is on");
            await queries.invalidateQueries({ queryKey: ["switches"] });
          }}
        >
          <div className="form">
            <p>
              For every account and every service. {what}
              {flatten && " All positions are sold at the market."} It stays on until an admin lifts it.
            </p>
            <SelectField
              label="What stops"
              value={halts}
              onChange={(event) => setHalts(event.target.value === "entries" ? "entries" : "orders")}
              options={[
                { value: "orders", text: "all orders" },
                { value: "entries", text: "only new positions" },
              ]}
            />
            <Checkbox
              label="Also sell all positions now"
              checked={flatten}
              onChange={(event) => setFlatten(event.target.checked)}
            />
            <TextField
              label="Reason"
              value={reason}
              maxLength={200}
              onChange={(event) => setReason(event.target.value)}
            />
          </div>
        </Confirm>
      )}
    </>
  );
}
