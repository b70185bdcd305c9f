import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import { TooManyRequestsError } from "../../platform/errors.ts";
import type { Context } from "../context.ts";
import { type Failures, isForgotten, secondsToWait } from "./throttle.rules.ts";

const hashOf = (subject: string) => createHash("sha256").update(subject).digest();

/**
 * Counts a try against its subject before it is made, so that a hundred at once are counted like a hundred in a row.
 * The subject need not exist: an unknown address is slowed down like a known one.
 * @param subject `sign-in <address>`, `second factor <user>`
 * @throws TooManyRequestsError saying how long to wait
 */
export function countTry(ctx: Context, subject: string): Promise<void> {
  return ctx.db.count(async (tx) => {
    const now = ctx.clock.now();
    const hash = hashOf(subject);
    const so = await lockFailures(tx, hash, now);
    const seconds = secondsToWait(so, now);
    if (seconds > 0) throw new TooManyRequestsError("Too many tries.", seconds);
    const failures = isForgotten(so, now) ? 1 : so.failures + 1;
    await sql`update throttle.failure set failures = ${failures}, last_at = ${now}
      where subject_hash = ${hash}`.execute(tx);
  });
}

/** The try was right: the next ones are free again. */
export async function forgetTries(tx: Tx, subject: string): Promise<void> {
  await sql`delete from throttle.failure where subject_hash = ${hashOf(subject)}`.execute(tx);
}

async function lockFailures(tx: Tx, hash: Buffer, now: Temporal.Instant): Promise<Failures> {
  const { rows } = await sql<Failures>`insert into throttle.failure (subject_hash, failures, last_at)
    values (${hash}, 0, ${now})
    on conflict (subject_hash) do update set failures = failure.failures
    returning failures, last_at as "lastAt"`.execute(tx);
  return rows[0] ?? { failures: 0, lastAt: now };
}
