import { Title } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { api, type Schema } from "../../api/client.ts";
import { Address } from "../../ui/address.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Pager } from "../../ui/pager.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { type RejectStep, reasonWords } from "./count-steps.ts";

/** Erased people's rows say nothing by which to tell them apart: each has its place. */
type Row = Schema<"RejectedRow"> & { readonly place: number };

const columns: readonly Column<Row>[] = [
  {
    id: "email",
    header: "What stood as e-mail address",
    cell: (row) => (row.email === "" ? "—" : <Address email={row.email} />),
  },
  { id: "reason", header: "Why it can't be used", cell: (row) => reasonWords[row.reason] },
  { id: "remoteId", header: "Customer key", from: "sm", cell: (row) => (row.remoteId === "" ? "—" : row.remoteId) },
];

/** In place of a customer key, a file's row has its line. */
const columnsOfFile = columns.map((column) => (column.id === "remoteId" ? { ...column, header: "Line" } : column));

interface Props {
  readonly groupId: string;
  readonly step: RejectStep | undefined;
  /** Rows of an uploaded file. */
  readonly isOfFile: boolean;
  /** Which page, as the address says. */
  readonly cursor: string | undefined;
  readonly onGo: (cursor: string | undefined) => void;
}

/** Rows of netFORUM Pro, or of a file, that can't be used, each with its reason: no record is lost silently. (product 1.7) */
export function RejectedRows({ groupId, step, isOfFile, cursor, onGo }: Props) {
  const query = { limit: 50, ...(step && { step }), ...(cursor && { cursor }) };
  const params = { path: { id: groupId }, query };
  const rows = api.useQuery(
    "get",
    "/api/v1/target-groups/{id}/rejected-rows",
    { params },
    { placeholderData: keepPreviousData },
  );
  return (
    <div>
      <Title order={3} size="h4" mb="xs">
        Records that can't be used
      </Title>
      <Loaded query={rows}>
        {({ items, next }) => (
          <>
            <DataTable
              label="Records that can't be used"
              columns={isOfFile ? columnsOfFile : columns}
              rows={items.map((row, place) => ({ ...row, place }))}
              idOf={(row) => String(row.place)}
              empty={<Empty title="None">Every record of the last read could be used here.</Empty>}
            />
            <Pager cursor={cursor} next={next} onGo={onGo} />
          </>
        )}
      </Loaded>
    </div>
  );
}
