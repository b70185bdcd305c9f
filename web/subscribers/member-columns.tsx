import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Schema } from "../api/client.ts";
import { Address } from "../ui/address.tsx";
import type { Column } from "../ui/data-table.tsx";
import { valuesOf } from "./kept-values.ts";
import { standingWords } from "./standing.tsx";

export type Member = Schema<"Member">;

/** Who is, was or comes to be in a group. @param search what was searched for: values that match come first */
export const memberColumns = (search: string): readonly Column<Member>[] => [
  {
    id: "email",
    header: "E-mail address",
    width: "18rem",
    cell: (member) => (
      <>
        <Anchor component={Link} to={`/subscribers/${member.subscriberId}`}>
          <Address email={member.email} />
        </Anchor>
        <Text size="xs" c="dimmed" hiddenFrom="md">
          <bdi>{valuesOf(member, search)}</bdi>
        </Text>
      </>
    ),
  },
  { id: "values", header: "Kept values", from: "md", cell: (member) => <bdi>{valuesOf(member, search)}</bdi> },
  { id: "standing", header: "Status", cell: (member) => standingWords[member.standing] },
  {
    id: "remoteId",
    header: "Remote ID",
    from: "xl",
    cell: (member) => (
      <Text size="xs" ff="monospace" style={{ whiteSpace: "nowrap" }}>
        {member.remoteId}
      </Text>
    ),
  },
];
