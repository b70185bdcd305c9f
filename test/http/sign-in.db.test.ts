import { sql } from "kysely";
import { expect, test } from "vitest";
import { changeAccount, suspendAccount } from "../../src/domain/accounts/change-account.ts";
import { changeUser } from "../../src/domain/accounts/change-user.ts";
import { openWeb, type Web } from "../harness/web.ts";
import { createWorld, type World } from "../harness/world.ts";

async function open(settings: Parameters<typeof openWeb>[1] = {}): Promise<{ world: World; web: Web }> {
  const world = await createWorld();
  return { world, web: await openWeb(world, settings) };
}

const me = "/api/v1/me";
const second = "/api/v1/session/second-factor";

test("6.4 sign-in: the first who comes sets up, and nobody after", async () => {
  const { web } = await open();
  const [first, late] = [web.browser(), web.browser()];
  expect((await first.get("/api/v1/setup")).body).toEqual({ isNeeded: true });
  const input = {
    accountName: "Association",
    timeZone: "Europe/Berlin",
    name: "Ana Lima",
    email: "Ana@Example.org",
    password: "tangerine-orbit-42",
  };
  const weak = await first.post("/api/v1/setup", { ...input, password: "password1234" });
  expect(weak.body.mistakes).toMatchObject([{ path: "password", message: expect.stringMatching(/easy to guess/) }]);
  const answers = await Promise.all([first, late].map((browser) => browser.post("/api/v1/setup", input)));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  const winner = answers[0]?.status === 201 ? first : late;
  expect((await winner.get(me)).body).toMatchObject({
    user: { name: "Ana Lima", email: "Ana@Example.org", isStaff: false, hasSecondFactor: false },
    account: { name: "Association", timeZone: "Europe/Berlin", locale: "en", requiresSecondFactor: false },
    role: "administrator",
    isEntered: false,
    mustEnrolSecondFactor: false,
  });
  expect((await late.get("/api/v1/setup")).body).toEqual({ isNeeded: false });
  expect(
    (await web.browser().post("/api/v1/session", { email: " ANA@example.org", password: input.password })).status,
  ).toBe(200);
});

test("6.4 sign-in: unknown, wrong and disabled get the same answer", async () => {
  const { world, web } = await open();
  const [known, disabled] = [await web.person("viewer"), await web.person("viewer")];
  await changeUser(world.own.ctx, disabled.user.id, { isDisabled: true });
  const tries = [
    { email: known.user.email, password: "not the password" },
    { email: "nobody@example.org", password: "not the password" },
    { email: disabled.user.email, password: disabled.password },
  ];
  const answers = [];
  for (const one of tries) answers.push(await web.browser().post("/api/v1/session", one));
  for (const answer of answers) {
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual(answers[0]?.body);
    expect(answer.headers["set-cookie"]).toBeUndefined();
  }
});

test("6.4 sign-in: five tries are free, then they wait, known address or not; never for good", async () => {
  const { world, web } = await open();
  const known = await web.person("viewer");
  const home = web.browser();
  await home.signIn(known);
  for (const email of [known.user.email, "nobody@example.org"]) {
    const wrong = () => web.browser().post("/api/v1/session", { email, password: "not the password" });
    for (let count = 0; count < 5; count += 1) expect((await wrong()).status).toBe(401);
    const blocked = await wrong();
    expect([blocked.status, blocked.headers["retry-after"]]).toEqual([429, "1"]);
    world.clock.advance({ seconds: 1 });
    expect((await wrong()).status).toBe(401);
    expect((await wrong()).headers["retry-after"]).toBe("2");
  }
  expect((await web.browser().signIn(known)).status).toBe(429);
  expect((await home.signIn(known)).status, "a browser that signed in before has tries of its own").toBe(200);
  world.clock.advance({ minutes: 15 });
  expect((await web.browser().signIn(known)).status).toBe(200);
});

test("6.4 sign-in: one network address that tries everybody is slowed down", async () => {
  const { web } = await open();
  const email = (count: number) => `nobody${count}@example.org`;
  const tries = Array.from({ length: 101 }, (_, count) => count);
  const statuses: number[] = [];
  for (const count of tries) {
    statuses.push((await web.browser().post("/api/v1/password-reset", { email: email(count) })).status);
  }
  expect(statuses.slice(0, 100).every((status) => status === 202)).toBe(true);
  expect(statuses[100]).toBe(429);
});

test("6.4 sign-in: the database holds no password, no token and no secret", async () => {
  const { world, web } = await open();
  const person = await web.person("viewer");
  const browser = await web.signIn(person);
  const codes = await browser.enrol();
  const rows = await world.query(sql<{ text: string }>`
    select to_jsonb(t)::text as text from app_user t union all select to_jsonb(t)::text from user_session t
    union all select to_jsonb(t)::text from recovery_code t union all select to_jsonb(t)::text from password_link t`);
  const all = rows.map(({ text }) => text).join("\n");
  const token = browser.cookies.get("lockstep") ?? "";
  for (const secret of [person.password, token, token.slice(4), ...codes]) expect(all).not.toContain(secret);
  expect(all).toContain("$argon2id$v=19$m=47104,t=2,p=1$");
});

test("6.4 session: the cookie is kept from scripts and other sites, and bound to the host over https", async () => {
  const { web } = await open();
  const person = await web.person("viewer");
  const plainly = await web.browser().signIn(person);
  expect([plainly.headers["set-cookie"]].flat()[0]).toMatch(
    /^lockstep=lss_[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/,
  );
  const { web: safe } = await open({ baseUrl: "https://lockstep.example.org" });
  const answer = await safe.browser().signIn(await safe.person("viewer"));
  expect([answer.headers["set-cookie"]].flat()[0]).toMatch(
    /^__Host-lockstep=lss_[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  );
  expect(answer.headers["strict-transport-security"]).toBe("max-age=31536000");
});

test("6.4 session: 12 hours without use end it, and 7 days with use", async () => {
  const { world, web } = await open();
  const person = await web.person("viewer");
  const idle = await web.signIn(person);
  world.clock.advance({ hours: 11, minutes: 59, seconds: 59 });
  expect((await idle.get(me)).status).toBe(200);
  world.clock.advance({ hours: 12 });
  expect((await idle.get(me)).status).toBe(401);
  const busy = await web.signIn(person);
  for (let hours = 0; hours < 7 * 24 - 8; hours += 8) {
    world.clock.advance({ hours: 8 });
    expect((await busy.get(me)).status).toBe(200);
  }
  world.clock.advance({ hours: 8 });
  expect((await busy.get(me)).status).toBe(401);
});

test("6.4 session: an old cookie opens nothing after sign-out, sign-in, disabling or a new password", async () => {
  const { world, web } = await open();
  const person = await web.person("viewer");
  const copyOf = (browser: ReturnType<Web["browser"]>) => {
    const copy = web.browser();
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
    return copy;
  };
  const one = await web.signIn(person);
  const afterSignOut = copyOf(one);
  expect((await one.send("DELETE", "/api/v1/session")).status).toBe(204);
  expect(one.cookies.has("lockstep")).toBe(false);
  const two = await web.signIn(person);
  const afterSignIn = copyOf(two);
  await two.signIn(person);
  const three = await web.signIn(person);
  const afterPassword = copyOf(three);
  const change = { currentPassword: person.password, newPassword: "marble lantern 77 quiet" };
  expect((await three.send("PUT", "/api/v1/me/password", { ...change, currentPassword: "wrong" })).status).toBe(403);
  expect((await three.send("PUT", "/api/v1/me/password", { ...change, newPassword: "short" })).status).toBe(400);
  expect((await three.send("PUT", "/api/v1/me/password", change)).status).toBe(204);
  expect((await three.get(me)).status).toBe(200);
  for (const old of [afterSignOut, afterSignIn, two, afterPassword]) expect((await old.get(me)).status).toBe(401);
  const four = web.browser();
  expect((await four.signIn(person)).status).toBe(401);
  await four.signIn({ ...person, password: change.newPassword });
  expect((await four.send("DELETE", "/api/v1/sessions")).status).toBe(204);
  expect((await three.get(me)).status).toBe(401);
  await three.signIn({ ...person, password: change.newPassword });
  await changeUser(world.own.ctx, person.user.id, { isDisabled: true });
  expect((await three.get(me)).status).toBe(401);
});

test("6.4 second factor: asked for after the password; a code and a recovery code work once each", async () => {
  const { world, web } = await open();
  const person = await web.person("viewer");
  const browser = await web.signIn(person);
  const other = await web.signIn(person);
  const codes = await browser.enrol();
  expect(codes).toHaveLength(10);
  expect((await other.get(me)).status, "other sessions end").toBe(401);
  expect((await browser.get(me)).body.user.hasSecondFactor).toBe(true);
  expect((await browser.signIn(person)).body).toEqual({ next: "second_factor" });
  for (const path of [me, "/api/v1/target-groups"]) expect((await browser.get(path)).status).toBe(401);
  expect((await browser.post(second, { code: browser.code() })).status, "the code that confirmed it is spent").toBe(
    401,
  );
  world.clock.advance({ seconds: 30 });
  const code = browser.code();
  const before = browser.cookies.get("lockstep");
  expect((await browser.post(second, { code: `${code.slice(0, 3)} ${code.slice(3)}` })).body).toEqual({ next: "done" });
  expect(browser.cookies.get("lockstep")).not.toBe(before);
  await browser.signIn(person);
  expect((await browser.post(second, { code })).status, "no code twice").toBe(401);
  expect((await browser.post(second, { code: codes[0]?.toUpperCase() })).body).toEqual({ next: "done" });
  await browser.signIn(person);
  expect((await browser.post(second, { code: codes[0] })).status).toBe(401);
  world.clock.advance({ minutes: 10 });
  expect((await browser.post(second, { code: browser.code() })).status, "the password is ten minutes old").toBe(401);
});

test("6.4 second factor: guessing it is slowed down, whichever browser guesses", async () => {
  const { world, web } = await open();
  const person = await web.person("viewer");
  const owner = await web.signIn(person);
  await owner.enrol();
  world.clock.advance({ minutes: 5 });
  const statuses: number[] = [];
  for (let count = 0; count < 6; count += 1) {
    const thief = web.browser();
    await thief.signIn(person);
    statuses.push((await thief.post(second, { code: "000000" })).status);
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
});

test("6.4 second factor: to replace one, the password is asked for again", async () => {
  const { web } = await open();
  const person = await web.person("viewer");
  const browser = await web.signIn(person);
  await browser.enrol();
  const path = "/api/v1/me/second-factor";
  expect((await browser.post(path)).status).toBe(403);
  expect((await browser.post(path, { password: "wrong" })).status).toBe(403);
  expect((await browser.post(path, { password: person.password })).status).toBe(200);
  expect((await browser.post(`${path}/confirm`, { code: "000000" })).status).toBe(400);
});

test("6.4 second factor: nothing else is possible before, for staff and where the account asks for it", async () => {
  const { world, web } = await open();
  const [person, staff] = [await web.person("administrator"), await web.person(null)];
  await changeAccount(world.own.ctx, { requiresSecondFactor: true });
  for (const [one, path] of [
    [person, "/api/v1/users"],
    [staff, "/api/v1/accounts"],
  ] as const) {
    const browser = web.browser();
    await browser.signIn(one);
    expect((await browser.get(me)).body.mustEnrolSecondFactor).toBe(true);
    expect((await browser.get(path)).body.code).toBe("second_factor_required");
    await browser.enrol();
    expect((await browser.get(me)).body.mustEnrolSecondFactor).toBe(false);
    expect((await browser.get(path)).status).toBe(200);
  }
});

test("6.4 suspended: nobody of the account gets in, by password, session or key", async () => {
  const { world, web } = await open();
  const person = await web.person("administrator");
  const browser = await web.signIn(person);
  const key = (await browser.post("/api/v1/api-keys", { name: "reports" })).body.token;
  const byKey = () => web.browser().get("/api/v1/target-groups", { authorization: `Bearer ${key}` });
  expect((await byKey()).status).toBe(200);
  await suspendAccount(world.ctx, world.own.ctx.accountId, true, "test");
  for (const answer of [
    await byKey(),
    await browser.get("/api/v1/target-groups"),
    await web.browser().signIn(person),
  ]) {
    expect([answer.status, answer.body.code]).toEqual([403, "account_suspended"]);
  }
  await suspendAccount(world.ctx, world.own.ctx.accountId, false, "test");
  expect((await browser.get("/api/v1/target-groups")).status).toBe(200);
});

test("bad input B: what can't be used is refused before it is computed with", async () => {
  const { web } = await open();
  const browser = web.browser();
  const good = { email: "a@example.org", password: "some password" };
  const bad: unknown[] = [
    {},
    null,
    [],
    { ...good, email: ["a@example.org"] },
    { ...good, password: "x".repeat(1025) },
    { ...good, password: "" },
    { ...good, email: "a\u0000@example.org" },
    { ...good, extra: 1 },
    '{"email":"a@example.org","password":"x","__proto__":{"isStaff":true}}',
    '{"email":',
  ];
  for (const body of bad) expect((await browser.post("/api/v1/session", body)).status, JSON.stringify(body)).toBe(400);
  expect((await browser.post("/api/v1/session", { ...good, password: "x".repeat(1024 * 1024) })).status).toBe(413);
  for (const cookie of ["lockstep=", "lockstep=x", `lockstep=lss_${"a".repeat(43)}`, `lockstep=${"a".repeat(5000)}`]) {
    expect((await browser.get(me, { cookie })).status).toBe(401);
  }
});

test("bad input B: a password counts as typed: spaces stay, composed letters are one with decomposed ones", async () => {
  const { web } = await open();
  const person = await web.person("viewer");
  const browser = await web.signIn(person);
  const typed = " schöne Grüße im März ";
  await browser.send("PUT", "/api/v1/me/password", { currentPassword: person.password, newPassword: typed });
  const statusOf = async (password: string) => (await web.browser().signIn({ ...person, password })).status;
  expect(await statusOf(typed.normalize("NFD"))).toBe(200);
  expect(await statusOf(typed.trim())).toBe(401);
});
