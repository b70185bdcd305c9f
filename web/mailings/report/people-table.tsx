import { type Column, DataTable } from "../../ui/data-table.tsx";
import { useNumbers } from "../../ui/numbers.ts";
import classes from "./report.module.css";
import { shareOf } from "./words.ts";

export interface PeopleRow {
  readonly recipients: number;
  readonly delivered: number;
  readonly bounced: number;
  readonly opened: number | null;
  readonly clicked: number;
  readonly unsubscribed: number;
  readonly complained: number;
}

interface PeopleTableProps<Row> {
  readonly label: string;
  readonly first: Column<Row>;
  readonly rows: readonly Row[];
  readonly idOf: (row: Row) => string;
  readonly empty: React.ReactNode;
}

/** What became of parts of the recipients, side by side: rates, with a bar for the clicks. */
export function PeopleTable<Row extends PeopleRow>({ label, first, rows, idOf, empty }: PeopleTableProps<Row>) {
  const { count, percent } = useNumbers();
  const most = Math.max(...rows.map(({ clicked, delivered }) => shareOf(clicked, delivered)), 0);
  const rate = (id: string, header: string, share: (row: Row) => number, from?: "sm" | "md"): Column<Row> => ({
    id,
    header,
    kind: "number",
    ...(from && { from }),
    cell: (row) => percent(share(row)),
  });
  const columns: readonly Column<Row>[] = [
    first,
    { id: "recipients", header: "Recipients", kind: "number", cell: ({ recipients }) => count(recipients) },
    rate("delivered", "Delivered", ({ delivered, recipients }) => shareOf(delivered, recipients), "sm"),
    rate("bounced", "Bounced", ({ bounced, recipients }) => shareOf(bounced, recipients), "md"),
    {
      id: "clicked",
      header: "Clicked",
      kind: "number",
      cell: ({ clicked, delivered }) => (
        <>
          {percent(shareOf(clicked, delivered))}
          <span className={classes.track} aria-hidden>
            <span
              className={classes.bar}
              style={{ width: `${shareOf(shareOf(clicked, delivered), most) * 100}%`, height: "0.3rem" }}
            />
          </span>
        </>
      ),
    },
    rate("unsubscribed", "Unsubscribed", ({ unsubscribed, delivered }) => shareOf(unsubscribed, delivered), "md"),
    rate("complained", "Complained", ({ complained, delivered }) => shareOf(complained, delivered), "md"),
  ];
  return <DataTable label={label} columns={columns} rows={rows} idOf={idOf} empty={empty} />;
}
