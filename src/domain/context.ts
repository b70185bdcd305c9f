import type { Connector } from "../connectors/connector.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import type { Log } from "../platform/log.ts";
import type { Mailer } from "../platform/mail/mailer.ts";
import type { Metrics } from "../platform/metrics.ts";
import type { OpenId } from "../platform/openid.ts";
import type { SecretBox } from "../platform/secrets.ts";
import type { AccountId } from "./accounts/account.ts";
import type { SessionPool } from "./bridges/session-pool.ts";

/** What every command may use, made once by the composition root. */
export interface Context {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly secrets: SecretBox;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly sessions: SessionPool;
  readonly openId: OpenId;
  /** Null where no relay is configured. */
  readonly mail: Mailer | null;
  /** Where people open Lockstep, for links: an origin, from the settings alone. */
  readonly baseUrl: string;
}

/** The same, inside one account and on behalf of somebody. */
export interface AccountContext extends Context {
  readonly accountId: AccountId;
  /** Who acts, in words for history and audit: "API key Zapier", "command line", "schedule". */
  readonly actor: string;
}

export function inAccount(ctx: Context, accountId: AccountId, actor: string): AccountContext {
  return { ...ctx, log: ctx.log.child({ account: accountId }), accountId, actor };
}
