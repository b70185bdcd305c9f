import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { createWorld } from "../harness/world.ts";

describe.skipIf(!hasBrowser)("a session that ends under an open page, in a browser", () => {
  test("what was typed survives signing in again, and is saved then", async () => {
    const world = await createWorld();
    const pages = await openPages(world);
    const person = await pages.web.person("administrator");
    const page = await pages.openAs(person);
    await page.goto("/admin/account");
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Association of Patience");
    await world.query(sql`delete from user_session`);
    await page.getByRole("button", { name: "Save the settings" }).click();
    const dialog = page.getByRole("dialog", { name: "Your session is over" });
    await dialog.waitFor();
    await expectAccessible(page);
    expect(await dialog.getByLabel("E-mail").inputValue()).toBe(person.user.email);
    await dialog.getByRole("textbox", { name: "Password" }).fill(person.password);
    await dialog.getByRole("button", { name: "Sign in" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(await page.getByRole("textbox", { name: "Name", exact: true }).inputValue()).toBe("Association of Patience");
    await page.getByRole("button", { name: "Save the settings" }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    const [account] = await world.query(sql<{ name: string }>`select name from account`);
    expect(account?.name).toBe("Association of Patience");
  });

  test("where the account's provider is the only way in, its page opens in a new tab and this one goes on", async () => {
    const world = await createWorld();
    const pages = await openPages(world);
    const person = await pages.web.person("administrator");
    const page = await pages.openAs(person);
    await world.query(sql`insert into sign_in_provider
      (account_id, issuer, client_id, client_secret_sealed, is_only_way, does_second_factor, updated_at)
      select id, 'https://id.example.org', 'lockstep', '', true, true, now() from account`);
    await page.goto("/admin/account");
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Association of Patience");
    await world.query(sql`delete from user_session`);
    await page.getByRole("button", { name: "Save the settings" }).click();
    const dialog = page.getByRole("dialog", { name: "Your session is over" });
    const way = dialog.getByRole("link", { name: "Sign in by your provider" });
    await way.waitFor();
    expect(await way.getAttribute("href")).toBe(`/api/v1/sign-in-provider/${person.user.accountId}`);
    expect(await dialog.getByLabel("Password").count()).toBe(0);
    await expectAccessible(page);
    await page.evaluate("dispatchEvent(new Event('focus'))");
    await dialog.waitFor(); // nobody has signed in meanwhile
    await world.query(sql`delete from sign_in_provider`);
    for (const [name, value] of (await pages.web.signIn(person)).cookies)
      await page.context().addCookies([{ name, value, url: pages.web.url }]);
    await page.evaluate("dispatchEvent(new Event('focus'))");
    await dialog.waitFor({ state: "detached" });
    expect(await page.getByRole("textbox", { name: "Name", exact: true }).inputValue()).toBe("Association of Patience");
  });

  test("signed out everywhere from another device: the open page says so by itself, and goes on where it was", async () => {
    const world = await createWorld();
    const { own } = world;
    await own.listSync();
    const pages = await openPages(world);
    const person = await pages.web.person("publisher");
    const page = await pages.openAs(person);
    await page.goto("/target-groups?sort=-sendable");
    await page.getByRole("link", { name: "Everybody" }).waitFor();
    const elsewhere = await pages.web.signIn(person);
    await elsewhere.send("DELETE", "/api/v1/sessions");
    const dialog = page.getByRole("dialog", { name: "Your session is over" });
    await dialog.waitFor();
    await dialog.getByRole("textbox", { name: "Password" }).fill(person.password);
    await dialog.getByRole("button", { name: "Sign in" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Everybody" }).waitFor();
    expect(new URL(page.url()).search).toBe("?sort=-sendable");
  });
});
