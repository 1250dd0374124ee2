// Jobs in words: what they do, how far they are, and what came of them.
import { formatDuration, toMilliseconds } from "../../format/times";

export function readJson(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** What a job is about, of its parameters: a strategy, symbols, a file. */
export function subjectOf(type: string, parameters: string): string {
  const read = readJson(parameters);
  if (!read) return "";
  const text = (name: string) => {
    const value = read[name];
    if (Array.isArray(value)) return value.join(", ");
    return typeof value === "string" || typeof value === "number" ? String(value) : "";
  };
  const parts =
    type === "backup"
      ? [text("note")]
      : [text("strategy"), text("file"), text("symbols") || text("symbol") || text("universe"), text("study")];
  return parts.filter((part) => part !== "").join(", ");
}

/** Parameters that say something: what is empty was left to its default. */
export function givenParameters(parameters: string): [string, string][] {
  return Object.entries(readJson(parameters) ?? {})
    .filter(
      ([, value]) => value !== "" && value !== null && value !== false && !(Array.isArray(value) && value.length === 0),
    )
    .map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : typeof value === "string" ? value : JSON.stringify(value),
    ]);
}

/** Short entries of a result as pairs; what is long or nested is left to the whole of it. */
export function resultFacts(result: string): [string, string][] {
  return Object.entries(readJson(result) ?? {})
    .filter(([, value]) => ["string", "number", "boolean"].includes(typeof value) && String(value).length <= 120)
    .map(([name, value]) => [
      name.replaceAll("_", " "),
      // Six digits that count are what eyes compare.
      typeof value === "number" && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : String(value),
    ]);
}

/** How long it has run, or ran. */
export function spentOf(job: { started_at: string | null; ended_at: string | null }, now: number): string {
  const began = toMilliseconds(job.started_at);
  if (Number.isNaN(began)) return "";
  const end = job.ended_at === null ? now : toMilliseconds(job.ended_at);
  return formatDuration((end - began) / 1000);
}

export function mayCancelJob(job: { state: string; cancel_requested: boolean }): boolean {
  return (job.state === "QUEUED" || job.state === "RUNNING") && !job.cancel_requested;
}
export function mayRetryJob(job: { state: string }): boolean {
  return ["FAILED", "DEAD", "CANCELLED"].includes(job.state);
}
