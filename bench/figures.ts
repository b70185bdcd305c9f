import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How many people the run is about. */
export const people = Number(process.argv[process.argv.indexOf("--people") + 1]) || 1_000_000;
/** What a run puts on the disk, all in one place. */
export const temp = mkdtempSync(join(tmpdir(), "lockstep-bench-"));
chmodSync(temp, 0o755); // the server's own user reaches it: no data are put elsewhere, and left there
export const folder = (name: string) => join(temp, name);
/** The lines of docs/benchmarks.md. */
export const rows: string[][] = [];
export const say = (text: string) => process.stdout.write(`${text}\n`);

/** Tells a figure, and keeps it for the table. */
export function report(figure: string, measured: string, bar: string, isMet: boolean): void {
  rows.push([figure, measured, bar, isMet ? "yes" : "**no**"]);
  say(`${isMet ? "met  " : "UNMET"}  ${figure}: ${measured} (${bar})`);
}
