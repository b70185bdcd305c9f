import { Badge, Text } from "@mantine/core";
import type { Schema } from "../../api/client.ts";
import { DataTable } from "../../ui/data-table.tsx";
import { Empty } from "../../ui/states.tsx";

type Row = Schema<"UploadPreview">["rows"][number];

interface Props {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly email: number | null;
  /** Columns that are taken as values. */
  readonly taken: ReadonlySet<number>;
}

const columnsShown = 12;

/** The file's first rows as they are read, with what is taken of each. */
export function FirstRows({ columns, rows, email, taken }: Props) {
  const shown = columns.slice(0, columnsShown);
  return (
    <>
      <DataTable
        label="First rows of the file"
        columns={[
          { id: "line", header: "Line", kind: "number", cell: ({ line }: Row) => line },
          ...shown.map((name, at) => ({
            id: String(at),
            header: (
              <>
                <bdi>{name}</bdi>
                {at === email && (
                  <Badge ms={6} size="sm">
                    address
                  </Badge>
                )}
                {taken.has(at) && (
                  <Badge ms={6} size="sm" color="gray">
                    kept
                  </Badge>
                )}
              </>
            ),
            cell: ({ cells }: Row) => <bdi>{cells[at] ?? ""}</bdi>,
          })),
        ]}
        rows={rows}
        idOf={({ line }) => String(line)}
        empty={<Empty title="No rows">The file has nothing below its first row.</Empty>}
      />
      {columns.length > columnsShown && (
        <Text size="sm" c="dimmed">
          and {columns.length - columnsShown} more columns
        </Text>
      )}
    </>
  );
}
