// A list that the server pages and sorts: its table, and the way to the pages beside.
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Page } from "../api/types";
import { Loaded } from "./panel";
import { Pager, Table, type Column, type Sorting } from "./table";

export function PagedTable<Row>({
  query,
  label,
  columns,
  rowKey,
  empty,
  sorting,
  onSort,
  onPage,
  height,
  above,
}: {
  query: UseQueryResult<Page<Row>>;
  label: string;
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string | number;
  empty: ReactNode;
  sorting?: Sorting | null;
  onSort?: (sorting: Sorting) => void;
  onPage: (page: number) => void;
  height?: string;
  /** Between filters and table: sums of what is found. */
  above?: (page: Page<Row>) => ReactNode;
}) {
  return (
    <Loaded query={query} rows={6} isEmpty={(data) => data.meta.total === 0} empty={empty}>
      {(data) => (
        <>
          {above?.(data)}
          <Table
            label={label}
            rows={data.items}
            columns={columns}
            rowKey={rowKey}
            sorting={sorting}
            onSort={onSort}
            height={height}
          />
          {data.meta.pages > 1 || data.meta.total > 10 ? (
            <Pager page={data.meta.page} pages={data.meta.pages} total={data.meta.total} onPage={onPage} />
          ) : null}
        </>
      )}
    </Loaded>
  );
}
