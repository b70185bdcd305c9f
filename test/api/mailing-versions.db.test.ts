import { Readable } from "node:stream";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { inAccount } from "../../src/domain/context.ts";
import { keepHouse, listHousekeeping } from "../../src/domain/housekeeping/keep-house.ts";
import { changeMailing, deleteMailing } from "../../src/domain/mailings/content/change-mailing.ts";
import { createMailing } from "../../src/domain/mailings/content/create-mailing.ts";
import { deleteImage } from "../../src/domain/mailings/content/delete-image.ts";
import { findMailing } from "../../src/domain/mailings/content/get-mailing.ts";
import { receiveImage } from "../../src/domain/mailings/content/receive-image.ts";
import type { Mailing, MailingId } from "../../src/domain/mailings/mailing.ts";
import { newId } from "../../src/platform/ids.ts";
import { clientOf, serveApi } from "../harness/api.ts";
import { addMailing, publish } from "../harness/mailings.ts";
import { tinyImages } from "../harness/tiny-images.ts";
import { createWorld } from "../harness/world.ts";

interface Line {
  readonly number: number;
  readonly savedAt: string;
  readonly savedBy: string;
  readonly keptAs: string;
  readonly restoredFrom: number | null;
  readonly subject: string;
  readonly changed: readonly string[] | null;
  readonly isCurrent: boolean;
}
interface Restored {
  readonly mailing: Mailing;
  readonly undoVersion: number | null;
}

/** A mailing in HTML that two people write, and a program that looks at it. */
async function openWriting() {
  const world = await createWorld();
  const { own, clock } = world;
  const url = await serveApi(world);
  const api = await clientOf(url, own);
  const ana = inAccount(own.ctx, own.ctx.accountId, "Ana");
  const ben = inAccount(own.ctx, own.ctx.accountId, "Ben");
  const { id } = await createMailing(ana, { name: "Gala" });
  const path = `/mailings/${id}`;
  const save = (by: typeof ana, change: Parameters<typeof changeMailing>[2]) => changeMailing(by, id, change);
  const versions = async () => (await api.get<{ items: Line[] }>(`${path}/versions`)).items;
  const subjects = async () =>
    (await versions()).map(({ number, savedBy, subject }) => `${number} ${savedBy}: ${subject}`);
  const restore = (number: number, body: object = {}) =>
    api.call<Restored & { code?: string }>("POST", `${path}/versions/${number}/restore`, body);
  return { world, own, clock, url, api, ana, ben, id, path, save, versions, subjects, restore };
}

test("4.1 versions: saves of one author and sitting are one; another author, or ten minutes, begin the next", async () => {
  const { api, clock, ana, ben, path, save, versions, subjects } = await openWriting();
  expect(await versions()).toEqual([]);
  clock.advance({ hours: 1 });
  for (const subject of ["D", "Dr", "Draft"]) {
    clock.advance({ seconds: 2 });
    await save(ana, { subject });
  }
  expect(await subjects()).toEqual(["2 Ana: Draft", "1 Ana: "]);
  clock.advance({ seconds: 2 });
  await save(ben, { subject: "Ben's" });
  clock.advance({ minutes: 9 });
  await save(ben, { subject: "Ben's own", preheader: "Look" });
  clock.advance({ minutes: 1 });
  await save(ben, { body: "<p>Hello</p>", bodyKind: "html" });
  // What isn't written makes none: a name, and what was there already.
  await save(ana, { name: "Gala night", subject: "Ben's own" });
  expect(await subjects()).toEqual(["4 Ben: Ben's own", "3 Ben: Ben's own", "2 Ana: Draft", "1 Ana: "]);
  expect((await versions()).map(({ changed, isCurrent }) => [changed, isCurrent])).toEqual([
    [["bodyKind", "body"], true],
    [["subject", "preheader"], false],
    [["subject"], false],
    [null, false],
  ]);
  const whole = await api.get<Line & { body: string; preheader: string }>(`${path}/versions/3`);
  expect(whole).toMatchObject({ number: 3, subject: "Ben's own", preheader: "Look", isCurrent: false });
  expect(JSON.parse(whole.body)).toMatchObject({ version: 1 });
  const seen: number[] = [];
  for (let next: string | null = ""; next !== null; ) {
    const page: { items: Line[]; next: string | null } = await api.get(
      `${path}/versions?limit=2${next && `&cursor=${next}`}`,
    );
    seen.push(...page.items.map(({ number }) => number));
    next = page.next;
  }
  expect(seen).toEqual([4, 3, 2, 1]);
});

test("4.1 versions: what half of it was deleted from by accident comes back, and that can be undone", async () => {
  const { api, clock, ana, path, save, versions, restore } = await openWriting();
  const whole = "<p>Dear all,</p><p>the Gala begins at eight.</p>";
  await save(ana, { bodyKind: "html", body: whole, subject: "Gala", textPart: "By hand" });
  clock.advance({ seconds: 2 });
  await save(ana, { body: "<p>Dear all,</p>", name: "Gala, changed" });
  const [now, before] = await versions();
  expect([now?.number, before?.number]).toEqual([3, 2]);
  const shown = async (keptVersion: number) =>
    (await api.post<{ html: string }>(`${path}/preview`, { keptVersion })).html.includes("begins at eight");
  expect([await shown(2), await shown(3)]).toEqual([true, false]);
  const framed = await api.call<string>("GET", `${path}/preview.html?keptVersion=2`);
  expect(framed.body).toContain("begins at eight");
  clock.advance({ seconds: 2 });
  const { status, body } = await restore(2, { version: 3 });
  expect([status, body.undoVersion]).toEqual([200, 3]);
  // Its name is not what was written in it.
  expect(body.mailing).toMatchObject({
    body: whole,
    subject: "Gala",
    textPart: "By hand",
    name: "Gala, changed",
    version: 4,
  });
  expect((await versions())[0]).toMatchObject({
    number: 4,
    keptAs: "restored",
    restoredFrom: 2,
    savedBy: "API key test",
  });
  // What is written on top of it is a version of its own.
  await save(ana, { subject: "Gala!" });
  expect((await versions()).map(({ number }) => number)).toEqual([5, 4, 3, 2, 1]);
  const undone = await restore(3);
  expect(undone.body.mailing).toMatchObject({ body: "<p>Dear all,</p>", subject: "Gala" });
  // The same once more changes nothing.
  expect((await restore(3)).body).toMatchObject({ undoVersion: null });
  expect((await versions()).length).toBe(6);
  const { items } = await api.get<{ items: { action: string }[] }>("/audit-entries?limit=1");
  expect(items[0]?.action).toBe("mailing.restore");
});

test("4.1 versions: restoring over somebody's later save is refused, and one that isn't kept is not found", async () => {
  const { clock, ana, ben, id, own, save, restore, versions } = await openWriting();
  await save(ana, { subject: "One" });
  const { version } = await findMailing(own.ctx, id);
  clock.advance({ seconds: 2 });
  await save(ben, { subject: "Two" });
  const refused = await restore(1, { version });
  expect([refused.status, refused.body.code]).toEqual([409, "edited_meanwhile"]);
  expect(await findMailing(own.ctx, id)).toMatchObject({ subject: "Two" });
  expect((await versions()).length).toBe(3);
  expect((await restore(99)).status).toBe(404);
});

test("4.1 versions: what is published stays as it was, whoever goes on writing", async () => {
  const { world, own, api } = await openWriting();
  await own.listSync();
  await own.sync("Everybody");
  const id = await addMailing(own, { to: [(await own.group("Everybody")).id], subject: "Sent" });
  await publish(own, id);
  world.clock.advance({ seconds: 2 });
  const author = inAccount(own.ctx, own.ctx.accountId, "test");
  await changeMailing(author, id, { subject: "Later" });
  const { items } = await api.get<{ items: Line[] }>(`/mailings/${id}/versions`);
  expect(items.map(({ keptAs, subject }) => `${keptAs} ${subject}`)).toEqual(["edited Later", "published Sent"]);
});

test("6.4 versions: another account's mailing has none to see, and none to bring back", async () => {
  const { world, id, ana, save } = await openWriting();
  await save(ana, { subject: "One" });
  const theirs = await clientOf(await serveApi(world), await world.addAccount());
  for (const [method, path] of [
    ["GET", "versions"],
    ["GET", "versions/1"],
    ["POST", "versions/1/restore"],
  ] as const)
    expect((await theirs.call(method, `/mailings/${id}/${path}`, method === "POST" ? {} : undefined)).status).toBe(404);
});

test("4.1 versions: what stood in the past 30 days is kept, however long ago it was written; the rest goes at night", async () => {
  const { world, own, clock, ana, save, subjects } = await openWriting();
  await save(ana, { subject: "January" });
  clock.advance({ hours: 20 * 24 });
  await save(ana, { subject: "February" });
  clock.advance({ hours: 20 * 24 });
  await save(ana, { subject: "March" });
  await keepHouse(world.ctx, newId());
  // The empty one was overtaken 40 days ago. January's stood until 20 days ago.
  expect(await subjects()).toEqual(["4 Ana: March", "3 Ana: February", "2 Ana: January"]);
  expect((await listHousekeeping(own.ctx, { limit: 1 }))[0]).toMatchObject({ removed: { versions: 1 }, errors: {} });
  clock.advance({ hours: 29 * 24 });
  await keepHouse(world.ctx, newId());
  expect(await subjects()).toEqual(["4 Ana: March", "3 Ana: February"]);
  clock.advance({ hours: 300 * 24 });
  await keepHouse(world.ctx, newId());
  expect(await subjects()).toEqual(["4 Ana: March"]);
});

test("4.1 versions: a mailing has a hundred at most; the oldest go at once, and the next night says how many", async () => {
  const { world, own, clock, ana, ben, save, versions, restore } = await openWriting();
  for (let at = 0; at < 101; at += 1) await save(at % 2 ? ana : ben, { subject: `S${at}` });
  const all = await world.query<{ numbers: number[] }>(
    sql`select array_agg(number order by number) as numbers from mailing_version`,
  );
  expect([all[0]?.numbers.length, all[0]?.numbers[0], all[0]?.numbers.at(-1)]).toEqual([100, 3, 102]);
  expect((await versions()).length).toBe(50);
  expect((await restore(2)).status).toBe(404);
  clock.advance({ hours: 24 });
  await keepHouse(world.ctx, newId());
  expect((await listHousekeeping(own.ctx, { limit: 1 }))[0]).toMatchObject({ removed: { versions: 2 } });
});

test("4.1 versions: a picture that only an earlier version shows may be deleted; brought back, it is shown all the same", async () => {
  const { own, url, api, ana, path, save, restore } = await openWriting();
  const image = await receiveImage(own.ctx, "logo.gif", Readable.from([tinyImages.gif]));
  const { body } = await findMailing(own.ctx, path.slice("/mailings/".length) as MailingId);
  const picture = { kind: "image", url: null, alt: "Logo", href: "", widthPercent: 50, align: "left" };
  const document = { ...JSON.parse(body), blocks: [{ ...picture, id: "p", imageId: image.id }] };
  await save(ana, { body: JSON.stringify(document) });
  await save(inAccount(own.ctx, own.ctx.accountId, "Ben"), { body });
  await deleteImage(own.ctx, image.id);
  expect((await restore(2)).status).toBe(200);
  const { html } = await api.post<{ html: string }>(`${path}/preview`, {});
  expect(html).toContain(image.id);
  expect((await fetch(`${url}/images/${image.id}/logo.gif`)).status).toBe(200);
});

test("4.1 versions: they go with their mailing", async () => {
  const { world, ana, id, save } = await openWriting();
  await save(ana, { subject: "One" });
  await deleteMailing(ana, id);
  expect(await world.query(sql`select 1 from mailing_version`)).toEqual([]);
});

test("4.1 an archived mailing is only read: neither saved nor restored until it is brought back", async () => {
  const { api, ana, path, save, versions, restore } = await openWriting();
  await save(ana, { subject: "One" });
  await save(ana, { subject: "Two" });
  await api.post(`${path}/archive`);
  const before = await api.get<Mailing>(path);
  const refused = {
    status: 409,
    body: { code: "archived", wayOut: "Bring it back from the archive first." },
  };
  expect(await api.call("PATCH", path, { subject: "Three" })).toMatchObject(refused);
  expect(await api.call("PATCH", path, { name: "Another name", version: before.version })).toMatchObject(refused);
  expect(await restore(1)).toMatchObject(refused);
  expect(await api.get(path)).toEqual(before);
  expect((await versions()).length, "reading goes on").toBeGreaterThan(0);
  // Who had it open before is told as after any other change, and may keep what they typed as a copy.
  const seen = { subject: "Three", version: before.version - 1 };
  expect(await api.call("PATCH", path, seen)).toMatchObject({ status: 409, body: { code: "edited_meanwhile" } });
  await api.post(`${path}/unarchive`);
  expect(await api.call("PATCH", path, { subject: "Three" })).toMatchObject({ status: 200 });
  expect((await restore(1)).status).toBe(200);
});
