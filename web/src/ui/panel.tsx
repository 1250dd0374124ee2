// A part of a page with a title, which knows what to show while its data comes, fails or is empty.
import type { UseQueryResult } from "@tanstack/react-query";
import { useId, type ReactNode } from "react";
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

export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const { message, hint } = toApiError(error);
  return (
    <div className="notice bad" role="alert">
      <span>
        {message}
        {hint && <>: {hint}</>}
      </span>
      {retry && (
        <Button small onClick={retry}>
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
  if (query.data === undefined) {
    if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />;
    return <Loading rows={rows} />;
  }
  const { data } = query;
  const nothing = isEmpty ? isEmpty(data) : Array.isArray(data) && data.length === 0;
  if (nothing && empty) return <Empty>{empty}</Empty>;
  return <>{children(data)}</>;
}
