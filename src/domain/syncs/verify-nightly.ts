import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { Context } from "../context.ts";
import { type Finding, verifyData } from "./verify.ts";

/** One night's look at the data, which came to its end. */
export interface Verification {
  readonly startedAt: Temporal.Instant;
  readonly finishedAt: Temporal.Instant;
  readonly findings: readonly Finding[];
}

/** By UTC: after the nights of most accounts, before their offices open. */
const hour = 5;
const daysKept = 90;

/**
 * Checks the data against its own rules once a night, however many processes ask. (product 6.3)
 * @returns what was found, or null when it was not the time
 */
export async function verifyIfDue(ctx: Context): Promise<readonly Finding[] | null> {
  const now = ctx.clock.now();
  const local = now.toZonedDateTimeISO("UTC");
  if (local.hour < hour) return null;
  const date = local.toPlainDate().toString();
  if (!(await ctx.db.system((tx) => beginVerification(tx, date, now)))) return null;
  const findings = await verifyData(ctx);
  for (const { rule, message } of findings)
    ctx.log.error({ rule, finding: message }, "the data breaks a rule of its own");
  await ctx.db.system(async (tx) => {
    await sql`update operation.verification set finished_at = ${ctx.clock.now()}, findings = ${JSON.stringify(findings)}::jsonb
      where date = ${date}::date`.execute(tx);
    await sql`delete from operation.verification where date < ${date}::date - ${daysKept}::int`.execute(tx);
  });
  ctx.log.info({ findings: findings.length }, "checked the data against its own rules");
  return findings;
}

/** @returns whether the night was nobody's yet */
async function beginVerification(tx: Tx, date: string, now: Temporal.Instant): Promise<boolean> {
  const result = await sql`insert into operation.verification (date, started_at) values (${date}::date, ${now})
    on conflict (date) do nothing`.execute(tx);
  return result.numAffectedRows === 1n;
}

/** The last look that came to its end, if there was one. */
export function findLastVerification(ctx: Context): Promise<Verification | null> {
  return ctx.db.system(async (tx) => {
    const { rows } = await sql<Verification>`select started_at as "startedAt", finished_at as "finishedAt", findings
      from operation.verification where finished_at is not null order by date desc limit 1`.execute(tx);
    return rows[0] ?? null;
  });
}
