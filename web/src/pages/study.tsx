// One search over a strategy's parameters: where the good ones lie, and whether the best is more than luck.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Suspense, useMemo, useState } from "react";
import { useNavigate, useParams } from "react-router";
import { api, ask, askAll } from "../api/client";
import { useMayTrade } from "../app/auth";
import { lazyPart } from "../app/parts";
import { PageHead } from "../app/shell";
import { useChartColors } from "../charts/colors";
import { formatNumber, formatPercent } from "../format/numbers";
import { usePollInterval } from "../live/live";
import { Button } from "../ui/button";
import { Confirm } from "../ui/dialog";
import { SelectField } from "../ui/field";
import { Empty, Loaded, Loading, Panel } from "../ui/panel";
import { Table, type Column } from "../ui/table";
import { useToasts } from "../ui/toasts";
import { Badge, Figure, Time } from "../ui/values";
import { heatOption, parallelOption } from "./runs/plots";
import { ranked, readJson, readObjectives, readTrial, type Objective, type Trial } from "./runs/results";
import "./runs/runs.css";

const Plot = lazyPart(() => import("../charts/plot"));

interface Overfitting {
  tries: number;
  effective_trials: number | null;
  expected_best_sharpe: number | null;
  deflated_sharpe: number | null;
  pbo: number | null;
  loss_probability: number | null;
}
interface StudyResult {
  study?: { id?: string };
  overfitting?: Overfitting | null;
  warnings?: string[];
}

function useStudy(id: number) {
  const poll = usePollInterval();
  return useQuery({
    queryKey: ["studies", "one", id],
    queryFn: () => ask(api.GET("/studies/{id}", { params: { path: { id } } })),
    // No room tells of studies.
    refetchInterval: (query) => (query.state.data?.state === "finished" ? false : poll === false ? 5_000 : poll),
  });
}

export default function StudyPage() {
  const id = Number(useParams()["id"]);
  const study = useStudy(id);
  return (
    <Loaded query={study} rows={8}>
      {(data) => <Shown key={data.study_id} study={data} />}
    </Loaded>
  );
}

type Study = NonNullable<ReturnType<typeof useStudy>["data"]>;

/** What only the job knows: how much of the best is luck. */
function useResult(study: Study) {
  return useQuery({
    queryKey: ["studies", "result", study.study_id, study.finished_at],
    queryFn: async (): Promise<StudyResult | null> => {
      const { items } = await ask(
        api.GET("/jobs", {
          params: {
            query: {
              type: "optimize",
              started_at__lte: study.created_at,
              ended_at__gte: study.created_at,
              sort: "-started_at",
              per_page: 10,
            },
          },
        }),
      );
      for (const job of items) {
        const whole = await ask(api.GET("/jobs/{id}", { params: { path: { id: job.job_id ?? 0 } } }));
        const result = readJson<StudyResult>(whole.result);
        if (result?.study?.id === study.study_id) return result;
      }
      return null;
    },
    enabled: study.state === "finished",
    staleTime: Infinity,
    retry: false,
  });
}

function valueWords(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return formatNumber(value, Math.abs(value) < 10 ? 4 : 2);
}

function Shown({ study }: { study: Study }) {
  const go = useNavigate();
  const queries = useQueryClient();
  const { tell } = useToasts();
  const mayTrade = useMayTrade();
  const poll = usePollInterval();
  const [removing, setRemoving] = useState(false);
  const isFinished = study.state === "finished";
  const id = study.number ?? 0;
  const objectives = useMemo(() => readObjectives(study.objectives ?? "[]"), [study.objectives]);
  const trials = useQuery({
    queryKey: ["studies", "trials", id, study.state],
    queryFn: async () =>
      (
        await askAll((page) =>
          api.GET("/studies/{id}/trials", { params: { path: { id }, query: { ...page, sort: "number" } } }),
        )
      ).map((row) => readTrial(row)),
    refetchInterval: isFinished ? false : poll === false ? 5_000 : poll,
    staleTime: isFinished ? Infinity : 0,
  });
  const result = useResult(study);
  const [at, setAt] = useState(0);
  const objective = objectives[at] ?? { name: "objective", most: true };
  const best = useMemo(() => ranked(trials.data ?? [], at, objective.most)[0], [trials.data, at, objective.most]);
  const overfitting = result.data?.overfitting;
  return (
    <div className="stack run">
      <PageHead
        title={
          <>
            {study.name} <span className="soft name">study {study.study_id}</span>
          </>
        }
      >
        {mayTrade && (
          <Button look="danger" onClick={() => setRemoving(true)}>
            Forget
          </Button>
        )}
      </PageHead>
      <div className="row small">
        <Badge tone={isFinished ? "good" : "info"} mark={isFinished ? "✓" : "▶"}>
          {study.state}
        </Badge>
        <span className="soft">
          search by {study.sampler}, giving up early: {study.pruner}, seed {study.seed}, begun{" "}
          <Time at={study.created_at} />
        </span>
      </div>
      {(result.data?.warnings ?? []).length > 0 && (
        <ul className="notice careful warnings">
          {result.data?.warnings?.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      <Loaded query={trials} rows={8} empty="It has tried nothing yet.">
        {(rows) => (
          <>
            <Panel
              title="In short"
              actions={
                objectives.length > 1 && (
                  <label className="row small">
                    The best by
                    <select className="input symbol" value={at} onChange={(event) => setAt(Number(event.target.value))}>
                      {objectives.map((each, index) => (
                        <option key={each.name} value={index}>
                          {each.name}
                        </option>
                      ))}
                    </select>
                  </label>
                )
              }
            >
              <div className="grid figures">
                <Figure label={`Best ${objective.name} (the ${objective.most ? "more" : "less"} the better)`}>
                  {valueWords(best?.values[at])}
                </Figure>
                {best &&
                  Object.entries(best.settings).map(([name, value]) => (
                    <Figure key={name} label={name}>
                      {String(value)}
                    </Figure>
                  ))}
                <Figure label="Complete trials">
                  {rows.filter((trial) => trial.state === "complete").length} of {rows.length}
                </Figure>
                {overfitting && (
                  <>
                    <Figure label="Probability of overfitting">{formatPercent(overfitting.pbo, 0)}</Figure>
                    <Figure label="Deflated Sharpe ratio">{formatPercent(overfitting.deflated_sharpe, 1)}</Figure>
                    <Figure label="Best Sharpe by luck alone">{formatNumber(overfitting.expected_best_sharpe)}</Figure>
                  </>
                )}
              </div>
              {overfitting && (
                <p className="small soft">
                  Overfitting: how often the best of one half of the days was below the middle in the other half; about
                  50 % says that the choice among these settings is luck. The deflated ratio is the probability that the
                  best is better than what {overfitting.tries} tries show by luck.
                </p>
              )}
            </Panel>
            <div className="grid wide">
              <Heat trials={rows} objective={objective} at={at} />
              <Parallel trials={rows} objectives={objectives} at={at} />
            </div>
            <TrialTable trials={rows} objectives={objectives} at={at} />
          </>
        )}
      </Loaded>
      <Panel title="How it was made">
        <dl className="run-facts">
          {Object.entries(readJson<Record<string, string>>(study.configuration) ?? {})
            .filter(([name, value]) => value !== "" && name !== "space")
            .map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{String(value)}</dd>
              </div>
            ))}
        </dl>
        <details>
          <summary>The strategy file as it was then</summary>
          <pre className="file" tabIndex={0}>
            {study.strategy_text}
          </pre>
        </details>
      </Panel>
      {removing && (
        <Confirm
          title={`Forget the study ${study.name}?`}
          action="Forget it"
          onClose={() => setRemoving(false)}
          onConfirm={async () => {
            await ask(api.DELETE("/studies/{id}", { params: { path: { id } } }));
            tell(`The study ${study.name} is forgotten`);
            await queries.invalidateQueries({ queryKey: ["studies", "list"] });
            await go("/runs?of=studies");
          }}
        >
          <p>All that it tried is gone then. The strategy stays.</p>
        </Confirm>
      )}
    </div>
  );
}

function settingNames(trials: readonly Trial[]): string[] {
  return Object.keys(trials[0]?.settings ?? {});
}

function Heat({ trials, objective, at }: { trials: readonly Trial[]; objective: Objective; at: number }) {
  const colors = useChartColors();
  const names = settingNames(trials);
  const [chosen, setChosen] = useState<[string, string] | null>(null);
  const [x = "", y = ""] = chosen ?? [names[0], names[1]];
  const drawn = useMemo(
    () => (x && y && trials.length > 0 ? heatOption(trials, x, y, objective, at, colors) : null),
    [trials, x, y, objective, at, colors],
  );
  return (
    <Panel title={`${objective.name} by two settings`}>
      {!drawn || names.length < 2 ? (
        <Empty>It has one setting only; the lines and the table show it.</Empty>
      ) : (
        <div className="stack">
          {names.length > 2 && (
            <div className="pick-two">
              <SelectField
                label="Across"
                value={x}
                options={names.filter((name) => name !== y)}
                onChange={(event) => setChosen([event.target.value, y])}
              />
              <SelectField
                label="Up"
                value={y}
                options={names.filter((name) => name !== x)}
                onChange={(event) => setChosen([x, event.target.value])}
              />
            </div>
          )}
          <Suspense fallback={<Loading rows={8} />}>
            <Plot label={`${objective.name} by ${x} and ${y}`} text={drawn.text} option={drawn.option} height={380} />
          </Suspense>
          <p className="small soft">A wide field of good values is worth more than one bright cell.</p>
        </div>
      )}
    </Panel>
  );
}

function Parallel({
  trials,
  objectives,
  at,
}: {
  trials: readonly Trial[];
  objectives: readonly Objective[];
  at: number;
}) {
  const colors = useChartColors();
  const option = useMemo(
    () => parallelOption(trials, settingNames(trials), objectives, at, colors),
    [trials, objectives, at, colors],
  );
  return (
    <Panel title="Settings and what they gave">
      <Suspense fallback={<Loading rows={8} />}>
        <Plot
          label="Each trial as a line through its settings and results"
          text="the same as the table of trials below; the strongest lines are the best"
          option={option}
          height={410}
        />
      </Suspense>
    </Panel>
  );
}

function TrialTable({
  trials,
  objectives,
  at,
}: {
  trials: readonly Trial[];
  objectives: readonly Objective[];
  at: number;
}) {
  const names = settingNames(trials);
  const columns: Column<Trial>[] = [
    {
      id: "number",
      title: "Trial",
      end: true,
      sort: (row) => row.number,
      cell: (row) => <span className="number">{row.number}</span>,
    },
    ...names.map((name) => ({
      id: `set ${name}`,
      title: name,
      end: true,
      sort: (row: Trial) => {
        const setting = row.settings[name];
        return typeof setting === "number" ? setting : String(setting ?? "");
      },
      cell: (row: Trial) => <span className="number">{String(row.settings[name] ?? "–")}</span>,
    })),
    ...objectives.map((objective, index) => ({
      id: `value ${index}`,
      title: objective.name,
      end: true,
      sort: (row: Trial) => row.values[index] ?? Number.NaN,
      cell: (row: Trial) => <span className="number">{valueWords(row.values[index])}</span>,
    })),
    { id: "state", title: "State", sort: (row) => row.state, cell: (row) => row.state },
    { id: "note", title: "Note", cell: (row) => <span className="small soft">{row.note}</span> },
  ];
  return (
    <Panel title="Trials" flush>
      <Table
        key={at}
        label="Trials"
        rows={trials}
        columns={columns}
        rowKey={(row) => row.number}
        initial={{ id: `value ${at}`, down: objectives[at]?.most ?? true }}
        height="480px"
      />
    </Panel>
  );
}
