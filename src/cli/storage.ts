import type { Command } from "commander";
import { listHousekeeping, requestHousekeeping } from "../domain/housekeeping/keep-house.ts";
import { findStorage } from "../domain/installation/find-storage.ts";
import { measureStorage } from "../domain/installation/measure-storage.ts";
import { accountOf, appCommand, exitCodes, type Shell } from "./command.ts";
import { number } from "./follow-sync.ts";

/** Commands about how much is stored, and what goes. */
export function addStorage(program: Command): void {
  appCommand(program, "size", "how large every table and every account is, and how it grows", showSize).option(
    "--count",
    "count the rows first, which takes a while, instead of showing last night's figures",
  );
  appCommand(program, "housekeeping", "what the last nights removed of what an account doesn't keep", showRuns).option(
    "--run",
    "remove it now: a worker does so within a minute",
  );
}

async function showSize(shell: Shell, options: { count?: boolean }): Promise<number> {
  const { ctx } = shell.app;
  if (options.count && !(await measureStorage(ctx))) shell.say("The rows have been counted today already.");
  const storage = await findStorage(ctx);
  shell.result(storage, ({ databaseBytes, countedAt, tables, accounts }) =>
    [
      `${size(databaseBytes)} in all; rows as counted ${countedAt?.toString({ smallestUnit: "second" }) ?? "never yet: a worker does so every night, lockstep size --count does it now"}`,
      "",
      ...columns([
        ["Table", "Size", "In 30 days", "Rows", "Oldest", "Older than a year"],
        ...tables
          .filter(({ bytes }) => bytes > 0)
          .map(({ name, bytes, grewBytes, rows, oldestAt, olderThanYear }) => [
            name,
            size(bytes),
            grewBytes === null ? "" : `${grewBytes < 0 ? "−" : "+"}${size(Math.abs(grewBytes))}`,
            rows === null ? "" : number(rows),
            oldestAt?.toString().slice(0, 10) ?? "",
            olderThanYear.rows === 0 ? "" : `${number(olderThanYear.rows)}, ${size(olderThanYear.bytes)}`,
          ]),
      ]),
      "",
      ...columns([
        ["Account", "Size, about", "Rows", "The next night frees", "Kept for a year it would free"],
        ...accounts.map(({ name, bytes, rows, due, olderThanYear }) => [
          name,
          size(bytes),
          number(rows),
          size(due.bytes),
          size(olderThanYear.bytes),
        ]),
      ]),
    ].join("\n"),
  );
  return exitCodes.ok;
}

async function showRuns(shell: Shell, options: { run?: boolean }): Promise<number> {
  const ctx = await accountOf(shell);
  if (options.run) await requestHousekeeping(ctx);
  const runs = await listHousekeeping(ctx, { limit: 14 });
  shell.result(runs, () =>
    runs.length === 0
      ? "No night has come yet since the account was made."
      : columns([
          ["Night", "By", "Finished", "Worked", "Removed", "Not done"],
          ...runs.map((run) => [
            run.localDate,
            run.causedBy,
            run.finishedAt?.toString({ smallestUnit: "second" }) ?? "waits for a worker, or runs",
            `${(run.workedMs / 1000).toFixed(1)} s`,
            Object.entries(run.removed)
              .map(([kind, rows]) => `${number(rows)} ${kind.replaceAll("_", " ")}`)
              .join(", ") || "nothing",
            Object.entries(run.errors)
              .map(([step, reason]) => `${step}: ${reason}`)
              .join("; "),
          ]),
        ]).join("\n"),
  );
  return runs[0] && Object.keys(runs[0].errors).length > 0 ? exitCodes.failed : exitCodes.ok;
}

export function size(bytes: number): string {
  if (bytes < 1024 ** 2) return `${Math.ceil(bytes / 1024)} KiB`;
  return bytes < 1024 ** 3 ? `${(bytes / 1024 ** 2).toFixed(1)} MiB` : `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}

/** Rows of words under each other. */
function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
