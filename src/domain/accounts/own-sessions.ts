import { NotFoundError } from "../../platform/errors.ts";
import type { Context } from "../context.ts";
import { describeDevice } from "./device.rules.ts";
import type { SignedIn } from "./find-signed-in.ts";
import { isSessionAlive } from "./session.rules.ts";
import { deleteSessionOf, selectSessionsOf } from "./session-store.ts";
import type { UserSessionId } from "./user.ts";

/** One of a person's sign-ins, as they may see it. */
export interface OwnSession {
  readonly id: UserSessionId;
  /** Such as "Firefox on Windows". */
  readonly device: string;
  readonly createdAt: Temporal.Instant;
  /** To the minute. */
  readonly usedAt: Temporal.Instant;
  readonly isCurrent: boolean;
}

/** The person's sessions that still hold, the last used first. */
export async function listOwnSessions(ctx: Context, { user, session }: SignedIn): Promise<readonly OwnSession[]> {
  const sessions = await ctx.db.system((tx) => selectSessionsOf(tx, user.id));
  const now = ctx.clock.now();
  return sessions
    .filter((own) => own.state === "signed_in" && isSessionAlive(own, now))
    .map((own) => ({ ...own, device: describeDevice(own.device), isCurrent: own.id === session.id }));
}

/** Ends one of the person's sessions, the current one too. @throws NotFoundError when it is not theirs, or has ended */
export async function endOwnSession(ctx: Context, { user }: SignedIn, id: UserSessionId): Promise<void> {
  if (!(await ctx.db.system((tx) => deleteSessionOf(tx, user.id, id)))) throw new NotFoundError("session", id);
}
