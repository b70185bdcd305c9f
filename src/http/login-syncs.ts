import { nameOf, type User } from "../domain/accounts/user.ts";
import { type Context, inAccount } from "../domain/context.ts";
import { requestLoginSync } from "../domain/syncs/request-login-sync.ts";
import { describeError } from "../platform/errors.ts";

/** Trigger `login`: asked for beside the sign-in, which neither waits for it nor fails with it. (product 1.3) */
export interface LoginSyncs {
  begin(user: User): void;
  /** Waits for what was begun. */
  settle(): Promise<void>;
}

export function createLoginSyncs(ctx: Context): LoginSyncs {
  const running = new Set<Promise<void>>();
  const request = async (user: User) => {
    if (user.accountId === null) return;
    try {
      await requestLoginSync(inAccount(ctx, user.accountId, nameOf(user)));
    } catch (error) {
      ctx.log.warn({ reason: describeError(error) }, "the list sync of a sign-in could not be asked for");
    }
  };
  return {
    begin(user) {
      const one = request(user).finally(() => running.delete(one));
      running.add(one);
    },
    async settle() {
      await Promise.all(running);
    },
  };
}
