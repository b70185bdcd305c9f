import { describe, expect, test } from "vitest";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { createWorld } from "../harness/world.ts";

describe.skipIf(!hasBrowser)("signing in, in a browser", () => {
  test("a wrong password says so and keeps the address; the right one leads to the page that was asked for", async () => {
    const world = await createWorld();
    const pages = await openPages(world);
    const person = await pages.web.person("administrator");
    const page = await pages.open();
    await page.goto("/me");
    await page.getByLabel("E-mail").fill(person.user.email);
    await expectAccessible(page);
    await page.getByLabel("Password").first().fill("not this one, surely");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").waitFor();
    await expectAccessible(page);
    expect(await page.getByLabel("E-mail").inputValue()).toBe(person.user.email);
    await page.getByLabel("Password").first().fill(person.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Your sign-in" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/me");
    await expectAccessible(page);
  });

  test("an address of another site is never gone to after the sign-in", async () => {
    const world = await createWorld();
    const pages = await openPages(world);
    const person = await pages.web.person("viewer");
    for (const next of ["https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)"]) {
      const page = await pages.open();
      await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
      await page.getByLabel("E-mail").fill(person.user.email);
      await page.getByLabel("Password").first().fill(person.password);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("heading", { name: "Home" }).waitFor();
      expect(new URL(page.url()).href).toBe(`${pages.web.url}/`);
    }
  });
});
