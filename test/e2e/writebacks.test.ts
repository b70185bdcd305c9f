import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { configureBridge } from "../../src/domain/bridges/configure-bridge.ts";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { createWorld } from "../harness/world.ts";
import { addWritebacks } from "../harness/writebacks.ts";

async function ready() {
  const world = await createWorld();
  await world.own.listSync();
  await world.own.sync("Everybody");
  return world;
}

describe.skipIf(!hasBrowser)("the Writeback List, in a browser", () => {
  test("5.3 before the first writeback the page says when there will be one", async () => {
    const world = await ready();
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("viewer"));
    await page.goto("/admin/bridge");
    await page.getByText("Nothing to write back so far.").waitFor();
    await page.getByRole("link", { name: "All writebacks" }).click();
    await page.getByText("Who is not in netFORUM Pro makes no writeback.").waitFor();
    await expectAccessible(page);
    expect(await page.getByRole("button", { name: "Send now…" }).count()).toBe(0);
  });

  test("5.3 writebacks are found by state, type, time and person, all of it in the address", async () => {
    const world = await ready();
    await addWritebacks(world);
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    await page.goto("/admin/bridge");
    await page.getByRole("link", { name: "All writebacks" }).click();
    const table = page.getByRole("table", { name: "Writebacks", exact: true });
    await table.waitFor();
    await expectAccessible(page);
    const rows = () => table.getByRole("row").count();
    await expect.poll(rows).toBe(51);
    await page.getByRole("button", { name: "Next page" }).click();
    const [all] = await world.query<{ writebacks: number }>(sql`select count(*) as writebacks from writeback`);
    await expect.poll(rows).toBe((all?.writebacks ?? 0) - 50 + 1);
    await page.getByRole("tab", { name: /^Failed/ }).click();
    await table.getByText("Individual was not found").filter({ visible: true }).first().waitFor();
    const failed = await world.query<{ email: string; remoteId: string }>(
      sql`select email, remote_id as "remoteId" from writeback where state = 'failed' order by id`,
    );
    await expect.poll(rows).toBe(failed.length + 1);
    expect(new URL(page.url()).search).toBe("?state=failed");
    const [first] = failed;
    await page.getByRole("textbox", { name: "Find a person" }).fill(first?.remoteId.slice(0, 30) ?? "");
    await expect.poll(rows).toBe(2);
    await table.getByRole("link", { name: first?.email ?? "" }).waitFor();
    await page.reload();
    await expect.poll(rows).toBe(2);
    await page.getByRole("button", { name: "Clear all" }).click();
    await page.getByRole("combobox", { name: "Type" }).click();
    await page.getByRole("option", { name: "Resubscribe" }).click();
    await page.getByText("No writeback is like that").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Clear the filter" }).click();
  });

  test("5.3 the last 30 days are a picture and a table, and days of the list", async () => {
    const world = await ready();
    await addWritebacks(world);
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("viewer"));
    await page.goto("/admin/bridge/writebacks");
    const table = page.getByRole("table", { name: "Writebacks", exact: true });
    const rows = () => table.getByRole("row").count();
    await expect.poll(rows).toBe(51);
    const today = world.clock.now().toZonedDateTimeISO("America/New_York").toPlainDate();
    await page.getByLabel("Decided from").fill(today.subtract({ days: 2 }).toString());
    await expect.poll(rows).toBeLessThan(10);
    await page.getByRole("button", { name: "Show as a table" }).click();
    await page.getByRole("table", { name: "Writebacks by day" }).waitFor();
    await expectAccessible(page);
  });

  test("5.2 failed ones are tried again: one, some, all; the page follows what becomes of them", async () => {
    const world = await ready();
    await addWritebacks(world);
    const failedNow = async () => {
      const [row] = await world.query<{ failed: number }>(
        sql`select count(*) as failed from writeback where state = 'failed'`,
      );
      return row?.failed ?? 0;
    };
    const before = await failedNow();
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    await page.goto("/");
    await page.getByRole("link", { name: `${before} writebacks` }).waitFor();
    await expectAccessible(page);
    await page.getByRole("link", { name: "See the reasons, and try again" }).click();
    await page.getByText(`${before} writebacks failed`).waitFor();
    await expectAccessible(page);
    await page
      .getByRole("button", { name: /^Details: / })
      .first()
      .click();
    const drawer = page.getByRole("dialog", { name: "Writeback" });
    await drawer.getByText("SetIndividualInformation: soap:Client").waitFor();
    await expectAccessible(page);
    expect(new URL(page.url()).searchParams.get("open")).not.toBeNull();
    await drawer.getByRole("button", { name: "Retry" }).click();
    await page.getByText("It is tried again").waitFor();
    await drawer.getByText("It waits for its time.").waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(failedNow).toBe(before - 1);
    const boxes = page.getByRole("checkbox", { name: /^Select (Unsubscribe|Bad e-mail) of / });
    await boxes.nth(0).check();
    await boxes.nth(1).check();
    await page.getByRole("button", { name: "Retry the chosen" }).click();
    await page.getByText("2 are tried again").waitFor();
    await expect.poll(failedNow).toBe(before - 3);
    await page.getByRole("button", { name: "Retry all that failed" }).click();
    await page.getByText("None is failed").waitFor();
    expect(await failedNow()).toBe(0);
    // What a worker does, the page hears of.
    await page.getByRole("tab", { name: /^Processing/ }).click();
    await page.getByText("None is processing").waitFor();
    await world.query(sql`update writeback set state = 'sent', ended_at = ${world.clock.now()} where state = 'ready'`);
    await page.getByRole("tab", { name: /^Ready$/ }).waitFor();
  });

  test("5.1 Send now says what it will do first; a viewer can do neither", async () => {
    const world = await ready();
    await addWritebacks(world, 20);
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    await page.goto("/admin/bridge/writebacks");
    await page.getByRole("button", { name: "Send now…" }).click();
    const dialog = page.getByRole("dialog", { name: "Send the writebacks now" });
    await dialog.getByText("4 writebacks wait").waitFor();
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Send 4 now" }).click();
    await page.getByText("4 writebacks are being sent").waitFor();
    const viewer = await pages.openAs(await pages.web.person("viewer"));
    await viewer.goto("/admin/bridge/writebacks");
    await viewer.getByRole("table", { name: "Writebacks", exact: true }).waitFor();
    expect(await viewer.getByRole("button", { name: /Retry|Send now/ }).count()).toBe(0);
    expect(await viewer.getByRole("checkbox").count()).toBe(0);
    await expectAccessible(viewer);
  });

  test("5.2 a bridge that is switched off keeps them, and the page says so; an erased person has only the key", async () => {
    const world = await ready();
    await addWritebacks(world, 20);
    await configureBridge(world.own.ctx, { isActive: false });
    await world.query(sql`update writeback set subscriber_id = null, email = null
      where id = (select max(id) from writeback)`);
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    await page.goto("/admin/bridge/writebacks");
    await page.getByText("Until then writebacks wait here, in their order; none is lost.").waitFor();
    await page.getByText("Erased here").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Send now…" }).click();
    await page.getByRole("button", { name: "Send 4 now" }).click();
    await page.getByText("The bridge is switched off, so nothing is asked of the AMS.").waitFor();
    await expectAccessible(page);
  });
});
