import type { AccountContext } from "../../context.ts";
import type { MailingId } from "../mailing.ts";
import { type Written, writeHtml } from "./compile-content.ts";
import { writeText } from "./compile-mjml.ts";
import type { Expression } from "./expression.rules.ts";
import type { Finding } from "./finding.ts";
import { findMaterial, refuseBlocked } from "./freeze-content.ts";
import { getMailing } from "./get-mailing.ts";
import { TakenFields } from "./take-fields.ts";

/** What a body becomes as code, to go on with by hand: its fields stand in it as they were written. */
export interface Source {
  /** Null where there is none: of pasted HTML. */
  readonly mjml: string | null;
  readonly html: string;
  readonly text: string;
}

/**
 * A body as code. Nothing is kept.
 * @throws InvalidInputError when it can't be compiled as it stands
 */
export async function compileSource(
  ctx: AccountContext,
  id: MailingId,
  written: Pick<Written, "bodyKind" | "body">,
): Promise<Source> {
  const { ground, images } = await ctx.db.transaction(ctx.accountId, async (tx) => {
    await getMailing(tx, ctx, id);
    return findMaterial(tx, ctx, written);
  });
  const taken = new TakenFields(ground.known, [written.body]);
  const findings: Finding[] = [];
  const { mjml, html } = await writeHtml(written, taken, (image) => images.get(image) ?? null, findings);
  refuseBlocked([...findings, ...taken.findings]);
  const restore = (text: string) => text.replace(taken.tokens(), (token) => spell(taken.expressionOf(token)));
  return { mjml: mjml === null ? null : restore(mjml), html: restore(html), text: restore(await writeText(html)) };
}

/** A field as one would write it; in single quotes where it can be, which do no harm in an attribute. */
function spell({ field, template }: Expression): string {
  const spelled = template.replace("{{ value", `{{ ${field}`);
  return spelled.includes("'") ? spelled : spelled.replaceAll('"', "'");
}
