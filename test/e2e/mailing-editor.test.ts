import { sql } from "kysely";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { changeField } from "../../src/domain/bridges/change-field.ts";
import { changeMailing } from "../../src/domain/mailings/content/change-mailing.ts";
import { createMailing } from "../../src/domain/mailings/content/create-mailing.ts";
import { findMailing } from "../../src/domain/mailings/content/get-mailing.ts";
import { must } from "../../src/platform/errors.ts";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { createWorld, type World } from "../harness/world.ts";

const saved = (page: Page) => page.getByText("Saved", { exact: true }).waitFor();
const write = (page: Page, block: "Heading" | "Text") => page.getByRole("textbox", { name: block, exact: true });

/** An account whose people have first names, with a template. */
async function createWritersWorld(): Promise<World> {
  const world = await createWorld();
  const { own } = world;
  await own.listSync();
  await changeField(own.ctx, "ind_first_name", { isKept: true, displayName: "First name" });
  await own.sync("Everybody");
  const template = await createMailing(own.ctx, { name: "Monthly newsletter", isTemplate: true });
  const body = {
    ...JSON.parse(template.body),
    blocks: [
      { id: "h", kind: "heading", html: "News of the month", level: 1, align: "left" },
      { id: "t", kind: "text", html: '<p>Dear {{ ind_first_name | default: "friend" }},</p>', align: "left" },
      ...JSON.parse(template.body).blocks,
    ],
  };
  await changeMailing(own.ctx, template.id, { body: JSON.stringify(body), fromAddress: "news@example.org" });
  return world;
}

describe.skipIf(!hasBrowser)("the mailing editor, in a browser", () => {
  test("4.1 two who write at once: the second is told who, and keeps both versions", async () => {
    const world = await createWritersWorld();
    const { own } = world;
    const { id } = await createMailing(own.ctx, { name: "Gala" });
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("author"));
    await page.goto(`/mailings/${id}`);
    await page.getByRole("textbox", { name: "Subject" }).waitFor();
    // The other's change is not heard of before one's own is sent.
    await page.route("**/api/v1/events", (route) => route.abort());
    await changeMailing({ ...own.ctx, actor: "Ana" }, id, { subject: "Theirs" });
    await page.getByRole("textbox", { name: "Subject" }).fill("Mine");
    const dialog = page.getByRole("dialog", { name: "Somebody else changed it too" });
    await dialog.getByText("Ana").waitFor();
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Keep mine as a copy" }).click();
    await page.getByRole("heading", { name: "Gala (my version)", level: 1 }).waitFor();
    expect(await page.getByRole("textbox", { name: "Subject" }).inputValue()).toBe("Mine");
    expect((await findMailing(own.ctx, id)).subject).toBe("Theirs");
  });

  test("a session that ends while one writes loses nothing: signed in again, it is saved", async () => {
    const world = await createWritersWorld();
    const { own } = world;
    const { id } = await createMailing(own.ctx, { name: "Gala" });
    const pages = await openPages(world);
    const person = await pages.web.person("author");
    const page = await pages.openAs(person);
    await page.goto(`/mailings/${id}`);
    await page.getByRole("textbox", { name: "Subject" }).waitFor();
    await world.query(sql`delete from user_session`);
    await page.getByRole("textbox", { name: "Subject" }).fill("Typed without a session");
    const dialog = page.getByRole("dialog", { name: "Your session is over" });
    await dialog.getByRole("textbox", { name: "Password" }).fill(person.password);
    await dialog.getByRole("button", { name: "Sign in" }).click();
    await dialog.waitFor({ state: "detached" });
    await saved(page);
    expect(await page.getByRole("textbox", { name: "Subject" }).inputValue()).toBe("Typed without a session");
    expect((await findMailing(own.ctx, id)).subject).toBe("Typed without a session");
  });

  test("4.1 an address that is none is told at its field, and keeps nothing else from being saved", async () => {
    const world = await createWritersWorld();
    const { own } = world;
    const { id } = await createMailing(own.ctx, { name: "Gala" });
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("author"));
    await page.goto(`/mailings/${id}`);
    const address = page.getByRole("textbox", { name: "From: address" });
    await address.fill("news@");
    await page.getByText("'news@' is no e-mail address").waitFor();
    await page.getByRole("textbox", { name: "Subject" }).fill("Kept all the same");
    await expect.poll(async () => (await findMailing(own.ctx, id)).subject).toBe("Kept all the same");
    expect(await address.inputValue()).toBe("news@");
    await page.getByText("Not saved yet; what you typed is kept here").waitFor();
    await expectAccessible(page);
    await address.fill("news@example.org");
    await saved(page);
    expect((await findMailing(own.ctx, id)).fromAddress).toBe("news@example.org");
  });

  test("2.5.7 by keyboard alone a block is added, written, moved up, and taken back", async () => {
    const world = await createWritersWorld();
    const { own } = world;
    const { id } = await createMailing(own.ctx, { name: "Gala" });
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("author"));
    await page.goto(`/mailings/${id}`);
    const add = async (label: string) => {
      await page.getByRole("button", { name: `Add: ${label}` }).focus();
      await page.keyboard.press("Enter");
    };
    await page.getByRole("group", { name: "Footer, 1 of 1" }).waitFor();
    await add("Heading");
    await write(page, "Heading").and(page.locator(":focus")).waitFor();
    await page.keyboard.type("Gala in May");
    await add("Text");
    await write(page, "Text").and(page.locator(":focus")).waitFor();
    await page.keyboard.type("You are invited.");
    await page.keyboard.press("Alt+ArrowUp");
    await page.getByRole("group", { name: "Text, 1 of 3" }).waitFor();
    await write(page, "Text").and(page.locator(":focus")).waitFor();
    await page.getByRole("button", { name: "Move Text 1 down" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("group", { name: "Text, 2 of 3" }).waitFor();
    await page.getByRole("button", { name: "Move Text 2 down" }).and(page.locator(":focus")).waitFor();
    await page.getByRole("button", { name: "Remove Text 2" }).press("Enter");
    await page.getByRole("group", { name: "Footer, 2 of 2" }).waitFor();
    await page.getByRole("button", { name: "Undo" }).press("Enter");
    await page.getByRole("group", { name: "Footer, 3 of 3" }).waitFor();
    await saved(page);
    const { blocks } = JSON.parse((await findMailing(own.ctx, id)).body);
    expect(blocks.map((block: { kind: string; html: string }) => [block.kind, block.html]).slice(0, 2)).toEqual([
      ["heading", "Gala in May"],
      ["text", "<p>You are invited.</p>"],
    ]);
    // Off the button, whose tooltip stands outside of everything.
    await page.getByRole("textbox", { name: "Subject" }).focus();
    await expectAccessible(page);
  });

  test("4.1 what is only opened is not changed, whoever opens it", async () => {
    const world = await createWritersWorld();
    const { own } = world;
    const { id } = await createMailing(own.ctx, { name: "Gala" });
    const [template] = await world.query(
      sql<{ id: string; version: number }>`select id, version from mailing where is_template`,
    );
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("author"));
    await page.goto(`/mailing-templates/${must(template, "the world has one").id}`);
    await page.getByText("News of the month").click();
    await page.waitForTimeout(1500);
    const [after] = await world.query(sql<{ version: number }>`select version from mailing where is_template`);
    expect(after?.version).toBe(template?.version);
    const viewer = await pages.openAs(await pages.web.person("viewer"));
    await viewer.goto(`/mailings/${id}`);
    await viewer.getByText("it can't be changed here").waitFor();
    expect(await viewer.getByRole("button", { name: /^Add:/ }).count()).toBe(0);
    await expectAccessible(viewer);
  });
});
