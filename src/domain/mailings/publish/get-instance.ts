import type { Tx } from "../../../platform/database/database.ts";
import { NotFoundError } from "../../../platform/errors.ts";
import type { AccountContext } from "../../context.ts";
import type { Instance } from "../instance.ts";
import type { InstanceId } from "../mailing.ts";
import { selectInstance } from "./instance-store.ts";

/** @throws NotFoundError when the account has no such instance */
export async function getInstance(tx: Tx, ctx: AccountContext, id: InstanceId): Promise<Instance> {
  const instance = await selectInstance(tx, ctx.accountId, id);
  if (!instance) throw new NotFoundError("publishing", id);
  return instance;
}
