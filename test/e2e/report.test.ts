import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { startNameServer } from "../harness/name-server.ts";
import { scheduleMailings, sendMailings } from "../harness/sent-mailings.ts";
import { createWorld, type World } from "../harness/world.ts";

const longName =
  "Annual Conference 2030: everything that speakers, sponsors and first-time visitors must know before they travel";

async function distinctPeople(world: World): Promise<readonly number[]> {
  const rows = await world.query<{ id: number }>(
    sql`select min(id) as id from subscriber where standing = 'sendable' group by email_key order by 1`,
  );
  return rows.map(({ id }) => id);
}

async function createSentWorld() {
  const world = await createWorld({ timeZone: "America/New_York" });
  const { own } = world;
  await own.listSync();
  await own.sync("Everybody");
  await own.sync("Board");
  const groups = [(await own.group("Everybody")).id, (await own.group("Board")).id];
  const to = await distinctPeople(world);
  const ids = await sendMailings(world, { names: ["News of February", "Renew by March", longName], to, groups });
  await scheduleMailings(world, ["News of March"]);
  return { world, ids, to };
}

describe.skipIf(!hasBrowser)("reports, in a browser", () => {
  test("4.6 a report shows its numbers, its chart as a table too, its links, and finds recipients by what they did", async () => {
    const { world, ids, to } = await createSentWorld();
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("publisher"));
    await page.goto(`/instances/${ids[2]}/report`);
    await page.getByRole("heading", { name: `Report: ${longName}`, level: 1 }).waitFor();
    await page.getByText(`of ${to.length} recipients`).waitFor();
    await page.getByText("Opened (estimate)").first().waitFor();
    await page.getByRole("table", { name: "From audience to clicks" }).waitFor();
    await page.getByRole("table", { name: "Links" }).getByText("See the programme").waitFor();
    await page.getByRole("table", { name: "By target group" }).getByText("Board").waitFor();
    await page.getByRole("table", { name: "Compared" }).getByText("Renew by March").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Show as a table" }).click();
    await page.getByRole("table", { name: "Over time" }).waitFor();
    await page.getByText("Days", { exact: true }).click();
    await page.getByRole("columnheader", { name: "Day" }).waitFor();
    await page.getByRole("combobox", { name: "Who" }).click();
    await page.getByRole("option", { name: "Bounced" }).click();
    const recipients = page.getByRole("table", { name: "Recipients" });
    // Somebody bounced among everybody, too: that those who did not are gone tells that the list is the new one.
    await expect.poll(() => recipients.getByText("Sent", { exact: true }).count()).toBe(0);
    await recipients.getByText("Bounced").first().waitFor();
    expect(new URL(page.url()).searchParams.get("answer")).toBe("bounced");
    await expectAccessible(page);
    const file = page.waitForEvent("download");
    await page.getByRole("link", { name: "Export links (CSV)" }).click();
    expect((await file).suggestedFilename()).toMatch(/links\.csv$/);
  });

  test("4.6 before the first mail a report says so; where opens are off none is shown; a viewer exports nothing", async () => {
    const { world, ids } = await createSentWorld();
    await world.query(sql`update mailing_instance set open_tracking = 'off' where id = ${ids[2]}`);
    const [scheduled] = await world.query<{ id: string }>(
      sql`select id from mailing_instance where state = 'scheduled'`,
    );
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("viewer"), { viewport: { width: 390, height: 844 } });
    await page.goto(`/instances/${scheduled?.id}/report`);
    await page.getByText("Nothing was sent yet").waitFor();
    await expectAccessible(page);
    await page.goto(`/instances/${ids[2]}/report`);
    await page.getByText("Opens are not tracked in this account.").waitFor();
    await page.getByRole("table", { name: "Links" }).waitFor();
    expect(await page.getByText("(estimate)").count()).toBe(0);
    expect(await page.getByRole("link", { name: /Export/ }).count()).toBe(0);
    expect(await page.locator("html").evaluate((root) => root.scrollWidth)).toBeLessThanOrEqual(390);
    await expectAccessible(page);
  });

  test("the calendar shows what went out and what is coming on its day, turns months by keyboard, and lists on a phone", async () => {
    const { world } = await createSentWorld();
    const pages = await openPages(world);
    const person = await pages.web.person("author");
    const page = await pages.openAs(person);
    await page.goto("/mailings/calendar");
    const grid = page.getByRole("table", { name: "March 2030" });
    await grid.getByRole("link", { name: /News of March/ }).waitFor();
    await grid.getByRole("link", { name: /News of February/ }).waitFor();
    const here = page.getByRole("navigation", { name: "Menu" }).locator('[aria-current="page"]');
    expect(await here.allTextContents()).toEqual(["Calendar"]);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Today" }).focus();
    await page.keyboard.press("PageDown");
    await page.getByRole("table", { name: "April 2030" }).waitFor();
    await page.keyboard.press("PageUp");
    await grid.waitFor();
    await page.getByText("List", { exact: true }).click();
    await page.getByRole("table", { name: "Mailings of the month" }).getByText("News of February").waitFor();
    await expectAccessible(page);
    const phone = await pages.openAs(person, { viewport: { width: 390, height: 844 } });
    await phone.goto("/mailings/calendar");
    await phone.getByRole("table", { name: "Mailings of the month" }).getByText("News of February").waitFor();
    expect(await phone.locator("html").evaluate((root) => root.scrollWidth)).toBeLessThanOrEqual(390);
    await phone.goto("/");
    await phone.getByRole("heading", { name: "Engagement, last 3 mailings" }).waitFor();
    await phone.getByRole("link", { name: "News of March" }).waitFor();
    await expectAccessible(phone);
  });

  test("a person's page tells their mailings, and what they clicked", async () => {
    const { world, ids } = await createSentWorld();
    const [one] = await world.query<{ id: number }>(
      sql`select subscriber_id as id from recipient where instance_id = ${ids[2]} and clicked_at is not null and place % 7 = 0 limit 1`,
    );
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("viewer"));
    await page.goto(`/subscribers/${one?.id}`);
    await page.getByText("Clicked in").first().waitFor();
    await page.getByText("See the programme").first().waitFor();
    await page.getByRole("link", { name: longName }).first().waitFor();
    await expectAccessible(page);
  });

  test("4.5 a sending domain is added, its records pasted and found, its key replaced, and it is removed", async () => {
    const names = await startNameServer();
    const world = await createWorld({
      dnsServers: [names.address],
      settings: { publicUrl: "https://lockstep.example.net" },
    });
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    await page.goto("/admin/sending-domains");
    await page.getByText("No sending domain yet").waitFor();
    await page.getByRole("textbox", { name: "Domain" }).fill("no domain");
    await page.getByRole("button", { name: "Add the domain" }).click();
    await page.getByText("is no domain; write it like example.org").waitFor();
    await expectAccessible(page);
    await page.getByRole("textbox", { name: "Domain" }).fill("Example.org");
    await page.getByRole("button", { name: "Add the domain" }).click();
    await page.getByRole("heading", { name: "example.org" }).waitFor();
    await expectAccessible(page);
    const rows = await world.query<{ records: { name: string; type: "TXT"; value: string }[] }>(
      sql`select jsonb_path_query_array(findings, '$[*].record ? (@ != null)') as records from sending_domain`,
    );
    for (const { name, type, value } of rows[0]?.records ?? []) names.set(name, type, value);
    names.set("example.org", "MX", "10 mx.example.org");
    await page.getByRole("button", { name: "Look again at example.org" }).click();
    await page.getByText("Receivers find the key that signs your mails.").waitFor();
    expect(await page.getByText("In order").count()).toBe(4);
    await page.getByRole("button", { name: "Replace the key" }).click();
    await page.getByText("DKIM: the new key").waitFor();
    await page.getByRole("button", { name: "Use the new key" }).click();
    await page.getByText("DNS doesn't have the new key yet").waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "Discard it" }).click();
    await page.getByRole("button", { name: "Replace the key" }).waitFor();
    await page.getByRole("button", { name: "Remove example.org" }).click();
    await page.getByRole("button", { name: "Remove it and its keys" }).click();
    await page.getByText("No sending domain yet").waitFor();
    const viewer = await pages.openAs(await pages.web.person("viewer"), { viewport: { width: 390, height: 844 } });
    await viewer.goto("/admin/sending-domains");
    await viewer.getByText("No sending domain yet").waitFor();
    expect(await viewer.getByRole("button", { name: "Add the domain" }).count()).toBe(0);
  });
});
