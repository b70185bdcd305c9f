/** An error whose message is for the person at the edge: a page, the API, the command line. */
export class ProductError extends Error {
  /** Stable, for programs: `bridge_inactive`. */
  readonly code: string;
  /** What to do about it, as a sentence; empty when there is nothing. */
  readonly wayOut: string;

  constructor(code: string, message: string, wayOut = "", options: ErrorOptions = {}) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.wayOut = wayOut;
  }
}

/** There is no such thing, or it is another account's: nobody can tell which. (product 6.4) */
export class NotFoundError extends ProductError {
  constructor(what: string, id: string, wayOut = "") {
    super("not_found", `There is no ${what} '${id}'.`, wayOut);
  }
}

/** The request is fine, but not in the state that things are in. */
export class ConflictError extends ProductError {}

/** Whoever asks is known, but may not do this, or not in this way. */
export class ForbiddenError extends ProductError {}

/** Too much at once, or too many tries: it goes on later. */
export class TooManyRequestsError extends ProductError {
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number) {
    super("too_many_requests", message, `Try again in ${retryAfterSeconds} s.`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface InputMistake {
  /** Where in the input: `guardPercent`, `mapping.recipients.operation`. */
  readonly path: string;
  readonly message: string;
}

/** What came in can't be used; every mistake is listed. */
export class InvalidInputError extends ProductError {
  readonly mistakes: readonly InputMistake[];

  constructor(mistakes: readonly InputMistake[], options: ErrorOptions = {}) {
    super("invalid_input", mistakes.map((mistake) => `${mistake.path}: ${mistake.message}`).join("; "), "", options);
    this.mistakes = mistakes;
  }
}

/** The program can't start or go on here: the operator must mend something outside it. */
export class SetupError extends ProductError {}

/** The value, which can't be missing here. @throws Error saying why it can't */
export function must<T>(value: T | null | undefined, why: string): T {
  if (value === null || value === undefined) throw new Error(`missing, though ${why}`);
  return value;
}

/** Closes a switch over a union: a new case that nobody handles fails to compile. */
export function unreachable(value: never): never {
  throw new Error(`not handled: ${JSON.stringify(value)}`);
}

/** An error and its causes in one line, for logs and an operator's eyes. At most 1,000 characters. */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  let current: unknown = error;
  while (current !== undefined && parts.length < 5) {
    parts.push(current instanceof Error ? `${current.name}: ${current.message}` : String(current));
    current = current instanceof Error ? current.cause : undefined;
  }
  return parts.join(" ← ").slice(0, 1000);
}
