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

/** A transaction of one account, or of the system. Every store function takes one first. */
export type Tx = Transaction<unknown>;

export interface Liveness extends AsyncDisposable {
  hold(holder: string): Promise<void>;
}

/** How often a connection beside the pool is asked whether it lives, and how long it may take to say so. */
const beatMs = 5_000;

/** A server that is well lets somebody in within milliseconds; one that recovers or is overrun takes longer. */
const connectMs = 10_000;

/** Supervisors ask every few seconds, and wait about as long. */
const pingMs = 2_000;

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** What PostgreSQL sends, as the program's own types: instants as Temporal, bigint as number (exact to 2^53). */
const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: "text" | "binary") {
    if (format !== "binary") {
      if (oid === pg.types.builtins.TIMESTAMPTZ) return (text: string) => Temporal.Instant.from(text);
      if (oid === pg.types.builtins.INT8) return Number;
      if (oid === pg.types.builtins.DATE) return (text: string) => text;
    }
    return pg.types.getTypeParser(oid, format);
  },
};

/** From so many runs on a connection on, a statement is worth being prepared there: a plan costs as much as most runs. */
const runsWorthPreparing = 5;
/** Prepared statements that a connection keeps: each costs the server some ten kilobytes. */
const mostPrepared = 100;

/**
 * A client that takes a Temporal.Instant as a parameter: the driver would send it as a quoted JSON string. For whoever
 * repeats themselves it prepares what it is asked often. It gives up a server that lets it in and then says nothing; set on the pool, that limit would
 * also end the wait for a free client.
 */
class Client extends pg.Client {
  isRepeating = false;
  readonly #runs = new Map<string, number>();
  readonly #names = new Map<string, string>();

  constructor(config?: pg.ClientConfig) {
    super({ connectionTimeoutMillis: connectMs, ...config });
  }

  override query(...args: unknown[]): never {
    const [text, parameters, ...rest] = args;
    if (typeof text !== "string" || !Array.isArray(parameters)) return Reflect.apply(super.query, this, args) as never;
    const values = parameters.map((value) => (value instanceof Temporal.Instant ? value.toString() : value));
    const name = this.isRepeating && values.length > 0 ? this.#nameOf(text) : undefined;
    const asked = name === undefined ? [text, values, ...rest] : [{ name, text, values }, ...rest];
    return Reflect.apply(super.query, this, asked) as never;
  }

  /** The name under which the server keeps the statement, if it is asked often enough. */
  #nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined || this.#names.size >= mostPrepared) return known;
    const runs = (this.#runs.get(text) ?? 0) + 1;
    if (runs < runsWorthPreparing) {
      if (this.#runs.size >= 1000) this.#runs.clear(); // names of staging tables make texts that never come again
      this.#runs.set(text, runs);
      return undefined;
    }
    this.#runs.delete(text);
    const name = `often_${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }
}

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
    const connection = await this.#keepConnected(async (client) => {
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
    const connection = await this.#keepConnected(async (client) => {
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

  /** A connection beside the pool that comes back by itself, prepared anew each time. The first one must succeed. */
  async #keepConnected(prepare: (client: pg.Client) => Promise<void>) {
    let client: pg.Client;
    let isClosed = false;
    let isDown = false;
    const connect = async () => {
      const next = new pg.Client({
        ...(this.#config as pg.ClientConfig),
        options: "-c timezone=UTC",
        connectionTimeoutMillis: beatMs,
        query_timeout: beatMs,
      });
      next.on("error", () => {});
      try {
        await next.connect();
        await prepare(next);
      } catch (error) {
        void next.end().catch(() => {});
        throw error;
      }
      next.once("end", () => next === client && again());
      client = next;
      isDown = false;
    };
    const again = () => {
      if (isClosed || isDown) return;
      isDown = true;
      const retry = () => void connect().catch(() => setTimeout(retry, 1000).unref());
      setTimeout(retry, 1000).unref();
    };
    await connect();
    // A connection that the network forgot says nothing: the server has let go of its locks long ago.
    const beat = setInterval(() => {
      const asked = client;
      asked.query("select 1").catch(() => {
        if (asked !== client || isDown) return;
        again();
        void asked.end().catch(() => {});
      });
    }, beatMs).unref();
    return {
      client: () => client,
      close: async () => {
        isClosed = true;
        clearInterval(beat);
        await client.end();
      },
    };
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
