import type { Command } from "commander";
import type { AccountContext } from "../domain/context.ts";
import { applyHeldSync, cancelSync, discardHeldSync } from "../domain/syncs/decide-sync.ts";
import { findSync, listSyncs } from "../domain/syncs/find-syncs.ts";
import { listChanges, listWouldChanges } from "../domain/syncs/look-back.ts";
import { findNightlyRun, previewNightly, startNightly } from "../domain/syncs/nightly.ts";
import { requestListSync, requestSubscriberSync, type SyncAnswer } from "../domain/syncs/request-sync.ts";
import type { Sync, SyncId } from "../domain/syncs/sync.ts";
import type { GroupId } from "../domain/target-groups/target-group.ts";
import { InvalidInputError, must, NotFoundError } from "../platform/errors.ts";
import { isId } from "../platform/ids.ts";
import { startWorker } from "../worker/worker.ts";
import { accountOf, appCommand, commandLineActor, exitCodes, type Shell } from "./command.ts";
import { exitCodeFor, followSyncs, number, outcomeLine } from "./follow-sync.ts";
import { listAllGroups } from "./list-groups.ts";
import { measureWorkers } from "./workers.ts";

interface WaitOptions {
  readonly wait?: boolean;
}

/** `lockstep sync …`: the same door as the buttons. */
export function addSync(program: Command): void {
  const sync = program.command("sync").description("ask for syncs, watch them, decide about held ones");
  appCommand(
    sync,
    "list",
    "list sync: bring the list of target groups in step",
    async (shell: Shell, options: WaitOptions) => {
      const ctx = await accountOf(shell);
      return answer(shell, ctx, options, [await requestListSync(ctx, { trigger: "cli", by: ctx.actor })]);
    },
  ).option("--wait", "wait for its end");
  appCommand(
    sync,
    "group",
    "subscriber sync of one target group",
    async (shell: Shell, group: string, options: WaitOptions & { dryRun?: boolean; changes?: boolean }) => {
      const ctx = await accountOf(shell);
      const found = await findGroup(ctx, group);
      const asked = await requestSubscriberSync(
        ctx,
        found,
        { trigger: "cli", by: ctx.actor },
        { dryRun: options.dryRun ?? false },
      );
      const code = await answer(shell, ctx, options, [asked]);
      if (options.wait && options.changes && !shell.options.json) await showChanges(shell, ctx, asked.sync.id);
      return code;
    },
  )
    .argument("<group>", "its id or name")
    .option("--dry-run", "say what would change, and change nothing")
    .option("--wait", "wait for its end")
    .option("--changes", "with --wait: show the first who came and went");
  appCommand(sync, "nightly", "the Nightly Sync, now", runNightly)
    .option("--at <instant>", "judge eligibility as of this instant (ISO 8601, with zone or offset)")
    .option("--dry-run", "say what it would take and why, and sync nothing")
    .option("--wait", "wait for its end");
  appCommand(sync, "history", "the latest syncs", async (shell: Shell) => {
    const found = await listSyncs(await accountOf(shell), { limit: 20 });
    shell.result(found, (syncs) =>
      syncs
        .map(
          (one) =>
            `${one.id}  ${one.requestedAt}  ${one.trigger.padEnd(14)} ${(one.groupName ?? "list").padEnd(34).slice(0, 34)} ${one.state.padEnd(9)} ${outcomeLine(one)}`,
        )
        .join("\n"),
    );
    return exitCodes.ok;
  });
  const decisions = { apply: applyHeldSync, discard: discardHeldSync, cancel: cancelSync } as const;
  const words = {
    apply: "apply a held sync",
    discard: "discard a held sync",
    cancel: "cancel a waiting or running sync",
  } as const;
  for (const name of ["apply", "discard", "cancel"] as const) {
    appCommand(sync, name, words[name], async (shell: Shell, id: string) => {
      const decided = await decisions[name](await accountOf(shell), parseId(id));
      shell.result(
        decided,
        (one) =>
          `${one.groupName ?? "Target group list"}: ${one.state === "succeeded" || one.state === "cancelled" ? outcomeLine(one) : `${one.state}, asked to cancel`}`,
      );
      return exitCodes.ok;
    }).argument("<sync>", "its id");
  }
}

/** Says which sync answers, and with --wait follows it; without a worker anywhere, this process works meanwhile. */
async function answer(
  shell: Shell,
  ctx: AccountContext,
  options: WaitOptions,
  answers: readonly SyncAnswer[],
): Promise<number> {
  if (!options.wait) {
    shell.result(answers, (all) => all.map(({ answer: how, sync }) => `${sync.id} ${describeAnswer[how]}`).join("\n"));
    return answers.some((one) => one.answer === "held") ? exitCodes.held : exitCodes.ok;
  }
  const ended = await withWorker(shell, () =>
    followSyncs(
      shell,
      ctx,
      answers.map((one) => one.sync),
    ),
  );
  if (shell.options.json) shell.result(ended, () => "");
  return exitCodeFor(ended);
}

const describeAnswer = {
  queued: "waits for its turn",
  joined: "was asked for already: this request joined it",
  held: "is held and waits for a decision: lockstep sync apply|discard",
} as const;

async function withWorker<T>(shell: Shell, run: () => Promise<T>): Promise<T> {
  if ((await measureWorkers(shell.app.ctx)) > 0) return run();
  const worker = await startWorker(shell.app);
  try {
    return await run();
  } finally {
    await worker.stop();
  }
}

async function findGroup(ctx: AccountContext, text: string): Promise<GroupId> {
  if (isId(text)) return text.toLowerCase() as GroupId;
  const found = await listAllGroups(ctx, text);
  const exact = found.filter((group) => group.name === text);
  const [only] = exact.length > 0 ? exact : found;
  if (!only) throw new NotFoundError("target group", text, "List them: lockstep groups");
  if (exact.length > 1 || (exact.length === 0 && found.length > 1)) {
    throw new InvalidInputError([
      {
        path: "group",
        message: `'${text}' fits ${found.length} groups:\n${found
          .slice(0, 20)
          .map((group) => `  ${group.id}  ${group.name}`)
          .join("\n")}`,
      },
    ]);
  }
  return only.id;
}

function parseId(text: string): SyncId {
  if (!isId(text))
    throw new InvalidInputError([{ path: "sync", message: `'${text}' is no id; see lockstep sync history` }]);
  return text.toLowerCase() as SyncId;
}

const shown = 8;

async function showChanges(shell: Shell, ctx: AccountContext, syncId: SyncId): Promise<void> {
  const sync = await findSync(ctx, syncId);
  const isWould = sync.isDryRun || sync.state === "held";
  for (const kind of ["added", "removed"] as const) {
    const people = isWould
      ? await listWouldChanges(ctx, { syncId, kind, limit: shown })
      : await listChanges(ctx, { syncId, kind, limit: shown });
    for (const person of people)
      shell.say(`  ${kind === "added" ? "+" : "−"} ${person.email}  ${person.remoteId ?? ""}`);
    const total = kind === "added" ? sync.added : sync.removed;
    if (total && total > people.length) shell.say(`    … ${number(total)} in all`);
  }
}

async function runNightly(shell: Shell, options: WaitOptions & { at?: string; dryRun?: boolean }): Promise<number> {
  const ctx = await accountOf(shell);
  const at = options.at === undefined ? ctx.clock.now() : parseInstant(options.at);
  if (options.dryRun) {
    const verdicts = await previewNightly(ctx, at);
    shell.result(verdicts, (all) =>
      all
        .map((one) => `${one.isTaken ? "takes " : "leaves"}  ${one.groupName.padEnd(44).slice(0, 44)}  ${one.reason}`)
        .join("\n"),
    );
    return exitCodes.ok;
  }
  const run = must(await startNightly({ ...ctx, actor: commandLineActor() }, { at }), "a run on demand always starts");
  if (!options.wait) {
    shell.result(run, (one) => `Nightly Sync ${one.id} started`);
    return exitCodes.ok;
  }
  return withWorker(shell, async () => {
    for (;;) {
      const now = must(await findNightlyRun(ctx, run.id), "a run just started is there");
      if (now.run.state !== "done") {
        await ctx.clock.sleep(300);
        continue;
      }
      shell.result(now, ({ verdicts }) =>
        verdicts
          .map((one) =>
            `${(one.isTaken ? (one.state ?? "") : "left").padEnd(9)}  ${one.groupName.padEnd(44).slice(0, 44)}  ${one.reason}`.trim(),
          )
          .join("\n"),
      );
      return exitCodeFor(now.verdicts.filter((one) => one.state !== null).map((one) => ({ state: one.state }) as Sync));
    }
  });
}

function parseInstant(text: string): Temporal.Instant {
  try {
    return Temporal.Instant.from(text);
  } catch {
    throw new InvalidInputError([
      { path: "--at", message: `'${text}' is no instant; write it like 2026-11-23T03:00:00+01:00` },
    ]);
  }
}
