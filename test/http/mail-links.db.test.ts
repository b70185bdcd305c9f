import { sql } from "kysely";
import { request } from "undici";
import { expect, test } from "vitest";
import { erasePerson } from "../../src/domain/people/erase-person.ts";
import { findSubscriber } from "../../src/domain/subscribers/find-subscribers.ts";
import { must } from "../../src/platform/errors.ts";
import { startServer } from "../harness/api.ts";
import { createInstance, type InstanceOptions, type TestInstance } from "../harness/mailing.ts";
import { createWorld, type World } from "../harness/world.ts";

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
const form = { "content-type": "application/x-www-form-urlencoded" };

interface Mailed extends World {
  readonly url: string;
  readonly instance: TestInstance;
  /** Asks for a path of the server, as a reader's browser does. */
  ask(path: string, more?: { method?: string; headers?: Record<string, string>; body?: string }): Promise<Reply>;
  standing(place: number): Promise<string>;
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

async function createMailed(options: InstanceOptions = {}): Promise<Mailed> {
  const world = await createWorld();
  const { own, clock } = world;
  await own.listSync();
  await own.sync("Everybody");
  const instance = await createInstance(own.ctx, options);
  clock.advance({ minutes: 5 });
  const { url } = await startServer(world);
  return {
    ...world,
    url,
    instance,
    async ask(path, { method = "GET", headers = {}, body } = {}) {
      const answer = await request(url + path, {
        method: method as "GET",
        headers: { "user-agent": firefox, ...headers },
        body: body ?? null,
      });
      return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
    },
    async standing(place) {
      const { subscriberId } = must(instance.recipients[place - 1], "there is such a recipient");
      return (await findSubscriber(own.ctx, subscriberId)).standing;
    },
  };
}

const pathOf = (link: string) => new URL(link).pathname;

const activities = ({ query }: World) =>
  query(sql<{ kind: string; place: number | null; link: number | null; automatic: boolean }>`
    select kind, place, link, is_automatic as automatic from mailing_activity order by id`);

const recipientOf = async ({ query }: World, place: number) =>
  must(
    (
      await query(sql<{ state: string; clicked: boolean; opened: boolean; unsubscribed: boolean }>`
        select state, clicked_at is not null as clicked, opened_at is not null as opened,
          unsubscribed_at is not null as unsubscribed
        from recipient where place = ${place}`)
    )[0],
    "there is such a recipient",
  );

test("4.5 one click unsubscribes at once, in both forms that mail programs send, without a cookie or a redirect", async () => {
  const world = await createMailed();
  const boundary = "----lockstep";
  const multipart = `--${boundary}\r\ncontent-disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--${boundary}--\r\n`;
  const bodies = [
    { headers: form, body: "List-Unsubscribe=One-Click" },
    { headers: { "content-type": `multipart/form-data; boundary=${boundary}` }, body: multipart },
    { headers: {}, body: "" },
  ];
  for (const [at, sent] of bodies.entries()) {
    const reply = await world.ask(pathOf(world.instance.links(at + 1).unsubscribe), { method: "POST", ...sent });
    expect(await world.standing(at + 1), "in the commit that answered").toBe("unsubscribed");
    expect(reply.status).toBe(200);
    expect(reply.headers["set-cookie"]).toBeUndefined();
    expect(reply.headers["cache-control"]).toBe("no-store");
    expect(reply.headers["content-security-policy"]).toMatch(/^default-src 'none'/);
    expect(reply.text).toContain("You are unsubscribed");
  }
  expect((await activities(world)).map(({ kind, place }) => `${kind} ${place}`)).toEqual([
    "unsubscribe 1",
    "unsubscribe 2",
    "unsubscribe 3",
  ]);
  expect((await world.own.group("Everybody")).counts.unsubscribed).toBe(3);
});

test("4.5 a GET unsubscribes nobody, however often scanners follow the links", async () => {
  const world = await createMailed();
  for (let round = 0; round < 100; round += 1) {
    const links = world.instance.links((round % 3) + 1);
    for (const [link, method] of [
      [links.unsubscribe, "GET"],
      [links.unsubscribe, "HEAD"],
      [links.preferences, "GET"],
      [`${links.unsubscribe}?action=unsubscribe&List-Unsubscribe=One-Click`, "GET"],
    ] as const) {
      const { pathname, search } = new URL(link);
      expect((await world.ask(pathname + search, { method })).status).toBe(200);
    }
  }
  expect(await Promise.all([1, 2, 3].map(world.standing))).toEqual(["sendable", "sendable", "sendable"]);
  expect(await activities(world)).toEqual([]);
});

test("4.5 the page shows the address masked, undoes a mistake, and says the same when it is pressed twice", async () => {
  const world = await createMailed();
  const path = pathOf(world.instance.links(1).unsubscribe);
  const { email } = must(world.instance.recipients[0], "there is one");
  const asked = await world.ask(path);
  expect(asked.text).toContain("Association of Tests");
  expect(asked.text).toContain(`${email[0]}•••@`);
  expect(asked.text).not.toContain(email);
  expect(asked.text).not.toContain("<script");
  const press = (action: string) => world.ask(path, { method: "POST", headers: form, body: `action=${action}` });
  await press("unsubscribe");
  await press("unsubscribe");
  expect(await world.standing(1)).toBe("unsubscribed");
  expect((await world.ask(path)).text).toContain("You are unsubscribed");
  expect((await press("resubscribe")).text).toContain("Nothing has changed");
  expect(await world.standing(1)).toBe("sendable");
  expect(await recipientOf(world, 1)).toMatchObject({ unsubscribed: false });
  await press("resubscribe");
  expect(
    (await activities(world)).map(({ kind }) => kind),
    "pressed twice, kept once",
  ).toEqual(["unsubscribe", "resubscribe"]);
});

test("4.5 preferences show how things stand, and change it both ways", async () => {
  const world = await createMailed();
  const path = pathOf(world.instance.links(2).preferences);
  expect((await world.ask(path)).text).toContain("Unsubscribe from all mailings");
  const press = (action: string) => world.ask(path, { method: "POST", headers: form, body: `action=${action}` });
  expect((await press("unsubscribe")).text).toContain("You are unsubscribed");
  expect(await world.standing(2)).toBe("unsubscribed");
  expect((await press("resubscribe")).text).toContain("You get mailings from");
  expect(await world.standing(2)).toBe("sendable");
  await press("nonsense");
  expect(await world.standing(2)).toBe("sendable");
});

test("2.4 a flag of the AMS is shown as what it is, and no button lifts it", async () => {
  const world = await createMailed();
  const { subscriberId } = must(world.instance.recipients[0], "there is one");
  await world.query(sql`update subscriber set do_not_email = true where id = ${subscriberId}`);
  for (const link of [world.instance.links(1).unsubscribe, world.instance.links(1).preferences]) {
    const { text } = await world.ask(pathOf(link));
    expect(text).toContain("its member records says so");
    expect(text).not.toContain("<form");
  }
});

test("4.5 an altered link, or one for another purpose, is told to be not valid: no redirect, nothing changed", async () => {
  const world = await createMailed();
  const links = world.instance.links(1);
  const token = must(links.click(0).split("/").at(-1), "a token is the last part");
  const letters = ["u", "p", "c", "o"];
  const altered = [...token].flatMap((letter, at) => {
    const other = letter === "A" ? "B" : "A";
    return letters.map((route) => `/${route}/${token.slice(0, at)}${other}${token.slice(at + 1)}`);
  });
  const unsubscribe = pathOf(links.unsubscribe).slice(3);
  const wrongPurpose = [`/u/${token}`, `/p/${token}`, `/o/${token}.gif`, `/c/${unsubscribe}`, `/p/${unsubscribe}`];
  for (const path of [...altered, ...wrongPurpose, "/c/x", "/c/https%3A%2F%2Fevil.example", "/o/", "/u/%00"]) {
    for (const method of /^\/[up]/.test(path) ? ["GET", "POST"] : ["GET"]) {
      const { status, headers } = await world.ask(path, { method });
      expect([404, 429, 400], `${method} ${path}`).toContain(status);
      expect(headers.location).toBeUndefined();
    }
  }
  expect(await activities(world)).toEqual([]);
  expect(await world.standing(1)).toBe("sendable");
  const { status } = await world.ask(`/c/${token}`);
  expect(status, "a link that is valid is never held back").toBe(302);
});

test("4.5 a click leads to the link that was frozen, whatever the address says, and only over http", async () => {
  const world = await createMailed({
    links: [
      { url: "https://example.org/programme?a=1&b=2", label: "Programme" },
      { url: "javascript:alert(1)", label: "Evil" },
    ],
  });
  const links = world.instance.links(1);
  const { status, headers } = await world.ask(`${pathOf(links.click(0))}?url=https://evil.example`);
  expect([status, headers.location]).toEqual([302, "https://example.org/programme?a=1&b=2"]);
  expect(headers["set-cookie"]).toBeUndefined();
  for (const link of [1, 2]) expect((await world.ask(pathOf(links.click(link)))).status, `link ${link}`).toBe(404);
  expect(await activities(world)).toEqual([{ kind: "click", place: 1, link: 0, automatic: false }]);
  expect(await recipientOf(world, 1)).toMatchObject({ clicked: true });
});

test("4.6 what scanners do is counted apart: HEAD, programs, and many links at once", async () => {
  const world = await createMailed({
    links: ["a", "b", "c"].map((name) => ({ url: `https://example.org/${name}`, label: name })),
  });
  const [scanned, read] = [world.instance.links(1), world.instance.links(2)];
  await world.ask(pathOf(scanned.click(0)), { method: "HEAD" });
  await world.ask(pathOf(scanned.click(0)), { headers: { "user-agent": "curl/8.5.0" } });
  world.clock.advance({ minutes: 1 });
  for (const link of [0, 1, 2]) {
    await world.ask(pathOf(scanned.click(link)));
    world.clock.advance({ milliseconds: 400 });
  }
  await world.ask(pathOf(read.click(0)));
  world.clock.advance({ seconds: 30 });
  await world.ask(pathOf(read.click(1)));
  expect((await activities(world)).map(({ place, automatic }) => `${place} ${automatic}`)).toEqual([
    ...Array.from({ length: 5 }, () => "1 true"),
    "2 false",
    "2 false",
  ]);
  expect(await recipientOf(world, 1)).toMatchObject({ clicked: false });
  expect(await recipientOf(world, 2)).toMatchObject({ clicked: true });
});

test.for([
  ["off", 0, null, false],
  ["aggregate", 1, null, false],
  ["person", 1, 1, true],
] as const)("4.5 opens are recorded as the account chose: %s", async ([openTracking, count, place, opened]) => {
  const world = await createMailed({ openTracking });
  const reply = await world.ask(pathOf(world.instance.links(1).open));
  expect([reply.status, reply.headers["content-type"]]).toEqual([200, "image/gif"]);
  expect(reply.headers["cross-origin-resource-policy"]).toBe("cross-origin");
  const found = await activities(world);
  expect(found.length).toBe(count);
  if (found[0]) expect(found[0]).toEqual({ kind: "open", place, link: null, automatic: false });
  expect(await recipientOf(world, 1)).toMatchObject({ opened });
});

test("4.4 a click shows that an unsure recipient was sent the mail; an anonymous open says nothing about anybody", async () => {
  const world = await createMailed({ recipients: "unsure", openTracking: "aggregate" });
  await world.ask(pathOf(world.instance.links(1).open));
  expect(await recipientOf(world, 1)).toMatchObject({ state: "unsure" });
  await world.ask(pathOf(world.instance.links(1).click(0)));
  expect(await recipientOf(world, 1)).toMatchObject({ state: "sent", clicked: true });
  await world.ask(pathOf(world.instance.links(2).unsubscribe), { method: "POST" });
  expect(await recipientOf(world, 2)).toMatchObject({ state: "sent", unsubscribed: true });
  expect(await recipientOf(world, 3)).toMatchObject({ state: "unsure" });
});

test("4.6 hundreds of clicks at once are all recorded before they are answered", async () => {
  const world = await createMailed({ to: 200 });
  const replies = await Promise.all(
    world.instance.recipients.flatMap(({ place }) =>
      [0, 1].map((link) => world.ask(pathOf(world.instance.links(place).click(link)))),
    ),
  );
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([302]));
  expect((await activities(world)).length).toBe(400);
});

test("2.6 links of an erased person, or of one who was never a recipient, open a page that says so", async () => {
  const world = await createMailed();
  const { own, instance } = world;
  const { subscriberId, email } = must(instance.recipients[0], "there is one");
  await erasePerson(own.ctx, subscriberId, email);
  for (const link of [instance.links(1).unsubscribe, instance.links(1).preferences, instance.links(99).unsubscribe]) {
    for (const method of ["GET", "POST"]) {
      const { status, text } = await world.ask(pathOf(link), { method });
      expect([status, text.includes("nothing to unsubscribe from")]).toEqual([200, true]);
    }
  }
  expect((await world.ask(pathOf(instance.links(1).click(0)))).status).toBe(302);
});

test("6.4 an unsubscribe in one account leaves the same address alone in another", async () => {
  const world = await createMailed();
  const other = await world.addAccount();
  await other.listSync();
  await other.sync("Everybody");
  await world.ask(pathOf(world.instance.links(1).unsubscribe), { method: "POST" });
  expect((await world.own.group("Everybody")).counts.unsubscribed).toBe(1);
  expect((await other.group("Everybody")).counts.unsubscribed).toBe(0);
});
