import { sql } from "kysely";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { createInstance } from "../harness/mailing.ts";
import { createWorld } from "../harness/world.ts";

const picture = async (page: Page, name: string) => {
  const folder = process.env.LOCKSTEP_TEST_LOOK;
  if (folder) await page.getByRole("heading", { name: "Held bounces" }).scrollIntoViewIfNeeded();
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
};

/** A mailing of which 45 bounces came in a flood, 12 of them before it was known: of those the AMS was told. */
async function createFloodedWorld() {
  const world = await createWorld();
  const { own, query } = world;
  await own.listSync();
  await own.sync("Everybody");
  const { id } = await createInstance(own.ctx, { to: 200 });
  await query(
    sql`update mailing_instance set name = 'News of February: conference, elections and the new journal' where id = ${id}`,
  );
  await query(sql`update recipient set state = 'bounced', bounced_at = now(), bounce_kind = 'hard', bounce_reason =
    case when place % 9 = 0 then '550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient''s address'
    else '550 5.1.1 user unknown' end where instance_id = ${id} and place <= 45`);
  await query(sql`insert into held_bounce select account_id, instance_id, place, subscriber_id, ${world.clock.now()}
    from recipient where instance_id = ${id} and place <= 45`);
  await query(sql`update subscriber s set bad_email_at = h.at from held_bounce h
    where s.id = h.subscriber_id and h.place <= 12`);
  return { world, id };
}

describe.skipIf(!hasBrowser)("held bounces, in a browser", () => {
  test("4.5 Home leads to bounces of a flood; an administrator looks at them and discards them, others only look", async () => {
    const { world, id } = await createFloodedWorld();
    const pages = await openPages(world);
    const author = await pages.openAs(await pages.web.person("author"), { viewport: { width: 390, height: 844 } });
    await author.goto(`/instances/${id}/report`);
    await author.getByText("An administrator applies or discards them.").waitFor();
    expect(await author.getByRole("button", { name: /Discard|Apply/ }).count()).toBe(0);
    await author.getByText("netFORUM Pro had been told of 12 before the flood was known").waitFor();
    await picture(author, "held-phone");
    expect(await author.locator("html").evaluate((root) => root.scrollWidth)).toBeLessThanOrEqual(390);
    await expectAccessible(author);
    const page = await pages.openAs(await pages.web.person("administrator"));
    await page.goto("/");
    await page.getByText("They came in a flood: are the addresses bad, or was it the relay?").waitFor();
    await page.getByRole("link", { name: "Look at them, then apply or discard" }).click();
    await page.getByText("Mail to 45 addresses came back").waitFor();
    const table = page.getByRole("table", { name: "Held bounces" });
    await expect.poll(() => table.getByRole("row").count()).toBe(11);
    const marked = table.getByText("Marked as bad; netFORUM Pro knows").filter({ visible: true });
    expect(await marked.count()).toBe(10);
    await picture(page, "held-wide");
    await page.emulateMedia({ colorScheme: "dark" });
    await picture(page, "held-dark");
    await page.emulateMedia({ colorScheme: "light" });
    await page.getByRole("button", { name: "Next 10" }).click();
    await expect.poll(() => marked.count()).toBe(2);
    await expect.poll(() => table.getByRole("row").count()).toBe(11);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Discard: mark nobody" }).click();
    await page.getByRole("heading", { name: "Held bounces" }).waitFor({ state: "detached" });
    await page.goto("/");
    await page.getByText("Nothing requires attention").waitFor();
    expect(await world.query(sql`select 1 from subscriber where bad_email_at is not null`)).toEqual([]);
  });
});
