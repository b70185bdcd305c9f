import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { SyncId } from "../../src/domain/syncs/sync.ts";
import { runImport } from "../../src/domain/uploads/run-import.ts";
import { newId } from "../../src/platform/ids.ts";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { createWorld, type World } from "../harness/world.ts";

const guests = [
  "E-Mail;Vorname;Name;Bemerkung",
  "zoe@example.org;Zoë;Müller;=1+1",
  "li@example.org;李;小龍;",
  "not an address;No;One;",
  "zoe@example.org;Zoë;Again;",
  ";Nobody;;",
].join("\n");

async function choose(page: Page, content: Buffer | string) {
  const file = { name: "Gäste 2026.csv", mimeType: "text/csv", buffer: Buffer.from(content) };
  await page.locator("input[type=file]").setInputFiles(file);
  await page.getByRole("button", { name: "Go on" }).click();
}

async function importAll(world: World) {
  const { signal } = new AbortController();
  for (const payload of await world.jobs("import-upload"))
    await runImport(world.own.ctx, (payload as { syncId: SyncId }).syncId, { signal, processId: newId() });
}

describe.skipIf(!hasBrowser)("uploads, in a browser", () => {
  test("3.3 a file in a spreadsheet's encoding becomes a group whose rows all can be found; a second one adds", async () => {
    const world = await createWorld();
    await world.own.listSync();
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("author"));
    await page.goto("/target-groups");
    await page.getByRole("button", { name: "New group" }).click();
    await page.getByRole("menuitem", { name: /Upload a list/ }).click();
    await page.getByRole("heading", { name: "Upload a list" }).waitFor();
    await expectAccessible(page);
    await choose(page, guests);
    await page.getByRole("combobox", { name: "Between the cells" }).and(page.locator("[value=Semicolon]")).waitFor();
    await page.getByRole("combobox", { name: "E-mail address" }).and(page.locator('[value="1: E-Mail"]')).waitFor();
    await page.getByRole("cell", { name: "小龍" }).waitFor();
    await expectAccessible(page);
    expect(await page.getByRole("textbox", { name: "Name of the group" }).inputValue()).toBe("Gäste 2026");
    await page.getByRole("button", { name: "Import" }).click();
    await page.getByRole("heading", { name: "Gäste 2026", level: 1, exact: true }).waitFor();
    await page.getByRole("region", { name: "Sync in progress" }).getByText("Waiting").waitFor();
    await expectAccessible(page);
    await importAll(world);
    await page.getByRole("region", { name: "Sync in progress" }).waitFor({ state: "detached" });
    const members = page.getByRole("table", { name: "Members" });
    await members.getByText("li@example.org").waitFor();
    await page.getByRole("link", { name: /malformed address/ }).click();
    const rejected = page.getByRole("table", { name: "Records that can't be used" });
    await rejected.getByText("not an address").waitFor();
    await expectAccessible(page);
    await page.getByRole("link", { name: "Upload a list" }).click();
    await page.getByRole("heading", { name: "Upload to Gäste 2026" }).waitFor();
    await choose(page, "mail\nnew@example.org\n");
    await page.getByRole("radio", { name: /Stay/ }).check();
    await page.getByRole("button", { name: "Import" }).click();
    await page.getByRole("heading", { name: "Gäste 2026", level: 1, exact: true }).waitFor();
    await importAll(world);
    await page.getByRole("tab", { name: "Uploads" }).click();
    await page.getByRole("table", { name: "Uploads to this group" }).getByText("Done").nth(1).waitFor();
    await page.getByRole("tab", { name: "People" }).click();
    await expect.poll(() => members.getByRole("row").count()).toBe(1 + 3);
  });

  test("3.3 a file that is none, and one without a column of addresses, are said; a viewer uploads nothing", async () => {
    const world = await createWorld();
    await world.own.listSync();
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("publisher"));
    await page.goto("/target-groups/upload");
    await choose(page, Buffer.from("504b0304140000000800", "hex"));
    await page
      .getByRole("alert")
      .getByText(/save it as CSV/)
      .waitFor();
    await expectAccessible(page);
    await choose(page, "Name\nAnn\nBob\n");
    await page.getByText("No column looks like addresses: choose one.").waitFor();
    expect(await page.getByRole("button", { name: "Import" }).isDisabled()).toBe(true);
    await expectAccessible(page);
    const viewer = await pages.openAs(await pages.web.person("viewer"));
    await viewer.goto("/target-groups");
    await viewer.getByRole("table").waitFor();
    expect(await viewer.getByRole("button", { name: "New group" }).count()).toBe(0);
  });
});
