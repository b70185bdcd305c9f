import type { Tx } from "../../../platform/database/database.ts";
import { NotFoundError } from "../../../platform/errors.ts";
import type { AccountContext } from "../../context.ts";
import { selectSubscriber } from "../../subscribers/store.ts";
import type { FrozenContent } from "../frozen-content.ts";
import type { MailingId } from "../mailing.ts";
import { getVersionContent } from "../versions/find-versions.ts";
import type { Written } from "./compile-content.ts";
import { encodedBytes } from "./encoded-size.rules.ts";
import { createFiller, type FillPerson } from "./fill.ts";
import { compileWith, findMaterial } from "./freeze-content.ts";
import { getMailing } from "./get-mailing.ts";
import type { KnownField } from "./known-fields.ts";
import { selectLongestValues } from "./sample-store.ts";
import { type MarkedText, markHtml, markText, type StandIn, standInsOf } from "./stand-ins.ts";

/** As whom a mailing is looked at: a person of the account, or somebody made up. */
export type ViewAs = { readonly subscriberId: number } | { readonly sample: "no_values" | "longest_values" };

export interface Preview {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Fields that the person has no value of, and that have no default. */
  readonly missing: readonly string[];
  /** Every field that the person has no value of, with what stands in its place. */
  readonly standIns: readonly StandIn[];
  /** The same subject, text and HTML, with what stands in marked where it stands. */
  readonly marked: {
    readonly subject: readonly MarkedText[];
    readonly text: readonly MarkedText[];
    readonly html: string;
  };
  /** Of the HTML, as it is encoded in a mail. */
  readonly bytes: number;
  /** Null for somebody made up. */
  readonly person: { readonly id: number; readonly email: string } | null;
}

/** What unsaved words take the place of what is saved. */
export type Unsaved = { readonly [Name in keyof Written]?: Written[Name] | undefined };

/**
 * A mailing as one person gets it. Nothing is sent or counted; what can't be sent is left out of it, and told by the
 * checks.
 * @param keptVersion one that stood in it earlier, by its number
 * @throws NotFoundError when there is no such mailing, version or person
 */
export async function previewMailing(
  ctx: AccountContext,
  id: MailingId,
  as: ViewAs,
  unsaved: Unsaved = {},
  keptVersion?: number,
): Promise<Preview> {
  const given = Object.fromEntries(Object.entries(unsaved).filter(([, value]) => value !== undefined));
  const { written, material, values, person } = await ctx.db.transaction(ctx.accountId, async (tx) => {
    const saved = await getMailing(tx, ctx, id);
    const kept = keptVersion === undefined ? {} : await getVersionContent(tx, ctx, id, keptVersion);
    const written: Written = { ...saved, ...kept, ...given };
    return { written, material: await findMaterial(tx, ctx, written), ...(await valuesOf(tx, ctx, as)) };
  });
  const { content } = await compileWith(written, material);
  return { ...fill(content, values, material.ground.known), person };
}

/** A person's values by field, the two that everybody has included. */
export async function valuesOf(tx: Tx, ctx: AccountContext, as: ViewAs) {
  if ("sample" in as) {
    const longest = as.sample === "longest_values" ? await selectLongestValues(tx, ctx.accountId) : {};
    return { values: { ...longest, email: "somebody@example.org" } as Readonly<Record<string, string>>, person: null };
  }
  const found = await selectSubscriber(tx, ctx.accountId, as.subscriberId);
  if (!found) throw new NotFoundError("subscriber", String(as.subscriberId));
  const { id, email, remoteId } = found;
  const values: Readonly<Record<string, string>> = { ...found.values, email, remote_id: remoteId ?? "" };
  return { values, person: { id, email } };
}

function fill(
  content: FrozenContent,
  values: Readonly<Record<string, string>>,
  known: ReadonlyMap<string, KnownField>,
): Omit<Preview, "person"> {
  const person: FillPerson = {
    values,
    links: {
      click: (place) => content.links[place]?.url ?? "#",
      unsubscribe: "#unsubscribe",
      preferences: "#preferences",
      pixel: "",
    },
  };
  const nameOf = (field: string) => known.get(field)?.displayName ?? field;
  const html = createFiller(content.html)(person);
  const standIns = standInsOf(content, person, nameOf);
  return {
    subject: createFiller(content.subject)(person),
    html,
    text: createFiller(content.text)(person),
    missing: [...new Set(standIns.filter(({ from }) => from === null).map(({ field }) => field))],
    standIns,
    marked: {
      subject: markText(content.subject, person, nameOf),
      text: markText(content.text, person, nameOf),
      html: markHtml(content.html, person, nameOf),
    },
    bytes: encodedBytes(html),
  };
}
