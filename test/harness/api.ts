import { expect, onTestFinished } from "vitest";
import { createApiKey } from "../../src/domain/accounts/api-keys.ts";
import { createServer } from "../../src/http/server.ts";
import { type Config, loadConfig } from "../../src/platform/config.ts";
import { createMetrics } from "../../src/platform/metrics.ts";
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

/** A second server of one world has figures of its own: it would register the same ones twice. */
const served = new WeakSet<World>();

/** The world's real server, listening on loopback, closed at the test's end. */
export async function startServer(
  world: World,
  settings: Partial<Record<keyof Config, string>> = {},
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = await createServer({
    ctx: served.has(world) ? { ...world.ctx, metrics: createMetrics() } : world.ctx,
    config: loadConfig({}, { apiRate: "1000000", ...settings }),
    database: world.database,
    isEmbedded: false,
    folder: "",
    close: async () => {},
  });
  served.add(world);
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  const close = () => server.close();
  onTestFinished(close);
  return { url, close };
}

/** The same, as an address. */
export async function serveApi(world: World): Promise<string> {
  return (await startServer(world)).url;
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
    const parsed = /json/.test(type) ? JSON.parse(text) : text;
    return { status: reply.status, type, headers: reply.headers, body: text === "" ? undefined : parsed };
  };
  const succeed = async <Body>(method: string, path: string, body?: unknown): Promise<Body> => {
    const reply = await call<Body>(method, path, body);
    expect(reply.status, `${method} ${path}: ${JSON.stringify(reply.body)}`).toBeLessThan(300);
    return reply.body;
  };
  return { url, key, call, get: (path) => succeed("GET", path), post: (path, body) => succeed("POST", path, body) };
}
