// Kill switches that were thrown, and lifting them.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask } from "../../api/client";
import type { components } from "../../api/schema";
import { useMayTrade, useMe } from "../../app/auth";
import { useKillSwitches } from "../../app/facts";
import { useWish } from "../../app/wish";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { Loaded, Panel } from "../../ui/panel";
import { Table, type Column } from "../../ui/table";
import { useToasts } from "../../ui/toasts";
import { Badge, Time } from "../../ui/values";
import { tellChange } from "./changes";
import { ThrowSwitch } from "./throw-switch";
import { switchText } from "./switch-text";

type Switch = components["schemas"]["kill_switches"];

function Release({ row, onClose }: { row: Switch; onClose: () => void }) {
  const queries = useQueryClient();
  const { tell } = useToasts();
  const wish = useWish();
  return (
    <Confirm
      title={`Lift kill switch ${row.switch_id}`}
      action="Lift the switch"
      onClose={onClose}
      onConfirm={async () => {
        const change = await wish.send(row.switch_id, (header) =>
          ask(api.POST("/risk/switches/{id}/release", { params: { path: { id: row.switch_id }, header } })),
        );
        tellChange(change, tell);
        await queries.invalidateQueries({ queryKey: ["switches"] });
        await queries.invalidateQueries({ queryKey: ["approvals"] });
      }}
    >
      Orders may leave again for {switchText(row.scope, row.subject)}: services that run go on at once. Where two admins
      are active, another one has to approve it.
    </Confirm>
  );
}

export function Switches() {
  const me = useMe();
  const mayTrade = useMayTrade();
  const all = useKillSwitches();
  const [throwing, setThrowing] = useState(false);
  const [releasing, setReleasing] = useState<Switch | null>(null);
  const columns: Column<Switch>[] = [
    {
      id: "state",
      title: "State",
      sort: (row) => (row.released_at ? 1 : 0),
      cell: (row) =>
        row.released_at ? (
          <Badge mark="○">lifted</Badge>
        ) : (
          <Badge tone="bad" mark="■">
            thrown
          </Badge>
        ),
    },
    { id: "what", title: "Stops", cell: (row) => switchText(row.scope, row.subject) },
    {
      id: "halts",
      title: "How",
      cell: (row) => (
        <span className="nowrap">
          {row.halts === "entries" ? "purchases" : "all orders"}
          {row.flatten && ", sells"}
        </span>
      ),
    },
    { id: "reason", title: "Reason", cell: (row) => row.reason || <span className="soft">none given</span> },
    {
      id: "set_at",
      title: "Thrown",
      sort: (row) => row.set_at,
      cell: (row) => (
        <span className="two-lines">
          <Time at={row.set_at} />
          <span className="small soft">{row.set_by}</span>
        </span>
      ),
    },
    {
      id: "released_at",
      title: "Lifted",
      sort: (row) => row.released_at ?? "",
      cell: (row) => (
        <span className="two-lines">
          <Time at={row.released_at} />
          <span className="small soft">{row.released_by}</span>
        </span>
      ),
    },
    {
      id: "more",
      title: "Do",
      cell: (row) =>
        row.released_at === null && me.role === "admin" ? (
          <Button small onClick={() => setReleasing(row)} aria-label={`Lift switch ${row.switch_id}`}>
            Lift…
          </Button>
        ) : null,
    },
  ];
  return (
    <Panel
      title="Kill switches"
      flush
      actions={
        mayTrade && (
          <Button small look="danger" onClick={() => setThrowing(true)}>
            Throw the kill switch…
          </Button>
        )
      }
    >
      <Loaded query={all} empty="None was ever thrown. One stops what it names until somebody lifts it.">
        {(rows) => (
          <Table
            label="All kill switches"
            rows={rows}
            columns={columns}
            rowKey={(row) => row.switch_id}
            initial={{ id: "set_at", down: true }}
            height="320px"
          />
        )}
      </Loaded>
      {throwing && <ThrowSwitch onClose={() => setThrowing(false)} />}
      {releasing && <Release row={releasing} onClose={() => setReleasing(null)} />}
    </Panel>
  );
}
