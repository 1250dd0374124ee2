// Long work: how far it is, what came of it.
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { api, ask } from "../../api/client";
import type { components, paths } from "../../api/schema";
import type { Job } from "../../api/types";
import { useMayTrade, useMe } from "../../app/auth";
import { PageHead } from "../../app/shell";
import { useWish } from "../../app/wish";
import { usePollInterval, useRoom } from "../../live/live";
import { FormDialog } from "../../ui/action";
import { Button } from "../../ui/button";
import { Confirm, Dialog } from "../../ui/dialog";
import { TextField } from "../../ui/field";
import { Loaded, Panel } from "../../ui/panel";
import { PagedTable } from "../../ui/paged";
import { type Column } from "../../ui/table";
import { useToasts } from "../../ui/toasts";
import { State, Time } from "../../ui/values";
import { FilterChoice, Filters } from "../records/filters";
import { sortText, useList, withoutEmpty } from "../records/list";
import { useUserNames } from "../records/lookups";
import { givenParameters, mayCancelJob, mayRetryJob, resultFacts, spentOf, subjectOf } from "./words";

type Summary = components["schemas"]["job_summary"];
type Query = NonNullable<paths["/jobs"]["get"]["parameters"]["query"]>;

const kFilters = ["type", "state"] as const;
const kInitial = { id: "job_id", down: true };
const kPerPage = 50;

export function Progress({ job }: { job: Summary | Job }) {
  const share = job.progress ?? 0;
  const percent = Math.round(100 * share);
  if (job.state !== "RUNNING")
    return <span className="small soft">{job.state === "DONE" ? "100 %" : job.reason || job.progress_text}</span>;
  return (
    <span className="two-lines job-progress">
      <span className="row nowrap">
        <span
          className="progress"
          role="progressbar"
          aria-label={`Job ${job.job_id}`}
          aria-valuenow={percent}
          aria-valuemin={0}
          aria-valuemax={100}
        >
          <div style={{ width: `${percent}%` }} />
        </span>
        <span className="number small">{percent} %</span>
      </span>
      <span className="small soft">{job.cancel_requested ? "is being cancelled" : job.progress_text}</span>
    </span>
  );
}

function useJobActions() {
  const queries = useQueryClient();
  const { tell } = useToasts();
  return {
    cancel: async (id: number) => {
      await ask(api.POST("/jobs/{id}/cancel", { params: { path: { id } } }));
      tell(`Job ${id} ends`);
      await queries.invalidateQueries({ queryKey: ["jobs"] });
    },
    retry: async (id: number) => {
      await ask(api.POST("/jobs/{id}/retry", { params: { path: { id } } }));
      tell(`Job ${id} is in the queue again`);
      await queries.invalidateQueries({ queryKey: ["jobs"] });
    },
  };
}

function CancelJob({ job, onClose }: { job: Summary | Job; onClose: () => void }) {
  const { cancel } = useJobActions();
  return (
    <Confirm
      title={`Cancel job ${job.job_id}`}
      action="Cancel the job"
      onClose={onClose}
      onConfirm={() => cancel(job.job_id)}
    >
      {job.state === "RUNNING"
        ? `The ${job.type} is ended, and what it has done so far is lost.`
        : `The ${job.type} is taken from the queue.`}{" "}
      It can be put into the queue again.
    </Confirm>
  );
}

function JobDialog({ id, onClose }: { id: number; onClose: () => void }) {
  const mayTrade = useMayTrade();
  const poll = usePollInterval();
  const users = useUserNames();
  const { retry } = useJobActions();
  const { tellError } = useToasts();
  const [cancelling, setCancelling] = useState(false);
  const one = useQuery({
    queryKey: ["jobs", "one", id],
    queryFn: () => ask(api.GET("/jobs/{id}", { params: { path: { id } } })),
    refetchInterval: poll,
  });
  useRoom(`job_${id}`);
  const job = one.data;
  if (job && cancelling) return <CancelJob job={job} onClose={() => setCancelling(false)} />;
  return (
    <Dialog title={`Job ${id}`} onClose={onClose}>
      <Loaded query={one} rows={6}>
        {(job) => {
          const facts = resultFacts(job.result);
          return (
            <div className="stack">
              <div className="row">
                <strong>{job.type}</strong>
                <State state={job.state} />
              </div>
              <Progress job={job} />
              <dl className="pairs small">
                <dt>Asked</dt>
                <dd>
                  <Time at={job.created_at} /> by {users.get(job.owner_id) ?? `user ${job.owner_id}`}
                </dd>
                <dt>Attempt</dt>
                <dd>
                  {job.attempts} of {job.most_attempts}
                  {job.started_at && (
                    <>
                      , began <Time at={job.started_at} />
                    </>
                  )}
                </dd>
                {job.ended_at && (
                  <>
                    <dt>Ended</dt>
                    <dd>
                      <Time at={job.ended_at} />, after {spentOf(job, Date.now())}
                    </dd>
                  </>
                )}
                {job.state === "QUEUED" && (
                  <>
                    <dt>Not before</dt>
                    <dd>
                      <Time at={job.next_try_at} />
                    </dd>
                  </>
                )}
                {job.reason && (
                  <>
                    <dt>Why</dt>
                    <dd className="loss">{job.reason}</dd>
                  </>
                )}
                {givenParameters(job.parameters).map(([name, value]) => (
                  <div key={name} className="contents">
                    <dt>{name.replaceAll("_", " ")}</dt>
                    <dd>{value}</dd>
                  </div>
                ))}
              </dl>
              {job.result && (
                <section className="stack" aria-label="Result">
                  <h3>Result</h3>
                  {facts.length > 0 && (
                    <dl className="pairs small">
                      {facts.map(([name, value]) => (
                        <div key={name} className="contents">
                          <dt>{name}</dt>
                          <dd className="number">{value}</dd>
                        </div>
                      ))}
                    </dl>
                  )}
                  <details>
                    <summary>All of it</summary>
                    <pre className="log" tabIndex={0}>
                      {job.result}
                    </pre>
                  </details>
                </section>
              )}
              <section className="stack" aria-label="Log">
                <h3>The end of its log</h3>
                {job.log ? (
                  <pre className="log" tabIndex={0}>
                    {job.log}
                  </pre>
                ) : (
                  <p className="soft small">It wrote nothing.</p>
                )}
              </section>
            </div>
          );
        }}
      </Loaded>
      <div className="actions">
        {job && mayTrade && mayRetryJob(job) && (
          <Button onClick={() => void retry(job.job_id).catch(tellError)}>Try again</Button>
        )}
        {job && mayTrade && mayCancelJob(job) && (
          <Button look="danger" onClick={() => setCancelling(true)}>
            Cancel the job…
          </Button>
        )}
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}

function Backup({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const { tell } = useToasts();
  const wish = useWish();
  return (
    <FormDialog
      title="Make a backup"
      action="Make a backup"
      onClose={onClose}
      onSend={async (text) => {
        const body = { note: text("note") };
        const job = await wish.send(body, (header) => ask(api.POST("/jobs/backup", { params: { header }, body })));
        tell(`Job ${job.job_id} makes the backup`);
        await queries.invalidateQueries({ queryKey: ["jobs"] });
      }}
    >
      {(error) => (
        <>
          <p>The whole home is copied into the folder of backups, while everything goes on.</p>
          <TextField label="Note" name="note" error={error("note")} hint="kept with it; may be empty" />
        </>
      )}
    </FormDialog>
  );
}

export default function Jobs() {
  const me = useMe();
  const mayTrade = useMayTrade();
  const list = useList(kFilters, kInitial, "job");
  const { filters, set } = list;
  const poll = usePollInterval();
  const users = useUserNames();
  const { retry } = useJobActions();
  const { tellError } = useToasts();
  const [asking, setAsking] = useState<"backup" | Summary | null>(null);
  const open = Number(list.opened) || null;
  const setOpen = useCallback((id: number | null) => list.open(id === null ? "" : String(id)), [list.open]);
  useRoom("jobs");
  const query = withoutEmpty({
    type: filters["type"],
    state: filters["state"] as Summary["state"] | undefined,
    sort: sortText(list.sorting),
    page: list.page,
    per_page: kPerPage,
  }) as Query;
  const rows = useQuery({
    queryKey: ["jobs", "list", query],
    queryFn: () => ask(api.GET("/jobs", { params: { query } })),
    placeholderData: keepPreviousData,
    refetchInterval: poll,
  });
  const columns = useMemo((): Column<Summary>[] => {
    const sort = () => 0;
    const all: Column<Summary>[] = [
      { id: "job_id", title: "Job", sort, cell: (row) => <span className="number">#{row.job_id}</span> },
      {
        id: "type",
        title: "What",
        sort,
        cell: (row) => (
          <span className="two-lines why">
            {row.type}
            <span className="small soft">{subjectOf(row.type, row.parameters)}</span>
          </span>
        ),
      },
      { id: "state", title: "State", sort, cell: (row) => <State state={row.state} /> },
      { id: "progress", title: "Progress", cell: (row) => <Progress job={row} /> },
      { id: "created_at", title: "Asked", sort, cell: (row) => <Time at={row.created_at} /> },
      {
        id: "spent",
        title: "Took",
        end: true,
        cell: (row) => (row.ended_at ? <span className="number nowrap">{spentOf(row, 0)}</span> : null),
      },
      {
        id: "more",
        title: "More",
        cell: (row) => (
          <span className="row nowrap">
            <Button small onClick={() => setOpen(row.job_id)} aria-label={`Details of job ${row.job_id}`}>
              Details
            </Button>
            {mayTrade && mayCancelJob(row) && (
              <Button small look="danger" onClick={() => setAsking(row)} aria-label={`Cancel job ${row.job_id}`}>
                Cancel
              </Button>
            )}
            {mayTrade && mayRetryJob(row) && (
              <Button
                small
                onClick={() => void retry(row.job_id).catch(tellError)}
                aria-label={`Try again: job ${row.job_id}`}
              >
                Try again
              </Button>
            )}
          </span>
        ),
      },
    ];
    if (me.role === "admin")
      all.splice(5, 0, {
        id: "owner_id",
        title: "Whose",
        sort,
        cell: (row) => users.get(row.owner_id) ?? row.owner_id,
      });
    return all;
    // retry and tellError do the same whenever they are made.
  }, [me.role, users, mayTrade, setOpen]);
  return (
    <div className="stack">
      <PageHead title="Jobs">
        {me.role === "admin" && <Button onClick={() => setAsking("backup")}>Make a backup</Button>}
      </PageHead>
      <Panel title="Long work" flush>
        <Filters any={Object.keys(filters).length > 0} onClear={list.clear}>
          <FilterChoice
            label="What"
            value={filters["type"] ?? ""}
            onValue={(value) => set({ type: value })}
            options={["backtest", "optimize", "import", "backup"]}
          />
          <FilterChoice
            label="State"
            value={filters["state"] ?? ""}
            onValue={(value) => set({ state: value })}
            options={["QUEUED", "RUNNING", "DONE", "FAILED", "CANCELLED", "DEAD"].map((value) => ({
              value,
              text: value.toLowerCase(),
            }))}
          />
        </Filters>
        <PagedTable
          query={rows}
          label="Jobs found"
          columns={columns}
          rowKey={(row) => row.job_id}
          empty={
            Object.keys(filters).length > 0
              ? "No job is like that."
              : "There was no job yet. Backtests, studies, imports and backups become jobs."
          }
          sorting={list.sorting}
          onSort={list.setSorting}
          onPage={list.setPage}
        />
      </Panel>
      {asking === "backup" && <Backup onClose={() => setAsking(null)} />}
      {asking !== null && typeof asking === "object" && <CancelJob job={asking} onClose={() => setAsking(null)} />}
      {open !== null && <JobDialog key={open} id={open} onClose={() => setOpen(null)} />}
    </div>
  );
}
