import type { AddressInfo } from "node:net";
import { expect, onTestFinished } from "vitest";
import { createApiKey } from "../../src/domain/accounts/api-keys.ts";
import { createServer } from "../../src/http/server.ts";
import { loadConfig } from "../../src/platform/config.ts";
import type { Account, World } from "./world.ts";

export interface Reply<Body> {
  readonly status: number;
  readonly type: string;
  readonly headers: Headers;
  readonly body: Body;
}

export interface ApiClient {
  readonly url: string;
  readonly key: string;
  /** Calls the API as the account's key holder; whatever answers is JSON. */
  call<Body = never>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Reply<Body>>;
  /** The same, and it must succeed. */
  get<Body>(path: string): Promise<Body>;
  post<Body>(path: string, body?: unknown): Promise<Body>;
}

/** The real server on the world's database, listening on loopback. */
export async function serveApi(world: World): Promise<string> {
  const server = await createServer({
    ctx: world.ctx,
    config: loadConfig({}),
    database: world.database,
    isEmbedded: false,
    close: async () => {},
  });
  await server.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => server.close());
  return `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
}

/** A key of this account's, and a client that uses it. */
export async function clientOf(url: string, account: Account): Promise<ApiClient> {
  const { token: key } = await createApiKey(account.ctx, "test");
  const call: ApiClient["call"] = async (method, path, body, headers = {}) => {
    const reply = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await reply.text();
    const type = reply.headers.get("content-type") ?? "";
    return { status: reply.status, type, headers: reply.headers, body: text === "" ? undefined : JSON.parse(text) };
  };
  const succeed = async <Body>(method: string, path: string, body?: unknown): Promise<Body> => {
    const reply = await call<Body>(method, path, body);
    expect(reply.status, `${method} ${path}: ${JSON.stringify(reply.body)}`).toBeLessThan(300);
    return reply.body;
  };
  return { url, key, call, get: (path) => succeed("GET", path), post: (path, body) => succeed("POST", path, body) };
}
