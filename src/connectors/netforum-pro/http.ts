import { Agent, type Dispatcher, errors, request } from "undici";
import { EgressError, guardedLookup } from "../../platform/egress.ts";
import { retryAfterMs } from "../../platform/retry-after.ts";
import { AmsError } from "../connector.ts";
import { CallLimit } from "./call-limit.ts";

export interface HttpOptions {
  readonly allowPrivateAddresses: boolean;
  /** Address of the operator's simulator, which passes though it may be private. */
  readonly sampleUrl?: string | undefined;
  readonly connectTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly now: () => Temporal.Instant;
}

/** The transport broke: no connection, a reset, a time-out, or a status that says "not now". Worth another try. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  /** What the server asked for with Retry-After, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number | undefined } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }
}

export interface Reply {
  /** Status 500, which SOAP 1.1 wants of a fault, and of nothing else. */
  readonly isError: boolean;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** One client for each site; a session's calls go one after another over its one connection. */
export class Http {
  readonly #agent: Agent;
  readonly #options: HttpOptions;

  /** @param isSample whether the site is the operator's own simulator */
  constructor(options: HttpOptions, isSample: boolean) {
    this.#options = options;
    this.#agent = new Agent({
      connections: 1,
      pipelining: 1,
      headersTimeout: options.firstByteTimeoutMs,
      bodyTimeout: options.idleTimeoutMs,
      connect: {
        timeout: options.connectTimeoutMs,
        lookup: guardedLookup({ allowPrivate: options.allowPrivateAddresses || isSample }),
      },
    });
  }

  /**
   * Sends one request and hands out its body's bytes while they arrive.
   * @throws TransportError when it may work another time
   * @throws AmsError when the answer is no SOAP answer at all, or the address is forbidden
   */
  async send(
    url: URL,
    init: { readonly soapAction?: string; readonly body?: string },
    signal: AbortSignal,
  ): Promise<Reply> {
    const limit = new CallLimit(signal, this.#options.totalTimeoutMs);
    try {
      const response = await this.#request(url, init, limit);
      const isError = await this.#checkHead(response);
      return { isError, chunks: translate(response.body, limit) };
    } catch (error) {
      limit.clear();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  /** @returns whether it has the status of a fault. @throws what its head already says it is */
  async #checkHead(response: Dispatcher.ResponseData): Promise<boolean> {
    const { statusCode, headers } = response;
    if (statusCode === 429 || (statusCode >= 502 && statusCode <= 504)) {
      await response.body.dump();
      throw new TransportError(`it answered with status ${statusCode}`, {
        retryAfterMs: retryAfterMs(first(headers["retry-after"]), first(headers.date), this.#options.now()),
      });
    }
    if (statusCode >= 300 && statusCode < 400) {
      await response.body.dump();
      throw new AmsError(
        "refused",
        "netFORUM Pro's address leads somewhere else; the bridge follows no redirects. Enter the address it leads to.",
        {
          detail: `status ${statusCode} to ${String(headers.location).slice(0, 200)}`,
        },
      );
    }
    const type = String(headers["content-type"] ?? "");
    if ((statusCode !== 200 && statusCode !== 500) || !/^(text|application)\/xml\b/i.test(type)) {
      throw await notUnderstood(response, statusCode, type);
    }
    return statusCode === 500;
  }

  async #request(
    url: URL,
    init: { soapAction?: string; body?: string },
    limit: CallLimit,
  ): Promise<Dispatcher.ResponseData> {
    try {
      return await request(url, {
        dispatcher: this.#agent,
        signal: limit.signal,
        ...(init.body === undefined
          ? { method: "GET" as const }
          : {
              method: "POST" as const,
              body: init.body,
              headers: { "content-type": "text/xml; charset=utf-8", soapaction: `"${init.soapAction}"` },
            }),
      });
    } catch (error) {
      throw translateError(error, limit);
    }
  }
}

async function* translate(body: AsyncIterable<Uint8Array>, limit: CallLimit): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    if (limit.isOverdue) {
      throw new AmsError("limit", "netFORUM Pro's answer took longer than one answer may take; nothing was changed.", {
        detail: "total time of one answer",
        cause: error,
      });
    }
    throw translateError(error, limit);
  } finally {
    limit.clear();
  }
}

function translateError(error: unknown, limit: CallLimit): Error {
  if (limit.signal.aborted && !limit.isOverdue)
    return new AmsError("cancelled", "The read was stopped.", { cause: error });
  const refusal = findCause(error, EgressError);
  if (refusal)
    return new AmsError("refused", "The bridge's address may not be called from here.", {
      detail: refusal.message,
      cause: error,
    });
  const tls = findCode(error, /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/);
  if (tls)
    return new AmsError("unreachable", "netFORUM Pro's certificate can't be trusted, so the connection was refused.", {
      detail: tls,
      cause: error,
    });
  if (error instanceof errors.HeadersTimeoutError)
    return new TransportError("it did not begin to answer in time", { cause: error });
  if (error instanceof errors.BodyTimeoutError)
    return new TransportError("it stopped in the middle of its answer", { cause: error });
  return new TransportError(error instanceof Error ? error.message : String(error), { cause: error });
}

function findCause<T extends Error>(error: unknown, type: abstract new (...args: never[]) => T): T | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof type) return at;
  return undefined;
}

function findCode(error: unknown, form: RegExp): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = "code" in at ? String(at.code) : "";
    if (form.test(code)) return `${code}: ${at.message}`;
  }
  return undefined;
}

function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

async function notUnderstood(response: Dispatcher.ResponseData, status: number, type: string): Promise<AmsError> {
  let text = "";
  try {
    for await (const chunk of response.body) {
      text += Buffer.from(chunk).toString("utf8");
      if (text.length > 2000) break;
    }
  } catch {
    // What arrived so far is enough to show.
  }
  const shown = text.replace(/[^\x20-\x7e]+/g, " ").slice(0, 200);
  return new AmsError(
    "incomplete",
    "Something answered in netFORUM Pro's place: not an answer of its web service. Is the address right, and the site up?",
    {
      detail: `status ${status}, ${type || "no content type"}: ${shown}`,
    },
  );
}
