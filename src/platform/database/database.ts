import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  CompiledQuery,
  Kysely,
  PostgresDialect,
  type PostgresDialectConfig,
  PostgresDriver,
  type Transaction,
} from "kysely";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { must } from "../errors.ts";
import { Client, types } from "./client.ts";
import { keepConnected } from "./kept-connection.ts";

/** A transaction of one account, or of the system. Every store function takes one first. */
export type Tx = Transaction<unknown>;

export interface Liveness extends AsyncDisposable {
  hold(holder: string): Promise<void>;
}

/** Supervisors ask every few seconds, and wait about as long. */
const pingMs = 2_000;

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Leaves the `begin` to `#within`, which says whose transaction it is in the same round trip. */
class Driver extends PostgresDriver {
  override async beginTransaction(): Promise<void> {}
}

/** Kysely over one client of the pool, so that a transaction's client is known: COPY has to go by it. */
class OneClient extends PostgresDialect {
  readonly #config: PostgresDialectConfig;

  constructor(client: pg.PoolClient) {
    const config = { pool: { connect: async () => client, end: async () => {}, options: {} } };
    super(config);
    this.#config = config;
  }

  override createDriver(): Driver {
    return new Driver(this.#config);
  }
}

/**
 * The program's door to PostgreSQL. Work happens in transactions that belong to one account (`transaction`) or to the
 * operator's side of the house (`system`); row-level security holds whoever forgets to say which. (product 6.4)
 */
export class Database {
  readonly #pool: pg.Pool;
  readonly #config: pg.PoolConfig;
  readonly #kyselys = new WeakMap<pg.PoolClient, Kysely<unknown>>();
  readonly #clients = new WeakMap<Tx, pg.PoolClient>();
  readonly #afterwards = new WeakMap<Tx, (() => void)[]>();
  #ping: Promise<void> | undefined;

  readonly #isRepeating: boolean;

  /** @param twin shares its pool with this one */
  constructor(config: pg.PoolConfig, onIdleError: (error: Error) => void, twin?: Database) {
    this.#isRepeating = twin !== undefined;
    if (twin) {
      this.#config = twin.#config;
      this.#pool = twin.#pool;
      return;
    }
    this.#config = { ...config, types, application_name: config.application_name ?? "lockstep" };
    this.#pool = new pg.Pool({ ...this.#config, options: "-c timezone=UTC", Client });
    // While it closes, connections break as they should.
    this.#pool.on("error", (error) => this.#pool.ending || onIdleError(error));
    // One that breaks between two statements of a transaction: the next statement throws, the process lives.
    this.#pool.on("connect", (client) => client.on("error", () => {}));
  }

  /**
   * The same database for work that asks the same things a thousand times, as a night of syncs does: what is asked often
   * is prepared, which halves the server's work. Not for what people ask: a prepared statement's plan is made for any
   * parameters, and a page's answer stands or falls with an index that only these ones can use.
   */
  repeating(): Database {
    return new Database(this.#config, () => {}, this);
  }

  /**
   * Runs work in one transaction that sees one account.
   * @throws RangeError when the account is no UUID: it is written into the session's settings
   */
  transaction<T>(account: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    if (!uuidForm.test(account)) throw new RangeError(`an account's id is a UUID, not '${account}'`);
    return this.#within(`set local role lockstep_app; set local app.account = '${account}'`, work);
  }

  /** Runs work in one transaction that sees every account: for what has no account yet, or is about all of them. */
  system<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#within("set local role lockstep_system", work);
  }

  /** The same for what may be lost when the server crashes, such as counts of tries: its commit waits for no disk. */
  count<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#within("set local role lockstep_system; set local synchronous_commit = off", work);
  }

  /**
   * Copies rows into a table, in the transaction and with its rights.
   * @param copy a `copy … from stdin` statement
   * @param rows what `copy` takes, whole lines
   */
  async copyInto(tx: Tx, copy: string, rows: Iterable<Buffer>): Promise<void> {
    const client = must(this.#clients.get(tx), "a transaction has a client");
    await pipeline(Readable.from(rows), client.query(copyFrom(copy)));
  }

  /** Runs something small when the transaction has been committed, and never when it wasn't. */
  afterCommit(tx: Tx, run: () => void): void {
    must(this.#afterwards.get(tx), "the transaction is open").push(run);
  }

  /**
   * Listens to a channel on a connection of its own until stopped; reconnects by itself.
   * @param onGap called after a reconnect: messages may have been missed
   */
  async listen(channel: string, onMessage: (payload: string) => void, onGap: () => void): Promise<AsyncDisposable> {
    let isFirst = true;
    const connection = await keepConnected(this.#config, async (client) => {
      client.on("notification", (message) => onMessage(message.payload ?? ""));
      await client.query(`listen ${pg.escapeIdentifier(channel)}`);
      if (!isFirst) onGap();
      isFirst = false;
    });
    return { [Symbol.asyncDispose]: connection.close };
  }

  /** Holds advisory locks that say "I live" until disposed, or until the process dies. (see `is_alive` in 0001) */
  async holdLiveness(): Promise<Liveness> {
    const holders = new Set<string>();
    const take = (client: pg.Client, holder: string) =>
      client.query("select pg_advisory_lock_shared(7001, liveness_key($1))", [holder]);
    const connection = await keepConnected(this.#config, async (client) => {
      for (const holder of holders) await take(client, holder);
    });
    return {
      async hold(holder: string) {
        holders.add(holder);
        await take(connection.client(), holder);
      },
      [Symbol.asyncDispose]: connection.close,
    };
  }

  /** For the health endpoint: answers or throws within seconds, whatever hangs. Who asks meanwhile shares the answer. */
  async ping(): Promise<void> {
    this.#ping ??= this.#askForLife().finally(() => {
      this.#ping = undefined;
    });
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the database does not answer within ${pingMs} ms`)), pingMs);
    });
    await Promise.race([this.#ping, tooLong]).finally(() => clearTimeout(timer));
  }

  /** Its connection is given up with it: a later one may get through. */
  async #askForLife(): Promise<void> {
    const question: pg.QueryConfig & { query_timeout: number } = { text: "select 1", query_timeout: pingMs };
    await this.#pool.query(question);
  }

  /** Connections of the pool: open, idle, and callers that wait for one. */
  get connections(): { readonly total: number; readonly idle: number; readonly waiting: number } {
    return { total: this.#pool.totalCount, idle: this.#pool.idleCount, waiting: this.#pool.waitingCount };
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #within<T>(settings: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    if (client instanceof Client) client.isRepeating = this.#isRepeating;
    const kysely = this.#kyselys.get(client) ?? new Kysely<unknown>({ dialect: new OneClient(client) });
    this.#kyselys.set(client, kysely);
    const afterwards: (() => void)[] = [];
    const result = await kysely.transaction().execute(async (tx) => {
      this.#clients.set(tx, client);
      this.#afterwards.set(tx, afterwards);
      await tx.executeQuery(CompiledQuery.raw(`begin; ${settings}`));
      return work(tx);
    });
    for (const run of afterwards) run();
    return result;
  }
}
