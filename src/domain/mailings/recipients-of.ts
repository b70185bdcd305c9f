import { type RawBuilder, sql } from "kysely";
import type { AccountId } from "../accounts/account.ts";

/**
 * The recipients that people were, as tables to select from: the subscriber `p`, each instance of the account `i`, and in
 * it the recipient `r`. A recipient keeps its subscriber's address as it is compared: that never changes, but by erasing,
 * which changes both. So the wall that lets nobody in twice, `recipient_once`, finds people too, by one look an instance,
 * and no index by person has to be written at a million places while an audience is frozen.
 * (docs/decisions/0034-recipients-by-address.md)
 */
export const recipientsOf = (account: AccountId, ids: readonly number[]): RawBuilder<unknown> => sql`subscriber p
  join mailing_instance i on i.account_id = p.account_id and p.account_id = ${account} and p.id = any(${ids}::bigint[])
  join recipient r on r.account_id = i.account_id and r.instance_id = i.id and r.email_key = p.email_key
    and r.subscriber_id = p.id`;
