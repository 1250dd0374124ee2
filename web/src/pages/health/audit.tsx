// Who changed what: the audit log, page by page.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api, ask } from "../../api/client";
import type { components } from "../../api/schema";
import { usePollInterval } from "../../live/live";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Loaded, Panel } from "../../ui/panel";
import { Pager, Table, type Column, type Sorting } from "../../ui/table";
import { Time } from "../../ui/values";
import { Filters, FilterText } from "../records/filters";
import { sortText, withoutEmpty } from "../records/list";
import { changedFields } from "./log";

type Audit = components["schemas"]["audit_log"];

function AuditDialog({ row, onClose }: { row: Audit; onClose: () => void }) {
  const changes = changedFields(row.before, row.after);
  return (
    <Dialog title={`Audit ${row.seq}: ${row.action}`} onClose={onClose}>
      <dl className="pairs">
        <dt>When</dt>
        <dd>
          <Time at={row.time} />
        </dd>
        <dt>Who</dt>
        <dd>{row.actor}</dd>
        <dt>To what</dt>
        <dd>{row.subject || "–"}</dd>
        <dt>Hash</dt>
        <dd className="mono small">{row.hash}</dd>
        <dt>After</dt>
        <dd className="mono small">{row.previous_hash || "the first row"}</dd>
      </dl>
      <h3>What changed</h3>
      {changes.length === 0 ? (
        <p className="soft">Nothing, or nothing that is kept.</p>
      ) : (
        <dl className="pairs small">
          {changes.map((each) => (
            <div key={each.name} className="contents">
              <dt>{each.name || "value"}</dt>
              <dd>
                {each.before !== "" && <span className="soft">{each.before} → </span>}
                {each.after === "" ? <span className="soft">nothing</span> : each.after}
              </dd>
            </div>
          ))}
        </dl>
      )}
      <div className="actions">
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}

const kPerPage = 50;

export function AuditPanel() {
  const poll = usePollInterval();
  const [page, setPage] = useState(1);
  const [sorting, setSorting] = useState<Sorting>({ id: "seq", down: true });
  const [filters, setFilters] = useState({ actor: "", action: "", subject: "" });
  const [open, setOpen] = useState<Audit | null>(null);
  const set = useMemo(() => {
    const of = (name: "actor" | "action" | "subject") => (value: string) => {
      setFilters((before) => ({ ...before, [name]: value.trim() }));
      setPage(1);
    };
    return { actor: of("actor"), action: of("action"), subject: of("subject") };
  }, []);
  const query = withoutEmpty({
    actor__contains: filters.actor,
    action__contains: filters.action,
    subject__contains: filters.subject,
    sort: sortText(sorting),
    page,
    per_page: kPerPage,
  });
  const rows = useQuery({
    queryKey: ["audit", query],
    queryFn: () => ask(api.GET("/system/audit", { params: { query } })),
    placeholderData: keepPreviousData,
    refetchInterval: poll === false ? 10_000 : poll,
  });
  const sort = () => 0;
  const columns: Column<Audit>[] = [
    { id: "seq", title: "No.", sort, end: true, cell: (row) => <span className="number">{row.seq}</span> },
    { id: "time", title: "When", sort, cell: (row) => <Time at={row.time} /> },
    { id: "actor", title: "Who", sort, cell: (row) => row.actor },
    { id: "action", title: "Did what", sort, cell: (row) => <code>{row.action}</code> },
    { id: "subject", title: "To what", sort, cell: (row) => row.subject },
    {
      id: "more",
      title: "More",
      cell: (row) => (
        <Button small onClick={() => setOpen(row)} aria-label={`Details of audit ${row.seq}`}>
          Details
        </Button>
      ),
    },
  ];
  const any = Object.values(filters).some((value) => value !== "");
  return (
    <Panel title="Audit" flush>
      <Filters
        any={any}
        onClear={() => {
          setFilters({ actor: "", action: "", subject: "" });
          setPage(1);
        }}
      >
        <FilterText label="Who" value={filters.actor} onValue={set.actor} />
        <FilterText label="Did what" value={filters.action} onValue={set.action} />
        <FilterText label="To what" value={filters.subject} onValue={set.subject} />
      </Filters>
      <Loaded
        query={rows}
        rows={6}
        isEmpty={(data) => data.items.length === 0}
        empty={any ? "No row is like that." : "Nothing was changed yet."}
      >
        {(data) => (
          <>
            <Table
              label="Audit rows"
              rows={data.items}
              columns={columns}
              rowKey={(row) => row.seq}
              sorting={sorting}
              onSort={(next) => {
                setSorting(next);
                setPage(1);
              }}
              height="460px"
            />
            <Pager page={page} pages={data.meta.pages ?? 1} total={data.meta.total ?? 0} onPage={setPage} />
          </>
        )}
      </Loaded>
      {open && <AuditDialog row={open} onClose={() => setOpen(null)} />}
    </Panel>
  );
}
