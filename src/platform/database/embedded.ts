import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { describeError } from "../errors.ts";
import { type Home, prepareHome } from "./embedded-home.ts";
import { initialise, isMade, superuser } from "./embedded-initdb.ts";
import { bringUp, readPid, type Tell, waitUntil } from "./embedded-launch.ts";

/** Every process that uses the embedded server holds this lock, shared: whoever stops last finds it free. */
const inUseLock = 7_000_002;
const databaseName = "lockstep";
/** Between tries to start a server again that has ended, at most. */
const longestPauseMs = 30_000;

export interface EmbeddedServer {
  readonly config: pg.PoolConfig;
  /** Another process had started it: a sister, or one that was killed. */
  readonly isAdopted: boolean;
  /** Stops the server, unless another process still uses it. */
  stop(): Promise<void>;
}

/**
 * The embedded PostgreSQL: started on its data folder, or taken over if it runs already. Listens on a Unix socket
 * only, whose folder nobody else may enter. Survives `kill -9` of its starter; the next start adopts it. While it is
 * used it is looked after: one that ends is started again by whoever of its users notices first.
 * @param tell hears of waits and of servers that ended
 * @throws SetupError when the folder can't be used, was made by another version, or the server doesn't come up
 */
export async function startEmbedded(dataDir: string, tell: Tell = () => {}): Promise<EmbeddedServer> {
  const home = await prepareHome(dataDir);
  const config: pg.PoolConfig = { host: home.socketDir, user: superuser, database: databaseName };
  const isAdopted = await bringUp(home, tell, () => initialise(home));
  await createDatabase(home);
  const use = new Use(home, config, tell);
  await use.join();
  return { config, isAdopted, stop: () => use.leave() };
}

/** One process's use of the server, from its start to its stop. */
class Use {
  readonly #home: Home;
  readonly #config: pg.PoolConfig;
  readonly #tell: Tell;
  readonly #leaving = new AbortController();
  #client: pg.Client | undefined;
  #reviving: Promise<void> = Promise.resolve();

  constructor(home: Home, config: pg.PoolConfig, tell: Tell) {
    this.#home = home;
    this.#config = config;
    this.#tell = tell;
  }

  /** Opens a connection that holds the in-use lock as long as the process lives, and whose end tells of the server's. */
  async join(): Promise<void> {
    const client = new pg.Client({
      ...(this.#config as pg.ClientConfig),
      application_name: "lockstep-embedded",
      connectionTimeoutMillis: 10_000,
    });
    client.on("error", () => {});
    await client.connect();
    await client.query("select pg_advisory_lock_shared($1)", [inUseLock]);
    client.once("end", () => {
      this.#reviving = this.#revive();
    });
    this.#client = client;
  }

  /** Stops the server, unless somebody else uses it. */
  async leave(): Promise<void> {
    this.#leaving.abort();
    await this.#reviving;
    const pid = await readPid(this.#home);
    const isLast = await this.#client
      ?.query("select pg_advisory_unlock_shared($1), pg_try_advisory_lock($1) as free", [inUseLock])
      .then((result) => result.rows[0].free === true)
      .catch(() => false);
    if (isLast && pid !== undefined) process.kill(pid, "SIGINT"); // "fast": ends sessions, writes a checkpoint
    await this.#client?.end().catch(() => {});
    if (isLast && pid !== undefined) await waitUntil(async () => (await readPid(this.#home)) === undefined, 30_000);
  }

  /** Any number of users may try at once: PostgreSQL lets one server have the folder. */
  async #revive(): Promise<void> {
    const { signal } = this.#leaving;
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        if (failures > 0) await wait(Math.min(500 * 2 ** failures, longestPauseMs), undefined, { signal });
        const isUp = await bringUp(this.#home, this.#tell, () => this.#refuseEmpty());
        await this.join();
        this.#tell(`The embedded database has ended, and ${isUp ? "is up again" : "was started again"}.`);
        return;
      } catch (error) {
        if (!signal.aborted)
          this.#tell(`The embedded database has ended and could not be started again: ${describeError(error)}`);
      }
    }
  }

  /** A new, empty database in the place of the one that was used would look like the loss of everything. */
  async #refuseEmpty(): Promise<void> {
    if (!(await isMade(this.#home))) throw new Error(`its folder ${this.#home.dataDir} is gone`);
  }
}

async function createDatabase(home: Home): Promise<void> {
  const client = new pg.Client({ host: home.socketDir, user: superuser, database: "postgres" });
  client.on("error", () => {});
  await client.connect();
  try {
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [databaseName]);
    if (rowCount === 0) await client.query(`create database ${databaseName}`);
  } catch (error) {
    // A sister made it: before us, or at the same time.
    if (!(error instanceof pg.DatabaseError && ["42P04", "23505"].includes(error.code ?? ""))) throw error;
  } finally {
    await client.end();
  }
}
