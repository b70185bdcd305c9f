import { createContext, type ReactNode, useContext } from "react";
import { api, type Schema } from "../../api/client.ts";
import { ownFields } from "../document/fields.ts";

export type Field = Schema<"MailingField">;

const none: readonly Field[] = [];
const Fields = createContext(none);

/** The personal values that a mailing can show. */
export function FieldsProvider({ children }: { readonly children: ReactNode }) {
  const fields = api.useQuery("get", "/api/v1/mailing-fields", {}, { staleTime: 60_000 });
  return <Fields value={fields.data?.items ?? none}>{children}</Fields>;
}

export const useFields = () => useContext(Fields);

/** What a chip says: the field's display name; of a field that nobody knows, its own. */
export function labelOf(name: string, fields: readonly Field[]): { readonly label: string; readonly isKnown: boolean } {
  const field = fields.find((one) => one.name === name);
  const label = ownFields[name] ?? (field?.displayName || name);
  return { label, isKnown: field !== undefined || name in ownFields || fields.length === 0 };
}
