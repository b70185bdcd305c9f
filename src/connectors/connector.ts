/**
 * What an AMS must offer to be bridged, in the product's words. A connector knows no database, no account and no
 * job: it opens sessions and hands out plain values. The next AMS is another folder beside `netforum-pro`.
 */

/** The AMS's key of a messaging job query. */
export type QueryKey = string & { readonly __brand: "QueryKey" };
/** The AMS's name of a personalization field. */
export type FieldName = string & { readonly __brand: "FieldName" };

export interface MessagingJobQuery {
  readonly key: QueryKey;
  readonly name: string;
}

export interface PersonalizationField {
  readonly name: FieldName;
  /** The AMS's own type name (`string`, `dateTime`, …), for display only. */
  readonly dataType: string;
  /** True where the name speaks of something a mail should not hold (password, SSN, birth date, …). */
  readonly isSensitive: boolean;
}

/** One row of a messaging job query, as it came: nothing is checked here but its shape. */
export interface Individual {
  /** Customer key in lower case without braces; empty when the row has none. */
  readonly remoteId: string;
  /** E-mail address as it came; empty when the row has none. */
  readonly email: string;
  readonly doNotEmail: boolean;
  /** Values of the fields asked for, in the order asked; null where the AMS has none. */
  readonly values: readonly (string | null)[];
  /** What is wrong with the row itself, or absent: it can't be used, but is listed with this reason. */
  readonly fault?: "key_missing" | "key_malformed" | "flag_malformed";
}

/** One answer's worth of rows, and where to go on if the read is cut off after it. */
export interface IndividualPage {
  readonly individuals: readonly Individual[];
  /** Opaque to everyone but the connector: hand it back in `ReadOptions.after`. */
  readonly cursor: string;
}

export interface ReadOptions {
  readonly signal: AbortSignal;
  /** The cursor of the last page that was kept, to go on from there. */
  readonly after?: string | undefined;
}

export interface DoNotEmailChange {
  readonly remoteId: string;
  readonly doNotEmail: boolean;
  readonly at: Temporal.Instant;
  readonly reason?: string | undefined;
}

export interface CheckStep {
  /** What was tried, in words an administrator understands: "Sign in as lockstep". */
  readonly title: string;
  readonly outcome: "ok" | "failed" | "skipped";
  /** What was found, or what is missing and how to mend it. */
  readonly message: string;
}

export interface CheckReport {
  readonly ok: boolean;
  readonly steps: readonly CheckStep[];
}

/** One conversation with the AMS. Its calls are strictly one after another; parallel reading takes several sessions. */
export interface Session extends AsyncDisposable {
  /** Tries everything that a bridge needs, step by step. Never throws: what fails is a step of the report. */
  check(signal: AbortSignal): Promise<CheckReport>;
  listMessagingJobQueries(signal: AbortSignal): Promise<readonly MessagingJobQuery[]>;
  listPersonalizationFields(signal: AbortSignal): Promise<readonly PersonalizationField[]>;
  /**
   * Reads every individual of one query, page by page, in the AMS's own key order.
   * @throws AmsError when the read can't be known to be complete
   */
  readIndividuals(query: QueryKey, fields: readonly FieldName[], options: ReadOptions): AsyncIterable<IndividualPage>;
  /** Whether the AMS's flag stands now; undefined where the site can't be asked, or doesn't know the person. */
  readDoNotEmail(remoteId: string, signal: AbortSignal): Promise<boolean | undefined>;
  /**
   * Sets or lifts the flag. It is tried once: many people wait behind this one, so whoever asks decides when to try
   * again. Setting it twice is the same as once.
   */
  setDoNotEmail(change: DoNotEmailChange, signal: AbortSignal): Promise<void>;
  /**
   * Writes the change into the person's history, where a site has one and lets us. Tried once.
   * @param isUnsure it may stand there already: it is looked for, and left where that can't be told, so that it never
   *   stands there twice
   */
  recordDoNotEmail(change: DoNotEmailChange, isUnsure: boolean, signal: AbortSignal): Promise<void>;
}

export interface SessionSettings {
  readonly baseUrl: string;
  readonly userName: string;
  readonly password: string;
  /** The bridge's operation mapping; null takes the connector's default. Its shape is the connector's own. */
  readonly mapping: unknown;
}

/** Told of every call to the AMS, for metrics and logs. */
export interface CallObserver {
  call(record: {
    readonly operation: string;
    readonly milliseconds: number;
    readonly outcome: "ok" | AmsErrorKind;
  }): void;
}

export interface Connector {
  /** Stored with the bridge: `netforum-pro`. */
  readonly id: string;
  /** For people: "netFORUM Pro". */
  readonly name: string;
  /** The mapping used when the bridge has none of its own. */
  readonly defaultMapping: unknown;
  /**
   * Proves that a mapping has the shape this connector understands.
   * @throws AmsError of kind `mapping` naming each mistake
   */
  parseMapping(mapping: unknown): unknown;
  /**
   * Proves that the URL may be called at all: scheme, port, host, no private address unless allowed.
   * @throws AmsError of kind `refused` with the reason
   */
  checkUrl(baseUrl: string): Promise<void>;
  /** Made-up data to try the connector with, where the operator offers some. */
  readonly sample?: { readonly baseUrl: string; readonly userName: string; readonly password: string };
  open(settings: SessionSettings): Session;
}

/**
 * Why the AMS could not be used:
 * - `credentials`: user name or password refused; final, since repeated tries lock the account
 * - `token`: the session was refused again right after a fresh sign-in
 * - `unreachable`: no connection, no answer in time, or 5xx, after all retries
 * - `incomplete`: an answer came, but can't be trusted to be whole or well-formed
 * - `mapping`: the site lacks an operation or a column that the bridge is set to use
 * - `refused`: the AMS or our own rules refused the call (a fault, a forbidden address)
 * - `limit`: an answer went past a bound (size, depth, text, time)
 * - `cancelled`: the caller's signal was aborted
 */
export type AmsErrorKind =
  | "credentials"
  | "token"
  | "unreachable"
  | "incomplete"
  | "mapping"
  | "refused"
  | "limit"
  | "cancelled";

/** The only error a connector throws. */
export class AmsError extends Error {
  override readonly name = "AmsError";
  readonly kind: AmsErrorKind;
  /** For operators: what came over the wire, without secrets and cut to a few hundred characters. */
  readonly detail: string | undefined;
  /** How long the AMS asked to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  /** @param message a sentence that a marketer understands */
  constructor(
    kind: AmsErrorKind,
    message: string,
    options: { detail?: string | undefined; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.detail = options.detail;
    this.retryAfterMs = options.retryAfterMs;
  }
}
