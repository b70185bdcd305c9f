import type { AccountContext } from "../../context.ts";
import { createFiller } from "../content/fill.ts";
import type { InstanceId } from "../mailing.ts";
import { getInstance } from "../publish/get-instance.ts";
import { findCounts } from "./find-report.ts";
import type { LinkCounts } from "./report.ts";

/** A mail as it was sent, without anybody's values, with what each link was clicked laid on it. */
export interface LinkMap {
  readonly html: string;
  /** A style sheet that sets the counts behind the links; it holds numbers and fixed words alone. */
  readonly style: string;
}

/**
 * Where in the mail people clicked. @throws NotFoundError when the account has no such instance
 */
export async function findLinkMap(ctx: AccountContext, id: InstanceId): Promise<LinkMap> {
  const { content, links, clicked } = await ctx.db.transaction(ctx.accountId, async (tx) => {
    const instance = await getInstance(tx, ctx, id);
    const links = await findCounts(tx, ctx, instance, "links");
    const totals = await findCounts(tx, ctx, instance, "totals");
    return { content: instance.content, links: links.counts, clicked: totals.counts.clicked };
  });
  const nobody = { click: anchorOf, unsubscribe: "#unsubscribe", preferences: "#preferences", pixel: "" };
  const html = createFiller(content.html)({ values: {}, links: nobody });
  return { html, style: styleOf(links, clicked) };
}

/** Leads nowhere, and is what the style sheet finds the link by. */
const anchorOf = (place: number) => `#link-${place}`;

const badge =
  "display:inline-block;margin:0 4px;padding:1px 6px;border-radius:9px;font:600 12px/16px Arial,sans-serif;text-decoration:none;letter-spacing:0;text-transform:none;white-space:nowrap;vertical-align:middle";
/** Pale where nobody clicked, the house's accent where somebody did: both read on any mail. */
const looks = { none: "background:#e3e8e8;color:#1d242a", some: "background:#1c6c6a;color:#fff" };

function styleOf(links: readonly LinkCounts[], clicked: number): string {
  const number = new Intl.NumberFormat("en");
  return links
    .map(({ place, people }) => {
      const share = clicked === 0 ? 0 : Math.round((people / clicked) * 100);
      const words = `${number.format(people)} · ${share}%`;
      return `a[href="${anchorOf(place)}"]::after{content:"${words}";${badge};${people > 0 ? looks.some : looks.none}}`;
    })
    .join("");
}
