import {
  AmsError,
  type CallObserver,
  type CheckReport,
  type DoNotEmailChange,
  type FieldName,
  type IndividualPage,
  type MessagingJobQuery,
  type PersonalizationField,
  type QueryKey,
  type ReadOptions,
  type Session,
} from "../connector.ts";
import { type Answer, AnswerReader, type Element, type Expectation } from "./answer-reader.ts";
import type { Bounds } from "./bounds.ts";
import { checkSite } from "./check-site.ts";
import type { Http } from "./http.ts";
import { TransportError } from "./http.ts";
import { toPage } from "./individuals.ts";
import { fillParameters, isGuid, isPaged, type Mapping, zeroGuid } from "./mapping.ts";
import { RowParser } from "./row-parser.ts";
import { envelope, escapeXml, isCredentialsFault, isTokenFault, type Parameters, type SoapFault } from "./soap.ts";
import { type Operations, readOperations } from "./wsdl.ts";

const signOnNamespace = "http://tempuri.org/";
const onDemandNamespace = "http://www.avectra.com/OnDemand/2005/";

export interface SessionOptions {
  readonly base: URL;
  readonly userName: string;
  readonly password: string;
  readonly mapping: Mapping;
  readonly http: Http;
  readonly bounds: Bounds;
  /** Further tries after the first. */
  readonly retries: number;
  readonly observer: CallObserver | undefined;
  readonly monotonicMs: () => number;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
}

type ReadAnswer = (chunks: AsyncIterable<Uint8Array>, expected: Expectation) => AsyncGenerator<string[][], Answer>;

/** One conversation with netFORUM Pro: each answer brings the token for the next call. (netforum-xweb, Session) */
export class NetforumSession implements Session {
  readonly #options: SessionOptions;
  readonly #parser = new RowParser();
  /** The next call's token; null when it must sign in first. */
  #token: string | null = null;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  check(signal: AbortSignal): Promise<CheckReport> {
    return checkSite(this, this.#options.mapping, signal);
  }

  async listMessagingJobQueries(signal: AbortSignal): Promise<readonly MessagingJobQuery[]> {
    const { queries } = this.#options.mapping;
    const columns = [queries.key, queries.name];
    const found: MessagingJobQuery[] = [];
    for (let last = zeroGuid; ; ) {
      const rows = await this.#retried(signal, () =>
        this.#list(
          queries.operation,
          this.#fill(queries.parameters, { columns: columns.join(","), last }),
          columns,
          signal,
        ),
      );
      const page = rows.map(([key = "", name = ""]) => toQuery(key, name));
      found.push(...page.map(({ query }) => query));
      const end = page.at(-1)?.cursor;
      if (end === undefined || !isPaged(queries.parameters)) return found;
      if (end === last) throw incomplete("the list of messaging job queries doesn't move on", end);
      last = end;
    }
  }

  async listPersonalizationFields(signal: AbortSignal): Promise<readonly PersonalizationField[]> {
    const { fields } = this.#options.mapping;
    return this.#retried(signal, async () => {
      const found = new Map<string, PersonalizationField>();
      const onElement = (element: Element) => {
        const field = toField(element);
        if (field && !found.has(field.name)) found.set(field.name, field);
      };
      await drain(
        this.#call(
          fields.operation,
          this.#fill(fields.parameters, {}),
          [],
          signal,
          readInline(this.#options.bounds, onElement),
        ),
      );
      if (found.size === 0) throw incomplete("the list of personalization fields is empty", fields.operation);
      return [...found.values()];
    });
  }

  async *readIndividuals(
    query: QueryKey,
    fields: readonly FieldName[],
    options: ReadOptions,
  ): AsyncGenerator<IndividualPage> {
    const { individuals } = this.#options.mapping;
    const columns = [individuals.key, individuals.email, individuals.doNotEmail, ...fields];
    let last = options.after ?? zeroGuid;
    for (let failures = 0; ; ) {
      const before = last;
      let rows = 0;
      try {
        const parameters = this.#fill(individuals.parameters, { columns: columns.join(","), job: query, last });
        for await (const batch of this.#call(
          individuals.operation,
          parameters,
          columns,
          options.signal,
          this.#readRows,
        )) {
          const page = toPage(batch, last);
          if (rows === 0 && batch[0]?.[0] === before)
            throw incomplete("a page begins with the row that the page before ended with", before);
          rows += batch.length;
          last = page.cursor;
          failures = 0;
          yield page;
        }
      } catch (error) {
        // What was handed out stays good: the read goes on behind it.
        failures += 1;
        await this.#pauseOrThrow(error, failures, options.signal);
        continue;
      }
      if (rows === 0 || !isPaged(individuals.parameters)) return;
      if (last === before) throw incomplete("the rows' order is broken: a page ends where it began", last);
    }
  }

  async setDoNotEmail(change: DoNotEmailChange, signal: AbortSignal): Promise<void> {
    const { setDoNotEmail, recordActivity } = this.#options.mapping;
    const values = {
      key: change.remoteId,
      flag: change.doNotEmail ? "1" : "0",
      date: change.at.toZonedDateTimeISO("UTC").toLocaleString("en-US", { timeZoneName: undefined }),
      reason: change.reason ?? (change.doNotEmail ? "Unsubscribed" : "Resubscribed"),
    };
    const send = (step: { operation: string; parameters: Record<string, string> }) =>
      this.#retried(signal, () =>
        drain(
          this.#call(step.operation, this.#fill(step.parameters, values), [], signal, readInline(this.#options.bounds)),
        ),
      );
    await send(setDoNotEmail);
    if (!recordActivity) return;
    try {
      await send(recordActivity);
    } catch (error) {
      // The flag is set, which is what counts; not every site lets its history be written.
      if (!(error instanceof AmsError) || error.kind !== "refused") throw error;
    }
  }

  /** What the site's OnDemand service offers, by its WSDL. */
  describe(signal: AbortSignal): Promise<Operations> {
    return this.#retried(signal, async () => {
      const chunks = await this.#options.http.send(
        new URL("netFORUMXMLONDemand.asmx?WSDL", this.#options.base),
        {},
        signal,
      );
      return readOperations(chunks, this.#options.bounds);
    });
  }

  /** Signs in anew. @throws AmsError of kind `credentials`, which is final */
  signOn(signal: AbortSignal): Promise<void> {
    return this.#retried(signal, async () => {
      this.#token = await this.#authenticate(signal);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parser[Symbol.asyncDispose]();
    await this.#options.http.close();
  }

  readonly #readRows: ReadAnswer = (chunks, expected) => this.#parser.read(chunks, expected, this.#options.bounds);

  #fill(templates: Readonly<Record<string, string>>, values: Readonly<Record<string, string>>): Parameters {
    return fillParameters(templates, values);
  }

  async #list(
    operation: string,
    parameters: Parameters,
    columns: readonly string[],
    signal: AbortSignal,
  ): Promise<string[][]> {
    const rows: string[][] = [];
    for await (const batch of this.#call(operation, parameters, columns, signal, readInline(this.#options.bounds)))
      rows.push(...batch);
    return rows;
  }

  /** One call; a token that was refused is replaced, and the call repeated, once. (netforum-xweb, Session 3) */
  async *#call(
    operation: string,
    parameters: Parameters,
    columns: readonly string[],
    signal: AbortSignal,
    read: ReadAnswer,
  ): AsyncGenerator<string[][], Answer> {
    for (let isRepeat = false; ; isRepeat = true) {
      const answer = yield* this.#once(operation, parameters, columns, signal, read);
      if (answer.lacking.length > 0) {
        throw new AmsError(
          "mapping",
          `netFORUM Pro's answer lacks ${answer.lacking.join(", ")}. Was a column renamed or removed? See the operation mapping in Bridge Configuration.`,
          { detail: `${operation}: ${answer.rows} rows without ${answer.lacking.join(", ")}` },
        );
      }
      if (!answer.fault) return answer;
      if (!isTokenFault(answer.fault) || isRepeat) throw faultError(answer.fault, operation);
    }
  }

  async *#once(
    operation: string,
    parameters: Parameters,
    columns: readonly string[],
    signal: AbortSignal,
    read: ReadAnswer,
  ): AsyncGenerator<string[][], Answer> {
    const token = this.#token ?? (await this.#authenticate(signal));
    this.#token = null; // used up now; whatever breaks, the next call signs in first
    const url = new URL("netFORUMXMLONDemand.asmx", this.#options.base);
    const body = envelope(onDemandNamespace, operation, parameters, token);
    const expected = { namespace: onDemandNamespace, operation, columns };
    const answer = yield* this.#observed(operation, async () =>
      read(
        await this.#options.http.send(url, { soapAction: `${onDemandNamespace}${operation}`, body }, signal),
        expected,
      ),
    );
    if (!answer.fault && answer.token !== null && answer.token !== token && isGuid(answer.token))
      this.#token = answer.token;
    return answer;
  }

  async #authenticate(signal: AbortSignal): Promise<string> {
    const operation = "Authenticate";
    const { base, http, userName, password } = this.#options;
    const body = envelope(
      signOnNamespace,
      operation,
      { userName: escapeXml(userName), password: escapeXml(password) },
      null,
    );
    const expected = { namespace: signOnNamespace, operation, columns: [] };
    const answer = await drain(
      this.#observed("SignOn", async () =>
        readInline(this.#options.bounds)(
          await http.send(new URL("Signon.asmx", base), { soapAction: `${signOnNamespace}${operation}`, body }, signal),
          expected,
        ),
      ),
    );
    if (answer.fault) throw faultError(answer.fault, operation);
    if (!isGuid(answer.text)) throw incomplete("the sign-on gave no token", operation);
    return answer.text;
  }

  /** Tells the observer how long a call took and how it ended. */
  async *#observed(
    operation: string,
    start: () => Promise<AsyncGenerator<string[][], Answer>>,
  ): AsyncGenerator<string[][], Answer> {
    const began = this.#options.monotonicMs();
    let outcome: Parameters | string = "cancelled";
    try {
      const answer = yield* await start();
      outcome = answer.fault ? faultError(answer.fault, operation).kind : "ok";
      return answer;
    } catch (error) {
      outcome = error instanceof AmsError ? error.kind : "unreachable";
      throw error;
    } finally {
      this.#options.observer?.call({
        operation,
        milliseconds: this.#options.monotonicMs() - began,
        outcome: outcome as AmsError["kind"] | "ok",
      });
    }
  }

  async #retried<T>(signal: AbortSignal, step: () => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures += 1) {
      try {
        return await step();
      } catch (error) {
        await this.#pauseOrThrow(error, failures, signal);
      }
    }
  }

  /** Waits before another try: exponential, with jitter, obeying Retry-After. @throws what can't be mended by trying again */
  async #pauseOrThrow(error: unknown, failures: number, signal: AbortSignal): Promise<void> {
    if (!(error instanceof TransportError)) throw error;
    if (failures > this.#options.retries) {
      throw new AmsError(
        "unreachable",
        "netFORUM Pro doesn't answer. The group keeps its last good members; the next sync tries again.",
        { detail: `${failures} tries, the last: ${error.message}`, cause: error },
      );
    }
    const backoff = 250 * 2 ** failures * (0.5 + this.#options.random());
    await this.#options.sleep(Math.max(backoff, error.retryAfterMs ?? 0), signal).catch((cause) => {
      throw new AmsError("cancelled", "The read was stopped.", { cause });
    });
  }
}

/** Reads an answer on the main thread: for those that are small. */
function readInline(bounds: Bounds, onElement?: (element: Element) => void): ReadAnswer {
  return async function* (chunks, expected) {
    let rows: string[][] = [];
    const reader = new AnswerReader(expected, bounds, (cells) => rows.push(cells), onElement);
    for await (const chunk of chunks) {
      reader.write(chunk);
      if (rows.length > 0) yield rows;
      rows = [];
    }
    return reader.end();
  };
}

async function drain(generator: AsyncGenerator<string[][], Answer>): Promise<Answer> {
  for (;;) {
    const { done, value } = await generator.next();
    if (done) return value;
  }
}

function toQuery(key: string, name: string): { query: MessagingJobQuery; cursor: string } {
  const plain = key
    .trim()
    .replace(/^\{|\}$/g, "")
    .toLowerCase();
  if (!isGuid(plain)) throw incomplete("a messaging job query has a key that is none", key.slice(0, 60));
  return { query: { key: plain as QueryKey, name: name.trim().slice(0, 500) || plain }, cursor: key.trim() };
}

const sensitive = /password|ssn|dob|birth|passport|bank|card/i;

/** An element of the schema that has a simple type is a field. */
function toField({ name, attributes }: Element): PersonalizationField | undefined {
  const local = name.slice(name.indexOf(":") + 1);
  const { name: field, type } = attributes;
  if (local !== "element" || field === undefined || type === undefined || !/^[A-Za-z0-9_]{1,64}$/.test(field))
    return undefined;
  return {
    name: field as FieldName,
    dataType: type.slice(type.indexOf(":") + 1).slice(0, 64),
    isSensitive: sensitive.test(field),
  };
}

function incomplete(what: string, detail: string): AmsError {
  return new AmsError(
    "incomplete",
    `netFORUM Pro's answer can't be trusted to be whole: ${what}. Nothing was changed.`,
    { detail },
  );
}

function faultError(fault: SoapFault, operation: string): AmsError {
  const detail = `${operation}: ${fault.code} ${fault.message}`.trim();
  if (isCredentialsFault(fault))
    return new AmsError("credentials", "netFORUM Pro refused the user name or password.", { detail });
  if (isTokenFault(fault))
    return new AmsError("token", "netFORUM Pro ended the session right after a fresh sign-in.", { detail });
  if (/column|object .*not found|did not recognize/i.test(fault.message)) {
    return new AmsError(
      "mapping",
      `netFORUM Pro doesn't know what it was asked for: ${fault.message}. See the operation mapping in Bridge Configuration.`,
      { detail },
    );
  }
  return new AmsError("refused", `netFORUM Pro refused the call: ${fault.message || "it gave no reason"}.`, { detail });
}
