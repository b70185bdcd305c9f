import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { describeError, SetupError } from "../errors.ts";
import type { Home } from "./embedded-home.ts";

export const superuser = "postgres";

/** Makes the database's folder, unless it is there. @throws SetupError when it can't be made, or another version made it */
export async function initialise(home: Home): Promise<void> {
  if (await isMade(home)) return;
  try {
    // Made under another name first: a kill in the middle leaves nothing that looks like a database.
    const making = await mkdtemp(`${home.dataDir}.new-`);
    await home.give(making);
    await runInitdb(home, making);
    await rename(making, home.dataDir);
  } catch (cause) {
    // Of processes that start at once, the first one's database stands, and what the others make is in vain.
    if (!(await isMade(home))) {
      throw new SetupError(
        "initdb_failed",
        `The embedded database could not be created in ${home.dataDir}: ${describeError(cause)}`,
        "Make the folder writable and give it some space, or set LOCKSTEP_DATABASE_URL.",
        { cause },
      );
    }
  }
  await removeUnfinished(home);
}

/** Whether there is a database. @throws SetupError when another version of PostgreSQL made it */
export async function isMade(home: Home): Promise<boolean> {
  const version = await readFile(join(home.dataDir, "PG_VERSION"), "utf8").catch(() => undefined);
  if (version === undefined) return false;
  if (version.trim() === home.major) return true;
  throw new SetupError(
    "wrong_version",
    `The data in ${home.dataDir} was made by PostgreSQL ${version.trim()}; this Lockstep brings PostgreSQL ${home.major}.`,
    "Start the Lockstep version that made it, or choose another LOCKSTEP_DATA_DIR.",
  );
}

async function runInitdb(home: Home, directory: string): Promise<void> {
  const flags = ["--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  await promisify(execFile)(home.initdb, ["-D", directory, "-U", superuser, ...flags, "--locale=C", "--no-sync"], {
    ...home.identity,
    cwd: home.socketDir,
  });
}

/** What kills and lost races left beside the database. A sister that still works there finds the database made. */
async function removeUnfinished(home: Home): Promise<void> {
  const folder = dirname(home.dataDir);
  const unfinished = `${basename(home.dataDir)}.new`;
  for (const name of await readdir(folder)) {
    if (name.startsWith(unfinished)) await rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 });
  }
}
