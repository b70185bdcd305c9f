import type { Connector } from "../connectors/connector.ts";
import type { CallOut } from "../platform/call-out.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import type { Dns } from "../platform/dns.ts";
import type { Log } from "../platform/log.ts";
import type { Mailer } from "../platform/mail/mailer.ts";
import type { Relay } from "../platform/mail/relay.ts";
import type { Metrics } from "../platform/metrics.ts";
import type { OpenId } from "../platform/openid.ts";
import type { SecretBox } from "../platform/secrets.ts";
import type { AccountId } from "./accounts/account.ts";
import type { UserId } from "./accounts/user.ts";
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
  readonly dns: Dns;
  /** What webhooks are called by. */
  readonly callOut: CallOut;
  /** Null where no relay is configured. */
  readonly mail: Mailer | null;
  /** What mailings leave by; null where no relay is configured. */
  readonly relay: Relay | null;
  /** Where people open Lockstep, for links: an origin, from the settings alone. */
  readonly baseUrl: string;
  /** Where what stands in mails leads: the same, unless public pages have an origin of their own. */
  readonly publicUrl: string;
  /** Where bounces come back to; null where mailings carry the sender's own address. */
  readonly bounceDomain: string | null;
  /** What the SPF record of a sending domain must name: `include:spf.relay.example`; null where nobody can know. */
  readonly spfTerm: string | null;
}

/** The same, inside one account and on behalf of somebody. */
export interface AccountContext extends Context {
  readonly accountId: AccountId;
  /** Who acts, in words for history and audit: "API key Zapier", "command line", "schedule". */
  readonly actor: string;
  /** The user who acts; null for programs, schedules and the command line. */
  readonly userId: UserId | null;
}

export function inAccount(
  ctx: Context,
  accountId: AccountId,
  actor: string,
  userId: UserId | null = null,
): AccountContext {
  return { ...ctx, log: ctx.log.child({ account: accountId }), accountId, actor, userId };
}
