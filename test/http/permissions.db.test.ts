import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { createApiKey } from "../../src/domain/accounts/api-keys.ts";
import { inviteUser } from "../../src/domain/accounts/create-user.ts";
import { receiveImage } from "../../src/domain/mailings/content/receive-image.ts";
import { addDomain } from "../../src/domain/mailings/senders/change-domains.ts";
import { unsubscribePerson } from "../../src/domain/subscribers/change-person-wish.ts";
import { searchSubscribers } from "../../src/domain/subscribers/find-subscribers.ts";
import { listFolders } from "../../src/domain/syncs/list-folders.ts";
import { startNightly } from "../../src/domain/syncs/nightly.ts";
import { receiveUpload } from "../../src/domain/uploads/receive-upload.ts";
import { addWebhook } from "../../src/domain/webhooks/change-webhooks.ts";
import { listWritebacks } from "../../src/domain/writebacks/find-writebacks.ts";
import { must } from "../../src/platform/errors.ts";
import { newId } from "../../src/platform/ids.ts";
import { addMailing, publish } from "../harness/mailings.ts";
import { tinyImages } from "../harness/tiny-images.ts";
import { type Answer, type Browser, openWeb, type Web } from "../harness/web.ts";
import { type Account, createWorld, type World } from "../harness/world.ts";
import { expectedPermissions } from "./expected-permissions.ts";
import { call } from "./sample-requests.ts";

async function operationsOf(browser: Browser): Promise<readonly string[]> {
  const { paths } = (await browser.get("/api/openapi.json")).body as { paths: Record<string, object> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path.replace("/api/v1", "")}`),
  );
}

const isLetIn = ({ status }: Answer) => status !== 401 && status !== 403;

test("6.4 permissions: every route has its line here", async () => {
  const web = await openWeb(await createWorld());
  expect([...(await operationsOf(web.browser()))].sort()).toEqual(Object.keys(expectedPermissions).sort());
});

test("6.4 permissions: without a session, or with a session that waits for its second factor, only what is public", async () => {
  const web = await openWeb(await createWorld());
  const nobody = web.browser();
  const half = web.browser();
  const person = await web.person("administrator");
  await half.signIn(person);
  await half.enrol();
  const inHalf = new Set(["post /session/second-factor", "delete /session"]);
  for (const [operation, who] of Object.entries(expectedPermissions)) {
    expect(isLetIn(await call(nobody, operation, newId())), `nobody: ${operation}`).toBe(who.includes("-"));
    if (who.includes("-") || inHalf.has(operation)) continue;
    await half.signIn(person);
    expect((await call(half, operation, newId())).status, `half signed in: ${operation}`).toBe(401);
  }
});

test.each([
  ["administrator", "A"],
  ["publisher", "P"],
  ["author", "U"],
  ["viewer", "V"],
] as const)("6.4 permissions: %s may call what the table says, by session and by key", async (role, letter) => {
  const world = await createWorld();
  const web = await openWeb(world);
  const browser = await web.signIn(await web.person(role));
  const cookies = new Map(browser.cookies);
  const session = `lockstep=${cookies.get("lockstep")}`;
  const key = await createApiKey(world.own.ctx, "program", role);
  const ends = new Set(["delete /session", "delete /sessions", "post /me/second-factor/confirm"]);
  for (const [operation, who] of Object.entries(expectedPermissions)) {
    const fresh = ends.has(operation) ? await web.signIn(await web.person(role)) : browser;
    const headers = ends.has(operation) ? {} : { cookie: session };
    const answer = await call(fresh, operation, newId(), headers);
    // A body or code that is wrong is refused by the route, behind the door.
    expect(isLetIn(answer), `${role}: ${operation} → ${answer.status}`).toBe(who.includes(letter));
    expect(answer.status).toBeLessThan(500);
    if (who.includes("-")) continue;
    const byKey = await call(web.browser(), operation, newId(), { authorization: `Bearer ${key.token}` });
    expect(isLetIn(byKey), `key of ${role}: ${operation}`).toBe(who.includes("K") && who.includes(letter));
  }
  await world.own.workAll();
});

test("6.4 permissions: staff run accounts from outside, and are administrators inside the one they entered", async () => {
  const world = await createWorld();
  const web = await openWeb(world);
  for (const letter of ["S", "E"]) {
    for (const [operation, who] of Object.entries(expectedPermissions)) {
      if (/session|^post \/me|^post \/setup/.test(operation)) continue;
      const browser = await staffBrowser(world, web, letter === "E");
      const answer = await call(browser, operation, newId());
      expect(isLetIn(answer), `${letter}: ${operation} → ${answer.status}`).toBe(who.includes(letter));
    }
  }
  await world.own.workAll();
});

const staffCookies = new WeakMap<World, Map<string, string>>();

/** Staff sign in once; each call gets a browser with that session, entered or not. */
async function staffBrowser(world: World, web: Web, isInside: boolean): Promise<Browser> {
  const kept = staffCookies.get(world);
  const browser = kept ? web.browser() : await web.signIn(await web.person(null));
  for (const [name, value] of kept ?? []) browser.cookies.set(name, value);
  const { body } = await browser.get("/api/v1/me");
  if (isInside && !body.isEntered) await browser.post(`/api/v1/accounts/${world.own.ctx.accountId}/enter`);
  if (!isInside && body.isEntered) await browser.send("DELETE", "/api/v1/accounts/entered");
  staffCookies.set(world, browser.cookies);
  return browser;
}

/** One id of each kind in another account. */
async function idsOf(other: Account): Promise<Readonly<Record<string, string>>> {
  await other.listSync();
  await other.sync("Everybody");
  const { user } = await inviteUser(other.ctx, { email: "theirs@example.org", name: "Theirs", role: "viewer" });
  const [person] = await searchSubscribers(other.ctx, "p100.", 1);
  await unsubscribePerson(other.ctx, must(person, "there are people").id, "asked by phone");
  const [writeback] = await listWritebacks(other.ctx, { limit: 1 });
  const [folder] = await listFolders(other.ctx);
  const { sync } = await other.request("Board");
  const mailing = await addMailing(other, { to: [(await other.group("Everybody")).id] });
  return {
    users: user.id,
    webhooks: (await addWebhook(other.ctx, { url: "https://example.org/", events: ["sync.held"] })).id,
    sessions: newId(),
    "api-keys": (await createApiKey(other.ctx, "theirs")).id,
    folders: must(folder, "the bridge made one").id,
    "target-groups": (await other.group("Everybody")).id,
    syncs: sync.id,
    mailings: mailing,
    instances: (await publish(other, mailing)).id,
    uploads: (await receiveUpload(other.ctx, "theirs.csv", Readable.from([Buffer.from("a@example.org")]))).id,
    "sending-domains": (await addDomain(other.ctx, "theirs.example")).id,
    images: (await receiveImage(other.ctx, "theirs.gif", Readable.from([tinyImages.gif]))).id,
    subscribers: String(must(person, "there are people").id),
    writebacks: String(must(writeback, "somebody was unsubscribed").id),
    "nightly-runs": must(await startNightly(other.ctx), "a run on demand always starts").id,
  };
}

test("6.4 permissions: another account's ids are as unknown as ids that never were, on every route", async () => {
  const world = await createWorld();
  const other = await world.addAccount();
  const web = await openWeb(world);
  const foreign = await idsOf(other);
  await world.own.listSync();
  const browser = await web.signIn(await web.person("administrator"));
  const inside = await staffBrowser(world, web, true);
  let walked = 0;
  for (const operation of Object.keys(expectedPermissions).filter((name) => name.includes("{id}"))) {
    const kind = /\/([\w-]+)\/\{id\}/.exec(operation)?.[1] ?? "";
    if (kind === "accounts") continue;
    const theirs = must(foreign[kind], `${operation}: the test knows an id of ${kind} of another account`);
    const never = ["subscribers", "writebacks"].includes(kind) ? "999999999" : newId();
    for (const someone of [browser, inside]) {
      const [answer, unknown] = [await call(someone, operation, theirs), await call(someone, operation, never)];
      const isList = answer.status === 200 && Array.isArray(answer.body.items) && answer.body.items.length === 0;
      expect(answer.status === 404 || isList, `${operation} → ${answer.status}`).toBe(true);
      expect(JSON.stringify(answer.body).replaceAll(theirs, "id")).toBe(
        JSON.stringify(unknown.body).replaceAll(never, "id"),
      );
    }
    walked += 1;
  }
  expect(walked).toBeGreaterThan(18);
  await other.workAll();
});
