import type { Tx } from "../../../platform/database/database.ts";
import type { AccountContext } from "../../context.ts";
import type { FieldPiece, FrozenContent, Piece } from "../frozen-content.ts";
import type { Mailing } from "../mailing.ts";
import { readExpression } from "./expression.rules.ts";

/** Takes a mailing apart into what is the same for everybody and what is each recipient's own. */
export async function freezeContent(_tx: Tx, _ctx: AccountContext, mailing: Mailing): Promise<FrozenContent> {
  const subject = split(mailing.subject, "subject");
  const html: Piece[] = [...split(mailing.bodyKind === "html" ? mailing.body : "", "html"), { kind: "pixel" }];
  const text = split(mailing.textPart ?? "", "text");
  const fields = [...subject, ...html, ...text].flatMap((piece) =>
    typeof piece !== "string" && piece.kind === "field" ? [piece.field] : [],
  );
  return {
    fromName: mailing.fromName,
    fromAddress: mailing.fromAddress,
    replyTo: mailing.replyTo,
    subject,
    html,
    text,
    links: [],
    fields: [...new Set(fields)],
  };
}

function split(text: string, place: FieldPiece["place"]): Piece[] {
  return text.split(/(\{\{.*?\}\})/).map((part): Piece => {
    const expression = part.startsWith("{{") ? readExpression(part.slice(2, -2)) : undefined;
    if (!expression || "message" in expression) return part;
    return { kind: "field", field: expression.field, template: expression.template, place };
  });
}
