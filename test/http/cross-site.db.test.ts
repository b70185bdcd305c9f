import { expect, test } from "vitest";
import { openWeb } from "../harness/web.ts";
import { createWorld } from "../harness/world.ts";

/** What arrives with a request that another site made a browser send, or that no browser sent. */
const foreign: Readonly<Record<string, Record<string, string>>> = {
  "cross-site": { "sec-fetch-site": "cross-site", origin: "https://evil.example" },
  "same-site": { "sec-fetch-site": "same-site", origin: "https://other.example.org" },
  "typed into the address bar": { "sec-fetch-site": "none", origin: "" },
  "an older browser, another origin": { "sec-fetch-site": "", origin: "https://evil.example" },
  "an older browser, null origin": { "sec-fetch-site": "", origin: "null" },
  "neither said": { "sec-fetch-site": "", origin: "" },
  "a lie in Host": { "sec-fetch-site": "", origin: "http://evil.example", host: "evil.example" },
};

test("6.4 cross-site: no unsafe route takes a cookie from another site", async () => {
  const world = await createWorld();
  const web = await openWeb(world);
  const browser = await web.signIn(await web.person("administrator"));
  const { paths } = (await browser.get("/api/openapi.json")).body as { paths: Record<string, object> };
  let tried = 0;
  for (const [path, operations] of Object.entries(paths)) {
    for (const method of Object.keys(operations).filter((name) => name !== "get")) {
      const url = path.replace(/\{\w+\}/g, "00000000-0000-7000-8000-000000000000");
      for (const [name, headers] of Object.entries(foreign)) {
        const answer = await browser.send(method.toUpperCase(), url, {}, headers);
        expect([answer.status, answer.body.code], `${method} ${path}, ${name}`).toEqual([403, "cross_site"]);
        tried += 1;
      }
    }
  }
  expect(tried).toBeGreaterThan(200);
  expect((await browser.get("/api/v1/me")).status).toBe(200);
});

test("6.4 cross-site: our own origin will do where a browser says nothing of the site", async () => {
  const world = await createWorld();
  const web = await openWeb(world);
  const browser = await web.signIn(await web.person("administrator"));
  const old = await browser.post("/api/v1/bridge/refresh", undefined, { "sec-fetch-site": "" });
  expect(old.status).toBe(202);
  const configured = await openWeb(world, { baseUrl: "https://lockstep.example.org" });
  const person = await configured.person("viewer");
  const at = (origin: string) =>
    configured
      .browser()
      .post(
        "/api/v1/session",
        { email: person.user.email, password: person.password },
        { "sec-fetch-site": "", origin },
      );
  expect((await at("https://lockstep.example.org")).status).toBe(200);
  expect((await at(configured.url)).status).toBe(403);
  await world.own.workAll();
});

test("6.4 cross-site: forms and plain text are refused", async () => {
  const world = await createWorld();
  const web = await openWeb(world);
  const browser = await web.signIn(await web.person("administrator"));
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
    const answer = await browser.post("/api/v1/syncs", '{"kind":"list"}', { "content-type": type });
    expect(answer.status, type).toBe(415);
  }
});

test("6.4 headers: no inline script, no frame, nothing kept, nothing sniffed", async () => {
  const world = await createWorld();
  const web = await openWeb(world);
  const { headers } = await web.browser().get("/api/v1/setup");
  expect(headers["content-security-policy"]).toMatch(/script-src 'self';.*object-src 'none';base-uri 'none'/);
  expect(headers["content-security-policy"]).toMatch(/frame-ancestors 'none'/);
  expect(headers).toMatchObject({
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
  });
  expect(headers["access-control-allow-origin"]).toBeUndefined();
  const docs = await web.browser().get("/api/docs/");
  expect(docs.status).toBe(200);
  expect(docs.headers["content-security-policy"]).toMatch(/script-src 'self' 'unsafe-inline'/);
  expect(docs.body).not.toMatch(/(src|href)="https?:/);
});

test("6.4 address: X-Forwarded-For counts from a trusted proxy alone", async () => {
  const world = await createWorld();
  const knock = async (web: Awaited<ReturnType<typeof openWeb>>) => {
    const statuses = new Set<number>();
    for (let count = 0; count < 102; count += 1) {
      const headers = { "x-forwarded-for": `198.51.100.${count}` };
      statuses.add((await web.browser().post("/api/v1/password-reset", { email: "a@example.org" }, headers)).status);
    }
    return [...statuses];
  };
  expect(await knock(await openWeb(world, { trustedProxies: "127.0.0.1" }))).toEqual([202]);
  expect(await knock(await openWeb(world))).toEqual([202, 429]);
});

test("6.4 API key: its requests are counted, and it speaks for no person", async () => {
  const world = await createWorld();
  const web = await openWeb(world, { apiRate: "5" });
  const browser = await web.signIn(await web.person("administrator"));
  const { token, role } = (await browser.post("/api/v1/api-keys", { name: "reports", role: "viewer" })).body;
  expect(role).toBe("viewer");
  const program = web.browser();
  const authorization = `Bearer ${token}`;
  expect((await program.get("/api/v1/me", { authorization })).body.code).toBe("people_only");
  expect((await program.post("/api/v1/bridge/refresh", undefined, { authorization })).body.code).toBe("forbidden");
  const statuses: number[] = [];
  for (let count = 0; count < 4; count += 1) {
    statuses.push((await program.get("/api/v1/target-groups", { authorization })).status);
  }
  expect(statuses).toEqual([200, 200, 200, 429]);
  expect((await program.get("/api/v1/target-groups?key=x", { authorization: "Bearer lsk_wrong" })).status).toBe(401);
});
