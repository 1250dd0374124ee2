// Strategy files: written, checked while one types, stored in versions, and tried.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Suspense, useMemo, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { api, ask, askAll } from "../api/client";
import { toApiError } from "../api/errors";
import { useMayTrade, useMe } from "../app/auth";
import { lazyPart } from "../app/parts";
import { PageHead } from "../app/shell";
import { useWish } from "../app/wish";
import { problemText } from "../editor/problems";
import { useWords } from "../editor/words";
import { usePollInterval, useRoom } from "../live/live";
import { Button } from "../ui/button";
import { Confirm } from "../ui/dialog";
import { JobLine } from "../ui/job-line";
import { Empty, Loaded, Loading, Panel } from "../ui/panel";
import { useToasts } from "../ui/toasts";
import { Badge, Time } from "../ui/values";
import { useSettled } from "./market/formula-box";
import { byStrategy, kNewText, resultLink, type StrategyEntry } from "./strategies/files";
import { StartDialog } from "./strategies/start-dialog";
import "./strategies/strategies.css";

const CodeEditor = lazyPart(() => import("../editor/code-editor"));

const kListKey = ["strategies", "list", "all"];

export default function StrategiesPage() {
  const [search, setSearch] = useSearchParams();
  const me = useMe();
  const mayTrade = useMayTrade();
  const list = useQuery({
    queryKey: kListKey,
    queryFn: () => askAll((page) => api.GET("/strategies", { params: { query: page } })),
  });
  const all = useMemo(() => byStrategy(list.data ?? []), [list.data]);
  const chosen = search.get("s");
  const entry = all.find((each) => each.versions.some((version) => String(version.strategy_id) === chosen)) ?? null;
  const choose = (id: number | "new") => setSearch({ s: String(id) });
  const isNew = chosen === "new";
  const shown = isNew ? null : (entry ?? all[0] ?? null);
  return (
    <div className="stack">
      <PageHead title="Strategies">
        {mayTrade && (
          <Button look="primary" onClick={() => choose("new")}>
            New strategy
          </Button>
        )}
      </PageHead>
      <div className="strategies">
        <Panel title="Stored" flush>
          <Loaded query={list} empty={<>There are none yet. {mayTrade && "Write the first one with New strategy."}</>}>
            {() => <StrategyList all={all} shown={shown} ownId={me.user_id} mayTrade={mayTrade} onChoose={choose} />}
          </Loaded>
        </Panel>
        <div className="stack">
          {isNew ? (
            <Editor key="new" entry={null} versionId={null} onStored={choose} onRemoved={() => setSearch({})} />
          ) : shown ? (
            <Editor
              key={`${shown.newest.owner_id} ${shown.newest.name}`}
              entry={shown}
              versionId={entry ? Number(chosen) : shown.newest.strategy_id}
              onStored={choose}
              onRemoved={() => setSearch({})}
            />
          ) : null}
          {shown && <Work name={shown.newest.name} mayTrade={mayTrade} />}
        </div>
      </div>
    </div>
  );
}

function StrategyList({
  all,
  shown,
  ownId,
  mayTrade,
  onChoose,
}: {
  all: StrategyEntry[];
  shown: StrategyEntry | null;
  ownId: number;
  mayTrade: boolean;
  onChoose: (id: number) => void;
}) {
  const queries = useQueryClient();
  const { tellError } = useToasts();
  const move = useMutation({
    mutationFn: ({ id, position }: { id: number; position: number }) =>
      ask(api.POST("/strategies/{id}/position", { params: { path: { id } }, body: { position } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["strategies"] }),
    onError: tellError,
  });
  return (
    <ol className="strategy-list">
      {all.map(({ newest }) => {
        const isShown = shown?.newest === newest;
        const beside = all.filter((each) => each.newest.owner_id === newest.owner_id);
        const at = beside.findIndex((each) => each.newest === newest);
        return (
          <li key={newest.strategy_id}>
            <button
              type="button"
              className="choose"
              aria-current={isShown || undefined}
              onClick={() => onChoose(newest.strategy_id)}
            >
              <span>{newest.name}</span>
              <span className="small soft">
                version {newest.version}
                {newest.owner_id !== ownId && `, of user ${newest.owner_id}`}
              </span>
            </button>
            {mayTrade && isShown && beside.length > 1 && (
              <span className="moves">
                <Button
                  small
                  look="plain"
                  aria-label={`Move ${newest.name} up`}
                  disabled={at === 0 || move.isPending}
                  onClick={() => move.mutate({ id: newest.strategy_id, position: at })}
                >
                  ▲
                </Button>
                <Button
                  small
                  look="plain"
                  aria-label={`Move ${newest.name} down`}
                  disabled={at === beside.length - 1 || move.isPending}
                  onClick={() => move.mutate({ id: newest.strategy_id, position: at + 2 })}
                >
                  ▼
                </Button>
              </span>
            )}
          </li>
        );
      })}
    </ol>
  );
}

/** What was typed and not stored is still there when one comes back. */
function useDraft(name: string, stored: string): [string, (text: string) => void] {
  const key = `argosy-strategy-draft ${name}`;
  const [text, setText] = useState(() => sessionStorage.getItem(key) ?? stored);
  return [
    text,
    (next) => {
      setText(next);
      if (next === stored) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, next);
    },
  ];
}

function Editor({
  entry,
  versionId,
  onStored,
  onRemoved,
}: {
  entry: StrategyEntry | null;
  versionId: number | null;
  onStored: (id: number) => void;
  onRemoved: () => void;
}) {
  const queries = useQueryClient();
  const mayTrade = useMayTrade();
  const { tell, tellError } = useToasts();
  const words = useWords(true);
  const newest = entry?.newest ?? null;
  const [versionShown, setVersionShown] = useState(versionId);
  const stored = entry?.versions.find((each) => each.strategy_id === versionShown) ?? newest;
  const [text, setText] = useDraft(newest ? String(newest.strategy_id) : "new", newest?.text ?? kNewText);
  const wish = useWish();
  const [dialog, setDialog] = useState<"backtest" | "optimize" | "remove" | null>(null);
  const changed = text !== newest?.text;

  const settled = useSettled(text);
  const check = useQuery({
    queryKey: ["strategies", "check", settled],
    queryFn: () => ask(api.POST("/strategies/check", { body: { text: settled } })),
    staleTime: Infinity,
    gcTime: 60_000,
    placeholderData: (before) => before,
  });
  const isChecked = settled === text && !check.isPlaceholderData && check.data !== undefined;
  const problems = useMemo(() => (isChecked ? (check.data?.errors ?? []) : []), [isChecked, check.data]);

  const save = useMutation({
    mutationFn: () =>
      newest
        ? ask(api.PUT("/strategies/{id}", { params: { path: { id: newest.strategy_id } }, body: { text } }))
        : wish.send(text, (header) => ask(api.POST("/strategies", { params: { header }, body: { text } }))),
    onSuccess: async (row) => {
      sessionStorage.removeItem(`argosy-strategy-draft ${newest ? newest.strategy_id : "new"}`);
      setVersionShown(row.strategy_id);
      tell(`${row.name} is stored as version ${row.version}`);
      await queries.invalidateQueries({ queryKey: kListKey });
      onStored(row.strategy_id);
    },
    onError: tellError,
  });
  const data = check.data;
  return (
    <Panel
      title={newest ? newest.name : "New strategy"}
      actions={
        mayTrade && (
          <>
            <Button
              look="primary"
              disabled={!changed || !isChecked || !check.data?.is_valid}
              busy={save.isPending}
              onClick={() => save.mutate()}
            >
              {newest ? `Save as version ${newest.version + 1}` : "Save"}
            </Button>
            {newest && (
              <>
                <Button onClick={() => setDialog("backtest")}>Backtest</Button>
                <Button onClick={() => setDialog("optimize")}>Study</Button>
                <Button look="danger" onClick={() => setDialog("remove")}>
                  Remove
                </Button>
              </>
            )}
          </>
        )
      }
    >
      <div className="stack">
        {entry && newest && (
          <div className="row apart small">
            <label className="row">
              Version
              <select
                className="input version"
                value={stored?.strategy_id}
                onChange={(event) => {
                  const other = entry.versions.find((each) => String(each.strategy_id) === event.target.value);
                  if (!other) return;
                  setVersionShown(other.strategy_id);
                  setText(other.text);
                }}
              >
                {entry.versions.map((each) => (
                  <option key={each.strategy_id} value={each.strategy_id}>
                    {each.version}
                  </option>
                ))}
              </select>
              <span className="soft">
                of <Time at={stored?.created_at} />
              </span>
            </label>
            <span className="row">
              {changed && (
                <>
                  <Badge tone="careful" mark="●">
                    not stored
                  </Badge>
                  <Button
                    small
                    onClick={() => {
                      setVersionShown(newest.strategy_id);
                      setText(newest.text);
                    }}
                  >
                    Back to version {newest.version}
                  </Button>
                </>
              )}
              <Link to={`/market?strategy=${newest.strategy_id}`}>Signals on the chart</Link>
            </span>
          </div>
        )}
        <Suspense fallback={<Loading rows={8} />}>
          <CodeEditor
            label="Strategy file"
            value={text}
            onChange={setText}
            language="strategy"
            words={words}
            problems={problems}
            readOnly={!mayTrade}
            height="min(56vh, 520px)"
            onEnter={() => {
              if (mayTrade && changed && isChecked && check.data?.is_valid) save.mutate();
            }}
          />
        </Suspense>
        <div aria-live="polite" className="small verdict">
          {check.isError && <span className="loss">{toApiError(check.error).message}</span>}
          {!isChecked && !check.isError && <span className="soft">checking …</span>}
          {isChecked && data && !data.is_valid && (
            <ul className="loss">
              {data.errors.map((problem) => (
                <li key={problemText(problem)}>
                  {problemText(problem)}
                  {problem.hint && !problem.hint.includes("^") && `: ${problem.hint}`}
                </li>
              ))}
            </ul>
          )}
          {isChecked && data?.is_valid && (
            <div className="row">
              <Badge tone="good" mark="✓">
                fine
              </Badge>
              <span>
                bars of {data.timeframe}, needs {data.warm_up} before the first decision
                {data.symbols && data.symbols.length > 0 && `, trades ${data.symbols.join(", ")}`}
              </span>
              {data.parameters?.map((each) => (
                <code key={each.name}>
                  {each.name} = {each.value}
                </code>
              ))}
            </div>
          )}
          {isChecked &&
            data?.warnings.map((warning) => (
              <p key={warning} className="warning">
                ! {warning}
              </p>
            ))}
        </div>
      </div>
      {newest && (dialog === "backtest" || dialog === "optimize") && (
        <StartDialog
          kind={dialog}
          strategy={newest}
          symbols={data?.symbols ?? []}
          parameters={data?.parameters ?? []}
          unsaved={changed}
          onClose={() => setDialog(null)}
          onStarted={() => void queries.invalidateQueries({ queryKey: ["jobs", "list"] })}
        />
      )}
      {newest && dialog === "remove" && (
        <Confirm
          title={`Remove ${newest.name}?`}
          action={`Remove all ${entry?.versions.length ?? 1} versions`}
          onClose={() => setDialog(null)}
          onConfirm={async () => {
            await ask(api.DELETE("/strategies/{id}", { params: { path: { id: newest.strategy_id } } }));
            sessionStorage.removeItem(`argosy-strategy-draft ${newest.strategy_id}`);
            tell(`${newest.name} is removed`);
            onRemoved();
            await queries.invalidateQueries({ queryKey: kListKey });
          }}
        >
          <p>Its file is gone then, with the versions before. Runs and studies of it stay, with the text they had.</p>
        </Confirm>
      )}
    </Panel>
  );
}

function parsed(parameters: string): { strategy?: string; symbols?: string[]; universe?: string; study?: string } {
  try {
    return JSON.parse(parameters) as { strategy?: string };
  } catch {
    return {};
  }
}

const kShownJobs = 6;

/** The newest backtests and studies of a strategy, as they go on. */
function Work({ name, mayTrade }: { name: string; mayTrade: boolean }) {
  useRoom("jobs");
  const poll = usePollInterval();
  const jobs = useQuery({
    queryKey: ["jobs", "list", "of strategies"],
    queryFn: () =>
      ask(
        api.GET("/jobs", {
          params: { query: { type__in: ["backtest", "optimize"], sort: "-job_id", per_page: 100 } },
        }),
      ),
    refetchInterval: poll,
  });
  const own = (jobs.data?.items ?? []).filter((job) => parsed(job.parameters).strategy === name).slice(0, kShownJobs);
  return (
    <Panel title="Its newest backtests and studies" actions={<Link to="/runs">All results</Link>}>
      <Loaded query={jobs}>
        {() =>
          own.length === 0 ? (
            <Empty>None yet. Backtest trades it over stored bars, Study searches its parameters.</Empty>
          ) : (
            own.map((job) => {
              const { symbols, universe, study } = parsed(job.parameters);
              const over = universe || (symbols ?? []).join(", ");
              return (
                <JobLine
                  key={job.job_id}
                  id={job.job_id}
                  what={`${job.type === "optimize" ? `Study ${study ?? ""}` : "Backtest"}${over ? ` over ${over}` : ""}`}
                  linkOf={resultLink}
                  mayCancel={mayTrade}
                />
              );
            })
          )
        }
      </Loaded>
    </Panel>
  );
}
