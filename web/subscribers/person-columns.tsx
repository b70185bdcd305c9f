import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Address } from "../ui/address.tsx";
import type { Column } from "../ui/data-table.tsx";
import { valuesOf } from "./kept-values.ts";

interface Person {
  readonly email: string;
  readonly values: Readonly<Record<string, string>>;
  readonly remoteId: string | null;
}

interface Shown<P> {
  /** What was searched for: values that match come first. */
  readonly search: string;
  readonly idOf: (person: P) => number;
  readonly standing: (person: P) => ReactNode;
}

/** What every list of people shows of each: the address, which leads to them, kept values, status and remote ID. */
export const personColumns = <P extends Person>({ search, idOf, standing }: Shown<P>): readonly Column<P>[] => [
  {
    id: "email",
    header: "E-mail address",
    width: "18rem",
    cell: (person) => (
      <>
        <Anchor component={Link} to={`/subscribers/${idOf(person)}`} fw={560}>
          <Address email={person.email} />
        </Anchor>
        <Text size="xs" c="dimmed" hiddenFrom="md">
          <bdi>{valuesOf(person, search)}</bdi>
        </Text>
      </>
    ),
  },
  { id: "values", header: "Kept values", from: "md", cell: (person) => <bdi>{valuesOf(person, search)}</bdi> },
  { id: "standing", header: "Status", cell: standing },
  {
    id: "remoteId",
    header: "Remote ID",
    from: "xl",
    cell: (person) => (
      <Text size="xs" ff="monospace" style={{ whiteSpace: "nowrap" }}>
        {person.remoteId ?? "—"}
      </Text>
    ),
  },
];
