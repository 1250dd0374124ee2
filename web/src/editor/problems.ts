// What the API says is wrong with a text, and where that stands in it.

export interface Problem {
  detail: string;
  hint?: string;
  /** From 1; without them all of the text is meant. */
  line?: number;
  column?: number;
  /** Key of a strategy file whose formula is wrong. */
  field?: string;
}

/** What a hint marks by carets below a formula: where in the formula, and how long. */
export function marked(hint: string): { formula: string; from: number; length: number } | null {
  const [line = "", carets = ""] = hint.split("\n");
  const found = /^( *)(\^+)/.exec(carets);
  if (!found) return null;
  // Of a long line only a part is told.
  const before = line.startsWith("...") ? 3 : 0;
  const from = (found[1] ?? "").length - before;
  const formula = line.slice(before).replace(/\.\.\.$/, "");
  return from < 0 ? null : { formula, from, length: (found[2] ?? "").length };
}

/** Offsets in the text: of the very word that is wrong where that is told, else of the rest of its line. */
export function rangeOf(text: string, problem: Problem): { from: number; to: number } {
  if (!problem.line) return { from: 0, to: text.length };
  const lines = text.split("\n");
  const line = Math.min(problem.line, lines.length);
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  const content = lines[line - 1] ?? "";
  const column = Math.min(Math.max(0, (problem.column ?? 1) - 1), content.length);
  const at = marked(problem.hint ?? "");
  if (at) {
    // In strategy files the column is the formula's, in formulas the mistake's own.
    const formula = content.indexOf(at.formula);
    const from = formula < 0 ? column : formula + at.from;
    if (from <= content.length) {
      const to = Math.min(content.length, from + at.length);
      return { from: start + Math.min(from, Math.max(0, to - 1)), to: start + to };
    }
  }
  const word = /^[\w.]+/.exec(content.slice(column))?.[0].length ?? content.length - column;
  return { from: start + Math.min(column, Math.max(0, content.length - 1)), to: start + column + word };
}

/** "line 2, column 6: unknown name" */
export function problemText({ detail, line, column }: Problem): string {
  return line ? `line ${line}${column ? `, column ${column}` : ""}: ${detail}` : detail;
}
