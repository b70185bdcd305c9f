import type { Command } from "commander";
import { listWritebacks, summarizeWritebacks } from "../domain/writebacks/find-writebacks.ts";
import { retryWriteback, retryWritebacks, sendWritebacksNow } from "../domain/writebacks/send-now.ts";
import { type Writeback, type WritebackState, writebackStates } from "../domain/writebacks/writeback.ts";
import { InvalidInputError } from "../platform/errors.ts";
import { accountOf, appCommand, exitCodes, type Shell } from "./command.ts";
import { whyWaiting } from "./writebacks-waiting.ts";

/** `lockstep writebacks …`: the same door as the Writeback List. */
export function addWritebacks(program: Command): void {
  const writebacks = program.command("writebacks").description("what goes back to the AMS: look, send now, try again");
  appCommand(writebacks, "list", "the latest, and how many there are", list)
    .option("--state <state>", `only these: ${writebackStates.join(", ")}`)
    .option("--search <text>", "the beginning of an address or a customer key");
  appCommand(writebacks, "send", "send what waits now, instead of at the next tick", async (shell: Shell) => {
    const ready = await sendWritebacksNow(await accountOf(shell));
    shell.result({ ready }, () => `${ready} wait and are sent now`);
    return sayWhatWaits(shell);
  });
  appCommand(writebacks, "retry", "try failed ones again: one, or all", retry)
    .argument("[id]", "of a failed one")
    .option("--all", "all that failed");
}

async function list(shell: Shell, options: { readonly state?: string; readonly search?: string }): Promise<number> {
  const ctx = await accountOf(shell);
  const states = options.state === undefined ? undefined : [parseState(options.state)];
  const found = await listWritebacks(ctx, { states, search: options.search, limit: 50 });
  const { counts, nextDueAt } = await summarizeWritebacks(ctx);
  const waiting = counts.ready + counts.processing > 0 ? await whyWaiting(shell.app, ctx) : [];
  shell.result({ counts, nextDueAt, waitsFor: waiting, items: found }, ({ items }) => {
    const sums = writebackStates.map((state) => `${counts[state]} ${state}`).join(", ");
    const next = nextDueAt ? `; the next is due ${nextDueAt}` : "";
    const hint = counts.failed > 0 ? ["Once what they name is mended: lockstep writebacks retry --all"] : [];
    return [...items.map(lineOf), `${sums}${next}`, ...waiting, ...hint].join("\n");
  });
  return exitCodes.ok;
}

function lineOf({ id, decidedAt, type, state, email, remoteId, errorMessage }: Writeback): string {
  const error = errorMessage === null || state === "sent" ? "" : `  ${errorMessage}`;
  return `${String(id).padStart(8)}  ${decidedAt}  ${type.padEnd(11)} ${state.padEnd(10)} ${remoteId}  ${email ?? ""}${error}`;
}

function parseState(text: string): WritebackState {
  const state = writebackStates.find((known) => known === text);
  if (state) return state;
  throw new InvalidInputError([{ path: "--state", message: `is one of ${writebackStates.join(", ")}` }]);
}

async function retry(shell: Shell, id: string | undefined, options: { readonly all?: boolean }): Promise<number> {
  if ((id === undefined) === (options.all !== true))
    throw new InvalidInputError([{ path: "id", message: "name one writeback, or --all" }]);
  const ctx = await accountOf(shell);
  if (id === undefined) {
    const retried = await retryWritebacks(ctx, null);
    shell.result({ retried }, () => `${retried} are tried again`);
  } else {
    if (!/^[1-9]\d{0,14}$/.test(id)) throw new InvalidInputError([{ path: "id", message: `'${id}' is no number` }]);
    shell.result(await retryWriteback(ctx, Number(id)), () => `writeback ${id} is tried again`);
  }
  return sayWhatWaits(shell);
}

/** What is in the way of what was asked for. */
async function sayWhatWaits(shell: Shell): Promise<number> {
  for (const reason of await whyWaiting(shell.app, await accountOf(shell))) shell.say(reason);
  return exitCodes.ok;
}
