import { Listr } from "listr2";
import type { AccountContext } from "../domain/context.ts";
import { findSync } from "../domain/syncs/find-syncs.ts";
import { isEnded, type Sync, type SyncId } from "../domain/syncs/sync.ts";
import { exitCodes, type Shell } from "./command.ts";
import { pauseIfInterrupted } from "./interrupt.ts";

const lookMs = 200;
const grouped = new Intl.NumberFormat("en");
export const number = (value: number) => grouped.format(value);

/** Shows syncs until each ended or is held: bars on a terminal, a line at the end elsewhere. */
export async function followSyncs(shell: Shell, ctx: AccountContext, syncs: readonly Sync[]): Promise<readonly Sync[]> {
  const done: Sync[] = [];
  const tasks = syncs.map((sync) => ({
    title: nameOf(sync),
    task: async (_: unknown, task: { title: string; output: string }) => {
      const ended = await waitForSync(ctx, sync.id, (now) => {
        if (shell.isTerminal) task.output = progressLine(now);
      });
      done.push(ended);
      task.title = `${nameOf(ended)}: ${outcomeLine(ended)}`;
      if (ended.state === "failed") throw new Error(`${nameOf(ended)}: ${outcomeLine(ended)}`);
    },
  }));
  if (shell.options.json)
    await Promise.all(tasks.map((task) => task.task({}, { title: "", output: "" }).catch(() => {})));
  else {
    const renderer = shell.isTerminal ? ("default" as const) : ("simple" as const);
    await new Listr(tasks as never, {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false, // it would end the program before the database is closed
      renderer,
      rendererOptions: { collapseErrors: false } as never,
    }).run();
  }
  return syncs.map((sync) => done.find((ended) => ended.id === sync.id) ?? sync);
}

export async function waitForSync(
  ctx: AccountContext,
  id: SyncId,
  onProgress: (sync: Sync) => void = () => {},
): Promise<Sync> {
  for (;;) {
    await pauseIfInterrupted();
    const sync = await findSync(ctx, id);
    if (isEnded(sync.state) || sync.state === "held") return sync;
    onProgress(sync);
    await ctx.clock.sleep(lookMs);
  }
}

function nameOf(sync: Sync): string {
  return sync.kind === "list" ? "Target group list" : `${sync.isDryRun ? "Dry run of " : ""}${sync.groupName}`;
}

function progressLine(sync: Sync): string {
  switch (sync.state) {
    case "queued":
      return "Waiting";
    case "reading": {
      const expected = sync.rowsExpected;
      return expected
        ? `Reading ${bar(sync.rowsRead / expected)} ${number(sync.rowsRead)} of about ${number(expected)}`
        : `Reading ${number(sync.rowsRead)}`;
    }
    case "comparing":
      return `Comparing ${number(sync.rowsRead)} rows`;
    case "applying":
      return sync.rowsApplied > 0 ? `Applying, ${number(sync.rowsApplied)} written` : "Applying";
    default:
      return sync.state;
  }
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, share) * 24);
  return "█".repeat(full) + "░".repeat(24 - full);
}

/** A sync's end in one line: what changed, or why not. */
export function outcomeLine(sync: Sync): string {
  const seconds =
    sync.startedAt && sync.finishedAt ? `, ${sync.finishedAt.since(sync.startedAt).total("seconds").toFixed(1)} s` : "";
  if (sync.state === "failed") return `failed: ${sync.errorMessage ?? ""}`;
  if (sync.state === "held") return `held: ${sync.heldReason ?? ""}`;
  if (sync.state === "cancelled" && sync.decidedBy) return `discarded by ${sync.decidedBy}`;
  if (sync.state === "cancelled") return `cancelled by ${sync.cancelRequestedBy ?? "somebody"}`;
  if (sync.listChanges) {
    const groups = sync.listChanges.groups.counts;
    const fields = sync.listChanges.fields.counts;
    return `${number(groups.added)} groups added, ${number(groups.renamed)} renamed, ${number(groups.missing)} missing, ${number(groups.revived)} revived; ${number(fields.added)} fields added${seconds}`;
  }
  const verb = sync.isDryRun ? "would be " : "";
  return `${verb}+${number(sync.added)} −${number(sync.removed)} ~${number(sync.updated)}; ${number(sync.distinctValid)} distinct and valid of ${number(sync.rowsRead)} records${seconds}`;
}

/** The exit code for how syncs ended: a failure outweighs a hold. */
export function exitCodeFor(syncs: readonly Sync[]): number {
  if (syncs.some((sync) => sync.state === "failed" || sync.state === "cancelled")) return exitCodes.failed;
  return syncs.some((sync) => sync.state === "held") ? exitCodes.held : exitCodes.ok;
}
