import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Provider, { type Configuration } from "oidc-provider";
import { request } from "undici";
import { onTestFinished } from "vitest";

/** Whom the provider has before it; it asks nothing, and believes everything. */
export interface Person {
  sub: string;
  email: string;
  email_verified: boolean;
}

export interface OpenIdProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  person: Person;
  /** What a browser does there. @returns the address that it is sent back to */
  visit(url: string): Promise<URL>;
  close(): Promise<void>;
}

/** A real provider of OpenID Connect on loopback. @param redirectUri the only one that it sends anybody to */
export async function startOpenIdProvider(redirectUri: string): Promise<OpenIdProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [clientId, clientSecret] = ["lockstep", "a-client-secret-that-nobody-may-see"];
  const own = { person: { sub: "1", email: "", email_verified: true } as Person };
  const configuration: Configuration = {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    conformIdTokenClaims: false,
    cookies: { keys: ["test"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: async (_, sub) => ({ accountId: sub, claims: async () => ({ ...own.person, sub }) }),
    async loadExistingGrant({ oidc }) {
      const grant = new provider.Grant({ accountId: oidc.session?.accountId ?? "", clientId });
      grant.addOIDCScope("openid email");
      await grant.save();
      return grant;
    },
  };
  const provider = new Provider(issuer, configuration);
  const answer = provider.callback();
  server.on("request", async (incoming, reply) => {
    if (!incoming.url?.startsWith("/interaction/")) return answer(incoming, reply);
    await provider.interactionFinished(incoming, reply, { login: { accountId: own.person.sub } });
  });
  const close = () => new Promise<void>((resolve) => void server.close(() => resolve()).closeAllConnections());
  onTestFinished(close);
  return Object.assign(own, { issuer, clientId, clientSecret, close, visit: (url: string) => visit(url, redirectUri) });
}

async function visit(url: string, until: string): Promise<URL> {
  const cookies = new Map<string, string>();
  for (let at = url, steps = 0; steps < 10; steps += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const { headers, body, statusCode } = await request(at, { headers: { cookie } });
    const text = await body.text();
    for (const line of [headers["set-cookie"] ?? []].flat()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    if (typeof headers.location !== "string") throw new Error(`the provider answered ${statusCode}: ${text}`);
    at = new URL(headers.location, at).href;
    if (at.startsWith(until)) return new URL(at);
  }
  throw new Error("the provider sent the browser in circles");
}
