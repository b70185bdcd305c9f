import { sql } from "kysely";
import type { AccountId } from "../accounts/account.ts";
import type { AccountContext, Context } from "../context.ts";
import { takeApplyTurn } from "./apply-turn.ts";

/** One hash of an erased person, as a file carries it from one state of the database to another. */
export interface ErasureLine {
  readonly accountId: AccountId;
  readonly erasureId: string;
  /** Hexadecimal; nobody's address can be read from it. */
  readonly hash: string;
  readonly erasedAt: string;
}

/** Whom all accounts erased, by hashes alone. */
export function listErasures(ctx: Pick<Context, "db">): Promise<readonly ErasureLine[]> {
  return ctx.db.system(async (tx) => {
    const { rows } = await sql<Omit<ErasureLine, "erasedAt"> & { erasedAt: Temporal.Instant }>`
      select account_id as "accountId", erasure_id as "erasureId", encode(hash, 'hex') as hash, erased_at as "erasedAt"
      from erased_person order by account_id, erased_at, hash`.execute(tx);
    return rows.map((row) => ({ ...row, erasedAt: row.erasedAt.toString() }));
  });
}

/** Keeps hashes that another state of the database knew. Those known here stay as they are. */
export function keepErasures(ctx: AccountContext, lines: readonly ErasureLine[]): Promise<void> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const turn = await takeApplyTurn(tx, ctx.accountId);
    await sql`insert into erased_person (account_id, hash, erasure_id, turn, erased_at)
      select ${ctx.accountId}::uuid, decode(l.hash, 'hex'), l."erasureId", ${turn}::bigint, l."erasedAt"
      from jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) l("erasureId" uuid, hash text, "erasedAt" timestamptz)
      on conflict (account_id, hash) do nothing`.execute(tx);
  });
}
