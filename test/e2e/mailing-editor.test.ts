import { sql } from "kysely";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { changeField } from "../../src/domain/bridges/change-field.ts";
import { changeMailing } from "../../src/domain/mailings/content/change-mailing.ts";
import { createMailing } from "../../src/domain/mailings/content/create-mailing.ts";
import { findMailing } from "../../src/domain/mailings/content/get-mailing.ts";
import type { MailingId } from "../../src/domain/mailings/mailing.ts";
import { searchSubscribers } from "../../src/domain/subscribers/find-subscribers.ts";
import { must } from "../../src/platform/errors.ts";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { createWorld, type World } from "../harness/world.ts";

/** One pixel, as a PNG. */
const dot = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
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
  test("4.1 a mailing begins with a template, is given a picture, and is looked at as one of its readers", async () => {
    const world = await createWritersWorld();
    const { own } = world;
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("author"));
    await page.goto("/mailings");
    await page.getByRole("button", { name: "New mailing" }).click();
    const dialog = page.getByRole("dialog", { name: "New mailing" });
    await dialog.getByRole("textbox", { name: "Name" }).fill("News, March");
    await dialog.getByRole("combobox", { name: "Begin with" }).click();
    await page.getByRole("option", { name: "Monthly newsletter" }).click();
    await dialog.getByRole("button", { name: "Begin" }).click();
    await page.getByRole("heading", { name: "News, March", level: 1 }).waitFor();
    await page.getByRole("textbox", { name: "Subject" }).fill("Hello ");
    await page.getByRole("button", { name: "Add a personal value to the subject" }).click();
    await page.getByRole("button", { name: /^First name/ }).click();
    await page.getByRole("textbox", { name: "For people without a value" }).fill("reader");
    await page.getByRole("button", { name: "Add it" }).click();
    await page.getByRole("button", { name: "Add: Picture" }).click();
    await page.locator("input[type=file]").setInputFiles({ name: "dot.png", mimeType: "image/png", buffer: dot });
    await page.getByRole("textbox", { name: "What it shows" }).fill("A dot");
    const picture = page.getByRole("img", { name: "A dot" });
    await expect.poll(() => picture.evaluate((image: { naturalWidth?: number }) => image.naturalWidth)).toBe(1);
    await saved(page);
    await page.getByRole("button", { name: "Preview" }).click();
    const preview = page.getByRole("dialog", { name: "Preview" });
    await preview.getByText("Hello reader").waitFor();
    await preview.getByRole("button", { name: "The next person" }).click();
    const [first] = await searchSubscribers(own.ctx, undefined, 1);
    await preview.getByText(`Hello ${first?.values.ind_first_name}`, { exact: true }).waitFor();
    const frame = preview.frameLocator("iframe");
    await frame.getByText(`Dear ${first?.values.ind_first_name},`).waitFor();
    await expect.poll(() => frame.getByRole("img", { name: "A dot" }).count()).toBe(1);
    await expectAccessible(page);
    await preview.getByText("Text", { exact: true }).click();
    await preview.getByText(`Dear ${first?.values.ind_first_name},`).waitFor();
  });

  test("4.1 blocks become MJML with their fields; the text part is made until it is written", async () => {
    const world = await createWritersWorld();
    const { own } = world;
    const [template] = await world.query(sql<{ id: MailingId }>`select id from mailing where is_template`);
    const { id } = await createMailing(own.ctx, { name: "Gala", copyOf: must(template, "the world has one").id });
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("author"));
    await page.goto(`/mailings/${id}`);
    await page.getByRole("tab", { name: "Text part" }).click();
    const text = page.getByRole("textbox", { name: "Text part" });
    await expect.poll(() => text.inputValue()).toContain("Dear {{ ind_first_name | default: 'friend' }},");
    await page.getByRole("button", { name: "Write it by hand" }).click();
    await text.fill("By hand");
    await saved(page);
    await page.getByRole("button", { name: "Make it from the body again" }).click();
    await page.getByText("Made from the body").waitFor();
    await page.getByRole("tab", { name: "Blocks" }).click();
    await page.getByRole("button", { name: /Written as/ }).click();
    await page.getByRole("menuitem", { name: /MJML code/ }).click();
    await page.getByRole("button", { name: "Go on in MJML code" }).click();
    await page.getByRole("textbox", { name: "MJML code of the mailing" }).waitFor();
    await saved(page);
    await expectAccessible(page);
    const { bodyKind, body, textPart } = await findMailing(own.ctx, id);
    expect([bodyKind, textPart]).toEqual(["mjml", null]);
    expect(body).toContain("{{ ind_first_name");
    expect(body).toContain("</mjml>");
  });

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
