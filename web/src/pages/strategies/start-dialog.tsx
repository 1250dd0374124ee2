// What a backtest or a study is told before it begins.
import { useMutation } from "@tanstack/react-query";
import { useState, type ChangeEvent, type FormEvent } from "react";
import { api, ask } from "../../api/client";
import { toApiError } from "../../api/errors";
import type { Job, Strategy } from "../../api/types";
import { useWish } from "../../app/wish";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Checkbox, SelectField, TextField } from "../../ui/field";
import { commonBody, studyBody, type Fields } from "./files";

export interface Parameter {
  name: string;
  value: number;
  from?: number | null;
  to?: number | null;
  step?: number | null;
}

const kTimeframes = ["1m", "5m", "15m", "30m", "1h", "4h", "1d", "1w", "1mo"];

export function StartDialog({
  kind,
  strategy,
  symbols,
  parameters,
  unsaved,
  onClose,
  onStarted,
}: {
  kind: "backtest" | "optimize";
  strategy: Strategy;
  /** Those of its file. */
  symbols: readonly string[];
  parameters: readonly Parameter[];
  /** What is in the editor is not what is stored. */
  unsaved: boolean;
  onClose: () => void;
  onStarted: (job: Job) => void;
}) {
  const isStudy = kind === "optimize";
  const [fields, setFields] = useState<Fields>({
    ...(symbols.length === 0 && { symbols: "AAPL" }),
    ...(isStudy && { study: "", objectives: "sharpe", trials: "100" }),
  });
  const [quick, setQuick] = useState(false);
  const wish = useWish();
  const names = parameters.map((each) => each.name);
  const start = useMutation({
    mutationFn: () => {
      const path = { id: strategy.strategy_id };
      if (isStudy) {
        const body = studyBody(fields, names);
        return wish.send(body, (header) =>
          ask(api.POST("/strategies/{id}/optimize", { params: { path, header }, body })),
        );
      }
      const body = { ...commonBody(fields, names), ...(quick && { quick }) };
      return wish.send(body, (header) =>
        ask(api.POST("/strategies/{id}/backtest", { params: { path, header }, body })),
      );
    },
    onSuccess: (job) => {
      onStarted(job);
      onClose();
    },
  });
  const error = start.isError ? toApiError(start.error) : null;
  const told = error?.fields() ?? new Map<string, string>();
  const errorOf = (name: string) => [...told].find(([at]) => at === name || at.startsWith(`${name}/`))?.[1];
  const field = (name: string) => ({
    name,
    value: fields[name] ?? "",
    error: errorOf(name),
    onChange: (event: ChangeEvent<HTMLInputElement | HTMLSelectElement>) => {
      const { value } = event.target;
      setFields((old) => ({ ...old, [name]: value }));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate();
  };
  return (
    <Dialog
      title={`${isStudy ? "Study" : "Backtest"} of ${strategy.name}, version ${strategy.version}`}
      onClose={onClose}
    >
      <form className="form" onSubmit={submit}>
        {unsaved && (
          <div className="notice careful small">
            What you changed since is not stored, and not in it. Save it first.
          </div>
        )}
        <TextField
          label="Symbols"
          hint={symbols.length > 0 ? `empty: ${symbols.join(", ")}, as in the file` : "with commas between"}
          placeholder={symbols.join(", ")}
          autoFocus
          {...field("symbols")}
        />
        <div className="pair">
          <TextField label="From" placeholder="first bar" inputMode="numeric" hint="2005-01-31" {...field("from")} />
          <TextField label="To" placeholder="last bar" inputMode="numeric" {...field("to")} />
          <TextField label="Cash" placeholder="100000" inputMode="decimal" {...field("cash")} />
        </div>
        {parameters.length > 0 && !isStudy && (
          <fieldset className="plain-set">
            <legend>Parameters</legend>
            <div className="pair">
              {parameters.map((each) => (
                <TextField
                  key={each.name}
                  label={each.name}
                  placeholder={String(each.value)}
                  inputMode="decimal"
                  {...field(`set ${each.name}`)}
                />
              ))}
            </div>
            {errorOf("set") && <span className="loss small">{errorOf("set")}</span>}
          </fieldset>
        )}
        {isStudy && (
          <>
            <div className="pair">
              <TextField label="Name of the study" hint="the same one goes on where it was" {...field("study")} />
              <TextField label="Trials" inputMode="numeric" {...field("trials")} />
            </div>
            <TextField
              label="What is sought"
              hint="sharpe, calmar, min:max_drawdown; of several the trade-offs are shown"
              {...field("objectives")}
            />
            <TextField label="What the best must meet" placeholder="trades >= 30" {...field("constraints")} />
            <div className="pair">
              <SelectField
                label="Search"
                options={[{ value: "", text: "as it fits" }, "grid", "random", "sobol", "tpe", "cma_es"]}
                {...field("sampler")}
              />
              <SelectField
                label="Giving up early"
                options={[
                  { value: "", text: "as it fits" },
                  "none",
                  "median",
                  "successive_halving",
                  "asha",
                  "hyperband",
                ]}
                {...field("pruner")}
              />
            </div>
          </>
        )}
        {!isStudy && (
          <Checkbox
            label="quick: leave out what tells luck from skill"
            checked={quick}
            onChange={(event) => setQuick(event.currentTarget.checked)}
          />
        )}
        <details>
          <summary>More</summary>
          <div className="form more">
            <div className="pair">
              <SelectField
                label="Timeframe"
                options={[{ value: "", text: "as in the file" }, ...kTimeframes]}
                {...field("timeframe")}
              />
              <SelectField
                label="Prices"
                options={[{ value: "", text: "as usual" }, "adjusted", "raw"]}
                {...field("prices")}
              />
              <TextField label="Currency" placeholder="USD" {...field("currency")} />
            </div>
            <TextField label="Universe" hint="instead of symbols" {...field("universe")} />
            <div className="pair">
              <TextField label="Fees" placeholder="as in the file" hint="ibkr_fixed, percent:0.1" {...field("fees")} />
              <TextField label="Slippage" placeholder="none" hint="percent:0.05" {...field("slippage")} />
              <TextField label="Latency" placeholder="none" hint="bars:1, ms:250" {...field("latency")} />
            </div>
            {isStudy && (
              <div className="pair">
                <TextField label="Walk forward" placeholder="3y/1y" {...field("walk_forward")} />
                <SelectField
                  label="Each training begins"
                  options={[
                    { value: "", text: "later than the one before" },
                    { value: "yes", text: "with the first bar" },
                  ]}
                  {...field("anchored")}
                />
                <SelectField
                  label="Cross-validation"
                  options={[{ value: "", text: "none" }, "cpcv"]}
                  {...field("cv")}
                />
                <TextField label="Threads" placeholder="1" inputMode="numeric" {...field("workers")} />
              </div>
            )}
            <TextField label="Seed" placeholder="1" inputMode="numeric" {...field("seed")} />
          </div>
        </details>
        {error && (
          <div className="notice bad" role="alert">
            {error.message}
            {error.hint && <>: {error.hint}</>}
          </div>
        )}
        <div className="actions">
          <Button onClick={onClose}>Leave it</Button>
          <Button type="submit" look="primary" busy={start.isPending}>
            {isStudy ? "Start the study" : "Start the backtest"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
