import pg from "pg";

/** A server that is well lets somebody in within milliseconds; one that recovers or is overrun takes longer. */
const connectMs = 10_000;

/** What PostgreSQL sends, as the program's own types: instants as Temporal, bigint as number (exact to 2^53). */
export const types: pg.CustomTypesConfig = {
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
 * repeats themselves it prepares what it is asked often. It gives up a server that
 * lets it in and then says nothing; set on the pool, that limit would also end the wait for a free client.
 */
export class Client extends pg.Client {
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
