// Who may log in, and as what. For admins.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask, askAll } from "../api/client";
import type { User } from "../api/types";
import { useMe } from "../app/auth";
import { PageHead } from "../app/shell";
import { useWish } from "../app/wish";
import { FormDialog } from "../ui/action";
import { Button } from "../ui/button";
import { Confirm } from "../ui/dialog";
import { SelectField, TextField } from "../ui/field";
import { Empty, Loaded, Panel } from "../ui/panel";
import { Table, type Column } from "../ui/table";
import { useToasts } from "../ui/toasts";
import { Badge, Time } from "../ui/values";
import "./records/records.css";

const kRoles = [
  { value: "viewer", text: "viewer: looks" },
  { value: "trader", text: "trader: trades with the own portfolios" },
  { value: "admin", text: "admin: sees and changes all" },
];

function NewUser({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const { tell } = useToasts();
  const wish = useWish();
  return (
    <FormDialog
      title="New user"
      action="Make the user"
      onClose={onClose}
      onSend={async (text, form) => {
        const body = {
          username: text("username"),
          email: text("email"),
          // A password is not trimmed.
          password: String(form.get("password") ?? ""),
          role: text("role") as User["role"],
        };
        const made = await wish.send(body, (header) => ask(api.POST("/users", { params: { header }, body })));
        tell(`${made.username} may log in`);
        await queries.invalidateQueries({ queryKey: ["users"] });
      }}
    >
      {(error) => (
        <>
          <TextField
            label="Name"
            name="username"
            maxLength={50}
            hint="letters, digits, . _ -"
            error={error("username")}
            required
            autoFocus
          />
          <TextField label="Email" name="email" type="email" maxLength={120} error={error("email")} required />
          <TextField
            label="Password"
            name="password"
            type="password"
            autoComplete="new-password"
            minLength={8}
            hint="8 characters or more; the user can choose another one in Settings"
            error={error("password")}
            required
          />
          <SelectField label="Role" name="role" defaultValue="viewer" options={kRoles} error={error("role")} />
        </>
      )}
    </FormDialog>
  );
}

function ChangeUser({ user, onClose }: { user: User; onClose: () => void }) {
  const me = useMe();
  const queries = useQueryClient();
  const { tell } = useToasts();
  const isSelf = user.user_id === me.user_id;
  return (
    <FormDialog
      title={`Change ${user.username}`}
      action="Change"
      onClose={onClose}
      onSend={async (text) => {
        const email = text("email");
        const role = text("role") as User["role"] | "";
        await ask(
          api.PATCH("/users/{id}", {
            params: { path: { id: user.user_id } },
            body: { ...(email !== user.email && { email }), ...(role && role !== user.role && { role }) },
          }),
        );
        tell(`${user.username} is changed`);
        await queries.invalidateQueries({ queryKey: ["users"] });
      }}
    >
      {(error) => (
        <>
          <TextField
            label="Email"
            name="email"
            type="email"
            defaultValue={user.email}
            maxLength={120}
            error={error("email")}
            required
          />
          <SelectField
            label="Role"
            name="role"
            defaultValue={user.role}
            options={kRoles}
            disabled={isSelf}
            hint={isSelf ? "another admin changes yours" : "another role ends the user's sessions"}
            error={error("role")}
          />
        </>
      )}
    </FormDialog>
  );
}

function Switch({ user, onClose }: { user: User; onClose: () => void }) {
  const queries = useQueryClient();
  const { tell } = useToasts();
  const off = user.is_active;
  return (
    <Confirm
      title={off ? `Switch ${user.username} off` : `Switch ${user.username} on`}
      action={off ? "Switch off" : "Switch on"}
      danger={off}
      onClose={onClose}
      onConfirm={async () => {
        await ask(
          api.PATCH("/users/{id}", { params: { path: { id: user.user_id } }, body: { is_active: !user.is_active } }),
        );
        tell(`${user.username} is ${off ? "off" : "on"}`);
        await queries.invalidateQueries({ queryKey: ["users"] });
      }}
    >
      {off
        ? `${user.username} cannot log in any more, and all sessions and keys end within a second. Services go on trading: stop them if they should not.`
        : `${user.username} may log in again, with the password and the second factor from before.`}
    </Confirm>
  );
}

function ResetSecondFactor({ user, onClose }: { user: User; onClose: () => void }) {
  const { tell } = useToasts();
  return (
    <Confirm
      title={`Take away the second factor of ${user.username}`}
      action="Take it away"
      onClose={onClose}
      onConfirm={async () => {
        await ask(api.POST("/users/{id}/reset-totp", { params: { path: { id: user.user_id } } }));
        tell(`${user.username} logs in with the password alone`);
      }}
    >
      {user.username} logs in with the password alone until a second factor is set up again. Be sure that it is{" "}
      {user.username} who asks.
    </Confirm>
  );
}

type Asking = { what: "change" | "switch" | "totp"; user: User } | { what: "new" };

export default function Users() {
  const me = useMe();
  const [asking, setAsking] = useState<Asking | null>(null);
  const users = useQuery({
    queryKey: ["users", "list", "all"],
    queryFn: () => askAll<User>((page) => api.GET("/users", { params: { query: page } })),
    enabled: me.role === "admin",
    refetchInterval: 30_000,
  });
  const columns: Column<User>[] = [
    {
      id: "username",
      title: "Name",
      sort: (row) => row.username,
      cell: (row) => (
        <span className="two-lines">
          <span>
            {row.username} {row.user_id === me.user_id && <span className="small soft">(you)</span>}
          </span>
          <span className="small soft">{row.email}</span>
        </span>
      ),
    },
    { id: "role", title: "Role", sort: (row) => row.role, cell: (row) => row.role },
    {
      id: "is_active",
      title: "State",
      sort: (row) => (row.is_active ? 0 : 1),
      cell: (row) =>
        row.is_active ? (
          <Badge tone="good" mark="●">
            on
          </Badge>
        ) : (
          <Badge mark="○">off</Badge>
        ),
    },
    {
      id: "last_login",
      title: "Last login",
      sort: (row) => row.last_login ?? "",
      cell: (row) => (row.last_login ? <Time at={row.last_login} /> : <span className="soft">never</span>),
    },
    { id: "created_at", title: "Made", sort: (row) => row.created_at, cell: (row) => <Time at={row.created_at} /> },
    {
      id: "more",
      title: "Do",
      cell: (row) => (
        <span className="row nowrap">
          <Button small onClick={() => setAsking({ what: "change", user: row })} aria-label={`Change… ${row.username}`}>
            Change…
          </Button>
          <Button
            small
            onClick={() => setAsking({ what: "totp", user: row })}
            aria-label={`Reset second factor… of ${row.username}`}
          >
            Reset second factor…
          </Button>
          {row.user_id !== me.user_id && (
            <Button
              small
              look={row.is_active ? "danger" : undefined}
              onClick={() => setAsking({ what: "switch", user: row })}
              aria-label={`${row.is_active ? "Switch off…" : "Switch on…"} ${row.username}`}
            >
              {row.is_active ? "Switch off…" : "Switch on…"}
            </Button>
          )}
        </span>
      ),
    },
  ];
  if (me.role !== "admin") return <Empty>Users are an admin's to see.</Empty>;
  return (
    <div className="stack">
      <PageHead title="Users">
        <Button look="primary" onClick={() => setAsking({ what: "new" })}>
          New user
        </Button>
      </PageHead>
      <Panel title="Who may log in" flush>
        <Loaded query={users} empty="There is nobody.">
          {(rows) => (
            <Table
              label="All users"
              rows={rows}
              columns={columns}
              rowKey={(row) => row.user_id}
              initial={{ id: "username", down: false }}
            />
          )}
        </Loaded>
      </Panel>
      {asking?.what === "new" && <NewUser onClose={() => setAsking(null)} />}
      {asking?.what === "change" && <ChangeUser user={asking.user} onClose={() => setAsking(null)} />}
      {asking?.what === "switch" && <Switch user={asking.user} onClose={() => setAsking(null)} />}
      {asking?.what === "totp" && <ResetSecondFactor user={asking.user} onClose={() => setAsking(null)} />}
    </div>
  );
}
