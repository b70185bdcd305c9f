import { sql } from "kysely";
import type { Request } from "playwright-core";
import { describe, expect, test } from "vitest";
import { createAccount } from "../../src/domain/accounts/create-account.ts";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { createWorld } from "../harness/world.ts";

describe.skipIf(!hasBrowser)("Target Groups, in a browser", () => {
  test("1.3 folder_refresh: Refresh Target Group List stands at the bottom of the bridge's folder alone, and brings the list", async () => {
    const world = await createWorld();
    const { own } = world;
    await own.listSync();
    world.clock.advance({ minutes: 20 });
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("author"));
    await page.goto("/target-groups");
    const table = page.getByRole("table", { name: "Target groups" });
    await table.getByRole("link", { name: "Everybody" }).waitFor();
    expect(await page.getByRole("button", { name: "Refresh Target Group List" }).count()).toBe(0);
    await expectAccessible(page);
    await page
      .getByRole("navigation", { name: "Folders" })
      .getByRole("link", { name: /netFORUM Pro/ })
      .click();
    await page.getByText("Refreshed 20 minutes ago").waitFor();
    await page.getByRole("button", { name: "Refresh Target Group List" }).click();
    await page.getByText("Waits for its turn").waitFor();
    await expectAccessible(page);
    await own.workAll();
    await page.getByText("Waits for its turn").waitFor({ state: "detached" });
    await page.getByText(/Refreshed just now/).waitFor();
  });

  test("groups are found, sorted, moved, deleted and brought back; the address keeps what is shown", async () => {
    const world = await createWorld();
    const { own } = world;
    await own.listSync();
    await own.sync("Everybody");
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("publisher"));
    await page.goto("/target-groups");
    const table = page.getByRole("table", { name: "Target groups" });
    await table.getByRole("link", { name: "Board" }).waitFor();
    const sizeOf = (header: string) =>
      table
        .getByText(header, { exact: true })
        .evaluate((element: { computedStyleMap(): { get(name: string): unknown } }) =>
          String(element.computedStyleMap().get("font-size")),
        );
    expect(await sizeOf("30 days")).toMatch(/^\d+(\.\d+)?px$/);
    expect(await sizeOf("Name")).toBe(await sizeOf("30 days"));
    const menu = page.getByRole("button", { name: "Board: menu" });
    await menu.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: "Count Details" }).waitFor();
    await expectAccessible(page, { isMenuOpen: true });
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator(":focus").getAttribute("aria-label")).toBe("Board: menu");
    await page.getByLabel("Find a group").fill("body");
    await table.getByRole("link", { name: "Board" }).waitFor({ state: "detached" });
    await expect.poll(() => new URL(page.url()).searchParams.get("search")).toBe("body");
    await page.getByRole("button", { name: "Sendable / total" }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get("sort")).toBe("sendable");
    await page.reload();
    await table.getByRole("link", { name: "Everybody" }).waitFor();
    expect(await page.getByLabel("Find a group").inputValue()).toBe("body");
    await page.getByLabel("Find a group").fill("gala");
    await page.getByText("No group matches “gala”").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Clear the filter" }).click();
    await expect.poll(() => page.getByLabel("Find a group").inputValue()).toBe("");
    await page.getByRole("button", { name: "New folder" }).click();
    await page.getByRole("dialog").getByRole("textbox", { name: "Name" }).fill("Events 🎉");
    await page.getByRole("button", { name: "Make the folder" }).click();
    const folders = page.getByRole("navigation", { name: "Folders" });
    await folders.getByRole("link", { name: /Events/ }).waitFor();
    await page.getByRole("checkbox", { name: "Select Board" }).check();
    await page.getByRole("checkbox", { name: "Select Nobody" }).check();
    await page.getByText("2 chosen").waitFor();
    await expectAccessible(page);
    await page.getByRole("combobox", { name: "Move to folder" }).click();
    await page.getByRole("option", { name: "Events" }).click();
    await folders.getByRole("link", { name: /Events.*2/ }).click();
    await table.getByRole("link", { name: "Nobody" }).waitFor();
    await page.getByRole("button", { name: "Nobody: menu" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await table.getByRole("link", { name: "Nobody" }).waitFor({ state: "detached" });
    await page.getByRole("checkbox", { name: "Select Board" }).check();
    await folders.getByRole("link", { name: "Deleted" }).click();
    await table.getByText("Nobody").waitFor();
    expect(await page.getByText("1 chosen").count()).toBe(0);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Nobody: menu" }).click();
    await page.getByRole("menuitem", { name: "Bring back" }).click();
    await page.getByText("The bin is empty").waitFor();
  });

  test("a group of one's own is renamed from its row; on a phone a row says how old its count is and that a sync failed", async () => {
    const world = await createWorld();
    const { own } = world;
    await own.listSync();
    await own.sync("Board");
    own.strike("html");
    await own.sync("Everybody");
    own.heal();
    const pages = await openPages(world);
    const person = await pages.web.person("publisher");
    const page = await pages.openAs(person, { viewport: { width: 390, height: 844 } });
    const browser = await pages.web.signIn(person);
    const { id } = await own.group("Board");
    const parts = { include: { isAll: false, of: [id] }, exclude: { isAll: false, of: [] } };
    const made = await browser.post("/api/v1/target-groups/compounds", { name: "Bord", ...parts });
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    await page.goto("/target-groups");
    await page.getByText("just now").first().waitFor();
    await page.getByRole("link", { name: "Failed" }).filter({ visible: true }).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Board: menu" }).click();
    await page.getByText("It has its query's name in netFORUM Pro").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Bord: menu" }).click();
    await page.getByRole("menuitem", { name: "Rename" }).click();
    const dialog = page.getByRole("dialog", { name: "Rename group" });
    // A word that is longer than the screen leaves the row's number and menu in sight.
    const name = `The Board 🎩 مجلس ${"Donaudampfschifffahrt".repeat(5)}`;
    await dialog.getByRole("textbox", { name: "Name" }).fill(name);
    await dialog.getByRole("button", { name: "Rename" }).click();
    await page.getByRole("link", { name }).waitFor();
    expect(await page.getByRole("link", { name: "in 1: 1 compound group" }).filter({ visible: true }).count()).toBe(0);
    const wide = await pages.openAs(person);
    await wide.goto("/target-groups");
    await wide.getByRole("link", { name: "in 1: 1 compound group" }).focus();
    await wide.keyboard.press("Enter");
    await wide.getByRole("link", { name }).waitFor();
    await expectAccessible(wide);
    const box = await page.getByRole("button", { name: `${name}: menu` }).boundingBox();
    expect((box?.x ?? 390) + (box?.width ?? 0)).toBeLessThanOrEqual(390);
    await page.goto(`/target-groups/${made.body.id}/compose`);
    await page.getByRole("heading", { name }).waitFor();
    expect(await page.locator("html").evaluate((root) => root.scrollWidth)).toBeLessThanOrEqual(390);
  });

  test("1.6 a group moves to one of three hundred folders by keyboard, on a phone too; its row draws its size over thirty days", async () => {
    const world = await createWorld();
    const { own } = world;
    await own.listSync();
    await own.sync("Everybody");
    const { id } = await own.group("Everybody");
    await world.query(sql`insert into folder (account_id, id, name, created_at)
      select account_id, gen_random_uuid(), 'Chapter ' || n, now() from target_group, generate_series(1, 300) n where id = ${id}`);
    await world.query(sql`insert into folder (account_id, id, name, parent_id, created_at)
      select account_id, gen_random_uuid(), 'Board', id, now() from folder where name in ('Chapter 217', 'Chapter 4')`);
    world.clock.advance({ hours: 24 * 15 });
    const job = own.simulator.state.jobs.find(({ name }) => name === "Everybody");
    for (const index of [0, 1, 2]) job?.without?.add(index);
    await own.sync("Everybody");
    const pages = await openPages(world);
    const person = await pages.web.person("publisher");
    const page = await pages.openAs(person);
    await page.goto("/target-groups");
    await page.getByRole("img", { name: /^from 288 to \d+ in 15 days$/ }).waitFor();
    await expectAccessible(page);
    const phone = await pages.openAs(person, { viewport: { width: 390, height: 844 }, colorScheme: "dark" });
    await phone.goto("/target-groups");
    const menu = phone.getByRole("button", { name: "Everybody: menu" });
    await menu.waitFor();
    expect(await phone.getByRole("img", { name: /15 days$/ }).count()).toBe(0);
    await menu.focus();
    await phone.keyboard.press("Enter");
    const move = phone.getByRole("menuitem", { name: "Move to …" });
    await move.focus();
    await phone.keyboard.press("Enter");
    const dialog = phone.getByRole("dialog", { name: "Move “Everybody”" });
    await dialog.getByRole("button", { name: "Close" }).focus();
    await phone.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await expect.poll(() => menu.and(phone.locator(":focus")).count()).toBe(1);
    await phone.keyboard.press("Enter");
    await move.focus();
    await phone.keyboard.press("Enter");
    const folder = dialog.getByRole("combobox", { name: "Folder" });
    await expect.poll(() => folder.and(phone.locator(":focus")).count()).toBe(1);
    await phone.keyboard.type("217 › Bo");
    await phone.getByRole("option", { name: "Chapter 217 › Board" }).waitFor();
    expect(await dialog.getByRole("listbox").getByRole("option").count()).toBe(1);
    await expectAccessible(phone);
    await phone.keyboard.press("ArrowDown");
    await phone.keyboard.press("Enter");
    await expect.poll(() => folder.inputValue()).toBe("Chapter 217 › Board");
    await expectAccessible(phone);
    await phone.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await phone.getByText("1 group moved to “Board”").waitFor();
    const [moved] = await world.query(sql<{ name: string }>`select p.name from target_group g
      join folder f on f.id = g.folder_id join folder p on p.id = f.parent_id where g.id = ${id}`);
    expect(moved?.name).toBe("Chapter 217");
  });

  test("a viewer sees the groups and can change nothing; an account without a bridge is led to it", async () => {
    const world = await createWorld();
    await world.own.listSync();
    const empty = await createAccount(world.ctx, "Empty", "UTC", "test");
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("viewer"), { viewport: { width: 390, height: 844 } });
    await page.goto("/target-groups");
    await page.getByRole("link", { name: "Everybody" }).waitFor();
    expect(await page.getByRole("checkbox").count()).toBe(0);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
    await expectAccessible(page);
    for (const path of ["/target-groups/0199d8a0-0000-7000-8000-000000000000", "/target-groups/🎉", "/nowhere"]) {
      await page.goto(path);
      await page.getByRole("heading", { name: "There is nothing at this address" }).waitFor();
      await expectAccessible(page);
    }
    const newcomer = await pages.openAs(await pages.web.person("administrator", empty.id));
    await newcomer.goto("/target-groups");
    await newcomer.getByText("No target groups yet").waitFor();
    await expectAccessible(newcomer);
  });

  test("a first visit asks once who is there, and loads under 300 KB of packed code", async () => {
    const world = await createWorld();
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("viewer"));
    const requests: Request[] = [];
    page.on("requestfinished", (request) => requests.push(request));
    await page.goto("/target-groups");
    await page.getByText("No target groups yet").waitFor();
    const named = (part: string) => requests.filter((request) => new URL(request.url()).pathname.endsWith(part));
    expect(named("/api/v1/me")).toHaveLength(1);
    const sizes = await Promise.all(named(".js").map((request) => request.sizes()));
    const packed = sizes.reduce((sum, { responseBodySize }) => sum + responseBodySize, 0);
    expect(packed).toBeGreaterThan(100_000);
    expect(packed).toBeLessThan(300_000);
  });
});
