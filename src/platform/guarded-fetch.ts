import type { CustomFetch } from "openid-client";
import { Agent, fetch } from "undici";
import { checkUrl, type EgressRules, guardedLookup } from "./egress.ts";

const answerMs = 10_000;

/**
 * A `fetch` for addresses that somebody typed in: only where the rules allow, following no redirect, for ten seconds.
 * @throws EgressError when the address may not be called
 */
export function createGuardedFetch(rules: EgressRules): CustomFetch {
  const dispatcher = new Agent({ connect: { lookup: guardedLookup(rules), timeout: answerMs } });
  return async (url, { method, headers, body }) => {
    const answer = await fetch(checkUrl(url, rules), {
      method,
      headers,
      body: body as string | URLSearchParams | null | undefined, // as: what the flow sends is a form
      dispatcher,
      redirect: "manual",
      signal: AbortSignal.timeout(answerMs),
    } as Parameters<typeof fetch>[1]);
    return answer as unknown as Response; // as: undici's own type of the same thing
  };
}
