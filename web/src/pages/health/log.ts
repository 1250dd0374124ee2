// Lines of the program's log: JSON objects with time, level, message and whatever else belongs to them.

export interface LogLine {
  time: string;
  level: string;
  message: string;
  rest: string;
  isRequest: boolean;
}

export function parseLogLine(line: string): LogLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = null;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { time: "", level: "", message: line, rest: "", isRequest: false };
  const { time, level, message, ...others } = value as Record<string, unknown>;
  const text = (each: unknown) => (typeof each === "string" ? each : JSON.stringify(each));
  return {
    time: typeof time === "string" ? time : "",
    level: typeof level === "string" ? level : "",
    message: message === undefined ? "" : text(message),
    rest: Object.entries(others)
      .map(([name, each]) => `${name}=${text(each)}`)
      .join(" "),
    isRequest: message === "request",
  };
}

const kLevels = ["debug", "info", "warning", "error"];

/** Those of a level or above; a line without one is always shown. */
export function isShown(line: LogLine, least: string, withRequests: boolean): boolean {
  if (line.isRequest && !withRequests) return false;
  const at = kLevels.indexOf(line.level);
  return at < 0 || at >= kLevels.indexOf(least);
}

/** "before" and "after" of an audit row: what is otherwise, by name. */
export function changedFields(before: string, after: string): { name: string; before: string; after: string }[] {
  const read = (text: string): Record<string, unknown> | null => {
    try {
      const value: unknown = JSON.parse(text);
      return typeof value === "object" && value !== null && !Array.isArray(value)
        ? (value as Record<string, unknown>)
        : null;
    } catch {
      return null;
    }
  };
  const text = (value: unknown) =>
    value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
  const left = read(before);
  const right = read(after);
  if (!left && !right) return before === after ? [] : [{ name: "", before, after }];
  const names = new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})]);
  return [...names]
    .map((name) => ({ name, before: text(left?.[name]), after: text(right?.[name]) }))
    .filter((each) => each.before !== each.after);
}
