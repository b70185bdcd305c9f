import { z } from "zod";
import { syncKinds, syncStates, triggers, waitReasons } from "../domain/syncs/sync.ts";
import { InvalidInputError } from "../platform/errors.ts";

/** A value as JSON carries it: instants are text in UTC. */
export type Plain<T> = T extends Temporal.Instant | (string & { readonly __brand: unknown })
  ? string
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? Plain<Item>[]
      : T extends object
        ? { [Name in keyof T]: Plain<T[Name]> }
        : T;

/** Puts a domain value into the form that JSON carries; response schemas then drop what they don't name. */
export function plain<T>(value: T): Plain<T> {
  return JSON.parse(JSON.stringify(value));
}

export const instant = z.iso
  .datetime()
  .refine((text) => /^(?!0000)[^.]*(\.\d{1,9})?Z$/.test(text), "has a year from 1 on, and nine decimals at most")
  .meta({ description: "Instant in UTC, RFC 3339" });
/** An instant that a query may name. */
export const toInstant = (text: string | undefined) => (text === undefined ? undefined : Temporal.Instant.from(text));
export const id = z.uuid().toLowerCase();
/** Text of one line: no control character gets into a mail's head, a log or the database. */
export const line = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^\P{Cc}*$/u, "holds a control character");
/** Text of several lines: no other control character. */
export const lines = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^(?:\P{Cc}|[\n\r\t])*$/u, "holds a control character");
/** A password as it was typed. Longer ones are refused before anything is computed. */
export const secretText = z.string().min(1).max(1024);
/** For what two may edit at once. */
export const version = z
  .number()
  .int()
  .optional()
  .meta({ description: "The version you saw; another by now is a conflict" });
export const idParams = z.object({ id });
export const subscriberParams = z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });
/** One value or several of the same name in a query; see `listOf`. */
export const several = <T extends z.ZodType>(value: T) =>
  z
    .union([value, z.array(value).min(1).max(20)])
    .optional()
    .meta({ description: "One or several" });
/** What `several` let in, as a list. */
export const listOf = <T extends string>(given: T | T[] | undefined): T[] | undefined =>
  given === undefined || Array.isArray(given) ? given : [given];
/** Of a route that sends a CSV file. */
export const csvFile = { content: { "text/csv": { schema: z.string() } }, description: "The list as a CSV file" };
export const limit = z.coerce.number().int().min(1).max(200).default(50);

/** Where the next page begins. Opaque to callers; another list's is refused. */
export function encodeCursor(list: string, position: unknown): string {
  return Buffer.from(JSON.stringify([list, position])).toString("base64url");
}

/** @throws InvalidInputError when the cursor is altered or another list's */
export function decodeCursor<T>(list: string, cursor: string | undefined, form: z.ZodType<T>): T | undefined {
  if (cursor === undefined) return undefined;
  try {
    const parsed = z
      .tuple([z.literal(list), form])
      .safeParse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
    if (parsed.success) return parsed.data[1] as T;
  } catch {
    // Not even JSON: said below.
  }
  throw new InvalidInputError([
    { path: "cursor", message: "is not one that this list gave; leave it out to begin again" },
  ]);
}

/** Cursor of the page behind this one, or null when this one is not full. @param position where a page behind its row begins */
export function nextCursor<Row>(
  list: string,
  rows: readonly Row[],
  limit: number,
  position: (last: Row) => unknown,
): string | null {
  const last = rows.length === limit ? rows.at(-1) : undefined;
  return last === undefined ? null : encodeCursor(list, position(last));
}

export const cursor = z.string().max(2000).optional().meta({ description: "`next` of the page before" });
export const page = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    next: z.string().nullable().meta({ description: "Cursor of the next page; null on the last" }),
  });

const listChanges = z.object({
  added: z.array(z.string()),
  renamed: z.array(z.string()),
  missing: z.array(z.string()),
  revived: z.array(z.string()),
  counts: z
    .object({ added: z.number(), renamed: z.number(), missing: z.number(), revived: z.number() })
    .meta({ description: "How many there were; the lists name the first 200 of each" }),
});

export const waitBody = z
  .object({
    reason: z.enum(waitReasons),
    syncId: id.nullable().meta({
      description: "`other_sync`: which; `session`: the one that has it longest, null when no sync has one",
    }),
    until: instant.nullable().meta({ description: "`no_answer`: when the AMS is tried again, which may be past" }),
  })
  .nullable()
  .meta({ description: "What keeps it from beginning while it waits; null once it began" });

export const syncBody = z
  .object({
    id,
    bridgeId: id.nullable(),
    groupId: id.nullable(),
    groupName: z.string().nullable(),
    kind: z.enum(syncKinds),
    isDryRun: z.boolean(),
    state: z.enum(syncStates),
    trigger: z.enum(triggers),
    requestedBy: z.string(),
    requestedAt: instant,
    waitsBehind: z.number().nullable().meta({ description: "How many of its bridge go before it; null once it began" }),
    waitsFor: waitBody,
    startedAt: instant.nullable(),
    finishedAt: instant.nullable(),
    progressAt: instant.nullable(),
    attempt: z.number(),
    nightlyRunId: id.nullable(),
    cancelRequestedBy: z.string().nullable(),
    rowsRead: z.number(),
    rowsExpected: z.number().nullable(),
    rowsApplied: z.number(),
    unusable: z.number(),
    withoutAddress: z.number(),
    malformedAddress: z.number(),
    duplicate: z.number(),
    distinctValid: z.number(),
    membersBefore: z.number(),
    added: z.number(),
    removed: z.number(),
    updated: z.number(),
    sendable: z.number().nullable(),
    listChanges: z
      .object({
        groups: listChanges,
        fields: listChanges,
        optOutCategories: listChanges.optional().meta({ description: "Absent where the AMS offers none" }),
      })
      .nullable(),
    errorKind: z.string().nullable(),
    errorMessage: z.string().nullable(),
    errorDetail: z
      .string()
      .nullable()
      .meta({ description: "What came over the wire: for administrators and staff, null for others" }),
    heldReason: z.string().nullable(),
    decidedBy: z.string().nullable(),
  })
  .meta({ id: "Sync" });

export const syncAnswer = z.object({ answer: z.enum(["queued", "joined", "held"]), sync: syncBody }).meta({
  id: "SyncAnswer",
  description:
    "The sync that answers the request: a new one, one it joined, or the held one that must be decided first",
});

export const memberBody = z
  .object({
    subscriberId: z.number(),
    remoteId: z.string().nullable(),
    email: z.string(),
    standing: z.enum(["do_not_email", "unsubscribed", "bad_email", "sendable"]),
    values: z.record(z.string(), z.string()).meta({ description: "Of the fields that are kept" }),
    addedBy: id.nullable().meta({ description: "Null in a compound group, whose members are computed" }),
    removedBy: id.nullable(),
  })
  .meta({ id: "Member" });

export const rejectReasons = [
  "key_missing",
  "key_malformed",
  "flag_malformed",
  "without_address",
  "malformed_address",
  "duplicate_address",
  "duplicate_key",
  "erased",
] as const;
export const rejectSteps = ["unusable", "without_address", "malformed_address", "duplicate"] as const;
