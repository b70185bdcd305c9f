import { Secret, TOTP } from "otpauth";
import { describe, expect, test } from "vitest";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { startOpenIdProvider } from "../harness/openid-provider.ts";
import { createWorld } from "../harness/world.ts";

describe.skipIf(!hasBrowser)("users, keys, settings and staff, in a browser", () => {
  test("an administrator invites somebody by a link, changes their role, and disables them; the log tells it", async () => {
    const world = await createWorld();
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    await page.goto("/admin/users");
    await page.getByRole("button", { name: "Invite somebody" }).click();
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Ana");
    await page.getByLabel("E-mail").fill("not an address");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Invite", exact: true }).click();
    await page.locator("[aria-invalid=true]").waitFor();
    expect(await page.getByRole("textbox", { name: "Name", exact: true }).inputValue()).toBe("Ana");
    await page.getByLabel("E-mail").fill("ana@example.org");
    await page.getByRole("button", { name: "Invite", exact: true }).click();
    const link = (await page.getByText(/#token=/).textContent()) ?? "";
    await expectAccessible(page);
    await page.getByRole("button", { name: "Done" }).click();
    const ana = await pages.open();
    await ana.goto(new URL(link).pathname + new URL(link).hash);
    await ana.getByLabel("New password").first().fill("four unlikely purple teapots");
    await expectAccessible(ana);
    await ana.getByRole("button", { name: "Set the password" }).click();
    await ana.getByRole("link", { name: "Sign in" }).click();
    await ana.getByLabel("E-mail").fill("ana@example.org");
    await ana.getByLabel("Password").first().fill("four unlikely purple teapots");
    await ana.getByRole("button", { name: "Sign in" }).click();
    await ana.getByRole("heading", { name: "Home" }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Ana: menu" }).click();
    await page.getByRole("menuitem", { name: "Viewer" }).click();
    await page.getByRole("cell", { name: "Viewer" }).waitFor();
    await page.getByRole("button", { name: "administrator Number1: menu" }).click();
    await page.getByRole("menuitem", { name: "Viewer" }).click();
    await page.getByText(/last administrator/i).waitFor();
    await page.goto("/admin/audit-log?action=user.invite");
    await page.getByRole("table", { name: "Audit log" }).getByText("user.invite").filter({ visible: true }).waitFor();
    await expectAccessible(page);
  });

  test("an API key is shown once, works, and is revoked for good", async () => {
    const world = await createWorld();
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    await page.goto("/admin/api-keys");
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("nightly report");
    await page.getByRole("button", { name: "Make the key" }).click();
    const token = (await page.getByText(/^lsk_[\w-]{20,}$/).textContent()) ?? "";
    await expectAccessible(page);
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(`${pages.web.url}/api/v1/target-groups`, { headers })).status).toBe(200);
    await page.reload();
    expect(await page.getByText(token).count()).toBe(0);
    await page.getByRole("button", { name: "Revoke nightly report" }).click();
    await page.getByRole("button", { name: "Revoke for good" }).click();
    await expect.poll(async () => (await fetch(`${pages.web.url}/api/v1/target-groups`, { headers })).status).toBe(401);
  });

  test("account settings: how dates look follows at once; the second editor is told", async () => {
    const world = await createWorld();
    const pages = await openPages(world);
    const first = await pages.openAs(await pages.web.person("administrator"));
    const second = await pages.openAs(await pages.web.person("administrator"));
    for (const page of [first, second]) {
      await page.goto("/admin/account");
      await page.getByRole("textbox", { name: "Name", exact: true }).waitFor();
    }
    await expectAccessible(first);
    await first.getByRole("textbox", { name: "Name", exact: true }).fill("Verband für Prüfungen");
    await first.getByRole("button", { name: "Save the settings" }).click();
    await first.getByText("Saved", { exact: true }).waitFor();
    await first.getByRole("banner").getByText("Verband für Prüfungen").waitFor();
    await second.getByLabel("Sender's name").fill("Half typed");
    await second.getByRole("button", { name: "Save the settings" }).click();
    await second.getByRole("alert").waitFor();
    expect(await second.getByLabel("Sender's name").inputValue()).toBe("Half typed");
    await second.getByRole("button", { name: "Load the newer settings" }).click();
    await expect
      .poll(() => second.getByRole("textbox", { name: "Name", exact: true }).inputValue())
      .toBe("Verband für Prüfungen");
  });

  test("an administrator sets up the account's own provider; who can't sign in by it is told why", async () => {
    const world = await createWorld();
    const provider = await startOpenIdProvider("http://127.0.0.1:8080/api/v1/sign-in-provider/callback");
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    await page.goto("/admin/account");
    const section = page.getByRole("region", { name: "Sign in by your own provider" });
    await section.getByLabel("Issuer").fill("http://127.0.0.1:1");
    await section.getByLabel("Client ID").fill(provider.clientId);
    await section.getByRole("textbox", { name: "Client secret" }).fill(provider.clientSecret);
    await section.getByRole("button", { name: "Set it up" }).click();
    await section.getByText("Does not answer as a provider").waitFor();
    await expectAccessible(page);
    await section.getByLabel("Issuer").fill(provider.issuer);
    await section.getByRole("button", { name: "Set it up" }).click();
    await section.getByRole("textbox", { name: "Sign-in address, for your users" }).waitFor();
    await section.getByLabel("It is the only way in").check({ force: true });
    await section.getByRole("button", { name: "Save the provider" }).click();
    await section.getByText("No administrator has signed in by this provider yet").waitFor();
    await expectAccessible(page);
    const stranger = await pages.open();
    await stranger.goto("/sign-in?refused=nobody");
    await stranger.getByText("nobody here has your e-mail address").waitFor();
    await expectAccessible(stranger);
  });

  test("staff set up their second factor first, see every account's bridge, enter one under a banner, and leave", async () => {
    const world = await createWorld();
    const pages = await openPages(world);
    const person = await pages.web.person(null);
    const page = await pages.open();
    await page.goto("/sign-in");
    await page.getByLabel("E-mail").fill(person.user.email);
    await page.getByLabel("Password").first().fill(person.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Set up your second factor" }).waitFor();
    await page.getByRole("button", { name: "Begin" }).click();
    await expectAccessible(page);
    const secret = ((await page.locator("pre").textContent()) ?? "").replaceAll(" ", "");
    const code = () =>
      new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: world.clock.now().epochMilliseconds });
    await page.getByLabel("Code").fill(code());
    await page.getByRole("button", { name: "Turn it on" }).click();
    await page.getByText("Your second factor is on").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "I have kept them" }).click();
    await page.getByRole("heading", { name: "Accounts" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Enter Association of Tests" }).click();
    await page.getByText("You are staff inside").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Leave this account" }).click();
    await page.getByRole("heading", { name: "Accounts" }).waitFor();
    await page.goto("/me");
    await page.getByRole("table", { name: "Sessions" }).waitFor();
    await expectAccessible(page);
  });
});
