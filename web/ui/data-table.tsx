import { Table, UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowsSort, IconArrowUp } from "@tabler/icons-react";
import { type ReactNode, useDeferredValue } from "react";
import classes from "./data-table.module.css";

export interface Column<Row> {
  readonly id: string;
  readonly header: ReactNode;
  readonly cell: (row: Row) => ReactNode;
  /** Numbers stand under each other. */
  readonly kind?: "text" | "number" | "action";
  /** The name that the server sorts by; left out, the column can't be sorted. */
  readonly sort?: string;
  /** Left out on narrower screens; what matters there is said in the first column. */
  readonly from?: "xs" | "sm" | "md" | "lg" | "xl";
  readonly width?: string;
}

export interface Sorting {
  readonly by: string;
  readonly direction: "asc" | "desc";
  readonly onChange: (by: string, direction: "asc" | "desc") => void;
}

export interface Selecting {
  readonly ids: ReadonlySet<string>;
  readonly onChange: (ids: ReadonlySet<string>) => void;
}

interface DataTableProps<Row> {
  /** What the table holds, for who can't see it. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly idOf: (row: Row) => string;
  readonly nameOf?: (row: Row) => string;
  readonly sorting?: Sorting;
  readonly selecting?: Selecting;
  /** Rows that can be chosen; left out, all. */
  readonly canSelect?: (row: Row) => boolean;
  /** Shown in place of rows when there are none. */
  readonly empty: ReactNode;
}

/** About what a screen shows: these rows are drawn at once, the others right after them. */
const firstRows = 16;

/** A table of one page of rows, which the server has sorted and cut. At most 200 rows stand in it. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, idOf, nameOf, sorting, selecting, canSelect = () => true, empty } = props;
  const drawn = useDeferredValue(rows.length, firstRows);
  if (rows.length === 0) return <div className={classes.frame}>{empty}</div>;
  const ids = rows.filter(canSelect).map(idOf);
  return (
    // biome-ignore lint/a11y/useSemanticElements: no fieldset, and no landmark either
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keyboard too
    <div className={classes.frame} tabIndex={0} role="group" aria-label={label}>
      <Table className={classes.table ?? ""} verticalSpacing={9} horizontalSpacing="sm" aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {selecting && (
              <Table.Th w={44}>
                <SelectAll ids={ids} selecting={selecting} />
              </Table.Th>
            )}
            {columns.map((column) => (
              <HeaderCell key={column.id} column={column} {...(sorting && { sorting })} />
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.slice(0, Math.max(drawn, firstRows)).map((row) => {
            const id = idOf(row);
            const isSelected = selecting?.ids.has(id);
            return (
              <tr key={id} className={classes.row} data-selected={isSelected || undefined}>
                {selecting && (
                  <td className={classes.cell}>
                    {canSelect(row) && (
                      <input
                        type="checkbox"
                        className={classes.check}
                        aria-label={`Select ${nameOf?.(row) ?? id}`}
                        checked={isSelected ?? false}
                        onChange={() => selecting.onChange(toggled(selecting.ids, [id], !isSelected))}
                      />
                    )}
                  </td>
                )}
                {columns.map((column, place) => (
                  <td key={column.id} className={`${bodyCellClass(column)} ${place === 0 ? classes.name : ""}`}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </div>
  );
}

/** Plain cells: a page of rows holds hundreds, and what a component adds to each is the table's own style sheet. */
function bodyCellClass<Row>(column: Column<Row>): string {
  return `${classes.cell} ${cellClass(column)} ${column.from ? `mantine-visible-from-${column.from}` : ""}`;
}

function cellClass<Row>({ kind }: Column<Row>): string {
  return (kind === "number" ? classes.number : kind === "action" ? classes.end : "") ?? "";
}

function HeaderCell<Row>({ column, sorting }: { readonly column: Column<Row>; readonly sorting?: Sorting }) {
  const { sort } = column;
  const isSorted = sorting !== undefined && sorting.by === sort;
  const direction = isSorted && sorting.direction === "asc" ? "ascending" : "descending";
  return (
    <Table.Th
      className={cellClass(column)}
      visibleFrom={column.from ?? ""}
      w={column.width}
      {...(isSorted && { "aria-sort": direction })}
    >
      {sorting && sort !== undefined ? (
        <UnstyledButton
          className={classes.sort ?? ""}
          onClick={() => sorting.onChange(sort, isSorted && sorting.direction === "asc" ? "desc" : "asc")}
        >
          {column.header}
          {!isSorted && <IconArrowsSort size={13} opacity={0.45} aria-hidden />}
          {isSorted && direction === "ascending" && <IconArrowUp size={13} aria-hidden />}
          {isSorted && direction === "descending" && <IconArrowDown size={13} aria-hidden />}
        </UnstyledButton>
      ) : (
        column.header
      )}
    </Table.Th>
  );
}

function SelectAll({ ids, selecting }: { readonly ids: readonly string[]; readonly selecting: Selecting }) {
  const chosen = ids.filter((id) => selecting.ids.has(id)).length;
  const all = chosen === ids.length;
  return (
    <input
      type="checkbox"
      className={classes.check}
      aria-label="Select all on this page"
      checked={all}
      ref={(box) => {
        if (box) box.indeterminate = chosen > 0 && !all;
      }}
      onChange={() => selecting.onChange(toggled(selecting.ids, ids, !all))}
    />
  );
}

function toggled(from: ReadonlySet<string>, ids: readonly string[], isIn: boolean): ReadonlySet<string> {
  const to = new Set(from);
  for (const id of ids) {
    if (isIn) to.add(id);
    else to.delete(id);
  }
  return to;
}
