import type { lookup } from "node:dns";
import { Agent, type Dispatcher, errors, request } from "undici";
import { checkUrl, EgressError, type EgressRules, guardedLookup } from "./egress.ts";
import { retryAfterMs } from "./retry-after.ts";

const connectMs = 5_000;
const defaultTotalMs = 10_000;
/** An answer is read so far that its connection can be used again; what is longer breaks it. */
const mostRead = 64 * 1024;
/** What is kept of an answer, for people to look at. */
const mostKept = 1024;
/** What a busy receiver may ask for. */
const longestPauseMs = 24 * 3600_000;

export interface CalledBack {
  readonly status: number;
  /** The answer's first kilobyte. */
  readonly answer: string;
  /** What it asked for with Retry-After, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

/** Nobody answered; the message says what happened, for people. */
export class CallOutError extends Error {
  override readonly name = "CallOutError";
}

export interface CallOutOptions {
  readonly allowPrivate: boolean;
  /** Asks DNS; the system's unless it is another. */
  readonly resolve?: typeof lookup;
  /** How long a call may take in all, in milliseconds; ten seconds. */
  readonly totalMs?: number;
}

/**
 * Calls addresses that somebody typed in: only where the rules allow, which is checked once more at the connection;
 * following no redirect; within a time. (reliability 1.3, 7)
 */
export class CallOut {
  readonly rules: EgressRules;
  readonly #agent: Agent;
  readonly #totalMs: number;

  constructor({ allowPrivate, resolve, totalMs = defaultTotalMs }: CallOutOptions) {
    this.#totalMs = totalMs;
    this.rules = { allowPrivate, setting: "LOCKSTEP_ALLOW_PRIVATE_WEBHOOKS" };
    this.#agent = new Agent({
      connections: 8,
      pipelining: 1,
      headersTimeout: totalMs,
      bodyTimeout: totalMs,
      connect: { timeout: connectMs, lookup: guardedLookup(this.rules, resolve) },
    });
  }

  /**
   * Posts a body.
   * @param now for a Retry-After that names an instant
   * @throws CallOutError when nobody answered, or the address may not be called
   * @throws the signal's reason when it was aborted
   */
  async post(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    now: Temporal.Instant,
    signal: AbortSignal,
  ): Promise<CalledBack> {
    const overdue = AbortSignal.timeout(this.#totalMs);
    try {
      const response = await request(checkUrl(url, this.rules), {
        dispatcher: this.#agent,
        method: "POST",
        headers,
        body,
        signal: AbortSignal.any([signal, overdue]),
      });
      const { "retry-after": retryAfter, date } = response.headers;
      return {
        status: response.statusCode,
        answer: await readAnswer(response.body),
        retryAfterMs: retryAfterMs(first(retryAfter), first(date), now, longestPauseMs),
      };
    } catch (error) {
      signal.throwIfAborted();
      throw new CallOutError(overdue.aborted ? `no whole answer within ${this.#totalMs / 1000} s` : reasonOf(error), {
        cause: error,
      });
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

async function readAnswer(body: Dispatcher.ResponseData["body"]): Promise<string> {
  const kept: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk);
    if (size < mostKept) kept.push(bytes);
    size += bytes.length;
    if (size > mostRead) break;
  }
  // A character cut in two, and what no text holds, are shown as such.
  return Buffer.concat(kept).subarray(0, mostKept).toString("utf8").replaceAll("\0", "\ufffd");
}

function reasonOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof EgressError) return at.message;
  if (error instanceof errors.ConnectTimeoutError) return `no connection within ${connectMs / 1000} s`;
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}

function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
