// What keeps the money safe: kill switches, the circuit breaker, limits, and what they have refused.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { api, ask } from "../../api/client";
import type { components } from "../../api/schema";
import { useMe } from "../../app/auth";
import { useBreakers } from "../../app/facts";
import { PageHead } from "../../app/shell";
import { useWish } from "../../app/wish";
import { usePollInterval } from "../../live/live";
import { FormDialog } from "../../ui/action";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { TextArea, TextField } from "../../ui/field";
import { Loaded, Panel } from "../../ui/panel";
import { Table, type Column } from "../../ui/table";
import { useToasts } from "../../ui/toasts";
import { State, Time } from "../../ui/values";
import { countDenials } from "../orders/timeline";
import { tellChange } from "./changes";
import { BreakerLine } from "../breaker-line";
import { Switches } from "./switches";
import "../records/records.css";

type LimitKind = components["schemas"]["limit_kind"];
type Approval = components["schemas"]["approvals"];

const kPollMs = 15_000;

// --- The circuit breaker. ---

function ResetBreaker({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const { tell } = useToasts();
  const wish = useWish();
  return (
    <Confirm
      title="Close the circuit breaker"
      action="Close the breaker"
      onClose={onClose}
      onConfirm={async () => {
        tellChange(
          await wish.send("reset", (header) => ask(api.POST("/risk/breaker/reset", { params: { header } }))),
          tell,
        );
        await queries.invalidateQueries({ queryKey: ["breaker"] });
        await queries.invalidateQueries({ queryKey: ["approvals"] });
      }}
    >
      The breakers of all accounts are closed: services that run may buy again at once, and the day's loss is counted
      anew from here. Where two admins are active, another one has to approve it.
    </Confirm>
  );
}

function Breaker() {
  const me = useMe();
  const isAdmin = me.role === "admin";
  const [asking, setAsking] = useState(false);
  const breakers = useBreakers();
  const resets = useQuery({
    queryKey: ["breaker", "resets"],
    queryFn: () =>
      ask(api.GET("/system/audit", { params: { query: { action: "breaker.reset", sort: "-seq", per_page: 20 } } })),
    enabled: isAdmin,
    refetchInterval: kPollMs,
  });
  return (
    <Panel
      title="Circuit breaker"
      actions={
        isAdmin && (
          <Button small onClick={() => setAsking(true)}>
            Close it by hand…
          </Button>
        )
      }
    >
      <Loaded query={breakers} rows={2}>
        {(page) => (
          <div className="stack">
            {page.items.length === 0 && <p className="soft">No account has traded yet: there is nothing to break.</p>}
            {page.items.map((each) => (
              <BreakerLine key={each.broker_account_id} breaker={each} many={page.items.length > 1} />
            ))}
            <p className="small soft">
              It opens by itself when losses, errors or rejected orders reach what trading.yaml says. Positions may then
              be closed, and none is opened.
            </p>
            {isAdmin && (
              <Loaded
                query={resets}
                rows={1}
                isEmpty={(data) => data.items.length === 0}
                empty="Nobody has closed it by hand."
              >
                {(data) => (
                  <dl className="pairs small">
                    {data.items.map((row) => (
                      <div key={row.seq} className="contents">
                        <dt>
                          <Time at={row.time} />
                        </dt>
                        <dd>
                          {row.actor} closed it; it was {row.before || "not known"} (account {row.subject})
                        </dd>
                      </div>
                    ))}
                  </dl>
                )}
              </Loaded>
            )}
          </div>
        )}
      </Loaded>
      {asking && <ResetBreaker onClose={() => setAsking(false)} />}
    </Panel>
  );
}

// --- Denials. ---

const kDenialPages = 4;

function Denials() {
  const denied = useQuery({
    queryKey: ["denials"],
    queryFn: async () => {
      const rows = [];
      let total = 0;
      for (let page = 1; page <= kDenialPages; ++page) {
        const { items, meta } = await ask(
          api.GET("/orders", { params: { query: { state: "denied", sort: "-order_id", per_page: 500, page } } }),
        );
        rows.push(...items);
        total = meta.total ?? rows.length;
        if (page >= (meta.pages ?? 1)) break;
      }
      return { rows, total };
    },
    refetchInterval: 2 * kPollMs,
  });
  const counted = useMemo(() => countDenials(denied.data?.rows ?? []), [denied.data]);
  const most = counted[0]?.count ?? 1;
  return (
    <Panel title="Denied orders by reason">
      <Loaded query={denied} isEmpty={(data) => data.rows.length === 0} empty="No order was ever denied.">
        {({ rows, total }) => (
          <div className="stack">
            <dl className="bars">
              {counted.map(({ reason, count, last }) => (
                <div key={reason}>
                  <dt>{reason}</dt>
                  <dd className="bar" aria-hidden="true">
                    <div style={{ width: `${(100 * count) / most}%` }} />
                  </dd>
                  <dd className="number">
                    {count.toLocaleString("en")} <Link to={`/orders?order=${last.order_id}`}>last</Link>
                  </dd>
                </div>
              ))}
            </dl>
            <p className="small soft">
              {rows.length < total
                ? `Of the newest ${rows.length.toLocaleString("en")} of ${total.toLocaleString("en")} denied orders. `
                : `Of all ${total.toLocaleString("en")} denied orders. `}
              <Link to="/orders?state=denied">Show them</Link>
            </p>
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

// --- Limits. ---

function SetLimit({ kind, onClose }: { kind: LimitKind; onClose: () => void }) {
  const queries = useQueryClient();
  const { tell } = useToasts();
  return (
    <FormDialog
      title={`Limit ${kind.name}`}
      action="Set the limit"
      onClose={onClose}
      onSend={async (text) => {
        const change = await ask(
          api.PUT("/risk/limits/{name}", {
            params: { path: { name: kind.name } },
            body: { value: text("value") },
          }),
        );
        tellChange(change, tell);
        await queries.invalidateQueries({ queryKey: ["limits"] });
        await queries.invalidateQueries({ queryKey: ["approvals"] });
      }}
    >
      {(error) => (
        <>
          <p>
            {kind.text[0]?.toUpperCase()}
            {kind.text.slice(1)}, in every account.
            {kind.for_all && " It holds for orders that close a position, too."}
          </p>
          <TextField
            label="Value"
            name="value"
            defaultValue={kind.value ?? ""}
            hint={
              <>
                {kind.form}, for example <code>{kind.example}</code>; <code>none</code>: the hard limit alone
              </>
            }
            error={error("value")}
            autoFocus
            required
          />
          <p className="small soft">
            A tighter limit holds at once. A looser one needs a second admin where two are active. None goes beyond the
            hard limit of trading.yaml.
          </p>
        </>
      )}
    </FormDialog>
  );
}

function Limits() {
  const me = useMe();
  const poll = usePollInterval();
  const [setting, setSetting] = useState<LimitKind | null>(null);
  const limits = useQuery({
    queryKey: ["limits", "kinds"],
    queryFn: () => ask(api.GET("/risk/limit-kinds")),
    refetchInterval: poll === false ? 2 * kPollMs : poll,
  });
  const columns: Column<LimitKind>[] = [
    {
      id: "name",
      title: "Limit",
      sort: (kind) => kind.name,
      cell: (kind) => (
        <span className="two-lines why">
          <code>{kind.name}</code>
          <span className="small soft">{kind.text}</span>
        </span>
      ),
    },
    {
      id: "hard",
      title: "Hard limit",
      sort: (kind) => kind.hard,
      cell: (kind) => (kind.hard === "unlimited" ? <span className="soft">none</span> : <code>{kind.hard}</code>),
    },
    {
      id: "value",
      title: "Set to",
      sort: (kind) => kind.value ?? "",
      cell: (kind) =>
        kind.value !== null ? <code className="nowrap">{kind.value}</code> : <span className="soft">not tighter</span>,
    },
    {
      id: "set_at",
      title: "By",
      sort: (kind) => kind.set_at ?? "",
      cell: (kind) =>
        kind.set_at && (
          <span className="two-lines">
            {kind.set_by}
            <span className="small soft">
              <Time at={kind.set_at} />
            </span>
          </span>
        ),
    },
  ];
  if (me.role === "admin")
    columns.push({
      id: "more",
      title: "Do",
      cell: (kind) => (
        <Button small onClick={() => setSetting(kind)} aria-label={`Set ${kind.name}`}>
          Set…
        </Button>
      ),
    });
  return (
    <Panel title="Limits" flush>
      <Loaded query={limits} rows={6}>
        {({ items }) => (
          <Table label="All limits" rows={items} columns={columns} rowKey={(kind) => kind.name} height="520px" />
        )}
      </Loaded>
      {setting && <SetLimit kind={setting} onClose={() => setSetting(null)} />}
    </Panel>
  );
}

// --- Approvals. ---

function Decide({ row, approve, onClose }: { row: Approval; approve: boolean; onClose: () => void }) {
  const queries = useQueryClient();
  const { tell } = useToasts();
  const wish = useWish();
  const path = { id: row.approval_id };
  const refresh = async () => {
    for (const each of ["approvals", "limits", "switches", "breaker"])
      await queries.invalidateQueries({ queryKey: [each] });
  };
  if (approve)
    return (
      <Confirm
        title={`Approve ${row.approval_id}`}
        action="Approve it"
        onClose={onClose}
        onConfirm={async () => {
          await wish.send("approve", (header) =>
            ask(api.POST("/risk/approvals/{id}/approve", { params: { path, header } })),
          );
          tell("It is approved, and done");
          await refresh();
        }}
      >
        {row.requester} asks: {row.what}. It is done at once.
      </Confirm>
    );
  return (
    <FormDialog
      title={`Refuse ${row.approval_id}`}
      action="Refuse it"
      danger
      onClose={onClose}
      onSend={async (text) => {
        const body = { note: text("note") };
        await wish.send(body, (header) =>
          ask(api.POST("/risk/approvals/{id}/refuse", { params: { path, header }, body })),
        );
        tell("It is refused");
        await refresh();
      }}
    >
      {(error) => (
        <>
          <p>
            {row.requester} asks: {row.what}. It is not done.
          </p>
          <TextArea label="Why" name="note" rows={2} maxLength={500} error={error("note")} />
        </>
      )}
    </FormDialog>
  );
}

function Approvals() {
  const me = useMe();
  const poll = usePollInterval();
  const [deciding, setDeciding] = useState<{ row: Approval; approve: boolean } | null>(null);
  const [show, setShow] = useState<"" | "WAITING">("WAITING");
  const approvals = useQuery({
    queryKey: ["approvals", "list", show],
    queryFn: () =>
      ask(
        api.GET("/risk/approvals", {
          params: { query: { sort: "-approval_id", per_page: 100, ...(show && { state: show }) } },
        }),
      ),
    refetchInterval: poll === false ? kPollMs : poll,
  });
  const columns: Column<Approval>[] = [
    { id: "what", title: "What", cell: (row) => <span className="why">{row.what}</span> },
    {
      id: "requested_at",
      title: "Asked",
      sort: (row) => row.requested_at,
      cell: (row) => (
        <span className="two-lines">
          {row.requester}
          <span className="small soft">
            <Time at={row.requested_at} />
          </span>
        </span>
      ),
    },
    { id: "state", title: "State", sort: (row) => row.state, cell: (row) => <State state={row.state} /> },
    {
      id: "decided_at",
      title: "Decided",
      cell: (row) =>
        row.decided_at ? (
          <span className="two-lines">
            {row.decider}
            {row.note && `: ${row.note}`}
            <span className="small soft">
              <Time at={row.decided_at} />
            </span>
          </span>
        ) : (
          <span className="small soft">
            until <Time at={row.expires_at} />
          </span>
        ),
    },
    {
      id: "do",
      title: "Do",
      cell: (row) =>
        row.state === "WAITING" ? (
          <span className="row nowrap">
            {row.requested_by !== me.user_id && (
              <Button small look="primary" onClick={() => setDeciding({ row, approve: true })}>
                Approve…
              </Button>
            )}
            <Button small onClick={() => setDeciding({ row, approve: false })}>
              {row.requested_by === me.user_id ? "Take back…" : "Refuse…"}
            </Button>
          </span>
        ) : null,
    },
  ];
  return (
    <Panel
      title="Approvals"
      flush
      actions={
        <select
          className="input"
          aria-label="Which approvals"
          value={show}
          onChange={(event) => setShow(event.target.value as "" | "WAITING")}
        >
          <option value="WAITING">waiting</option>
          <option value="">all</option>
        </select>
      }
    >
      <Loaded
        query={approvals}
        rows={2}
        isEmpty={(data) => data.items.length === 0}
        empty={show ? "Nothing waits for a second admin." : "Nothing has ever needed a second admin."}
      >
        {(data) => (
          <Table
            label="Approvals asked for"
            rows={data.items}
            columns={columns}
            rowKey={(row) => row.approval_id}
            height="320px"
          />
        )}
      </Loaded>
      {deciding && <Decide {...deciding} onClose={() => setDeciding(null)} />}
    </Panel>
  );
}

export default function Risk() {
  const me = useMe();
  return (
    <div className="stack">
      <PageHead title="Risk" />
      <Switches />
      <div className="grid">
        <Breaker />
        <Denials />
      </div>
      {me.role === "admin" && <Approvals />}
      <Limits />
    </div>
  );
}
