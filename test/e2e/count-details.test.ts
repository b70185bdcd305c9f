import { readFile } from "node:fs/promises";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { createWorld } from "../harness/world.ts";

describe.skipIf(!hasBrowser)("Count Details, in a browser", () => {
  test("1.6 Resync Target Group fills the chain; each number opens its people; the numbers add up", async () => {
    const world = await createWorld();
    const { own } = world;
    await own.listSync();
    const { id } = await own.group("Everybody");
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("publisher"));
    await page.goto(`/target-groups/${id}`);
    await page.getByText("Not yet counted").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Resync Target Group" }).click();
    const running = page.getByRole("region", { name: "Sync in progress" });
    await running.getByText("Waiting").waitFor();
    await expectAccessible(page);
    await own.workAll();
    await running.waitFor({ state: "detached" });
    const numbers = async () =>
      (await page.getByRole("region", { name: "Count Details" }).getByRole("link").allInnerTexts()).map((text) =>
        Number(/([\d,]+)$/.exec(text.trim())?.[1]?.replaceAll(",", "")),
      );
    await expect.poll(numbers).toEqual([300, 6, 3, 3, 288, 5, 0, 0, 283]);
    await page.getByRole("link", { name: /malformed address/ }).click();
    const rejected = page.getByRole("table", { name: "Records that can't be used" });
    await rejected.waitFor();
    expect(await rejected.getByRole("row").count()).toBe(1 + 3);
    await page.getByRole("link", { name: /do not e-mail/ }).click();
    const members = page.getByRole("table", { name: "Members" });
    await members.getByText("Do not e-mail (netFORUM Pro)").first().waitFor();
    expect(await members.getByRole("row").count()).toBe(1 + 5);
    expect(new URL(page.url()).searchParams.get("step")).toBe("do_not_email");
    await expectAccessible(page);
  });

  test("1.7 the pages of records that can't be used stand in the address: Previous leads back to the page before", async () => {
    const world = await createWorld();
    const { own } = world;
    for (let index = 0; index < 120; index += 1) own.changePerson(index, { cst_eml_address_dn: "" });
    await own.listSync();
    await own.sync("Everybody");
    const { id } = await own.group("Everybody");
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("publisher"));
    await page.goto("/target-groups");
    await page.goto(`/target-groups/${id}?step=without_address`);
    const rows = page.getByRole("table", { name: "Records that can't be used" }).getByRole("row");
    const firstKey = () => rows.nth(1).getByRole("cell").last().textContent();
    await expect.poll(() => rows.count()).toBe(1 + 50);
    const first = await firstKey();
    await page.getByRole("button", { name: "Next page" }).click();
    await expect.poll(firstKey).not.toBe(first);
    const second = await firstKey();
    await page.reload();
    await expect.poll(firstKey).toBe(second);
    await page.getByRole("button", { name: "Previous" }).click();
    await expect.poll(firstKey).toBe(first);
    expect(new URL(page.url()).searchParams.get("step")).toBe("without_address");
  });

  test("1.5 a held sync shows who would go and is applied by an administrator; 1.9 a dry run changes nothing", async () => {
    const world = await createWorld();
    const { own } = world;
    await own.listSync();
    await own.sync("Everybody");
    const { id } = await own.group("Everybody");
    for (let index = 0; index < 150; index += 1) own.changePerson(index, { cst_eml_address_dn: "" });
    const pages = await openPages(world);
    const viewer = await pages.openAs(await pages.web.person("viewer"));
    const page = await pages.openAs(await pages.web.person("administrator"));
    await page.goto(`/target-groups/${id}`);
    await page.getByRole("button", { name: "Resync Target Group" }).click();
    await page.getByRole("region", { name: "Sync in progress" }).waitFor();
    await own.workAll();
    await page.getByRole("link", { name: "Review who would come and go" }).click();
    await page.getByRole("heading", { name: "Held: Everybody" }).waitFor();
    await expectAccessible(page);
    expect(await page.getByRole("table", { name: "People" }).getByRole("row").count()).toBe(51);
    const someone = await page.getByRole("table", { name: "People" }).getByRole("cell").first().textContent();
    await page.getByLabel("Find a person").fill(someone ?? "");
    await expect.poll(() => page.getByRole("table", { name: "People" }).getByRole("row").count()).toBe(2);
    expect(new URL(page.url()).searchParams.get("search")).toBe(someone);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Export all" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("Everybody would be removed.csv");
    const file = await readFile(await download.path(), "utf8");
    const [held] = await world.query<{ removed: number }>(sql`select removed from sync where state = 'held'`);
    expect(file.trim().split("\r\n").length - 1).toBe(held?.removed);
    await viewer.goto(new URL(page.url()).pathname);
    await viewer.getByText("An administrator applies or discards it.").waitFor();
    expect(await viewer.getByRole("button", { name: /^Apply/ }).count()).toBe(0);
    const applied = page.waitForResponse((answer) => answer.url().endsWith("/apply"));
    await page.getByRole("button", { name: /^Apply/ }).click();
    await applied;
    await own.workAll();
    await page.getByText("It was decided").waitFor();
    await page.goto(`/target-groups/${id}`);
    await page.getByRole("button", { name: "Dry run" }).click();
    await page.getByRole("region", { name: "Sync in progress" }).waitFor();
    await own.workAll();
    await page.getByText(/A dry run/).waitFor();
  });

  test("1.5 a group's own guard is saved, and what can't be is said at its field", async () => {
    const world = await createWorld();
    await world.own.listSync();
    const { id } = await world.own.group("Board");
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    await page.goto(`/target-groups/${id}?tab=settings`);
    await page.getByLabel("Hold when more than this share would go").fill("10");
    await page.getByRole("button", { name: "Save the guard" }).click();
    await page.getByText("Saved").waitFor();
    expect((await world.own.group("Board")).guardPercent).toBe(10);
    await expectAccessible(page);
  });
});
