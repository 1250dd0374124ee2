// Tables: columns are declared once; sorting by heading; only rows in view are drawn when there are many.
//
//   <Table label="Services" rows={rows} rowKey={(row) => row.service_id} columns={columns} />
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState, type ReactNode } from "react";
import { Button } from "./button";

export interface Column<Row> {
  id: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** What sorting goes by; without it the column does not sort. */
  sort?: (row: Row) => string | number;
  end?: boolean;
}
export interface Sorting {
  id: string;
  down: boolean;
}

function compare(left: string | number, right: string | number): number {
  if (typeof left === "number" && typeof right === "number") {
    // What is no number stands last.
    if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return left - right;
  }
  return String(left).localeCompare(String(right), "en", { numeric: true });
}

export function sortRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sorting: Sorting | null): Row[] {
  const by = columns.find((column) => column.id === sorting?.id)?.sort;
  if (!by || !sorting) return [...rows];
  return [...rows].sort((left, right) => compare(by(left), by(right)) * (sorting.down ? -1 : 1));
}

interface TableProps<Row> {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string | number;
  initial?: Sorting;
  /** Instead of sorting here: who reads the rows page by page sorts there. */
  sorting?: Sorting | null;
  onSort?: (sorting: Sorting) => void;
  selected?: ReadonlySet<string | number>;
  onSelect?: (selected: Set<string | number>) => void;
  height?: string;
}

const kManyRows = 80;
const kRowHeight = 38;

export function Table<Row>(props: TableProps<Row>) {
  const { label, rows, columns, rowKey, selected, onSelect } = props;
  const [own, setOwn] = useState<Sorting | null>(props.initial ?? null);
  const sorting = props.onSort ? (props.sorting ?? null) : own;
  const sorted = useMemo(
    () => (props.onSort ? [...rows] : sortRows(rows, columns, own)),
    [rows, columns, own, props.onSort],
  );
  const frame = useRef<HTMLDivElement>(null);
  const many = sorted.length > kManyRows;
  const virtual = useVirtualizer({
    count: many ? sorted.length : 0,
    getScrollElement: () => frame.current,
    estimateSize: () => kRowHeight,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const shown = many ? items.map((item) => sorted[item.index]).filter((row) => row !== undefined) : sorted;
  const before = many ? (items[0]?.start ?? 0) : 0;
  const after = many ? virtual.getTotalSize() - (items.at(-1)?.end ?? 0) : 0;
  const width = columns.length + (onSelect ? 1 : 0);

  const sortBy = (id: string) => {
    const next = { id, down: sorting?.id === id ? !sorting.down : false };
    if (props.onSort) props.onSort(next);
    else setOwn(next);
  };
  const all = sorted.length > 0 && sorted.every((row) => selected?.has(rowKey(row)));
  return (
    <div
      className="table-frame"
      ref={frame}
      tabIndex={0}
      role="region"
      aria-label={label}
      style={props.height ? { maxHeight: props.height } : undefined}
    >
      <table className="table" aria-rowcount={sorted.length}>
        <thead>
          <tr>
            {onSelect && (
              <th scope="col">
                <input
                  type="checkbox"
                  aria-label="Select all"
                  checked={all}
                  onChange={() => onSelect(all ? new Set() : new Set(sorted.map(rowKey)))}
                />
              </th>
            )}
            {columns.map((column) => (
              <th
                key={column.id}
                scope="col"
                className={column.end ? "end" : undefined}
                aria-sort={sorting?.id === column.id ? (sorting.down ? "descending" : "ascending") : undefined}
              >
                {column.sort ? (
                  <button type="button" onClick={() => sortBy(column.id)}>
                    {column.title}
                    <span aria-hidden="true">{sorting?.id === column.id ? (sorting.down ? "▾" : "▴") : ""}</span>
                  </button>
                ) : (
                  column.title
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && (
            <tr className="spacer" aria-hidden="true">
              <td colSpan={width} style={{ height: before }} />
            </tr>
          )}
          {shown.map((row) => {
            const key = rowKey(row);
            return (
              <tr key={key} aria-selected={selected ? selected.has(key) : undefined}>
                {onSelect && (
                  <td>
                    <input
                      type="checkbox"
                      aria-label={`Select ${key}`}
                      checked={selected?.has(key) ?? false}
                      onChange={() => {
                        const next = new Set(selected);
                        if (!next.delete(key)) next.add(key);
                        onSelect(next);
                      }}
                    />
                  </td>
                )}
                {columns.map((column) => (
                  <td key={column.id} className={column.end ? "end" : undefined}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
          {after > 0 && (
            <tr className="spacer" aria-hidden="true">
              <td colSpan={width} style={{ height: after }} />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

export function Pager({
  page,
  pages,
  total,
  onPage,
}: {
  page: number;
  pages: number;
  total: number;
  onPage: (page: number) => void;
}) {
  return (
    <nav className="pager" aria-label="Pages of the list">
      <span className="soft small">
        {total.toLocaleString("en")} in all, page {page} of {pages}
      </span>
      <span className="row">
        <Button small disabled={page <= 1} onClick={() => onPage(page - 1)}>
          Previous page
        </Button>
        <Button small disabled={page >= pages} onClick={() => onPage(page + 1)}>
          Next page
        </Button>
      </span>
    </nav>
  );
}
