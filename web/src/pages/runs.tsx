// What was tried: backtests and studies, the newest first.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { api, ask } from "../api/client";
import type { RunSummary } from "../api/types";
import { useMe } from "../app/auth";
import { PageHead } from "../app/shell";
import { usePollInterval } from "../live/live";
import { Button } from "../ui/button";
import { Empty, Loaded, Panel } from "../ui/panel";
import { Pager, Table, type Column, type Sorting } from "../ui/table";
import { Badge, Decimal, GainPercent, Time } from "../ui/values";
import { formatNumber, formatPercent } from "../format/numbers";

const kRows = 25;

function sortText(sorting: Sorting): string {
  return `${sorting.down ? "-" : ""}${sorting.id}`;
}

function owner(id: number): string {
  return id === 0 ? "the operator" : `user ${id}`;
}

export default function RunsPage() {
  const [search, setSearch] = useSearchParams();
  const showsStudies = search.get("of") === "studies";
  return (
    <div className="stack">
      <PageHead title="Backtests">
        <div className="tabs" role="tablist" aria-label="What is listed">
          <button type="button" role="tab" aria-selected={!showsStudies} onClick={() => setSearch({})}>
            Runs
          </button>
          <button type="button" role="tab" aria-selected={showsStudies} onClick={() => setSearch({ of: "studies" })}>
            Studies
          </button>
        </div>
      </PageHead>
      {showsStudies ? <Studies /> : <Runs />}
    </div>
  );
}

function Runs() {
  const go = useNavigate();
  const me = useMe();
  const poll = usePollInterval();
  const [page, setPage] = useState(1);
  const [sorting, setSorting] = useState<Sorting>({ id: "number", down: true });
  const [selected, setSelected] = useState<Set<string | number>>(new Set());
  const runs = useQuery({
    queryKey: ["runs", "list", page, sorting],
    queryFn: () => ask(api.GET("/runs", { params: { query: { page, per_page: kRows, sort: sortText(sorting) } } })),
    refetchInterval: poll === false ? 30_000 : poll,
    placeholderData: (before) => before,
  });
  const columns: Column<RunSummary>[] = [
    {
      id: "number",
      title: "Run",
      sort: (row) => row.number,
      cell: (row) => (
        <Link className="number" to={`/runs/${row.number}`}>
          {row.run_id}
        </Link>
      ),
    },
    { id: "strategy", title: "Strategy", sort: (row) => row.strategy, cell: (row) => row.strategy },
    {
      id: "symbols",
      title: "Over",
      cell: (row) => (
        <span className="number" title={row.symbols.join(", ")}>
          {row.symbols.slice(0, 2).join(", ")}
          {row.symbols.length > 2 && ` and ${row.symbols.length - 2} more`}, {row.timeframe}
        </span>
      ),
    },
    { id: "total_return", title: "Return", end: true, cell: (row) => <GainPercent ratio={row.total_return} /> },
    {
      id: "sharpe",
      title: "Sharpe",
      end: true,
      cell: (row) => <span className="number">{formatNumber(row.sharpe)}</span>,
    },
    {
      id: "max_drawdown",
      title: "Max drawdown",
      end: true,
      cell: (row) => <span className="number">{formatPercent(row.max_drawdown)}</span>,
    },
    {
      id: "final_equity",
      title: "Final equity",
      end: true,
      sort: (row) => row.final_equity,
      cell: (row) => <Decimal value={row.final_equity} digits={2} />,
    },
    {
      id: "trades",
      title: "Trades",
      end: true,
      sort: (row) => row.trades,
      cell: (row) => <span className="number">{row.trades}</span>,
    },
    ...(me.role === "admin"
      ? [
          {
            id: "owner_id",
            title: "Of",
            sort: (row: RunSummary) => row.owner_id,
            cell: (row: RunSummary) => owner(row.owner_id),
          },
        ]
      : []),
    { id: "created_at", title: "Made", sort: (row) => row.created_at, cell: (row) => <Time at={row.created_at} /> },
  ];
  const two = [...selected];
  return (
    <Panel
      title="Runs"
      flush
      actions={
        <>
          {selected.size !== 2 && <span className="small soft">select two to compare them</span>}
          <Button disabled={selected.size !== 2} onClick={() => void go(`/runs/compare?a=${two[0]}&b=${two[1]}`)}>
            Compare
          </Button>
        </>
      }
    >
      <Loaded
        query={runs}
        rows={8}
        isEmpty={(data) => data.meta.total === 0}
        empty={
          <>
            No backtest has been run yet. <Link to="/strategies">Start one from a strategy.</Link>
          </>
        }
      >
        {(data) => (
          <>
            <Table
              label="Runs"
              rows={data.items}
              columns={columns}
              rowKey={(row) => row.number}
              sorting={sorting}
              onSort={(next) => {
                setSorting(next);
                setPage(1);
              }}
              selected={selected}
              onSelect={setSelected}
            />
            <Pager page={page} pages={data.meta.pages} total={data.meta.total} onPage={setPage} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function Studies() {
  const poll = usePollInterval();
  const [page, setPage] = useState(1);
  const [sorting, setSorting] = useState<Sorting>({ id: "number", down: true });
  const studies = useQuery({
    queryKey: ["studies", "list", page, sorting],
    queryFn: () => ask(api.GET("/studies", { params: { query: { page, per_page: kRows, sort: sortText(sorting) } } })),
    refetchInterval: poll === false ? 30_000 : poll,
    placeholderData: (before) => before,
  });
  type StudyRow = NonNullable<typeof studies.data>["items"][number];
  const columns: Column<StudyRow>[] = [
    {
      id: "number",
      title: "Study",
      sort: (row) => row.number,
      cell: (row) => <Link to={`/studies/${row.number}`}>{row.study_id}</Link>,
    },
    { id: "name", title: "Name", sort: (row) => row.name, cell: (row) => row.name },
    { id: "kind", title: "Of a", sort: (row) => row.kind, cell: (row) => row.kind },
    { id: "sampler", title: "Search", sort: (row) => row.sampler, cell: (row) => row.sampler },
    {
      id: "state",
      title: "State",
      sort: (row) => row.state,
      cell: (row) =>
        row.state === "finished" ? (
          <Badge tone="good" mark="✓">
            finished
          </Badge>
        ) : (
          <Badge tone="info" mark="▶">
            {row.state}
          </Badge>
        ),
    },
    { id: "created_at", title: "Begun", sort: (row) => row.created_at, cell: (row) => <Time at={row.created_at} /> },
    {
      id: "finished_at",
      title: "Ended",
      sort: (row) => row.finished_at ?? "",
      cell: (row) => <Time at={row.finished_at} />,
    },
  ];
  return (
    <Panel title="Studies" flush>
      <Loaded query={studies} rows={8}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty>
              Nothing has been searched yet. <Link to="/strategies">Start a study from a strategy.</Link>
            </Empty>
          ) : (
            <>
              <Table
                label="Studies"
                rows={data.items}
                columns={columns}
                rowKey={(row) => row.number ?? 0}
                sorting={sorting}
                onSort={(next) => {
                  setSorting(next);
                  setPage(1);
                }}
              />
              <Pager page={page} pages={data.meta?.pages ?? 1} total={data.meta?.total ?? 0} onPage={setPage} />
            </>
          )
        }
      </Loaded>
    </Panel>
  );
}
