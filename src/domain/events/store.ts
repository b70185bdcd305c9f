import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { UserId } from "../accounts/user.ts";
import type { AccountContext } from "../context.ts";
import type { EventType } from "../notices/event.rules.ts";
import { queryUsersToTell } from "../notices/tell-users.ts";
import { webhooksToTell } from "../webhooks/store.ts";
import type { WebhookId } from "../webhooks/webhook.ts";

export interface Listeners {
  readonly webhooks: readonly WebhookId[];
  readonly users: readonly UserId[];
}

/** Who hears of a type. One statement, since it is asked with everything that happens, and mostly nobody does. */
export async function selectListeners(tx: Tx, ctx: AccountContext, type: EventType): Promise<Listeners> {
  const users = queryUsersToTell(ctx, type);
  const { rows } = await sql<Listeners>`
    select array(${webhooksToTell(ctx.accountId, type)}) as webhooks,
      ${users === null ? sql`'{}'::uuid[]` : sql`array(${users})`} as users`.execute(tx);
  return rows[0] ?? { webhooks: [], users: [] };
}
