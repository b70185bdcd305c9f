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

/**
 * Who may call what, written down a second time: A administrator, P publisher, U author, V viewer, S staff outside
 * any account, E staff who entered one, - nobody without a session, K any key's program (as its role) besides people.
 */
const expected: Readonly<Record<string, string>> = {
  "get /setup": "APUVSE-",
  "post /setup": "APUVSE-",
  "get /sign-in-provider/callback": "APUVSE-",
  "get /sign-in-provider/{accountId}": "APUVSE-",
  "post /session": "APUVSE-",
  "post /session/second-factor": "APUVSE",
  "delete /session": "APUVSE",
  "delete /sessions": "APUVSE",
  "post /password-reset": "APUVSE-",
  "post /password-reset/confirm": "APUVSE-",
  "get /me": "APUVSE",
  "get /me/sessions": "APUVSE",
  "delete /me/sessions/{id}": "APUVSE",
  "post /me/second-factor": "APUVSE",
  "post /me/second-factor/confirm": "APUVSE",
  "put /me/password": "APUVSE",
  "get /me/notices": "APUVSE",
  "put /me/notices": "APUVSE",
  "get /account": "APUVEK",
  "put /account": "AEK",
  "get /account/sign-in-provider": "AEK",
  "put /account/sign-in-provider": "AEK",
  "delete /account/sign-in-provider": "AEK",
  "get /audit-entries": "AEK",
  "get /users": "AEK",
  "post /users": "AEK",
  "patch /users/{id}": "AEK",
  "post /users/{id}/reset-password": "AEK",
  "delete /users/{id}/second-factor": "AEK",
  "get /users/{id}/notices": "AEK",
  "put /users/{id}/notices": "AEK",
  "get /webhooks": "AEK",
  "post /webhooks": "AEK",
  "get /webhooks/{id}": "AEK",
  "patch /webhooks/{id}": "AEK",
  "delete /webhooks/{id}": "AEK",
  "post /webhooks/{id}/secret": "AEK",
  "post /webhooks/{id}/test": "AEK",
  "get /webhooks/{id}/deliveries": "AEK",
  "get /webhooks/{id}/deliveries/{deliveryId}": "AEK",
  "post /webhooks/{id}/deliveries/{deliveryId}/send-again": "AEK",
  "get /api-keys": "AEK",
  "post /api-keys": "AEK",
  "delete /api-keys/{id}": "AEK",
  "get /bridge": "APUVEK",
  "put /bridge": "AEK",
  "post /bridge/sample": "AEK",
  "post /bridge/test": "AEK",
  "post /bridge/refresh": "APUEK",
  "get /bridge/mapping": "APUVEK",
  "put /bridge/mapping": "AEK",
  "get /opt-out-categories": "APUVEK",
  "get /personalization-fields": "APUVEK",
  "patch /personalization-fields/{name}": "AEK",
  "get /folders": "APUVEK",
  "post /folders": "APUEK",
  "patch /folders/{id}": "APUEK",
  "delete /folders/{id}": "APUEK",
  "post /folders/{id}/undelete": "APUEK",
  "post /folders/{id}/refresh": "APUEK",
  "get /target-groups": "APUVEK",
  "get /target-groups/{id}": "APUVEK",
  "patch /target-groups/{id}": "APUEK",
  "delete /target-groups/{id}": "APUEK",
  "post /target-groups/{id}/undelete": "APUEK",
  "post /target-groups/compounds": "APUEK",
  "post /target-groups/compose": "APUVEK",
  "get /target-groups/{id}/composition": "APUVEK",
  "put /target-groups/{id}/composition": "APUEK",
  "post /target-groups/move": "APUEK",
  "post /target-groups/delete": "APUEK",
  "post /target-groups/undelete": "APUEK",
  "put /target-groups/{id}/guard": "AEK",
  "post /target-groups/{id}/resync": "APUEK",
  "post /target-groups/{id}/dry-run": "APUEK",
  "get /target-groups/{id}/members": "APUVEK",
  "get /target-groups/{id}/rejected-rows": "APUVEK",
  "get /target-groups/{id}/history": "APUVEK",
  "get /target-groups/{id}/used-in": "APUVEK",
  "get /target-groups/{id}/why": "APUVEK",
  "get /target-groups/{id}/members.csv": "APUEK",
  "get /target-groups/{id}/rejected-rows.csv": "APUEK",
  "get /target-groups/{id}/nightly": "APUVEK",
  "post /uploads": "APUEK",
  "get /uploads/{id}": "APUEK",
  "get /uploads/{id}/preview": "APUEK",
  "post /uploads/{id}/import": "APUEK",
  "get /instances/{id}/report": "APUVEK",
  "get /instances/{id}/report/over-time": "APUVEK",
  "get /instances/{id}/report/link-map.html": "APUVEK",
  "get /instances/{id}/report/links": "APUVEK",
  "get /instances/{id}/report/domains": "APUVEK",
  "get /instances/{id}/report/groups": "APUVEK",
  "get /instances/{id}/report/compare": "APUVEK",
  "get /instances/{id}/report/recipients": "APUVEK",
  "get /instances/{id}/report/recipients.csv": "APUEK",
  "get /instances/{id}/report/left-out.csv": "APUEK",
  "get /instances/{id}/report/links.csv": "APUEK",
  "get /latest-reports": "APUVEK",
  "get /subscribers/{id}/mailings": "APUVEK",
  "get /sending-domains": "APUVEK",
  "post /sending-domains": "AEK",
  "delete /sending-domains/{id}": "AEK",
  "post /sending-domains/{id}/check": "AEK",
  "post /sending-domains/{id}/prepare-key": "AEK",
  "post /sending-domains/{id}/discard-key": "AEK",
  "post /sending-domains/{id}/replace-key": "AEK",
  "get /images": "APUVEK",
  "post /images": "APUEK",
  "get /images/{id}/uses": "APUVEK",
  "delete /images/{id}": "APUEK",
  "post /syncs": "APUEK",
  "get /syncs": "APUVEK",
  "get /syncs/{id}": "APUVEK",
  "post /syncs/{id}/cancel": "APUEK",
  "post /syncs/{id}/apply": "AEK",
  "post /syncs/{id}/discard": "AEK",
  "get /syncs/{id}/changes": "APUVEK",
  "get /syncs/{id}/difference": "APUVEK",
  "get /syncs/{id}/difference.csv": "APUEK",
  "get /syncs/{id}/events": "APUVEK",
  "get /subscribers": "APUVEK",
  "get /subscribers/{id}": "APUVEK",
  "get /subscribers/{id}/history": "APUVEK",
  "post /subscribers/{id}/unsubscribe": "AEK",
  "post /subscribers/{id}/resubscribe": "AEK",
  "get /subscribers/{id}/writebacks": "APUVEK",
  "get /writebacks": "APUVEK",
  "get /writebacks/summary": "APUVEK",
  "get /writebacks/{id}": "APUVEK",
  "post /writebacks/send": "AEK",
  "post /writebacks/retry": "AEK",
  "post /writebacks/{id}/retry": "AEK",
  "get /subscribers/{id}/export": "AEK",
  "get /subscribers/{id}/erasure": "AEK",
  "post /subscribers/{id}/erase": "AEK",
  "post /lifted-erasures": "AEK",
  "get /home": "APUVEK",
  "get /events": "APUVEK",
  "get /mailings": "APUVEK",
  "post /mailings": "APUEK",
  "get /mailings/{id}": "APUVEK",
  "patch /mailings/{id}": "APUEK",
  "delete /mailings/{id}": "APUEK",
  "post /mailings/{id}/copy": "APUEK",
  "post /mailings/{id}/archive": "APUEK",
  "post /mailings/{id}/unarchive": "APUEK",
  "get /mailings/{id}/versions": "APUVEK",
  "get /mailings/{id}/versions/{version}": "APUVEK",
  "post /mailings/{id}/versions/{version}/restore": "APUEK",
  "get /mailings/{id}/checks": "APUVEK",
  "post /mailings/{id}/preview": "APUVEK",
  "get /mailings/{id}/preview.html": "APUVEK",
  "post /mailings/{id}/compile": "APUVEK",
  "post /mailings/{id}/test-sends": "APUEK",
  "get /mailing-fields": "APUVEK",
  "get /mailings/{id}/audience": "APUVEK",
  "post /mailings/{id}/publish": "APEK",
  "get /instances": "APUVEK",
  "get /held-bounces": "APUVEK",
  "get /instances/{id}/held-bounces": "APUVEK",
  "post /instances/{id}/held-bounces/apply": "AEK",
  "post /instances/{id}/held-bounces/discard": "AEK",
  "get /instances/{id}": "APUVEK",
  "post /instances/{id}/pause": "APEK",
  "post /instances/{id}/resume": "APEK",
  "post /instances/{id}/cancel": "APEK",
  "post /instances/{id}/retry": "APEK",
  "post /instances/{id}/use-last-good": "APEK",
  "post /instances/{id}/confirm-growth": "APEK",
  "get /instances/{id}/recipients": "APUVEK",
  "get /instances/{id}/exclusions": "APUVEK",
  "get /nightly-runs": "APUVEK",
  "get /nightly-runs/preview": "APUVEK",
  "post /nightly-runs": "AEK",
  "get /nightly-runs/{id}": "APUVEK",
  "get /housekeeping-runs": "AEK",
  "post /housekeeping-runs": "AEK",
  "get /installation": "APUVSE",
  "post /installation/resume": "SE",
  "get /storage": "SE",
  "get /verification": "SE",
  "get /accounts": "SE",
  "post /accounts": "SE",
  "post /accounts/{id}/suspend": "SE",
  "post /accounts/{id}/resume": "SE",
  "post /accounts/{id}/enter": "SE",
  "delete /accounts/entered": "SE",
};

const nobody = { include: { isAll: false, of: [] }, exclude: { isAll: false, of: [] } };

/** A body that each route takes, where it takes one; the route itself may still refuse what it says. */
const bodies: Readonly<Record<string, unknown>> = {
  "patch /users/{id}": {},
  "put /me/notices": { choices: {} },
  "put /users/{id}/notices": { choices: {} },
  "patch /webhooks/{id}": {},
  "post /folders": { name: "A folder" },
  "patch /folders/{id}": {},
  "patch /target-groups/{id}": {},
  "post /target-groups/compounds": { name: "Both", ...nobody },
  "post /target-groups/compose": nobody,
  "put /target-groups/{id}/composition": { name: "Both", ...nobody },
  "post /uploads/{id}/import": {
    target: { name: "List" },
    encoding: "utf-8",
    delimiter: ",",
    hasHeader: true,
    columns: { email: 0 },
  },
  "post /target-groups/move": { ids: [newId()], folderId: null },
  "post /target-groups/delete": { ids: [newId()] },
  "post /target-groups/undelete": { ids: [newId()] },
  "post /sending-domains": { name: "not a domain" },
  "post /mailings/{id}/publish": { version: 1 },
  "post /mailings": { name: "News" },
  "patch /mailings/{id}": {},
  "post /mailings/{id}/copy": {},
  "post /mailings/{id}/versions/{version}/restore": {},
  "post /mailings/{id}/preview": {},
  "post /mailings/{id}/compile": { bodyKind: "html", body: "<p>Hello</p>" },
  "post /mailings/{id}/test-sends": { to: ["somebody@example.org"] },
  "put /account": {},
  "post /subscribers/{id}/unsubscribe": {},
  "post /subscribers/{id}/resubscribe": { reason: "asked by phone" },
  "post /writebacks/retry": { all: true },
  "post /subscribers/{id}/erase": { confirm: "nobody@example.org" },
  "post /lifted-erasures": { email: "nobody@example.org", reason: "asked by phone" },
  "put /bridge/mapping": { mapping: null },
  "put /target-groups/{id}/guard": { percent: null, minimum: null, absolute: null },
  "patch /personalization-fields/{name}": {},
};
const queries: Readonly<Record<string, string>> = {
  "get /subscribers": "?search=x",
  "get /target-groups/{id}/why": "?search=x",
  "get /instances/{id}/exclusions": "?reason=unsubscribed",
  "get /syncs/{id}/changes": "?kind=added",
  "get /syncs/{id}/difference": "?kind=added",
  "get /syncs/{id}/difference.csv": "?kind=added",
};

async function operationsOf(browser: Browser): Promise<readonly string[]> {
  const { paths } = (await browser.get("/api/openapi.json")).body as { paths: Record<string, object> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path.replace("/api/v1", "")}`),
  );
}

/** An id that nobody has: who may not call is told so before anything is looked for. */
function call(browser: Browser, operation: string, id: string, headers: Record<string, string> = {}): Promise<Answer> {
  const [method = "", path = ""] = operation.split(" ");
  const url = `/api/v1${path.replace(/\{\w+\}/g, id)}${queries[operation] ?? ""}`;
  const body = method === "get" ? undefined : bodies[operation];
  return browser.send(method.toUpperCase(), url, body, headers);
}

const isLetIn = ({ status }: Answer) => status !== 401 && status !== 403;

test("6.4 permissions: every route has its line here", async () => {
  const web = await openWeb(await createWorld());
  expect([...(await operationsOf(web.browser()))].sort()).toEqual(Object.keys(expected).sort());
});

test("6.4 permissions: without a session, or with a session that waits for its second factor, only what is public", async () => {
  const web = await openWeb(await createWorld());
  const nobody = web.browser();
  const half = web.browser();
  const person = await web.person("administrator");
  await half.signIn(person);
  await half.enrol();
  const inHalf = new Set(["post /session/second-factor", "delete /session"]);
  for (const [operation, who] of Object.entries(expected)) {
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
  for (const [operation, who] of Object.entries(expected)) {
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
    for (const [operation, who] of Object.entries(expected)) {
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
  for (const operation of Object.keys(expected).filter((name) => name.includes("{id}"))) {
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
