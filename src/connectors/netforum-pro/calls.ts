import { AmsError, type CallObserver } from "../connector.ts";
import { type Answer, AnswerReader, type Element, type Expectation } from "./answer-reader.ts";
import type { Bounds } from "./bounds.ts";
import { faultError, incomplete } from "./failures.ts";
import type { Http } from "./http.ts";
import { TransportError } from "./http.ts";
import { fillParameters, isGuid } from "./mapping.ts";
import { envelope, escapeXml, isTokenFault, type Parameters } from "./soap.ts";

const signOnNamespace = "http://tempuri.org/";
const onDemandNamespace = "http://www.avectra.com/OnDemand/2005/";

export interface CallOptions {
  readonly base: URL;
  readonly userName: string;
  readonly password: string;
  readonly http: Http;
  readonly bounds: Bounds;
  /** Further tries after the first. */
  readonly retries: number;
  readonly observer: CallObserver | undefined;
  readonly monotonicMs: () => number;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
}

/** Reads an answer's bytes: batches of rows, and at the end what else it said. */
export type ReadAnswer = (
  chunks: AsyncIterable<Uint8Array>,
  expected: Expectation,
) => AsyncGenerator<string[][], Answer>;

/** An operation of the mapping, and what its placeholders stand for in this call. */
export interface Request {
  readonly operation: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, string>>;
  /** Columns of the rows that are wanted; empty when no rows are. */
  readonly columns: readonly string[];
}

/** The calls of one conversation: each answer brings the token for the next. (netforum-xweb, Session) */
export class Calls {
  readonly #options: CallOptions;
  /** The next call's token; null when it must sign in first. */
  #token: string | null = null;

  constructor(options: CallOptions) {
    this.#options = options;
  }

  /** Signs in anew. @throws AmsError of kind `credentials`, which is final */
  async signOn(signal: AbortSignal): Promise<void> {
    this.#token = await this.#authenticate(signal);
  }

  /** One call. @returns its rows in batches, then what else it said. A token that was refused is replaced, and the call repeated, once. (netforum-xweb, Session 3) */
  async *call(request: Request, signal: AbortSignal, read: ReadAnswer): AsyncGenerator<string[][], Answer> {
    const { operation, columns } = request;
    const parameters = fillParameters(request.parameters, request.values);
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
    const answer = yield* this.#observed(operation, () => this.#exchange(url, body, expected, signal, read));
    if (!answer.fault && answer.token !== null && answer.token !== token && isGuid(answer.token))
      this.#token = answer.token;
    return answer;
  }

  async #authenticate(signal: AbortSignal): Promise<string> {
    const operation = "Authenticate";
    const { base, bounds, userName, password } = this.#options;
    const body = envelope(
      signOnNamespace,
      operation,
      { userName: escapeXml(userName), password: escapeXml(password) },
      null,
    );
    const expected = { namespace: signOnNamespace, operation, columns: [] };
    const url = new URL("Signon.asmx", base);
    const answer = await drain(
      this.#observed("SignOn", () => this.#exchange(url, body, expected, signal, readInline(bounds))),
    );
    if (answer.fault) throw faultError(answer.fault, operation);
    if (!isGuid(answer.text)) throw incomplete("the sign-on gave no token", operation);
    return answer.text;
  }

  async *#exchange(
    url: URL,
    body: string,
    expected: Expectation,
    signal: AbortSignal,
    read: ReadAnswer,
  ): AsyncGenerator<string[][], Answer> {
    const soapAction = `${expected.namespace}${expected.operation}`;
    const { isError, chunks } = await this.#options.http.send(url, { soapAction, body }, signal);
    const answer = yield* read(chunks, expected);
    if (isError && !answer.fault) throw incomplete("it came with status 500, yet is no fault", expected.operation);
    return answer;
  }

  /** Tells the observer how long a call took and how it ended. */
  async *#observed(
    operation: string,
    start: () => AsyncGenerator<string[][], Answer>,
  ): AsyncGenerator<string[][], Answer> {
    const began = this.#options.monotonicMs();
    let outcome: Parameters | string = "cancelled";
    try {
      const answer = yield* start();
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

  /** Tries again what the network broke. */
  async retried<T>(signal: AbortSignal, step: () => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures += 1) {
      try {
        return await step();
      } catch (error) {
        await this.pauseOrThrow(error, failures, signal);
      }
    }
  }

  /** One try, for what others wait behind. @throws AmsError of kind `unreachable` when the network broke it */
  async onceOnly<T>(step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      const { message: detail, retryAfterMs } = error;
      throw new AmsError("unreachable", "netFORUM Pro doesn't answer.", { detail, retryAfterMs, cause: error });
    }
  }

  /** Waits before another try: exponential, with jitter, obeying Retry-After. @throws what can't be mended by trying again */
  async pauseOrThrow(error: unknown, failures: number, signal: AbortSignal): Promise<void> {
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
export function readInline(bounds: Bounds, onElement?: (element: Element) => void): ReadAnswer {
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

/** The answer of a call whose rows nobody wants. */
export async function drain(generator: AsyncGenerator<string[][], Answer>): Promise<Answer> {
  for (;;) {
    const { done, value } = await generator.next();
    if (done) return value;
  }
}
