import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { openDatabase } from "../app.ts";
import { noteErasuresKnown } from "../domain/installation/installation.ts";
import { eraseAgain } from "../domain/people/erase-again.ts";
import { type ErasureRegister, parseRegister } from "../domain/people/register.ts";
import { listErasures } from "../domain/subscribers/erasure-register.ts";
import { systemClock } from "../platform/clock.ts";
import type { Config } from "../platform/config.ts";
import { Database } from "../platform/database/database.ts";
import { SetupError } from "../platform/errors.ts";
import { createLog } from "../platform/log.ts";
import { createSecretBox, loadOrCreateKey } from "../platform/secrets.ts";
import { commandLineActor, type Shell } from "./command.ts";

/** Where a restore, or an erasing anew, learns whom the state had erased that was replaced. */
export interface ErasuresFrom {
  /** A file that `lockstep person erasures` printed. */
  readonly erasures?: string;
  /** The data folder or the database's URL of the state itself. */
  readonly replaces?: string;
}

/** @returns null where neither is named. @throws SetupError @throws InvalidInputError */
export async function readErasures(from: ErasuresFrom, config: Config): Promise<ErasureRegister | null> {
  if (from.erasures !== undefined) return parseRegister(await readFile(from.erasures, "utf8"));
  return from.replaces === undefined ? null : readReplaced(from.replaces, config);
}

/** Asks the state that is replaced, which is only read. */
async function readReplaced(place: string, config: Config): Promise<ErasureRegister> {
  const isServer = /^postgres(ql)?:/.test(place);
  if (!isServer && !existsSync(join(place, "postgres")))
    throw new SetupError(
      "no_database_there",
      `There is no database of Lockstep in ${resolve(place)}.`,
      "Name the data folder of the installation that is replaced, or its postgres:// URL.",
    );
  const theirs: Config = isServer
    ? { ...config, databaseUrl: place }
    : { ...config, databaseUrl: undefined, dataDir: place };
  const { database, stop } = await openDatabase(theirs, createLog("silent"));
  const db = new Database({ ...database, max: 1 }, () => {});
  try {
    const keyFile = join(place, "secret.key");
    const isKeyThere = !isServer && config.secretKey === undefined && existsSync(keyFile);
    const keyId = isKeyThere ? createSecretBox(loadOrCreateKey(undefined, keyFile)).keyId : null;
    return { at: systemClock.now().toString(), keyId, lines: await listErasures({ db }) };
  } finally {
    await db.close();
    await stop();
  }
}

/** What became of it. */
export interface ErasedAgain {
  readonly people: number;
  /** Erasures after this instant are still unknown; null when nothing is missing. */
  readonly unknownSince: string | null;
}

/** Erases whom the register names, and notes that they are known. */
export async function applyErasures({ ctx }: Shell["app"], register: ErasureRegister | null): Promise<ErasedAgain> {
  const people = await eraseAgain(ctx, register, commandLineActor());
  const unknownSince = register === null ? null : await noteErasuresKnown(ctx, register.at);
  return { people, unknownSince: unknownSince?.toString() ?? null };
}

/** The same in words. */
export function describeErasedAgain({ people, unknownSince }: ErasedAgain, register: ErasureRegister | null): string {
  const done = `Erased again: ${people}`;
  if (unknownSince !== null)
    return `${done}. Its register ends at ${register?.at}, before the restored state of ${unknownSince}: whoever was erased after that is still not known.`;
  return register === null
    ? done
    : `${done}. Known until ${register.at}; whoever was erased later is not in what was given.`;
}
