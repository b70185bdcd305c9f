import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { SignInRefusedError } from "../domain/accounts/sign-in.ts";
import {
  ConflictError,
  describeError,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  ProductError,
  TooManyRequestsError,
} from "../platform/errors.ts";

/** An error as RFC 9457 has it, with the product's code, the way out, and where in the input it is. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly wayOut?: string;
  readonly mistakes?: readonly { readonly path: string; readonly message: string }[];
}

/** No session and no key, or one that is wrong, ended or revoked. Nothing tells which. */
export class NotSignedInError extends ProductError {
  constructor() {
    super(
      "not_signed_in",
      "This needs a sign-in, or a valid API key.",
      "Sign in, or send a key as 'Authorization: Bearer lsk_…'; make one with: lockstep api-key create",
    );
  }
}

/** The one table from error to problem. */
export function toProblem(error: unknown): Problem {
  if (error instanceof InvalidInputError)
    return problem(400, "The input can't be used", error, { mistakes: error.mistakes });
  if (error instanceof NotSignedInError) return problem(401, "Not signed in", error);
  if (error instanceof SignInRefusedError) return problem(401, "Not signed in", error);
  if (error instanceof ForbiddenError) return problem(403, "Not allowed", error);
  if (error instanceof TooManyRequestsError) return problem(429, "Too much at once", error);
  if (error instanceof NotFoundError) return problem(404, "Not found", error);
  if (error instanceof ConflictError) return problem(409, "Not possible now", error);
  if (error instanceof ProductError) return problem(500, "Not possible here", error);
  if (hasZodFastifySchemaValidationErrors(error)) return invalidRequest(error);
  if (isNulInText(error)) {
    const message = "holds a NUL character, which no text may";
    return problem(400, "The input can't be used", new InvalidInputError([{ path: "request", message }]), {});
  }
  const status = (error as FastifyError).statusCode ?? 500;
  const isOurs = status >= 500;
  return {
    type: "about:blank",
    title: isOurs ? "Something went wrong inside Lockstep" : "The request can't be read",
    status,
    detail: isOurs ? "It was written to the log." : (error as Error).message,
    code: isOurs ? "internal" : "bad_request",
  };
}

/** PostgreSQL's text and jsonb take every character but one, and say so by these codes. */
function isNulInText(error: unknown): boolean {
  return error instanceof Error && "code" in error && ["22021", "22P05", "22P02"].includes(String(error.code));
}

function problem(status: number, title: string, error: ProductError, more: object = {}): Problem {
  return {
    type: "about:blank",
    title,
    status,
    detail: error.message,
    code: error.code,
    ...(error.wayOut && { wayOut: error.wayOut }),
    ...more,
  };
}

function invalidRequest(error: {
  readonly validation: readonly { instancePath: string; message?: string | undefined }[];
  readonly validationContext?: string | undefined;
}): Problem {
  const mistakes = error.validation.map(({ instancePath, message }) => ({
    path: instancePath.replace(/^\//, "").replaceAll("/", ".") || (error.validationContext ?? "request"),
    message: message ?? "can't be used",
  }));
  const detail = mistakes.map((mistake) => `${mistake.path}: ${mistake.message}`).join("; ");
  // An id that can't be one is as unknown as one that never was: somebody's address was cut off or mistyped.
  if (error.validationContext === "params")
    return { type: "about:blank", title: "Not found", status: 404, detail, code: "not_found", mistakes };
  return {
    type: "about:blank",
    title: "The input can't be used",
    status: 400,
    detail,
    code: "invalid_input",
    mistakes,
  };
}

/** What the server itself refuses before any route: a URL that can't be read, a name in it that is too long. */
export function answerFrameworkError(error: FastifyError, _: FastifyRequest, reply: FastifyReply): void {
  const found = toProblem(error);
  reply.code(found.status).type("application/problem+json").send(found);
}

/** Every error and every unknown address is answered by a problem. */
export function answerWithProblems(server: FastifyInstance): void {
  server.setErrorHandler((error, request, reply) => {
    const found = toProblem(error);
    if (found.status >= 500) request.log.error({ reason: describeError(error) }, "a request failed");
    if (error instanceof TooManyRequestsError) reply.header("retry-after", error.retryAfterSeconds);
    return reply.code(found.status).type("application/problem+json").send(found);
  });
  server.setNotFoundHandler((request, reply) => {
    const found: Problem = {
      type: "about:blank",
      title: "Not found",
      status: 404,
      detail: `There is no ${request.method} ${request.url.split("?")[0]}.`,
      code: "not_found",
    };
    return reply.code(404).type("application/problem+json").send(found);
  });
}
