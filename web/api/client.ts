import createFetchClient, { type Middleware } from "openapi-fetch";
import createQueryClient from "openapi-react-query";
import type { components, paths } from "./schema.d.ts";
import { sessionOver } from "./session-over.ts";

/** A body that the API's document names. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

interface Mistake {
  readonly path: string;
  readonly message: string;
}

/** What the API answers when it can't do what was asked (RFC 9457), or what happened on the way to it. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly wayOut: string | undefined;
  readonly mistakes: readonly Mistake[];

  constructor(status: number, body: Partial<Record<keyof Problem | "detail", unknown>>) {
    super(text(body.detail) ?? "The server gave no reason.");
    this.status = status;
    this.code = text(body.code) ?? "unknown";
    this.title = text(body.title) ?? "Something went wrong";
    this.wayOut = text(body.wayOut);
    this.mistakes = Array.isArray(body.mistakes) ? body.mistakes : [];
  }
}

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

export function toProblem(error: unknown): Problem {
  return error instanceof Problem ? error : unreachableProblem();
}

function unreachableProblem(): Problem {
  return new Problem(0, {
    code: "unreachable",
    title: "Lockstep can't be reached",
    detail: "The server does not answer. Nothing was changed by this page since.",
    wayOut: "Check your connection; this page tries again by itself.",
  });
}

/** Every answer that isn't a success becomes a thrown `Problem`. */
const throwProblems: Middleware = {
  async onResponse({ response }) {
    if (response.ok) return;
    const body: unknown = await response.json().catch(() => ({}));
    const problem = new Problem(response.status, body as object);
    if (problem.code === "not_signed_in") sessionOver.begin();
    throw problem;
  },
  onError: () => unreachableProblem(),
};

export const client = createFetchClient<paths>({ baseUrl: "/", credentials: "same-origin" });
client.use(throwProblems);

/** Typed queries and mutations of the API: `api.useQuery("get", "/api/v1/home")`. */
export const api = createQueryClient(client);
