import type { AccountContext } from "../domain/context.ts";
import { listTargetGroups } from "../domain/target-groups/get-target-group.ts";
import type { TargetGroup } from "../domain/target-groups/target-group.ts";

const pageSize = 200;

/** Every target group whose name holds the text, page by page. */
export async function listAllGroups(ctx: AccountContext, search?: string): Promise<readonly TargetGroup[]> {
  const groups: TargetGroup[] = [];
  for (let after: { key: string; id: string } | undefined; ; ) {
    const page = await listTargetGroups(ctx, { sort: "name", limit: pageSize, search, after });
    groups.push(...page.map(({ group }) => group));
    const last = page.at(-1);
    if (!last || page.length < pageSize) return groups;
    after = { key: last.key, id: last.group.id };
  }
}
