import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { RecipientRef, RecipientState } from "../recipient.ts";

/** Whom a link or a return path is about, across accounts: its signature was checked. */
export interface Addressee extends RecipientRef {
  readonly accountId: AccountId;
  readonly accountName: string;
  /** Null when the recipient was erased since. */
  readonly email: string | null;
  readonly subscriberId: number | null;
  readonly state: RecipientState | null;
  /** How the person stands now; null when they were erased since. */
  readonly unsubscribedAt: Temporal.Instant | null;
  /** The AMS says no, whatever is set here: of its own, or of what was set here and taken back since. */
  readonly doNotEmail: boolean | null;
}

/** @returns nobody when there never was such an instance here */
export async function selectAddressee(tx: Tx, { instance, place }: RecipientRef): Promise<Addressee | undefined> {
  const { rows } = await sql<Addressee>`
    select i.id as instance, ${place}::int as place, i.account_id as "accountId", a.name as "accountName",
      case when s.id is not null then r.email end as email, s.id as "subscriberId", r.state,
      s.do_not_email and (s.unsubscribed_at is null or not s.flag_is_ours) as "doNotEmail", s.unsubscribed_at as "unsubscribedAt"
    from mailing_instance i join account a on a.id = i.account_id
    left join recipient r on r.account_id = i.account_id and r.instance_id = i.id and r.place = ${place}
    left join subscriber s on s.account_id = i.account_id and s.id = r.subscriber_id and s.erased_at is null
    where i.id = ${instance}`.execute(tx);
  return rows[0];
}

/**
 * Notes on the recipient that the person said no by this mail; whoever has it in hand was sent it, which resolves
 * *unsure*. @returns false when it stands there already
 */
export async function updateSaidNo(
  tx: Tx,
  account: AccountId,
  { instance, place }: RecipientRef,
  kind: "unsubscribe" | "complaint",
  at: Temporal.Instant,
): Promise<boolean> {
  const column = kind === "unsubscribe" ? sql`unsubscribed_at` : sql`complained_at`;
  const result = await sql`
    update recipient set ${column} = ${at}, state = case when state = 'unsure' then 'sent' else state end,
      sent_at = case when state = 'unsure' then handed_over_at else sent_at end
    where account_id = ${account} and instance_id = ${instance} and place = ${place} and ${column} is null`.execute(tx);
  return result.numAffectedRows === 1n;
}

/** The person took it back: the mailing counts no unsubscribe of theirs. @returns false when it counted none */
export async function updateTookBack(tx: Tx, account: AccountId, { instance, place }: RecipientRef): Promise<boolean> {
  const result = await sql`update recipient set unsubscribed_at = null
    where account_id = ${account} and instance_id = ${instance} and place = ${place} and unsubscribed_at is not null`.execute(
    tx,
  );
  return result.numAffectedRows === 1n;
}
