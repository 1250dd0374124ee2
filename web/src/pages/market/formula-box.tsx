// A formula is typed, checked while one types, explained, and put on the chart.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Suspense, useEffect, useMemo, useState } from "react";
import { lazyPart } from "../../app/parts";
import { api, ask } from "../../api/client";
import { toApiError } from "../../api/errors";
import { problemText } from "../../editor/problems";
import { calledOperator, useWords } from "../../editor/words";
import { Button } from "../../ui/button";
import { Checkbox } from "../../ui/field";
import { Loading } from "../../ui/panel";
import type { Overlay } from "./overlays";

const CodeEditor = lazyPart(() => import("../../editor/code-editor"));
const kPauseMs = 350;

/** The value once it has stayed the same for a moment. */
export function useSettled<Value>(value: Value, afterMs = kPauseMs): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return settled;
}

export function FormulaBox({
  text,
  onText,
  onAdd,
}: {
  text: string;
  onText: (text: string) => void;
  onAdd: (overlay: Overlay) => void;
}) {
  const queries = useQueryClient();
  const words = useWords(false);
  const columnsOf = (formula: string): string[] => {
    const operator = calledOperator(formula);
    return [...(words?.find((word) => word.kind === "operator" && word.name === operator)?.outputs ?? [])];
  };
  const [inPrices, setInPrices] = useState(true);
  const settled = useSettled(text.trim());
  const checkOf = (formula: string) => ({
    queryKey: ["formulas", "check", formula],
    queryFn: () => ask(api.POST("/formulas/check", { body: { formula } })),
    staleTime: Infinity,
    retry: false,
  });
  const checked = useQuery({ ...checkOf(settled), enabled: settled !== "" });
  const isSettled = settled !== "" && settled === text.trim();
  const errors = checked.data?.errors;
  const problems = useMemo(() => (isSettled && errors ? errors : []), [isSettled, errors]);
  const wrong =
    settled === ""
      ? null
      : errors?.[0]
        ? problemText(errors[0])
        : checked.isError
          ? toApiError(checked.error).message
          : null;
  const meaning = settled === "" ? undefined : checked.data?.explanation;
  const add = useMutation({
    mutationFn: async () => {
      const formula = text.trim();
      const { is_valid } = await queries.fetchQuery(checkOf(formula));
      if (is_valid) onAdd({ text: formula, inPrices, outputs: columnsOf(formula) });
      return is_valid;
    },
    onSuccess: (isAdded) => isAdded && onText(""),
  });
  const canAdd = text.trim() !== "" && !(isSettled && wrong) && !add.isPending;
  return (
    <div className="formula-box">
      <Suspense fallback={<Loading rows={1} />}>
        <CodeEditor
          label="Formula"
          value={text}
          onChange={onText}
          language="formula"
          words={words}
          problems={problems}
          placeholder="rsi(close, 14)"
          onEnter={() => canAdd && add.mutate()}
        />
      </Suspense>
      <div className="row apart">
        <Checkbox
          label="over the prices"
          checked={inPrices}
          onChange={(event) => setInPrices(event.currentTarget.checked)}
        />
        <Button look="primary" disabled={!canAdd} onClick={() => add.mutate()}>
          Draw it
        </Button>
      </div>
      <div aria-live="polite" className="small">
        {wrong ? (
          <p className="loss">{wrong}</p>
        ) : meaning ? (
          <>
            <p className="soft">
              {meaning.type === "truth" ? "A condition, true or false on each bar" : "A number on each bar"}
              {meaning.warm_up > 0 && `; its first value comes after ${meaning.warm_up} bars`}.
              {columnsOf(settled).length > 1 && ` Columns: ${columnsOf(settled).join(", ")}.`}
              {meaning.fields.length > 0 && ` It reads ${meaning.fields.join(", ")}.`}
            </p>
            <details>
              <summary>The steps that it becomes</summary>
              <pre>{meaning.plan}</pre>
            </details>
          </>
        ) : (
          <p className="soft">Letters bring the list of what there is; Enter draws the formula.</p>
        )}
      </div>
    </div>
  );
}
