import { sql } from "kysely";
import { SMTPServer } from "smtp-server";
import { expect, onTestFinished, test } from "vitest";
import { changeUser } from "../../src/domain/accounts/change-user.ts";
import { createUser } from "../../src/domain/accounts/create-user.ts";
import { sendPasswordLink } from "../../src/domain/accounts/password-link.ts";
import { configureBridge } from "../../src/domain/bridges/configure-bridge.ts";
import { createLog } from "../../src/platform/log.ts";
import { createMailer, type Mailer } from "../../src/platform/mail/mailer.ts";
import { openWeb } from "../harness/web.ts";
import { createWorld, type World } from "../harness/world.ts";

async function openAsAdministrator(mail: Mailer | null = null) {
  const world = await createWorld({ mail });
  const web = await openWeb(world);
  const person = await web.person("administrator");
  return { world, web, person, browser: await web.signIn(person) };
}

const tokenOf = (text: string) => /#token=(lsp_[\w-]{43})/.exec(text)?.[1] ?? "";
const password = "marble lantern 77 quiet";

test("6.1 users: somebody invited chooses a password by the link, once, within 72 hours", async () => {
  const { world, web, browser } = await openAsAdministrator();
  const input = { email: "Zoë@example.org", name: "Zoë O'Neil", role: "author" };
  const { body } = await browser.post("/api/v1/users", input);
  expect(body.user).toMatchObject({ ...input, state: "invited", hasSecondFactor: false, signedInAt: null });
  expect(body.invitation).toMatchObject({
    sentByMail: false,
    url: expect.stringMatching(/\/reset-password#token=lsp_/),
  });
  expect((await browser.post("/api/v1/users", input)).body.code).toBe("email_in_use");
  const token = tokenOf(body.invitation.url);
  const confirm = (given: object) =>
    web.browser().post("/api/v1/password-reset/confirm", { token, password, ...given });
  expect((await confirm({ password: "zoë o'neil 12" })).status).toBe(400);
  expect((await confirm({ token: `${token}x` })).body.code).toBe("link_not_valid");
  expect((await confirm({})).status).toBe(204);
  expect((await confirm({})).status).toBe(409);
  const zoe = web.browser();
  expect((await zoe.post("/api/v1/session", { email: "ZOË@example.org", password })).body).toEqual({ next: "done" });
  expect((await zoe.get("/api/v1/me")).body).toMatchObject({
    role: "author",
    account: { id: world.own.ctx.accountId },
  });
  const late = await browser.post("/api/v1/users", { ...input, email: "late@example.org" });
  world.clock.advance({ hours: 72 });
  const tooLate = { token: tokenOf(late.body.invitation.url), password };
  expect((await web.browser().post("/api/v1/password-reset/confirm", tooLate)).body.code).toBe("link_not_valid");
});

test("6.4 users: inviting tells nobody who signs in elsewhere; only the address's owner learns it", async () => {
  const { world, web, browser } = await openAsAdministrator();
  const other = await world.addAccount();
  const known = await web.person("viewer", other.ctx.accountId);
  const invite = (email: string) => browser.post("/api/v1/users", { email, name: "Somebody", role: "viewer" });
  const [knownAnswer, newAnswer] = [await invite(known.user.email), await invite("new@example.org")];
  expect(knownAnswer.status).toBe(201);
  expect(Object.keys(knownAnswer.body.user)).toEqual(Object.keys(newAnswer.body.user));
  const confirm = { token: tokenOf(knownAnswer.body.invitation.url), password };
  expect((await web.browser().post("/api/v1/password-reset/confirm", confirm)).body.code).toBe("email_in_use");
  expect((await web.browser().signIn(known)).status).toBe(200);
});

test("6.1 users: roles change, sessions of old rights end, and the last administrator stays", async () => {
  const { web, person, browser } = await openAsAdministrator();
  const publisher = await web.person("publisher");
  const theirs = await web.signIn(publisher);
  const change = (id: string, body: object) => browser.send("PATCH", `/api/v1/users/${id}`, body);
  expect((await change(person.user.id, { role: "viewer" })).body.code).toBe("last_administrator");
  expect((await change(person.user.id, { isDisabled: true })).body.code).toBe("last_administrator");
  expect((await change(publisher.user.id, { role: "owner" })).status).toBe(400);
  expect((await change(publisher.user.id, { role: "administrator" })).body.role).toBe("administrator");
  expect((await theirs.get("/api/v1/me")).status).toBe(401);
  expect((await change(person.user.id, { role: "viewer" })).status).toBe(200);
  expect((await browser.get("/api/v1/me")).status).toBe(401);
  const listed = (await (await web.signIn(publisher)).get("/api/v1/users")).body;
  expect(listed.map(({ role }: { role: string }) => role)).toEqual(["viewer", "administrator"]);
});

test("6.1 users: of two administrators who remove each other at once, one stays", async () => {
  const { world, web, person } = await openAsAdministrator();
  const second = await web.person("administrator");
  const ended = await Promise.allSettled(
    [person, second].map(({ user }) => changeUser(world.own.ctx, user.id, { isDisabled: true })),
  );
  expect(ended.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
});

test("6.1 users: a lost second factor is removed by an administrator", async () => {
  const { web, browser } = await openAsAdministrator();
  const lost = await web.person("viewer");
  const theirs = await web.signIn(lost);
  await theirs.enrol();
  expect((await browser.send("DELETE", `/api/v1/users/${lost.user.id}/second-factor`)).body.hasSecondFactor).toBe(
    false,
  );
  expect((await theirs.get("/api/v1/me")).status).toBe(401);
  expect((await theirs.signIn(lost)).body).toEqual({ next: "done" });
});

interface Relay {
  readonly letters: string[];
  readonly mailer: Mailer;
}

/** A real relay on this machine that keeps what it gets. */
async function startRelay(): Promise<Relay> {
  const letters: string[] = [];
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    onData(stream, _, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        letters.push(Buffer.concat(chunks).toString("utf8").replaceAll("=\r\n", "").replaceAll("=3D", "="));
        done();
      });
    },
  });
  const listening = server.listen(0, "127.0.0.1");
  await new Promise((resolve) => listening.once("listening", resolve));
  const address = listening.address();
  const port = typeof address === "object" ? address?.port : 0;
  const mailer = createMailer(`smtp://127.0.0.1:${port}`, "Lockstep <lockstep@example.org>", createLog("silent"));
  onTestFinished(async () => {
    mailer.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { letters, mailer };
}

/** Does what a worker would with the letters that wait. */
async function sendWaiting(world: World): Promise<number> {
  const jobs = await world.jobs("send-password-link");
  for (const payload of jobs) await sendPasswordLink(world.ctx, payload as Parameters<typeof sendPasswordLink>[1]);
  return jobs.length;
}

test("6.4 reset: known and unknown addresses get the same answer, and only the known one a letter", async () => {
  const relay = await startRelay();
  const { world, web, person, browser } = await openAsAdministrator(relay.mailer);
  const ask = (email: string) => web.browser().post("/api/v1/password-reset", { email });
  const answers = [await ask(person.user.email.toUpperCase()), await ask("nobody@example.org")];
  expect(answers.map(({ status }) => status)).toEqual([202, 202]);
  expect(answers[1]?.body).toEqual(answers[0]?.body);
  expect(answers[0]?.body.sendsMail).toBe(true);
  expect(await sendWaiting(world)).toBe(2);
  expect(relay.letters).toHaveLength(1);
  expect(relay.letters[0]).toMatch(/To: <?administrator\.1@example\.org/);
  const jobs = JSON.stringify(await world.jobs("send-password-link"));
  const token = tokenOf(relay.letters[0] ?? "");
  expect(token).not.toBe("");
  expect(jobs).not.toContain(token);
  expect((await web.browser().post("/api/v1/password-reset/confirm", { token, password })).status).toBe(204);
  expect((await browser.get("/api/v1/me")).status, "every session ends").toBe(401);
  expect((await web.browser().signIn({ ...person, password })).status).toBe(200);
});

test("6.4 reset: a link holds for an hour, and a newer one ends it", async () => {
  const relay = await startRelay();
  const { world, web, person } = await openAsAdministrator(relay.mailer);
  const send = async () => {
    await sendPasswordLink(world.ctx, { to: "address", email: person.user.email });
    return tokenOf(relay.letters.at(-1) ?? "");
  };
  const statusOf = async (token: string) =>
    (await web.browser().post("/api/v1/password-reset/confirm", { token, password })).status;
  const [first, second] = [await send(), await send()];
  expect(await statusOf(first)).toBe(409);
  world.clock.advance({ hours: 1 });
  expect(await statusOf(second)).toBe(409);
  expect(await statusOf(await send())).toBe(204);
});

test("6.4 reset: without mail the answer says who can help, and nothing waits", async () => {
  const { world, web, person } = await openAsAdministrator();
  const { status, body } = await web.browser().post("/api/v1/password-reset", { email: person.user.email });
  expect([status, body.sendsMail]).toEqual([202, false]);
  expect(await world.jobs("send-password-link")).toEqual([]);
});

test("6.1 account: settings change for all, and the second of two editors is told", async () => {
  const { browser } = await openAsAdministrator();
  const { body: before } = await browser.get("/api/v1/account");
  const change = {
    name: "Renamed",
    timeZone: "America/Sao_Paulo",
    locale: "pt-br",
    senderName: "Ana",
    senderAddress: "ana@example.org",
  };
  const saved = await browser.send("PUT", "/api/v1/account", { ...change, version: before.version });
  expect(saved.body).toMatchObject({ ...change, locale: "pt-BR", version: before.version + 1 });
  expect((await browser.send("PUT", "/api/v1/account", { ...change, version: before.version })).body.code).toBe(
    "edited_meanwhile",
  );
  for (const wrong of [
    { timeZone: "Mars/Olympus" },
    { locale: "no language" },
    { name: "" },
    { senderAddress: "ana" },
    { id: before.id },
  ]) {
    expect((await browser.send("PUT", "/api/v1/account", wrong)).status, JSON.stringify(wrong)).toBe(400);
  }
});

test("6.5 audit log: who did what, by page, action, actor and time", async () => {
  const { world, browser, person } = await openAsAdministrator();
  world.clock.advance({ hours: 1 });
  const from = world.clock.now().toString();
  for (const name of ["one", "two", "three"]) await browser.post("/api/v1/api-keys", { name });
  const list = async (query: string) => (await browser.get(`/api/v1/audit-entries${query}`)).body;
  const all = await list("?limit=200");
  expect(all.items.map(({ action }: { action: string }) => action)).toEqual([
    "api_key.create",
    "api_key.create",
    "api_key.create",
    "user.sign_in",
    "user.create",
    "bridge.create",
    "account.create",
  ]);
  expect(all.items[0]).toMatchObject({ actor: `${person.user.name} (${person.user.email})`, subject: "three" });
  expect((await list("?action=user.sign_in")).items).toHaveLength(1);
  expect((await list("?actor=number1")).items).toHaveLength(4);
  expect((await list("?actor=%25")).items).toHaveLength(0);
  expect((await list(`?from=${from}`)).items).toHaveLength(3);
  expect((await list(`?to=${from}`)).items).toHaveLength(4);
  const first = await list("?limit=2");
  const rest = await list(`?limit=200&cursor=${first.next}`);
  expect([...first.items, ...rest.items]).toEqual(all.items);
});

test("6.4 staff: they see every account's health, enter one by the audit log, and leave no old cookie", async () => {
  const world = await createWorld();
  const other = await world.addAccount();
  await configureBridge(other.ctx, { isActive: false });
  const web = await openWeb(world);
  const staff = await web.person(null);
  const browser = await web.signIn(staff);
  expect((await browser.get("/api/v1/me")).body).toMatchObject({ account: null, role: null, isEntered: false });
  expect((await browser.get("/api/v1/target-groups")).body.code).toBe("no_account");
  const made = await browser.post("/api/v1/accounts", { name: "Third", timeZone: "UTC" });
  const { body: accounts } = await browser.get("/api/v1/accounts");
  expect(accounts.map(({ bridge }: { bridge: string }) => bridge)).toEqual(["healthy", "inactive", "not_set_up"]);
  const before = browser.cookies.get("lockstep");
  expect((await browser.post(`/api/v1/accounts/${made.body.id}/enter`)).status).toBe(204);
  expect((await web.browser().get("/api/v1/me", { cookie: `lockstep=${before}` })).status).toBe(401);
  expect((await browser.get("/api/v1/me")).body).toMatchObject({
    account: { id: made.body.id, name: "Third" },
    role: "administrator",
    isEntered: true,
  });
  await browser.post("/api/v1/users", { email: "first@example.org", name: "First", role: "administrator" });
  const { items } = (await browser.get("/api/v1/audit-entries")).body;
  const actor = `staff: ${staff.user.name} (${staff.user.email})`;
  expect(items.map((entry: { action: string; actor: string }) => [entry.action, entry.actor])).toEqual([
    ["user.invite", actor],
    ["account.enter", actor],
    ["account.create", actor],
  ]);
  expect((await browser.send("DELETE", "/api/v1/accounts/entered")).status).toBe(204);
  expect((await browser.get("/api/v1/me")).body.account).toBeNull();
  expect((await browser.post("/api/v1/accounts/00000000-0000-7000-8000-000000000000/enter")).status).toBe(404);
});

test("6.5 secrets: no answer of the administration holds a hash, a token or a secret", async () => {
  const { world, browser } = await openAsAdministrator();
  await browser.enrol();
  const key = (await browser.post("/api/v1/api-keys", { name: "reports" })).body.token;
  const said = [];
  for (const path of ["me", "users", "api-keys", "audit-entries", "account", "bridge"]) {
    said.push(JSON.stringify((await browser.get(`/api/v1/${path}`)).body));
  }
  for (const word of ["argon2", "lss_", "lsp_", key, "Hash", "sealed"]) expect(said.join("\n")).not.toContain(word);
  expect(await world.query(sql`select from user_session`)).toHaveLength(1);
});

test("6.1 operator: makes staff and client users, and a made-up password signs in", async () => {
  const { world, web } = await openAsAdministrator();
  const made = await createUser(
    world.ctx,
    { email: "op@example.org", name: "Op", role: null, accountId: null },
    "test",
  );
  expect(made.password).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
  expect((await web.browser().signIn(made)).status).toBe(200);
  await expect(
    createUser(world.ctx, { email: "OP@example.org", name: "Op", role: null, accountId: null }, "test"),
  ).rejects.toMatchObject({ code: "email_in_use" });
});
