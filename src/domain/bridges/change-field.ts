import type { FieldName } from "../../connectors/connector.ts";
import { InvalidInputError, NotFoundError } from "../../platform/errors.ts";
import { recordChange } from "../accounts/record-change.ts";
import type { AccountContext } from "../context.ts";
import { type Field, selectFields, updateField } from "./field-store.ts";
import { getBridge } from "./get-bridge.ts";

export interface FieldInput {
  readonly displayName?: string | undefined;
  readonly defaultValue?: string | undefined;
  readonly comment?: string | undefined;
  readonly isValid?: boolean | undefined;
  readonly isKept?: boolean | undefined;
}

export function listFields(ctx: AccountContext): Promise<readonly Field[]> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const bridge = await getBridge(tx, ctx);
    return selectFields(tx, ctx.accountId, bridge.id);
  });
}

/**
 * Changes what is given of one field. A field's values come with each group's next
 * subscriber sync; those of one that is no longer kept are erased within minutes. (product 2.5)
 * @throws NotFoundError when the AMS never offered such a field
 * @throws InvalidInputError when a field that isn't valid would be kept
 */
export async function changeField(ctx: AccountContext, name: string, input: FieldInput): Promise<Field> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const bridge = await getBridge(tx, ctx);
    const fields = await selectFields(tx, ctx.accountId, bridge.id);
    const before = fields.find((field) => field.name === (name as FieldName));
    if (!before) throw new NotFoundError("personalization field", name);
    const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
    const after: Field = { ...before, ...given };
    if (after.isKept && !after.isValid) {
      throw new InvalidInputError([
        { path: "isKept", message: `${name} is not valid for personalization, so its values can't be kept` },
      ]);
    }
    await updateField(tx, ctx.accountId, bridge.id, after);
    await recordChange(tx, ctx, "field.change", name, given);
    return after;
  });
}
