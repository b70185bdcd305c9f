import { readFile } from "node:fs/promises";
import { sql } from "kysely";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { erasePerson } from "../../src/domain/people/erase-person.ts";
import { unsubscribePerson } from "../../src/domain/subscribers/change-person-wish.ts";
import { searchSubscribers } from "../../src/domain/subscribers/find-subscribers.ts";
import { must } from "../../src/platform/errors.ts";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { createInstance } from "../harness/mailing.ts";
import { createWorld } from "../harness/world.ts";

const address = "Ada.Lovelace@Example.org";
const longName = "The very long name of a mailing that an association sends once a year to everybody, about everything";
/** Where pictures go for who wants to look at the pages. */
const pictures = process.env.LOCKSTEP_TEST_LOOK;

const look = async (page: Page, name: string) => {
  if (pictures) await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
};

/** Somebody who lived through everything that a timeline tells of. */
async function createFullWorld() {
  const world = await createWorld();
  const { own, clock, query } = world;
  own.changePerson(10, { cst_eml_address_dn: address });
  await own.listSync();
  await own.sync("Everybody");
  const [person] = await searchSubscribers(own.ctx, address, 1);
  const { id } = must(person, "she came with the sync");
  for (const name of ["News of February", longName]) {
    clock.advance({ hours: 50 });
    const instance = await createInstance(own.ctx, { to: [id], openTracking: "person" });
    await query(sql`update mailing_instance set name = ${name} where id = ${instance.id}`);
    clock.advance({ hours: 2 });
    await query(sql`update recipient set opened_at = ${clock.now()} where instance_id = ${instance.id}`);
    await query(sql`insert into mailing_activity (account_id, instance_id, place, kind, at, link)
      values (${own.ctx.accountId}, ${instance.id}, 1, 'click', ${clock.now().add({ seconds: 40 })}, 0)`);
  }
  clock.advance({ hours: 1 });
  await unsubscribePerson(own.ctx, id, "wrote a letter");
  await query(sql`insert into writeback (account_id, bridge_id, remote_id, subscriber_id, type, decided_at, due_at, state, ended_at, error_message)
    select account_id, id, 'x', ${id}, 'unsubscribe', ${clock.now()}, ${clock.now()}, 'failed', ${clock.now().add({ minutes: 10 })},
      'netFORUM Pro does not know this customer key.' from bridge`);
  await query(sql`insert into instance_exclusion (account_id, instance_id, subscriber_id, reason)
    values (${own.ctx.accountId}, ${(await createInstance(own.ctx, { to: 1 })).id}, ${id}, 'unsubscribed')`);
  clock.advance({ hours: 1 });
  return Object.assign(world, { ada: id });
}

describe.skipIf(!hasBrowser)("personal data, in a browser", () => {
  test("1.8 a person's page tells their whole life, filtered by what it is about, at 1440 and at 390 px", async () => {
    const world = await createFullWorld();
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    await page.goto(`/subscribers/${world.ada}`);
    await page.getByText("Writeback to netFORUM Pro: Unsubscribe, failed").waitFor();
    await page.getByText("Unsubscribed here", { exact: true }).last().waitFor();
    await page.getByText("wrote a letter").first().waitFor();
    await expectAccessible(page);
    await look(page, "person-1440");
    const about = page.getByRole("radiogroup", { name: "What the timeline is about" });
    await about.getByText("Mailings").click();
    await page.getByText("Came into").waitFor({ state: "detached" });
    expect(new URL(page.url()).searchParams.get("about")).toBe("mailings");
    await page.getByText("The programme").first().waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`/subscribers/${world.ada}`);
    await page.getByText("Came into").waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
    await expectAccessible(page);
    await look(page, "person-390");
    await about.getByText("Writebacks").click();
    await page.getByText("Came into").waitFor({ state: "detached" });
    await look(page, "person-writebacks-390");
  });

  test("2.4 who resubscribes somebody says how they agreed, and it stands in the timeline", async () => {
    const world = await createFullWorld();
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    await page.goto(`/subscribers/${world.ada}`);
    await page.getByRole("button", { name: "Resubscribe…" }).click();
    const dialog = page.getByRole("dialog", { name: "Resubscribe this person" });
    await dialog.getByRole("button", { name: "Resubscribe" }).click();
    await dialog.getByText("Is needed: who asked for it, and how").waitFor();
    await expectAccessible(page);
    await dialog.getByRole("textbox", { name: "How the person agreed" }).fill("asked by phone on 3 May");
    await dialog.getByRole("button", { name: "Resubscribe" }).click();
    await page.getByText("asked by phone on 3 May").first().waitFor();
    await page.getByText("May be written to: nobody said no.").waitFor();
  });

  test("2.6 a person is exported, and erased after a dialog says what goes and what stays, confirmed by the address", async () => {
    const world = await createFullWorld();
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    await page.goto(`/subscribers/${world.ada}`);
    const downloading = page.waitForEvent("download");
    await page.getByRole("link", { name: "Export as JSON" }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe(`${address}.json`);
    expect(JSON.parse(await readFile(await download.path(), "utf8")).subscribers).toMatchObject([{ email: address }]);
    await page.getByRole("button", { name: "Erase…" }).click();
    const dialog = page.getByRole("dialog", { name: "Erase this person" });
    await dialog.getByText("This goes, and nothing brings it back").waitFor();
    await expectAccessible(page);
    await look(page, "erase-1440");
    const typed = dialog.getByRole("textbox", { name: "Type the person's e-mail address to confirm" });
    await typed.fill("ada@example.com");
    await dialog.getByRole("button", { name: "Erase for good" }).click();
    await dialog.getByText("Is not the address of this person; type it to confirm").waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    await look(page, "erase-390");
    await page.setViewportSize({ width: 1440, height: 900 });
    await typed.fill(address);
    await dialog.getByRole("button", { name: "Erase for good" }).click();
    await page.getByRole("heading", { name: "Subscribers", level: 1 }).waitFor();
    await page.getByText("Nothing of this person is kept that could name them.").waitFor();
    await page.goto(`/subscribers/${world.ada}`);
    await page.getByText("Nothing is kept of this person").waitFor();
    await expectAccessible(page);
    await look(page, "erased-1440");
    // The group's next read sets the row aside, where it can be seen.
    await world.own.sync("Everybody");
    await page.goto(`/target-groups/${(await world.own.group("Everybody")).id}?step=unusable`);
    await page.getByRole("cell", { name: "erased on request" }).waitFor();
    await look(page, "set-aside-1440");
  });

  test("2.6 an erasure is lifted by typing the address; others than administrators see none of it", async () => {
    const world = await createFullWorld();
    await erasePerson(world.own.ctx, world.ada, address);
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    await page.goto("/subscribers");
    await page.getByRole("button", { name: "Lift an erasure…" }).click();
    const dialog = page.getByRole("dialog", { name: "Lift an erasure" });
    await dialog.getByRole("textbox", { name: "E-mail address" }).fill("nobody@example.org");
    await dialog.getByRole("textbox", { name: "How the person asked for it" }).fill("By phone on 3 May");
    await dialog.getByRole("button", { name: "Lift", exact: true }).click();
    await dialog.getByText("There is no erased person with the address").waitFor();
    await expectAccessible(page);
    await look(page, "lift-1440");
    await dialog.getByRole("textbox", { name: "E-mail address" }).fill(address);
    await dialog.getByRole("button", { name: "Lift", exact: true }).click();
    await page.getByText("The next sync or upload brings the person, as somebody new.").waitFor();
    const viewer = await pages.openAs(await pages.web.person("publisher"));
    await viewer.goto("/subscribers");
    await viewer.getByRole("table", { name: "Subscribers" }).waitFor();
    expect(await viewer.getByRole("button", { name: "Lift an erasure…" }).count()).toBe(0);
    await viewer.getByRole("table", { name: "Subscribers" }).getByRole("link").first().click();
    await viewer.getByText("Came into").waitFor();
    expect(await viewer.getByText("Personal data").count()).toBe(0);
  });
});
