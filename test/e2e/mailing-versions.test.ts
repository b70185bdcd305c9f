import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { inAccount } from "../../src/domain/context.ts";
import { archiveMailing, changeMailing } from "../../src/domain/mailings/content/change-mailing.ts";
import { createMailing } from "../../src/domain/mailings/content/create-mailing.ts";
import { findMailing } from "../../src/domain/mailings/content/get-mailing.ts";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { createWorld } from "../harness/world.ts";

const phone = { viewport: { width: 390, height: 844 } };
const footer = { id: "f", kind: "footer", html: "<p>{{ postal_address }}</p>" };
const blocks = [
  { id: "h", kind: "heading", html: "The gala", level: 1, align: "left" },
  { id: "t", kind: "text", html: "<p>Doors open at eight.</p>", align: "left" },
  footer,
];
const saved = (page: Page) => page.getByText("Saved", { exact: true }).waitFor();
const picture = async (page: Page, name: string) => {
  const folder = process.env.LOCKSTEP_TEST_LOOK;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
};

/** A mailing that Ana wrote yesterday, and Ben cut short this morning. */
async function openGala() {
  const world = await createWorld();
  const { own, clock } = world;
  const by = (name: string) => inAccount(own.ctx, own.ctx.accountId, name);
  const { id, body } = await createMailing(by("Ana"), { name: "Gala" });
  const write = (list: readonly object[]) => JSON.stringify({ ...JSON.parse(body), blocks: list });
  await changeMailing(by("Ana"), id, { subject: "You are invited", body: write(blocks) });
  clock.advance({ hours: 20 });
  await changeMailing(by("Ben"), id, { subject: "Invited", body: write([blocks[0] ?? footer, footer]) });
  clock.advance({ minutes: 1 });
  const pages = await openPages(world);
  return { world, own, id, pages, write };
}

describe.skipIf(!hasBrowser)("versions of a mailing, in a browser", () => {
  test("4.1 versions: yesterday's text is found, compared, restored into the open editor, and that is undone", async () => {
    const { own, id, pages } = await openGala();
    const page = await pages.openAs(await pages.web.person("author"));
    await page.goto(`/mailings/${id}`);
    await page.getByRole("button", { name: "Versions" }).click();
    const drawer = page.getByRole("dialog", { name: "Versions" });
    await drawer.getByText("Choose a version").waitFor();
    await expectAccessible(page);
    await picture(page, "list");
    await drawer.getByRole("button", { name: /^Yesterday, .* Ana .*subject/ }).click();
    const differences = drawer.getByRole("region", { name: "What differs from now" });
    await differences.getByText("You are invited").waitFor();
    await differences.getByText("1 block of this version is not in the mailing now.").waitFor();
    await drawer.frameLocator("iframe").getByText("Doors open at eight.").waitFor();
    await expectAccessible(page);
    await picture(page, "chosen");
    await drawer.getByRole("button", { name: "Restore this version" }).click();
    const confirm = page.getByRole("dialog", { name: "Restore this version?" });
    await confirm.waitFor();
    await picture(page, "confirm");
    await confirm.getByRole("button", { name: "Restore it" }).click();
    await drawer.waitFor({ state: "hidden" });
    await page.getByText("Doors open at eight.").waitFor();
    const subject = page.getByRole("textbox", { name: "Subject" });
    await expect.poll(() => subject.inputValue()).toContain("You are invited");
    await picture(page, "restored");
    // Long after an autosave would have come, it is still there.
    await page.waitForTimeout(1800);
    expect(await findMailing(own.ctx, id)).toMatchObject({ subject: "You are invited", version: 4 });
    await page.getByRole("button", { name: "Undo", exact: true }).last().click();
    await expect.poll(() => subject.inputValue()).toBe("Invited");
    expect(await page.getByText("Doors open at eight.").count()).toBe(0);
    expect(await findMailing(own.ctx, id)).toMatchObject({ subject: "Invited", version: 5 });
    await page.getByRole("button", { name: "Versions" }).click();
    await drawer.getByText("As it stands now").waitFor();
    await expect.poll(() => drawer.getByText(/Restored from/).count()).toBe(2);
    await picture(page, "after");
  });

  test("4.1 versions: what is typed is saved before it is gone back from, and another open editor follows", async () => {
    const { own, id, pages } = await openGala();
    const page = await pages.openAs(await pages.web.person("author"));
    const other = await pages.openAs(await pages.web.person("author"));
    await other.goto(`/mailings/${id}`);
    await other.getByText("The gala").waitFor();
    await page.goto(`/mailings/${id}`);
    await page.getByRole("textbox", { name: "Subject" }).fill("Typed just now");
    await page.getByRole("button", { name: "Versions" }).click();
    const drawer = page.getByRole("dialog", { name: "Versions" });
    await drawer.getByRole("button", { name: /^Yesterday, .* Ana .*subject/ }).click();
    await drawer.getByText("now: Typed just now").waitFor();
    await drawer.getByRole("button", { name: "Restore this version" }).click();
    await page.getByRole("button", { name: "Restore it" }).click();
    await saved(page);
    await other.getByText("Doors open at eight.").waitFor();
    await page.getByRole("button", { name: "Undo", exact: true }).last().click();
    await expect.poll(async () => (await findMailing(own.ctx, id)).subject).toBe("Typed just now");
  });

  test("4.1 versions: on a phone one is chosen by keyboard, and who may not write only looks", async () => {
    const { own, id, pages } = await openGala();
    const page = await pages.openAs(await pages.web.person("viewer"), { ...phone, colorScheme: "dark" });
    await page.goto(`/mailings/${id}`);
    await page.getByRole("button", { name: "Versions" }).focus();
    await page.keyboard.press("Enter");
    const drawer = page.getByRole("dialog", { name: "Versions" });
    const first = drawer.getByRole("button", { name: /As it stands now/ });
    await first.waitFor();
    await picture(page, "phone-list");
    await expectAccessible(page);
    await drawer.getByRole("button", { name: /^Yesterday, .* Ana .*subject/ }).focus();
    await page.keyboard.press("Enter");
    await drawer.getByText("You are invited").first().waitFor();
    expect(await first.isVisible()).toBe(false);
    expect(await drawer.getByRole("button", { name: "Restore this version" }).count()).toBe(0);
    await picture(page, "phone-chosen");
    await expectAccessible(page);
    const back = drawer.getByRole("button", { name: "All versions" });
    expect(await back.evaluate((element) => element.matches(":focus"))).toBe(true);
    await page.keyboard.press("Enter");
    await first.waitFor();
    const focused = () => page.locator(":focus").textContent();
    await expect.poll(focused).toContain("subject");
    const { id: empty } = await createMailing(own.ctx, { name: "Nothing yet" });
    await page.goto(`/mailings/${empty}`);
    await page.getByRole("button", { name: "Versions" }).click();
    await drawer.getByText("No versions yet").waitFor();
    await picture(page, "phone-empty");
    await expectAccessible(page);
  });

  test("4.1 versions: a save by somebody else in between is told, and pressing again restores; a failed list is asked again", async () => {
    const { own, id, pages } = await openGala();
    const page = await pages.openAs(await pages.web.person("author"));
    await page.goto(`/mailings/${id}`);
    const broken = { status: 400, json: { title: "Broken", detail: "It can't be listed." } };
    await page.route("**/versions?*", (route) => route.fulfill(broken), { times: 1 });
    await page.getByRole("button", { name: "Versions" }).click();
    const drawer = page.getByRole("dialog", { name: "Versions" });
    await drawer.getByText("It can't be listed.").waitFor();
    await expectAccessible(page);
    await picture(page, "error");
    await drawer.getByRole("button", { name: "Try again" }).click();
    await drawer.getByRole("button", { name: /^Yesterday, .* Ana .*subject/ }).click();
    const restore = async () => {
      await drawer.getByRole("button", { name: "Restore this version" }).click();
      await page.getByRole("button", { name: "Restore it" }).click();
    };
    // The page hears of it a moment later.
    await page.route(
      "**/restore",
      async (route) => {
        await changeMailing(inAccount(own.ctx, own.ctx.accountId, "Cleo"), id, { preheader: "Soon" });
        await route.continue();
      },
      { times: 1 },
    );
    await restore();
    await drawer.getByText(/Cleo/).first().waitFor();
    expect(await findMailing(own.ctx, id)).toMatchObject({ subject: "Invited", preheader: "Soon" });
    await expect.poll(() => drawer.getByText("now: Soon").count()).toBe(1);
    await restore();
    await drawer.waitFor({ state: "hidden" });
    expect(await findMailing(own.ctx, id)).toMatchObject({ subject: "You are invited", preheader: "" });
  });

  test("4.1 an archived mailing is only read, its versions too; its page brings it back", async () => {
    const { own, id, pages } = await openGala();
    await archiveMailing(own.ctx, id, true);
    const viewer = await pages.openAs(await pages.web.person("viewer"));
    await viewer.goto(`/mailings/${id}`);
    await viewer.getByText("It is archived: it can be read, not changed.").waitFor();
    expect(await viewer.getByRole("button", { name: "Bring it back" }).count()).toBe(0);
    const page = await pages.openAs(await pages.web.person("author"), phone);
    await page.goto(`/mailings/${id}`);
    await page.getByText("It is archived: bring it back to change or publish it.").waitFor();
    expect(await page.locator("html").evaluate((root) => root.scrollWidth)).toBeLessThanOrEqual(390);
    await expectAccessible(page);
    await picture(page, "archived");
    await page.getByRole("button", { name: "Versions" }).click();
    const drawer = page.getByRole("dialog", { name: "Versions" });
    await drawer.getByRole("button", { name: /^Yesterday, .* Ana .*subject/ }).click();
    await drawer.getByRole("region", { name: "What differs from now" }).waitFor();
    expect(await drawer.getByRole("button", { name: "Restore this version" }).count()).toBe(0);
    await page.keyboard.press("Escape");
    await drawer.waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Bring it back" }).click();
    await page.getByText("It is archived").waitFor({ state: "detached" });
    await page.getByRole("textbox", { name: "Subject" }).fill("Welcome");
    await saved(page);
    await expect.poll(async () => (await findMailing(own.ctx, id)).subject).toBe("Welcome");
  });
});
