import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "./account.ts";

/** A request as its key names it. */
export interface KeyedRequest {
  /** Whose key it is: a user's id or an API key's. */
  readonly caller: string;
  /** Method and path. */
  readonly target: string;
  readonly key: string;
}

/** What was answered. */
export interface KeptAnswer {
  readonly status: number;
  /** Null of an answer without a body. */
  readonly contentType: string | null;
  readonly answer: string;
}

export interface AnsweredRequest {
  readonly digest: Buffer;
  readonly at: Temporal.Instant;
  /** Null until it is answered. */
  readonly kept: KeptAnswer | null;
}

const named = (account: AccountId, { caller, target, key }: KeyedRequest) =>
  sql`account_id = ${account} and caller = ${caller} and target = ${target} and key = ${key}`;

/** @returns false when the key is there already: two at once, one waits here for the other's commit */
export async function insertRequest(
  tx: Tx,
  account: AccountId,
  { caller, target, key }: KeyedRequest,
  digest: Buffer,
  at: Temporal.Instant,
): Promise<boolean> {
  const result = await sql`insert into answered_request (account_id, caller, target, key, digest, at)
    values (${account}, ${caller}, ${target}, ${key}, ${digest}, ${at}) on conflict do nothing`.execute(tx);
  return result.numAffectedRows === 1n;
}

export async function selectRequest(
  tx: Tx,
  account: AccountId,
  request: KeyedRequest,
): Promise<AnsweredRequest | undefined> {
  type Row = Omit<AnsweredRequest, "kept"> & { status: number | null; contentType: string | null; answer: string };
  const { rows } =
    await sql<Row>`select digest, at, status, content_type as "contentType", coalesce(answer, '') as answer
    from answered_request where ${named(account, request)}`.execute(tx);
  const [row] = rows;
  if (!row) return undefined;
  const { digest, at, status, contentType, answer } = row;
  return { digest, at, kept: status === null ? null : { status, contentType, answer } };
}

export async function updateAnswered(
  tx: Tx,
  account: AccountId,
  request: KeyedRequest,
  { status, contentType, answer }: KeptAnswer,
): Promise<void> {
  await sql`update answered_request set status = ${status}, content_type = ${contentType}, answer = ${answer}
    where ${named(account, request)}`.execute(tx);
}

export async function deleteRequest(tx: Tx, account: AccountId, request: KeyedRequest): Promise<void> {
  await sql`delete from answered_request where ${named(account, request)} and status is null`.execute(tx);
}

/** Of all accounts. */
export async function deleteOldRequests(tx: Tx, before: Temporal.Instant): Promise<void> {
  await sql`delete from answered_request where at <= ${before}`.execute(tx);
}

/** Those whose answers hold one of these texts, whatever the case. */
export async function deleteAnswersNaming(tx: Tx, account: AccountId, texts: readonly string[]): Promise<void> {
  await sql`delete from answered_request r where account_id = ${account}
    and exists (select from unnest(${texts}::text[]) t where position(lower(t) in lower(r.answer)) > 0)`.execute(tx);
}
