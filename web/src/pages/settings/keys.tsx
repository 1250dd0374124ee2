// Keys of programs: shown once, and taken back.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask, askAll } from "../../api/client";
import type { components } from "../../api/schema";
import { useMe } from "../../app/auth";
import { FormDialog } from "../../ui/action";
import { Button } from "../../ui/button";
import { Confirm, Dialog } from "../../ui/dialog";
import { SelectField, TextField } from "../../ui/field";
import { Loaded, Panel } from "../../ui/panel";
import { Table, type Column } from "../../ui/table";
import { useToasts } from "../../ui/toasts";
import { Badge, Time } from "../../ui/values";
import { useUserNames } from "../records/lookups";
import { CopyButton } from "./copy";
import { stateOfKey } from "./words";

type Key = components["schemas"]["api_key"];
type MadeKey = components["schemas"]["made_api_key"];

const kScopes = {
  viewer: ["read"],
  trader: ["read", "trade"],
  admin: ["read", "trade", "admin"],
} as const;

function NewKey({ onMade, onClose }: { onMade: (key: MadeKey) => void; onClose: () => void }) {
  const me = useMe();
  const queries = useQueryClient();
  return (
    <FormDialog
      title="New key"
      action="Make the key"
      onClose={onClose}
      onSend={async (text) => {
        const scope = text("scope");
        const expires = text("expires");
        const made = await ask(
          api.POST("/auth/keys", {
            body: {
              name: text("name"),
              ...(scope === "feed" ? { is_feed: true } : { scope: scope as Key["scope"] }),
              // To the end of that day, in the zone of who makes it.
              ...(expires && { expires_at: new Date(`${expires}T23:59:59`).toISOString() }),
            },
          }),
        );
        await queries.invalidateQueries({ queryKey: ["api-keys"] });
        onMade(made);
      }}
    >
      {(error) => (
        <>
          <TextField label="What it is for" name="name" maxLength={100} error={error("name")} required autoFocus />
          <SelectField
            label="What it may do at most"
            name="scope"
            defaultValue="read"
            options={[
              ...kScopes[me.role].map((value) => ({
                value,
                text: { read: "read", trade: "read and trade", admin: "all that an admin may" }[value],
              })),
              { value: "feed", text: "read the feed of charts, nothing else" },
            ]}
            error={error("scope")}
          />
          <TextField
            label="Good until"
            name="expires"
            type="date"
            hint="empty: until it is taken back"
            error={error("expires_at")}
          />
        </>
      )}
    </FormDialog>
  );
}

function ShowKey({ made, onClose }: { made: MadeKey; onClose: () => void }) {
  return (
    <Dialog title={`Key "${made.name}"`} onClose={onClose}>
      <p>It is shown this once. Who has it may do what it may: keep it as you keep a password.</p>
      <code className="secret">{made.key}</code>
      <p className="small soft">
        A program sends it as <code>Authorization: Bearer …</code>
      </p>
      <div className="actions">
        <CopyButton text={made.key} what="the key" />
        <Button look="primary" onClick={onClose}>
          I have kept it
        </Button>
      </div>
    </Dialog>
  );
}

export function Keys() {
  const me = useMe();
  const users = useUserNames();
  const queries = useQueryClient();
  const { tell } = useToasts();
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<MadeKey | null>(null);
  const [revoking, setRevoking] = useState<Key | null>(null);
  const keys = useQuery({
    queryKey: ["api-keys"],
    queryFn: () => askAll<Key>((page) => api.GET("/auth/keys", { params: { query: { sort: "-key_id", ...page } } })),
  });
  const columns: Column<Key>[] = [
    {
      id: "name",
      title: "Key",
      sort: (row) => row.name,
      cell: (row) => (
        <span className="two-lines">
          {row.name}
          <code className="small soft">…{row.hint}</code>
        </span>
      ),
    },
    {
      id: "scope",
      title: "May",
      sort: (row) => (row.is_feed ? "feed" : row.scope),
      cell: (row) => (row.is_feed ? "feed of charts" : row.scope),
    },
    {
      id: "state",
      title: "State",
      cell: (row) => {
        const state = stateOfKey(row, Date.now());
        return state === "good" ? (
          <Badge tone="good" mark="✓">
            good
          </Badge>
        ) : (
          <Badge mark="×">{state}</Badge>
        );
      },
    },
    { id: "created_at", title: "Made", sort: (row) => row.created_at, cell: (row) => <Time at={row.created_at} /> },
    {
      id: "until",
      title: "Until",
      cell: (row) =>
        row.revoked_at || row.expires_at ? (
          <Time at={row.revoked_at ?? row.expires_at} />
        ) : (
          <span className="soft nowrap">taken back</span>
        ),
    },
    {
      id: "more",
      title: "Do",
      cell: (row) =>
        row.revoked_at === null ? (
          <Button
            small
            look="danger"
            onClick={() => setRevoking(row)}
            aria-label={`Take back… key ${row.name} ${row.hint}`}
          >
            Take back…
          </Button>
        ) : null,
    },
  ];
  if (me.role === "admin")
    columns.splice(1, 0, {
      id: "user_id",
      title: "Whose",
      sort: (row) => users.get(row.user_id) ?? "",
      cell: (row) => users.get(row.user_id) ?? row.user_id,
    });
  return (
    <Panel
      title="Keys of programs"
      flush
      actions={
        <Button small onClick={() => setMaking(true)}>
          New key…
        </Button>
      }
    >
      <Loaded query={keys} rows={2} empty="No program has a key. A key lets one use the API without your password.">
        {(rows) => <Table label="All keys" rows={rows} columns={columns} rowKey={(row) => row.key_id} height="360px" />}
      </Loaded>
      {making && <NewKey onMade={setMade} onClose={() => setMaking(false)} />}
      {made && !making && <ShowKey made={made} onClose={() => setMade(null)} />}
      {revoking && (
        <Confirm
          title={`Take back key "${revoking.name}"`}
          action="Take it back"
          onClose={() => setRevoking(null)}
          onConfirm={async () => {
            await ask(api.DELETE("/auth/keys/{id}", { params: { path: { id: revoking.key_id } } }));
            tell(`Key "${revoking.name}" is refused from now on`);
            await queries.invalidateQueries({ queryKey: ["api-keys"] });
          }}
        >
          Programs that use it are refused from now on. It cannot be given again.
        </Confirm>
      )}
    </Panel>
  );
}
