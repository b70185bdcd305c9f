import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import { whereSql } from "../../platform/database/place.ts";
import type { Installation } from "./installation.ts";

const columns = sql`id, place, seen_at as "seenAt", paused_at as "pausedAt", paused_reason as "pausedReason",
  erasures_unknown_since as "erasuresUnknownSince"`;

/** This installation, or undefined where no worker ever ran. */
export async function selectInstallation(tx: Tx): Promise<Installation | undefined> {
  const { rows } = await sql<Installation>`select ${columns} from operation.installation`.execute(tx);
  return rows[0];
}

/** The same, for who changes it: of two workers that start at once, one is first. */
export async function lockInstallation(tx: Tx, place: string, now: Temporal.Instant): Promise<Installation> {
  await sql`insert into operation.installation (place, seen_at) values (${place}, ${now}) on conflict do nothing`.execute(
    tx,
  );
  const { rows } = await sql<Installation>`select ${columns} from operation.installation for update`.execute(tx);
  const [found] = rows;
  if (!found) throw new Error("an installation that was just written is there");
  return found;
}

export async function updateSeen(tx: Tx, place: string, now: Temporal.Instant): Promise<void> {
  await sql`update operation.installation set place = ${place}, seen_at = ${now}`.execute(tx);
}

/** @param reason null lets it go on, with whatever is not known of erasures */
export async function updatePaused(tx: Tx, reason: string | null, now: Temporal.Instant): Promise<void> {
  await sql`update operation.installation set paused_reason = ${reason},
    paused_at = case when ${reason}::text is null then null else ${now}::timestamptz end,
    erasures_unknown_since = case when ${reason}::text is null then null else erasures_unknown_since end`.execute(tx);
}

/** Which server, and which of its databases. A copy of a database has another name there; a moved server is the same. */
export async function selectPlace(tx: Tx): Promise<string> {
  const { rows } = await sql<{ place: string }>`select ${sql.raw(whereSql)} as place`.execute(tx);
  return rows[0]?.place ?? "";
}

/** Erasures up to an instant are known. @returns since when they are not, if the instant is before that */
export async function updateErasuresKnown(tx: Tx, until: string): Promise<Temporal.Instant | null> {
  await sql`update operation.installation set erasures_unknown_since = null where erasures_unknown_since <= ${until}`.execute(
    tx,
  );
  return (await selectInstallation(tx))?.erasuresUnknownSince ?? null;
}
