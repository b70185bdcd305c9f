import type { Tx } from "../../platform/database/database.ts";
import { NotFoundError } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import type { AccountContext } from "../context.ts";
import { takeApplyTurn } from "./apply-turn.ts";
import { erasedName, hashAddress, hashRemoteId } from "./erased.ts";
import { insertErased, type PersonEntry, selectAddressesOf, selectEntriesAt, updateErased } from "./erased-store.ts";
import { selectSubscriber } from "./store.ts";

export type { PersonEntry };

/** A person as far as the account's rows tell. */
export interface PersonEntries {
  /** The person's own customer key; null when there is none, or when it can't be told. */
  readonly remoteId: string | null;
  /** Every row at each of the person's addresses. */
  readonly entries: readonly PersonEntry[];
}

/**
 * Which rows are one person: those of the customer key, and whoever else has one of its addresses, since what comes to
 * an address comes to one mailbox. Another key at the same address may be somebody else (a couple, an office): its row
 * there belongs to the address, its other addresses don't.
 * @throws NotFoundError when the account has no such subscriber, or the person was erased
 */
export async function findEntries(tx: Tx, ctx: AccountContext, id: number): Promise<PersonEntries> {
  const person = await selectSubscriber(tx, ctx.accountId, id);
  if (!person || person.erasedAt !== null) throw new NotFoundError("subscriber", String(id));
  const atAddress = await selectEntriesAt(tx, ctx.accountId, [person.emailKey]);
  const keys = [...new Set(atAddress.flatMap(({ remoteId }) => remoteId ?? []))];
  const remoteId = person.remoteId ?? (keys.length === 1 ? (keys[0] ?? null) : null);
  if (remoteId === null) return { remoteId, entries: atAddress };
  const addresses = await selectAddressesOf(tx, ctx.accountId, remoteId);
  return { remoteId, entries: await selectEntriesAt(tx, ctx.accountId, [...new Set([person.emailKey, ...addresses])]) };
}

/**
 * Empties a person's rows and keeps the hashes by which what comes again is known. Takes the account's apply turn: a
 * read that is applied later finds the hashes, one that was applied before is part of what is emptied.
 * @returns whom it emptied
 */
export async function eraseEntries(tx: Tx, ctx: AccountContext, id: number): Promise<PersonEntries> {
  const turn = await takeApplyTurn(tx, ctx.accountId);
  const found = await findEntries(tx, ctx, id);
  const now = ctx.clock.now();
  const addresses = [...new Set(found.entries.map(({ emailKey }) => emailKey))];
  const hashes = addresses.map((key) => hashAddress(ctx, ctx.accountId, key));
  if (found.remoteId !== null) hashes.push(hashRemoteId(ctx, ctx.accountId, found.remoteId));
  await insertErased(tx, ctx.accountId, hashes, { erasureId: newId(), turn, now });
  const ids = found.entries.map((entry) => entry.id);
  await updateErased(tx, ctx.accountId, ids, { name: erasedName, now });
  return found;
}
