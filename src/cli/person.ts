import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Command, Option } from "commander";
import type { AccountContext } from "../domain/context.ts";
import { findErasures } from "../domain/people/erase-again.ts";
import { type Erasure, erasePerson, previewErasure } from "../domain/people/erase-person.ts";
import { exportPerson } from "../domain/people/export-person.ts";
import { writeRegister } from "../domain/people/register.ts";
import { type ExportFormat, exportFormats, writeExport } from "../domain/people/write-export.ts";
import { findByAddress } from "../domain/subscribers/find-subscribers.ts";
import { liftErasure } from "../domain/subscribers/lift-erasure.ts";
import { NotFoundError } from "../platform/errors.ts";
import { accountOf, appCommand, exitCodes, type Shell } from "./command.ts";
import { applyErasures, describeErasedAgain, readErasures } from "./erasures.ts";

/** `lockstep person …`: one person's data, on their request. (product 2.6) */
export function addPerson(program: Command): void {
  const person = program.command("person").description("all that is kept of one person: export and erase");
  appCommand(person, "export", "everything that is kept of a person", exportToFile)
    .argument("<person>", "e-mail address, or number of the subscriber")
    .addOption(new Option("--format <format>", "for programs or for people").choices(exportFormats).default("json"))
    .option("--output <file>", "where it goes; standard output without it");
  appCommand(person, "erase", "erase a person; without --confirm, say what goes and what stays", eraseOne)
    .argument("<person>", "e-mail address, or number of the subscriber")
    .option("--confirm <e-mail>", "the person's address once more: erases");
  appCommand(
    person,
    "erasures",
    "whom all accounts erased, by hashes alone: what `restore --erasures` and `erase-again` take",
    async (shell: Shell) => {
      process.stdout.write(writeRegister(await findErasures(shell.app.ctx)));
      return exitCodes.ok;
    },
  );
  appCommand(
    person,
    "erase-again",
    "after a restore: erase whoever was erased before, and stands there again",
    async (shell: Shell, { from, of }: { readonly from?: string; readonly of?: string }) => {
      const named = {
        ...(from === undefined ? {} : { erasures: from }),
        ...(of === undefined ? {} : { replaces: of }),
      };
      const register = await readErasures(named, shell.app.config);
      shell.result(await applyErasures(shell.app, register), (done) => describeErasedAgain(done, register));
      return exitCodes.ok;
    },
  )
    .option("--from <file>", "what `person erasures` said of the state that was replaced")
    .addOption(
      new Option("--of <place>", "that state itself: its data folder, or its postgres:// URL").conflicts("from"),
    );
  appCommand(
    person,
    "lift-erasure",
    "let an erased person come back, who asked for it",
    async (shell: Shell, email: string, options: { readonly reason: string }) => {
      await liftErasure(await accountOf(shell), email, options.reason);
      shell.result({ lifted: true }, () => "Lifted: the next sync or file brings the person, as somebody new.");
      return exitCodes.ok;
    },
  )
    .argument("<e-mail>", "an address that the person was erased with")
    .requiredOption("--reason <text>", "who asked for it, and how");
}

async function exportToFile(
  shell: Shell,
  person: string,
  options: { readonly format: ExportFormat; readonly output?: string },
): Promise<number> {
  const ctx = await accountOf(shell);
  const text = Readable.from(writeExport(await exportPerson(ctx, await findPerson(ctx, person)), options.format));
  if (options.output === undefined) {
    for await (const piece of text) process.stdout.write(piece);
    return exitCodes.ok;
  }
  // Nobody else on this machine reads along.
  await pipeline(text, createWriteStream(options.output, { mode: 0o600 }));
  shell.result({ file: options.output }, ({ file }) => `Written to ${file}`);
  return exitCodes.ok;
}

async function eraseOne(shell: Shell, person: string, options: { readonly confirm?: string }): Promise<number> {
  const ctx = await accountOf(shell);
  const id = await findPerson(ctx, person);
  if (options.confirm === undefined) {
    shell.result(await previewErasure(ctx, id), describe);
    return exitCodes.usage;
  }
  const { entries } = await erasePerson(ctx, id, options.confirm);
  shell.result({ entries: entries.length }, () => "Erased. No sync, file or restored state brings the person back.");
  return exitCodes.ok;
}

function describe({ entries, kept, files }: Erasure): string {
  return [
    "This goes, and nothing brings it back:",
    ...entries.map(({ email, remoteId }) => `  ${email}  ${remoteId ?? "(no customer key)"}`),
    `  their values, ${kept.wishChanges} changes of whether they may be written to, and rows that name them`,
    ...files.map((file) => `  the file ${file}, which waits to be imported and names them`),
    "This stays:",
    `  an empty row, by which ${kept.groups} groups and ${kept.mailings} mailings go on to count`,
    "  keyed hashes of the addresses and the customer key, so that nothing brings the person back into mailings",
    ...(kept.openWritebacks > 0
      ? [`  ${kept.openWritebacks} writebacks to the AMS, which go by the customer key alone`]
      : []),
    `To erase, type the address once more: lockstep person erase ${entries[0]?.id ?? ""} --confirm <e-mail>`,
  ].join("\n");
}

async function findPerson(ctx: AccountContext, text: string): Promise<number> {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const found = await findByAddress(ctx, text);
  if (found === null)
    throw new NotFoundError("subscriber", text, "Name the whole address, or the number of the person's page.");
  return found;
}
