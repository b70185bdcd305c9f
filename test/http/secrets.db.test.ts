import { Writable } from "node:stream";
import pg from "pg";
import { expect, test } from "vitest";
import { createApiKey } from "../../src/domain/accounts/api-keys.ts";
import { searchSubscribers } from "../../src/domain/subscribers/find-subscribers.ts";
import { createLog } from "../../src/platform/log.ts";
import { startOpenIdProvider } from "../harness/openid-provider.ts";
import { type Browser, openWeb } from "../harness/web.ts";
import { createWorld, type World } from "../harness/world.ts";

/** Everything that is written, as one text. */
function createMemoryLog() {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { log: createLog("debug", destination), text: () => lines.join("") };
}

/** Every row of every table, ours and the job engine's, as the server's owner sees them. */
async function dump(world: World): Promise<string> {
  const client = new pg.Client(world.database);
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema') and schemaname not like 'pg_temp%'`,
  );
  const texts: string[] = [];
  for (const { name } of rows) {
    const found = await client.query<{ text: string | null }>(`select string_agg(t::text, ' ') as text from ${name} t`);
    texts.push(`${name}: ${found.rows[0]?.text ?? ""}`);
  }
  await client.end();
  return texts.join("\n");
}

/** What every address answers that can be asked without changing anything. */
async function readEverything(browser: Browser, ids: Readonly<Record<string, string>>): Promise<string> {
  const { paths } = (await browser.get("/api/openapi.json")).body as { paths: Record<string, Record<string, object>> };
  const readable = Object.entries(paths).filter(([path, methods]) => "get" in methods && !path.includes("callback"));
  const texts: string[] = [];
  for (const [path] of readable) {
    for (const id of Object.values(ids)) {
      const url = path.replace(/\{\w+\}/g, id);
      for (const query of ["", "?search=a", "?kind=added"]) {
        const { body, headers } = await browser.get(url + query);
        texts.push(`${JSON.stringify(body)} ${JSON.stringify({ ...headers, "set-cookie": undefined })}`);
      }
      if (!path.includes("{")) break;
    }
  }
  return texts.join("\n");
}

test("6.5 no secret is found in an answer, a line of the log, a table or a job", async () => {
  const { log, text } = createMemoryLog();
  const world = await createWorld({ log });
  const { own } = world;
  const web = await openWeb(world);
  const person = await web.person("administrator");
  const browser = await web.signIn(person);
  const recovery = await browser.enrol();
  const amsPassword = "canary-of-the-ams";
  const { version, baseUrl } = await own.bridge();
  await own.listSync();
  const sync = await own.sync("Everybody");
  await browser.send("PUT", "/api/v1/bridge", { baseUrl, userName: "lockstep", password: amsPassword, version });
  await browser.post("/api/v1/bridge/test");
  expect((await own.sync("Board")).state).toBe("failed");
  const provider = await startOpenIdProvider("http://127.0.0.1:8080/api/v1/sign-in-provider/callback");
  const { issuer, clientId, clientSecret } = provider;
  const switches = { isOnlyWay: false, doesSecondFactor: false };
  await browser.send("PUT", "/api/v1/account/sign-in-provider", { issuer, clientId, clientSecret, ...switches });
  const wrongPassword = "canary-of-a-wrong-password";
  await web.browser().signIn({ ...person, password: wrongPassword });
  const { token: key } = await createApiKey(own.ctx, "reports");
  await browser.get("/api/v1/home", { authorization: `Bearer ${key}`, cookie: "" });
  const hook = { url: "https://receiver.example/", events: ["sync.failed"] };
  const { body: webhook } = await browser.post("/api/v1/webhooks", hook);
  const { body: replaced } = await browser.post(`/api/v1/webhooks/${webhook.id}/secret`);
  await browser.post(`/api/v1/webhooks/${webhook.id}/test`);
  const { id: group } = await own.group("Everybody");
  const [somebody] = await searchSubscribers(own.ctx, undefined, 1);
  const answers = await readEverything(browser, {
    webhook: webhook.id,
    group,
    sync: sync.id,
    person: String(somebody?.id ?? 1),
  });
  const places = { answers, log: text(), tables: await dump(world) };
  expect(places.answers).toContain(baseUrl);
  expect(places.log).toContain("somebody signed in");
  expect(places.tables).toContain(person.user.email);
  const secrets = {
    amsPassword,
    clientSecret,
    wrongPassword,
    password: person.password,
    session: browser.cookies.get("lockstep") ?? "",
    key,
    webhookSecret: webhook.secret as string,
    replacedWebhookSecret: replaced.secret as string,
    recoveryCode: recovery[0] ?? "",
  };
  for (const [place, content] of Object.entries(places)) {
    for (const [name, secret] of Object.entries(secrets)) {
      expect(secret.length, name).toBeGreaterThan(8);
      expect(content.includes(secret), `${name} in the ${place}`).toBe(false);
    }
  }
});
