import type { FieldName } from "../../connectors/connector.ts";
import { ConflictError, InvalidInputError, NotFoundError } from "../../platform/errors.ts";
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
  /** The version that the editor saw; another one by now is a conflict. */
  readonly version?: number | undefined;
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
 * @throws ConflictError when somebody else changed the field since the editor looked
 */
export async function changeField(ctx: AccountContext, name: string, input: FieldInput): Promise<Field> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const bridge = await getBridge(tx, ctx);
    const fields = await selectFields(tx, ctx.accountId, bridge.id);
    const before = fields.find((field) => field.name === (name as FieldName));
    if (!before) throw new NotFoundError("personalization field", name);
    const { version = before.version, ...values } = input;
    const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
    const after: Field = { ...before, ...given, version };
    if (after.isKept && !after.isValid) {
      throw new InvalidInputError([
        { path: "isKept", message: `${name} is not valid for personalization, so its values can't be kept` },
      ]);
    }
    if (!(await updateField(tx, ctx.accountId, bridge.id, after))) {
      throw new ConflictError(
        "edited_meanwhile",
        `Somebody else changed the field '${before.displayName}' while you were editing it.`,
        "Load it again and repeat your change.",
      );
    }
    await recordChange(tx, ctx, "field.change", name, given);
    return { ...after, version: version + 1 };
  });
}
