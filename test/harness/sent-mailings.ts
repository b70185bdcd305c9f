import { sql } from "kysely";
import type { OpenTracking } from "../../src/domain/mailings/instance.ts";
import type { InstanceId } from "../../src/domain/mailings/mailing.ts";
import { must } from "../../src/platform/errors.ts";
import { type Answering, answer, type Visit } from "./answers.ts";
import { createInstance } from "./mailing.ts";
import type { World } from "./world.ts";

const links = [
  { url: "https://example.org/programme?utm_source=lockstep", label: "See the programme" },
  { url: "https://example.org/register", label: "Register now" },
  { url: "https://example.org/hotels", label: "Hotels near the venue, with rates for members until the end of March" },
  { url: "https://example.org/join", label: "Renew your membership" },
];

export interface SentOptions {
  readonly names: readonly string[];
  readonly to: readonly number[];
  readonly groups: readonly string[];
  readonly openTracking?: OpenTracking;
}

/** Mailings that went out three days apart, the last of them just now, with answers as people give them. @returns their ids, in order */
export async function sendMailings(
  { own, clock, query }: World,
  { names, to, groups, openTracking = "person" }: SentOptions,
): Promise<readonly InstanceId[]> {
  const ids: InstanceId[] = [];
  for (const [at, name] of names.entries()) {
    const { id } = await createInstance(own.ctx, { to, links, openTracking });
    ids.push(id);
    await query(sql`update mailing_instance set name = ${name}, published_by = 'Ana Souza',
      audience = recipients + 23, excluded = 23 where id = ${id}`);
    await query(sql`insert into instance_group (account_id, instance_id, group_id, side)
      select ${own.ctx.accountId}::uuid, ${id}::uuid, g, 'to' from unnest(${groups}::uuid[]) g`);
    await query(sql`insert into instance_exclusion (account_id, instance_id, subscriber_id, reason)
      select account_id, ${id}::uuid, id, case when id % 3 = 0 then 'unsubscribed' when id % 3 = 1 then 'do_not_email' else 'duplicate_address' end
      from subscriber where account_id = ${own.ctx.accountId} order by id desc limit 23`);
    await answer(
      own.ctx,
      id,
      to.map((_, place) => answeringOf(place + 1, at)),
      visitsOf(to.length, at),
    );
    if (at < names.length - 1) clock.advance({ hours: 72 });
  }
  clock.advance({ hours: 50 });
  return ids;
}

/** The same answers each time: chance that is none. */
function answeringOf(place: number, at: number): Answering {
  const luck = (place * 7919 + at * 104_729) % 1000;
  const isDelivered = luck >= 30;
  return {
    place,
    state: isDelivered ? "sent" : luck < 4 ? "refused" : luck < 6 ? "unsure" : "bounced",
    bounceKind: isDelivered || luck < 6 ? null : must(["hard", "hard", "soft", "policy"][luck % 4], "there are four"),
    opened: isDelivered && luck % 10 < 5,
    clicked: isDelivered && luck % 100 < 11 + at,
    unsubscribed: luck >= 30 && luck % 200 === 31,
    complained: luck === 777,
  };
}

function visitsOf(people: number, at: number): readonly Visit[] {
  return Array.from({ length: people }, (_, index) => index + 1).flatMap((place) => {
    const { opened, clicked } = answeringOf(place, at);
    // Most come in the first hours, some the day after.
    const minute = Math.floor(2880 * (((place * 31) % 97) / 97) ** 3);
    const one = (kind: "open" | "click", isAutomatic: boolean): Visit => ({
      place,
      kind,
      link: kind === "click" ? ([0, 0, 0, 1, 1, 2, 3][place % 7] ?? 0) : null,
      isAutomatic,
      minute,
    });
    return [
      ...(opened ? [one("open", false)] : []),
      ...(clicked ? [one("click", false)] : []),
      ...(place % 23 === 0 ? [one("open", true), one("click", true)] : []),
    ];
  });
}

/** Mailings that are to come, and one that waits for a person. */
export async function scheduleMailings({ own, clock, query }: World, names: readonly string[]): Promise<void> {
  for (const [at, name] of names.entries()) {
    const { id } = await createInstance(own.ctx, { to: 2, recipients: "waiting" });
    const due = clock.now().add({ hours: 26 + at * 49 });
    await query(sql`delete from recipient where instance_id = ${id}`);
    await query(sql`update mailing_instance set name = ${name}, state = 'scheduled', due_at = ${due}, syncing_at = null,
      building_at = null, built_at = null, send_from = null, sending_at = null, audience = 0, recipients = 0 where id = ${id}`);
  }
}
