import type { Tx } from "../../../platform/database/database.ts";
import { selectFields } from "../../bridges/field-store.ts";
import { selectBridge } from "../../bridges/store.ts";
import type { AccountContext } from "../../context.ts";

/** Something that `{{ … }}` may ask for. */
export interface KnownField {
  readonly name: string;
  readonly displayName: string;
  /** Stands where somebody has no value and the mailing says no default of its own. */
  readonly defaultValue: string;
  readonly comment: string;
  /** Whose values a sync keeps: others are read when the mailing is published. (product 2.5) */
  readonly isKept: boolean;
  /** An administrator says that it may be used, and the AMS still offers it. */
  readonly isValid: boolean;
  /** Every mail's own: an address or the account's, not a person's value. */
  readonly isReserved: boolean;
  /** Of a link to the AMS: its address, with the customer key still to be filled in. */
  readonly link?: string;
}

const always = { defaultValue: "", comment: "", isKept: true, isValid: true };

/** Values that everybody has without any AMS. */
const ownFields: readonly KnownField[] = [
  { ...always, name: "email", displayName: "E-mail address", isReserved: false },
  { ...always, name: "remote_id", displayName: "Remote ID", isReserved: false },
];

/** What Lockstep itself puts into every mail. No field of an AMS can take these names. */
const reservedFields: readonly KnownField[] = [
  { ...always, name: "unsubscribe_url", displayName: "Unsubscribe link", isReserved: true },
  { ...always, name: "preferences_url", displayName: "Preferences link", isReserved: true },
  { ...always, name: "postal_address", displayName: "Postal address", isReserved: true },
];

/** Everything that a mailing of this account may ask for, by name; fields that are not valid are in it, marked. */
export async function selectKnownFields(tx: Tx, ctx: AccountContext): Promise<ReadonlyMap<string, KnownField>> {
  const bridge = await selectBridge(tx, ctx.accountId);
  const fields = bridge ? await selectFields(tx, ctx.accountId, bridge.id) : [];
  const own = fields.map(
    ({ isValid, missingSince, name, displayName, defaultValue, comment, isKept }): KnownField => ({
      name,
      displayName,
      defaultValue,
      comment,
      isKept,
      isValid: isValid && missingSince === null,
      isReserved: false,
    }),
  );
  const link = bridge?.settings.preferenceLink ?? "";
  const amsName = ctx.connectors.get(bridge?.connector ?? "")?.name ?? "the AMS";
  const linked: readonly KnownField[] =
    link === ""
      ? []
      : [{ ...always, name: "ams_preferences_url", displayName: `Preferences in ${amsName}`, isReserved: true, link }];
  return new Map([...own, ...ownFields, ...reservedFields, ...linked].map((field) => [field.name, field]));
}

/** The same, for whoever writes a mailing: what may be put into it. */
export function listMailingFields(ctx: AccountContext): Promise<readonly KnownField[]> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const fields = [...(await selectKnownFields(tx, ctx)).values()];
    return fields.filter(({ isValid }) => isValid);
  });
}
