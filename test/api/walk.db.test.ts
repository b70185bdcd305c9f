import { sql } from "kysely";
import { expect, test } from "vitest";
import { createApiKey, revokeApiKey } from "../../src/domain/accounts/api-keys.ts";
import { unsubscribePerson } from "../../src/domain/subscribers/change-person-wish.ts";
import { listWritebacks } from "../../src/domain/writebacks/find-writebacks.ts";
import { clientOf, serveApi } from "../harness/api.ts";
import { createWorld } from "../harness/world.ts";

interface Operation {
  readonly summary?: string;
  /** Who may call it: `public`, `session` and `user` are people, `accounts:…` staff, the rest the account's. */
  readonly "x-permission": string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema?: { readonly enum?: readonly string[] };
  }[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, { readonly content?: object }>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const nobody = "00000000-0000-7000-8000-000000000000";

/** Every route of the document, with a value for each place in its path. */
async function routesOf(url: string, fill: (name: string) => string) {
  const document = (await (await fetch(`${url}/api/openapi.json`)).json()) as Document;
  const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: path.replace("/api/v1", "").replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(fill(name))),
      template: path,
      operation,
    })),
  );
  expect(routes.length).toBeGreaterThan(25);
  return { document, routes };
}

const problem = (status: number) => ({
  type: "about:blank",
  title: expect.any(String),
  status,
  detail: expect.any(String),
  code: expect.any(String),
});

test("6.2 the document names every route, its answers and what it refers to", async () => {
  const url = await serveApi(await createWorld());
  const { document, routes } = await routesOf(url, () => nobody);
  expect(document.openapi).toMatch(/^3\.1/);
  for (const { operation, template, method } of routes) {
    expect(operation.summary, template).toBeTruthy();
    const good = Object.entries(operation.responses).filter(([status]) => status.startsWith("2"));
    if (!template.endsWith("/events"))
      expect(
        good.every(([status, answer]) => status === "204" || answer.content),
        `${method} ${template}`,
      ).toBe(true);
  }
  const text = JSON.stringify(document);
  for (const [, pointer = ""] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const found = pointer.split("/").reduce<unknown>((at, name) => (at as Record<string, unknown>)?.[name], document);
    expect(found, pointer).toBeDefined();
  }
});

test("6.4 no route answers without a key, with a wrong one, or with one revoked a second ago", async () => {
  const world = await createWorld();
  const url = await serveApi(world);
  const { routes } = await routesOf(url, () => nobody);
  const revoked = await createApiKey(world.own.ctx, "revoked");
  await revokeApiKey(world.own.ctx, revoked.id);
  const keys = [
    undefined,
    "Bearer",
    "Bearer nonsense",
    `Bearer lsk_${"x".repeat(43)}`,
    `Basic ${revoked.token}`,
    `Bearer ${revoked.token}`,
    `Bearer ${revoked.token} `,
  ];
  for (const { method, path, operation } of routes) {
    if (operation["x-permission"] === "public") continue;
    for (const authorization of keys) {
      const reply = await fetch(`${url}/api/v1${path}`, {
        method,
        ...(authorization && { headers: { authorization } }),
      });
      expect(reply.status, `${method} ${path} ${authorization}`).toBe(401);
      expect(reply.headers.get("content-type")).toContain("application/problem+json");
      expect(await reply.json()).toMatchObject(problem(401));
    }
  }
  expect((await fetch(`${url}/api/v1/bridge?key=${revoked.token}`)).status).toBe(401);
});

test("6.4 another account's ids are as unknown as ids that never were", async () => {
  const world = await createWorld();
  const other = await world.addAccount();
  await other.listSync();
  const sync = await other.sync("Board");
  const group = await other.group("Board");
  const url = await serveApi(world);
  const own = await clientOf(url, world.own);
  await world.own.listSync();
  const ids: Record<string, readonly string[]> = {
    id: [nobody, sync.id, group.id, group.folderId ?? nobody, group.id.toUpperCase()],
    name: ["no_such_field"],
  };
  for (const turn of [0, 1, 2, 3, 4]) {
    const { routes } = await routesOf(url, (name) => ids[name]?.[turn] ?? ids[name]?.[0] ?? nobody);
    for (const { method, path, template, operation } of routes) {
      if (!template.includes("{") || /^(user|accounts:.*)$/.test(operation["x-permission"])) continue;
      const required = operation.parameters?.find((parameter) => parameter.in === "query" && parameter.required);
      const reply = await own.call(
        method,
        required
          ? `${path}?${required.name}=${required.schema?.enum?.[0] ?? "x"}`
          : template.endsWith("/why")
            ? `${path}?search=x`
            : path,
        operation.requestBody ? bodyFor(template) : undefined,
      );
      // Also where an id is a number: one of another form is as unknown.
      expect(reply.status, `${method} ${path}`).toBe(404);
    }
  }
  const [foreign] = await world.query(
    sql<{
      id: number;
    }>`select id from subscriber where account_id = ${other.ctx.accountId} and remote_id is not null limit 1`,
  );
  const theirs = Number(foreign?.id);
  await unsubscribePerson(other.ctx, theirs, "asked by phone");
  const writeback = (await listWritebacks(other.ctx, { limit: 1 }))[0]?.id;
  for (const path of [`/subscribers/${theirs}`, `/subscribers/${theirs}/writebacks`, `/writebacks/${writeback}`])
    expect((await own.call("GET", path)).status, path).toBe(404);
  expect((await own.call("POST", `/writebacks/${writeback}/retry`)).status).toBe(404);
});

function bodyFor(template: string): object {
  if (template.endsWith("/notices")) return { choices: {} };
  if (/webhooks|users|folders|target-groups\/\{id\}$/.test(template)) return {};
  if (template.endsWith("/composition")) {
    const none = { isAll: false, of: [] };
    return { name: "Anyone", version: 1, include: none, exclude: none };
  }
  if (template.endsWith("/import")) {
    const dialect = { encoding: "utf-8", delimiter: ",", hasHeader: true };
    return { ...dialect, target: { name: "Guests" }, columns: { email: 0 } };
  }
  if (/\/instances\/\{id\}\//.test(template)) return {};
  if (template.endsWith("/publish")) return { version: 1 };
  if (template.endsWith("/compile")) return { bodyKind: "html", body: "<p>Hello</p>" };
  if (template.endsWith("/test-sends")) return { to: ["somebody@example.org"] };
  if (/\/mailings\/\{id\}(\/|$)/.test(template)) return {};
  return template.includes("guard") ? { percent: null, minimum: null, absolute: null } : { isKept: true };
}

const rubbish = [
  "",
  "null",
  "[]",
  "1",
  '"text"',
  "{",
  '{"a":1,}',
  "// no",
  '{"__proto__":{"a":1}}',
  '{"constructor":{"prototype":{"a":1}}}',
  '{"baseUrl":1,"userName":[],"mapping":{},"settings":1e400}',
  '{"displayName":"a\\u0000b","comment":"\\ud800"}',
  '{"kind":"subscriber","groupId":"x"}',
  '{"percent":-1,"minimum":1e99,"absolute":"1"}',
  `{"a":${"[".repeat(1000)}${"]".repeat(1000)}}`,
  `{"baseUrl":"${"x".repeat(10_000)}"}`,
];

test("no body, query or id brings a route to anything but an answer or a problem", { timeout: 180_000 }, async () => {
  const world = await createWorld();
  await world.own.listSync();
  const url = await serveApi(world);
  const own = await clientOf(url, world.own);
  const group = await world.own.group("Board");
  const check = async (method: string, path: string, body?: string, headers?: Record<string, string>) => {
    const reply = await own.call<{ status?: number }>(method, path, body, headers);
    expect(reply.status, `${method} ${path} ${body?.slice(0, 80)}: ${JSON.stringify(reply.body)}`).toBeLessThan(500);
    if (reply.status >= 400)
      expect(
        reply.type,
        `${method} ${path.slice(0, 200)} ${body?.slice(0, 50)} ${JSON.stringify(reply.body)}`,
      ).toContain("application/problem+json");
  };
  for (const text of [
    "%00",
    "x".repeat(3000),
    "../..",
    "%ff%fe",
    "'%3B--",
    "1e400",
    "-1",
    "NaN",
    "%E2%80%AE",
    "__proto__",
  ]) {
    const { routes } = await routesOf(url, () => decodeSafely(text));
    for (const { method, path, operation } of routes) {
      if (path.endsWith("/events")) continue;
      if (path.includes("/")) await check(method, path, operation.requestBody ? "{}" : undefined);
      const named = operation.parameters?.filter((parameter) => parameter.in === "query") ?? [];
      for (const { name } of method === "GET" ? named : [])
        await check(method, `${path.replace(encodeURIComponent(decodeSafely(text)), group.id)}?${name}=${text}`);
    }
  }
  const { routes } = await routesOf(url, (name) => (name === "name" ? "ind_first_name" : group.id));
  for (const { method, path, operation } of routes) {
    const isForPeople = /^(public|session|user|accounts:.*)$/.test(operation["x-permission"]);
    if (!operation.requestBody || isForPeople) continue;
    for (const body of rubbish) await check(method, path, body);
    await check(method, path, "{}", { "content-type": "text/plain" });
    await check(method, path, "{}", { "content-type": "application/json; charset=latin1" });
    expect((await own.call(method, path, `{"a":"${"x".repeat(1024 * 1024)}"}`)).status).toBe(413);
  }
});

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
