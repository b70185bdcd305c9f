import type { EgressRules } from "./egress.ts";
import { createGuardedFetch } from "./guarded-fetch.ts";

/** An OpenID Connect provider, and what it knows us by. */
export interface Provider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What one try to sign in must be recognised by when it comes back. */
export interface Attempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Who the provider says that somebody is. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | null;
  readonly isEmailVerified: boolean;
}

/** The provider can't be used, or what it answered can't be believed. */
export class OpenIdError extends Error {
  override readonly name = "OpenIdError";
}

/** Signs people in by providers of OpenID Connect: authorization code flow with PKCE, state and nonce. */
export interface OpenId {
  /** @returns where the provider's pages begin @throws OpenIdError when it can't be reached or is none */
  check(provider: Provider): Promise<string>;
  /** @returns where to send the browser, and what to keep until it is back @throws OpenIdError */
  begin(provider: Provider, redirectUri: string): Promise<{ readonly url: string; readonly attempt: Attempt }>;
  /** @param returned the whole address that the browser came back to @throws OpenIdError when it can't be believed */
  finish(provider: Provider, returned: URL, attempt: Attempt): Promise<Identity>;
}

const scope = "openid email";
/** Loaded when somebody first comes by a provider: most installations have none. */
const library = () => import("openid-client");

export function createOpenId(rules: EgressRules): OpenId {
  const guardedFetch = createGuardedFetch(rules);
  const discover = async ({ issuer, clientId, clientSecret }: Provider) => {
    const { allowInsecureRequests, customFetch, discovery } = await library();
    return discovery(new URL(issuer), clientId, clientSecret, undefined, {
      [customFetch]: guardedFetch,
      execute: rules.allowPrivate ? [allowInsecureRequests] : [],
    });
  };
  return {
    check: (provider) =>
      orOpenIdError(async () => {
        const found = (await discover(provider)).serverMetadata();
        if (found.authorization_endpoint === undefined) throw new Error("it names no page to sign in at");
        return found.authorization_endpoint;
      }),
    begin: (provider, redirectUri) =>
      orOpenIdError(async () => {
        const client = await library();
        const attempt = {
          state: client.randomState(),
          nonce: client.randomNonce(),
          verifier: client.randomPKCECodeVerifier(),
        };
        const url = client.buildAuthorizationUrl(await discover(provider), {
          redirect_uri: redirectUri,
          scope,
          state: attempt.state,
          nonce: attempt.nonce,
          code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
          code_challenge_method: "S256",
        });
        return { url: url.href, attempt };
      }),
    finish: (provider, returned, { state, nonce, verifier }) =>
      orOpenIdError(async () => {
        const { authorizationCodeGrant } = await library();
        const tokens = await authorizationCodeGrant(await discover(provider), returned, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (!claims) throw new Error("it told nothing about the person");
        const email = typeof claims.email === "string" ? claims.email : null;
        return { issuer: claims.iss, subject: claims.sub, email, isEmailVerified: claims.email_verified === true };
      }),
  };
}

async function orOpenIdError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new OpenIdError(reasonOf(cause), { cause });
  }
}

/** What lies at the bottom: "connect ECONNREFUSED …" instead of "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}
