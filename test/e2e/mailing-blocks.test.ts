import type { Locator, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { changeMailing } from "../../src/domain/mailings/content/change-mailing.ts";
import { createMailing } from "../../src/domain/mailings/content/create-mailing.ts";
import { findMailing } from "../../src/domain/mailings/content/get-mailing.ts";
import type { MailingId } from "../../src/domain/mailings/mailing.ts";
import { must } from "../../src/platform/errors.ts";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { createWorld, type World } from "../harness/world.ts";

interface KeptBlock {
  readonly kind: string;
  readonly columns?: readonly (readonly KeptBlock[])[];
}

/** A mailing of a heading, a text, columns that are empty, and a footer. */
async function createMailingOfBlocks({ own }: World): Promise<MailingId> {
  const { id, body } = await createMailing(own.ctx, { name: "Gala" });
  const document = JSON.parse(body);
  const blocks = [
    { id: "h", kind: "heading", html: "Gala in May", level: 1, align: "left" },
    { id: "t", kind: "text", html: "<p>You are invited.</p>", align: "left" },
    { id: "c", kind: "columns", ratio: "1-1", columns: [[], []] },
    ...document.blocks,
  ];
  await changeMailing(own.ctx, id, { body: JSON.stringify({ ...document, blocks }) });
  return id;
}

/** What is kept, as the kinds of its blocks. */
async function kindsOf({ own }: World, id: MailingId): Promise<readonly unknown[]> {
  const { blocks } = JSON.parse((await findMailing(own.ctx, id)).body) as { readonly blocks: readonly KeptBlock[] };
  const kindOf = ({ kind, columns }: KeptBlock): unknown =>
    columns ? columns.map((inside) => inside.map(kindOf)) : kind;
  return blocks.map(kindOf);
}

const middleOf = async (place: Locator) => {
  const box = must(await place.boundingBox(), "it is on the page");
  return { x: box.x + box.width / 2, y: box.y + box.height / 2, top: box.y, bottom: box.y + box.height };
};

/** Drags by mouse, in steps as a hand does. */
async function drag(page: Page, from: Locator, to: { readonly x: number; readonly y: number }): Promise<void> {
  const start = await middleOf(from);
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move(start.x + 4, start.y + 8, { steps: 3 });
  await page.mouse.move(to.x, to.y, { steps: 8 });
}

describe.skipIf(!hasBrowser)("the blocks of a mailing, dragged in a browser", () => {
  test("4.1 by mouse a block is dragged above another and into a column, a new one is dropped, and all taken back", async () => {
    const world = await createWorld();
    const id = await createMailingOfBlocks(world);
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("author"));
    await page.goto(`/mailings/${id}`);
    const group = (name: string) => page.getByRole("group", { name });
    await group("Text, 2 of 4").hover();
    const heading = await middleOf(group("Heading, 1 of 4"));
    await drag(page, page.getByRole("button", { name: "Drag Text 2" }), { x: heading.x, y: heading.top + 4 });
    await page.mouse.up();
    await group("Text, 1 of 4").waitFor();
    const column = page.getByRole("button", { name: "Add to column 2" });
    await group("Heading, 2 of 4").hover();
    await drag(page, page.getByRole("button", { name: "Drag Heading 2" }), await middleOf(column));
    await page.mouse.up();
    await group("Heading, 1 of 1").waitFor();
    const footer = await middleOf(group("Footer, 3 of 3"));
    await drag(page, page.getByRole("button", { name: "Add: Divider" }), { x: footer.x, y: footer.top + 4 });
    await page.mouse.up();
    await group("Divider, 3 of 4").waitFor();
    await expect.poll(() => kindsOf(world, id)).toEqual(["text", [[], ["heading"]], "divider", "footer"]);
    await expectAccessible(page);
    await group("Divider, 3 of 4").focus();
    await page.keyboard.press("Control+z");
    await page.keyboard.press("Control+z");
    await page.keyboard.press("Control+z");
    await expect.poll(() => kindsOf(world, id)).toEqual(["heading", "text", [[], []], "footer"]);
    await page.keyboard.press("Control+Shift+z");
    await expect.poll(() => kindsOf(world, id)).toEqual(["text", "heading", [[], []], "footer"]);
  });

  test("4.1 what is dropped beside the mailing, or given up by Escape, changes nothing", async () => {
    const world = await createWorld();
    const id = await createMailingOfBlocks(world);
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("author"));
    await page.goto(`/mailings/${id}`);
    const text = page.getByRole("group", { name: "Text, 2 of 4" });
    await text.hover();
    const { x, top } = await middleOf(page.getByRole("group", { name: "Heading, 1 of 4" }));
    await drag(page, page.getByRole("button", { name: "Add: Button" }), { x: x - 700, y: top });
    await page.mouse.up();
    await text.hover();
    await drag(page, page.getByRole("button", { name: "Drag Text 2" }), { x, y: top + 4 });
    await page.getByRole("status").filter({ hasText: "Here it becomes number 1 of 4." }).waitFor({ state: "attached" });
    await page.keyboard.press("Escape");
    await page.mouse.up();
    await text.waitFor();
    expect(await page.getByRole("button", { name: "Undo" }).isDisabled()).toBe(true);
    expect(await kindsOf(world, id)).toEqual(["heading", "text", [[], []], "footer"]);
  });

  test("2.5.7 by keyboard a block is picked up, taken into a column and put down, each step said aloud", async () => {
    const world = await createWorld();
    const id = await createMailingOfBlocks(world);
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("author"));
    await page.goto(`/mailings/${id}`);
    const said = (words: string) => page.getByRole("status").filter({ hasText: words }).waitFor({ state: "attached" });
    const pickUp = async (words: string) => {
      await page.keyboard.press("Space");
      await said(words);
      // It listens for the next key from its next task on, which a key pressed at once would come before.
      await page.evaluate("new Promise((done) => setTimeout(done, 0))");
    };
    await page.getByRole("group", { name: "Heading, 1 of 4" }).focus();
    await page.getByRole("button", { name: "Drag Heading 1" }).focus();
    await pickUp("Heading picked up, number 1 of 4.");
    await page.keyboard.press("ArrowDown");
    await said("Here it becomes number 2 of 4.");
    await page.keyboard.press("ArrowDown");
    await said("Here it becomes number 1 of 1 in column 1.");
    await page.keyboard.press("ArrowDown");
    await said("Here it becomes number 1 of 1 in column 2.");
    await expectAccessible(page);
    await page.keyboard.press("Space");
    await said("Heading put down, number 1 of 1 in column 2.");
    await page.getByRole("button", { name: "Drag Heading 1" }).and(page.locator(":focus")).waitFor();
    await expect.poll(() => kindsOf(world, id)).toEqual(["text", [[], ["heading"]], "footer"]);
    await pickUp("Heading picked up, number 1 of 1 in column 2.");
    await page.keyboard.press("ArrowUp");
    await said("Here it becomes number 1 of 1 in column 1.");
    await page.keyboard.press("Escape");
    await said("Heading stays where it was.");
    await page.getByRole("group", { name: "Text, 1 of 3" }).waitFor();
    expect(await kindsOf(world, id)).toEqual(["text", [[], ["heading"]], "footer"]);
  });

  test("4.1 by finger a block is dragged by its grip, while the page stays where it is", async () => {
    const world = await createWorld();
    const id = await createMailingOfBlocks(world);
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("author"), {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    });
    await page.goto(`/mailings/${id}`);
    await page.getByRole("group", { name: "Text, 2 of 4" }).tap();
    const grip = page.getByRole("button", { name: "Drag Text 2" });
    await grip.scrollIntoViewIfNeeded();
    const from = await middleOf(grip);
    const { x, top } = await middleOf(page.getByRole("group", { name: "Heading, 1 of 4" }));
    const finger = await page.context().newCDPSession(page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", at?: { x: number; y: number }) =>
      finger.send("Input.dispatchTouchEvent", { type, touchPoints: at ? [at] : [] });
    await touch("touchStart", from);
    for (const part of [0.1, 0.3, 0.6, 0.9, 1])
      await touch("touchMove", { x: from.x + (x - from.x) * part, y: from.y + (top + 4 - from.y) * part });
    await touch("touchEnd");
    await page.getByRole("group", { name: "Text, 1 of 4" }).waitFor();
    await expect.poll(() => kindsOf(world, id)).toEqual(["text", "heading", [[], []], "footer"]);
  });
});
