// The way to the kill switch from where one sees the money.
import { useState } from "react";
import { useMe } from "../app/auth";
import { useKillSwitches } from "../app/facts";
import { Button } from "../ui/button";
import { ThrowSwitch } from "./risk/throw-switch";

/** Of admins: all accounts at once. Lifting it again is on the page Risk. */
export function KillSwitchButton() {
  const me = useMe();
  const switches = useKillSwitches();
  const [asking, setAsking] = useState(false);
  if (me.role !== "admin") return null;
  const isOn = switches.data?.some((each) => each.scope === "all" && each.released_at === null) ?? false;
  return (
    <>
      <Button look="danger" disabled={isOn} onClick={() => setAsking(true)}>
        {isOn ? "Kill switch is on" : "Kill switch"}
      </Button>
      {asking && <ThrowSwitch onClose={() => setAsking(false)} />}
    </>
  );
}
