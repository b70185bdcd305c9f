import { GroupedWrites } from "../../platform/grouped-writes.ts";
import type { AccountContext } from "../context.ts";
import { type Step, updateSteps } from "./send-store.ts";

/** As many steps as are ever written together: those of all sessions of one run. */
const mostAtOnce = 64;

/** Writes down how far writebacks have come, those of all sessions together: a commit waits for the disk. */
export class StepWriter {
  readonly #writes: GroupedWrites<Step, boolean>;

  constructor(ctx: AccountContext) {
    this.#writes = new GroupedWrites(mostAtOnce, (steps) =>
      ctx.db.transaction(ctx.accountId, (tx) => updateSteps(tx, ctx.accountId, steps, ctx.clock.now())),
    );
  }

  /** @returns once it is committed, whether the writeback was still in its session's hands */
  note(step: Step): Promise<boolean> {
    return this.#writes.add(step);
  }
}
