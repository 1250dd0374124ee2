// A part of a page with a title, which knows what to show while its data comes, fails or is empty.
import type { UseQueryResult } from "@tanstack/react-query";
import { useId, useRef, type ReactNode } from "react";
import { toApiError } from "../api/errors";
import { Button } from "./button";

interface PanelProps {
  title: string;
  actions?: ReactNode;
  /** Without padding: a table fills it. */
  flush?: boolean;
  children: ReactNode;
}

export function Panel({ title, actions, flush, children }: PanelProps) {
  const id = useId();
  return (
    <section className="panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {actions && <div className="row">{actions}</div>}
      </header>
      <div className={`content ${flush ? "flush" : ""}`}>{children}</div>
    </section>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return <div className="empty">{children}</div>;
}

export function Loading({ rows = 3 }: { rows?: number }) {
  return (
    <div role="status">
      <span className="visually-hidden">Loading</span>
      {Array.from({ length: rows }, (_, at) => (
        <div key={at} className="skeleton" aria-hidden="true" />
      ))}
    </div>
  );
}

export function Failure({ error, retry, busy }: { error: unknown; retry?: () => void; busy?: boolean }) {
  const { message, hint } = toApiError(error);
  return (
    <div className="notice bad" role="alert">
      <span>
        {message}
        {hint && <>: {hint}</>}
      </span>
      {retry && (
        <Button small onClick={retry} busy={busy}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** What a query has, or why not. What was read before stays in view when reading again fails. */
export function Loaded<Data>({
  query,
  rows,
  empty,
  isEmpty,
  children,
}: {
  query: UseQueryResult<Data>;
  rows?: number;
  empty?: ReactNode;
  isEmpty?: (data: Data) => boolean;
  children: (data: Data) => ReactNode;
}) {
  // A question that failed is asked again and again: what was said of it stays until there is an answer.
  const failure = useRef<unknown>(null);
  if (query.isError) failure.current = query.error;
  if (query.data === undefined) {
    if (query.errorUpdateCount > 0 && failure.current !== null)
      return <Failure error={failure.current} retry={() => void query.refetch()} busy={query.isFetching} />;
    return <Loading rows={rows} />;
  }
  failure.current = null;
  const { data } = query;
  const nothing = isEmpty ? isEmpty(data) : Array.isArray(data) && data.length === 0;
  if (nothing && empty) return <Empty>{empty}</Empty>;
  return <>{children(data)}</>;
}
