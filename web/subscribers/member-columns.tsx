import type { Schema } from "../api/client.ts";
import { personColumns } from "./person-columns.tsx";
import { standingWords } from "./standing.tsx";

export type Member = Schema<"Member">;

/** Who is, was or comes to be in a group. @param search what was searched for: values that match come first */
export const memberColumns = (search: string) =>
  personColumns<Member>({
    search,
    idOf: ({ subscriberId }) => subscriberId,
    standing: ({ standing }) => standingWords[standing],
  });
