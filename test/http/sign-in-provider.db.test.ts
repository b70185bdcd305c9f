import { sql } from "kysely";
import { expect, test } from "vitest";
import { createUser } from "../../src/domain/accounts/create-user.ts";
import { type OpenIdProvider, startOpenIdProvider } from "../harness/openid-provider.ts";
import { type Browser, openWeb, type Web } from "../harness/web.ts";
import { createWorld, type World } from "../harness/world.ts";

const redirectUri = "http://127.0.0.1:8080/api/v1/sign-in-provider/callback";

interface Scene {
  readonly world: World;
  readonly web: Web;
  readonly provider: OpenIdProvider;
  readonly administrator: Browser;
  readonly link: string;
  save(change?: object): Promise<{ status: number; body: never }>;
  /** The whole way of somebody at the provider. @returns where they end, and their browser */
  come(next?: string): Promise<{ readonly to: string; readonly browser: Browser }>;
}

async function openScene(): Promise<Scene> {
  const world = await createWorld();
  const web = await openWeb(world);
  const provider = await startOpenIdProvider(redirectUri);
  const administrator = await web.signIn(await web.person("administrator"));
  const { issuer, clientId, clientSecret } = provider;
  const link = `/api/v1/sign-in-provider/${world.own.ctx.accountId}`;
  const scene: Scene = {
    world,
    web,
    provider,
    administrator,
    link,
    save: (change = {}) =>
      administrator.send("PUT", "/api/v1/account/sign-in-provider", {
        issuer,
        clientId,
        clientSecret,
        isOnlyWay: false,
        doesSecondFactor: false,
        ...change,
      }) as never,
    async come(next = "/target-groups") {
      const browser = web.browser();
      const begun = await browser.get(`${link}?next=${encodeURIComponent(next)}`);
      const back = await provider.visit(String(begun.headers.location));
      const ended = await browser.get(back.pathname + back.search);
      return { to: String(ended.headers.location), browser };
    },
  };
  return scene;
}

test("a user signs in by the account's own provider, and the list sync of a sign-in is asked for", async () => {
  const { world, web, provider, save, come } = await openScene();
  expect((await save()).status).toBe(200);
  const { user } = await web.person("publisher");
  provider.person = { sub: "p-1", email: user.email.toUpperCase(), email_verified: true };
  const { to, browser } = await come("/target-groups?sort=name");
  expect(to).toBe("/target-groups?sort=name");
  expect((await browser.get("/api/v1/me")).body).toMatchObject({ user: { email: user.email }, role: "publisher" });
  await expect
    .poll(() => world.query(sql`select 1 from sync where trigger = 'login'`).then((rows) => rows.length))
    .toBe(1);
  expect(browser.cookies.has("lockstep-attempt")).toBe(false);
});

test("who came once is known by who they are there, not by an address that changes hands", async () => {
  const { web, provider, save, come } = await openScene();
  await save();
  const [first, second] = [await web.person("author"), await web.person("administrator")];
  provider.person = { sub: "p-1", email: first.user.email, email_verified: true };
  await come();
  provider.person = { sub: "p-1", email: second.user.email, email_verified: true };
  const { browser } = await come();
  expect((await browser.get("/api/v1/me")).body.user.email).toBe(first.user.email);
  provider.person = { sub: "p-2", email: first.user.email, email_verified: true };
  expect((await come()).to).toBe("/sign-in?refused=nobody");
});

test("nobody is made by it: unknown, unverified, disabled, of another account, staff", async () => {
  const { world, web, provider, save, come } = await openScene();
  await save();
  const other = await world.addAccount();
  const stranger = await createUser(
    world.ctx,
    { email: "stranger@example.org", name: "S", role: "administrator", accountId: other.ctx.accountId },
    "test",
  );
  const staff = await web.person(null);
  const disabled = await web.person("viewer");
  await world.query(sql`update app_user set disabled_at = now() where id = ${disabled.user.id}`);
  const emails = ["nobody@example.org", stranger.user.email, staff.user.email, disabled.user.email];
  for (const [index, email] of emails.entries()) {
    provider.person = { sub: `s-${index}`, email, email_verified: true };
    const { to, browser } = await come();
    expect([email, to]).toEqual([email, "/sign-in?refused=nobody"]);
    expect((await browser.get("/api/v1/me")).status).toBe(401);
  }
  const { user } = await web.person("viewer");
  provider.person = { sub: "u", email: user.email, email_verified: false };
  expect((await come()).to).toBe("/sign-in?refused=not_verified");
});

test("an answer that was altered, used before, late, or another browser's is not believed", async () => {
  const { world, web, provider, save, link } = await openScene();
  await save();
  const { user } = await web.person("viewer");
  provider.person = { sub: "u", email: user.email, email_verified: true };
  const begin = async (browser: Browser) => {
    const begun = await browser.get(link);
    return provider.visit(String(begun.headers.location));
  };
  const end = async (browser: Browser, back: URL) => (await browser.get(back.pathname + back.search)).headers.location;
  const browser = web.browser();
  const altered = await begin(browser);
  altered.searchParams.set("state", "another");
  expect(await end(browser, altered)).toBe("/sign-in?refused=not_believed");
  const stolen = await begin(web.browser());
  expect(await end(web.browser(), stolen)).toBe("/sign-in?refused=expired");
  const crossed = web.browser();
  await crossed.get(link);
  expect(await end(crossed, await begin(web.browser()))).toBe("/sign-in?refused=not_believed");
  const late = web.browser();
  const back = await begin(late);
  world.clock.advance({ minutes: 11 });
  expect(await end(late, back)).toBe("/sign-in?refused=expired");
  const twice = web.browser();
  const once = await begin(twice);
  const attempt = twice.cookies.get("lockstep-attempt") ?? "";
  expect(await end(twice, once)).toBe("/");
  const copy = web.browser();
  copy.cookies.set("lockstep-attempt", attempt);
  expect(await end(copy, once)).toBe("/sign-in?refused=not_believed");
  const forged = web.browser();
  forged.cookies.set("lockstep-attempt", "bm90IG91cnM");
  expect(await end(forged, once)).toBe("/sign-in?refused=expired");
});

test.each([
  "https://evil.example",
  "//evil.example",
  "/\\evil.example",
  "/..//evil.example",
  "javascript:alert(1)",
  "",
])("it goes on to pages of ours alone: %j", async (next) => {
  const { web, provider, save, come } = await openScene();
  await save();
  const { user } = await web.person("viewer");
  provider.person = { sub: "u", email: user.email, email_verified: true };
  const { to } = await come(next);
  expect(new URL(to, "https://lockstep.example").origin).toBe("https://lockstep.example");
});

test("the second factor is ours unless the provider asks for one; who must set one up need not then", async () => {
  const { world, web, provider, administrator, save, come } = await openScene();
  await save();
  const withOne = await web.person("viewer");
  await (await web.signIn(withOne)).enrol();
  provider.person = { sub: "u", email: withOne.user.email, email_verified: true };
  expect((await come("/syncs")).to).toBe("/sign-in?step=code&next=%2Fsyncs");
  await administrator.enrol();
  await world.query(sql`update account set requires_second_factor = true`);
  const without = await web.person("viewer");
  provider.person = { sub: "w", email: without.user.email, email_verified: true };
  const before = await come();
  expect((await before.browser.get("/api/v1/me")).body.mustEnrolSecondFactor).toBe(true);
  expect((await save({ doesSecondFactor: true, version: 1 })).status).toBe(200);
  expect((await (await come()).browser.get("/api/v1/me")).body.mustEnrolSecondFactor).toBe(false);
  provider.person = { sub: "u", email: withOne.user.email, email_verified: true };
  expect((await come("/syncs")).to).toBe("/syncs");
});

test("the only way in: not before an administrator has come by it; then passwords are off, for staff they aren't", async () => {
  const { web, provider, administrator, save, come } = await openScene();
  expect((await save({ isOnlyWay: true })).body).toMatchObject({ code: "not_proven" });
  await save();
  const { email } = (await administrator.get("/api/v1/me")).body.user;
  provider.person = { sub: "a", email, email_verified: true };
  await come();
  expect((await save({ isOnlyWay: true, version: 1 })).status).toBe(200);
  const viewer = await web.person("viewer");
  expect((await web.browser().signIn(viewer)).body).toMatchObject({ code: "password_is_off" });
  const wrong = await web.browser().signIn({ ...viewer, password: "something else entirely" });
  expect(wrong.body).toMatchObject({ code: "sign_in_refused" });
  expect((await web.browser().signIn(await web.person(null))).status).toBe(200);
});

test("settings: nothing is saved that is no provider; the secret is write-only and stays with its provider", async () => {
  const { web, provider, administrator, save, link } = await openScene();
  expect((await save({ issuer: "http://127.0.0.1:1" })).body).toMatchObject({ mistakes: [{ path: "issuer" }] });
  expect((await save({ issuer: "not an address" })).status).toBe(400);
  expect((await save({ clientSecret: undefined })).body).toMatchObject({ mistakes: [{ path: "clientSecret" }] });
  await save();
  expect((await save()).body).toMatchObject({ code: "edited_meanwhile" });
  expect((await save({ clientSecret: undefined, version: 1 })).status).toBe(200);
  const shown = await administrator.get("/api/v1/account/sign-in-provider");
  expect(shown.body).toMatchObject({ redirectUri, provider: { issuer: provider.issuer, version: 2 } });
  expect(JSON.stringify(shown.body)).not.toContain(provider.clientSecret);
  const moved = await startOpenIdProvider(redirectUri);
  expect((await save({ issuer: moved.issuer, clientSecret: undefined, version: 2 })).status).toBe(400);
  await provider.close();
  expect((await web.browser().get(link)).headers.location).toBe("/sign-in?refused=not_answering");
  await administrator.send("DELETE", "/api/v1/account/sign-in-provider");
  expect((await web.browser().get(link)).headers.location).toBe("/sign-in?refused=not_here");
  const nowhere = "/api/v1/sign-in-provider/00000000-0000-7000-8000-00000000dead";
  expect((await web.browser().get(nowhere)).headers.location).toBe("/sign-in?refused=not_here");
});
