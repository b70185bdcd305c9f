import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { sendMailings } from "../harness/sent-mailings.ts";
import { createWorld } from "../harness/world.ts";

const link = (place: number) => ({ kind: "link", link: place });
const html = [
  '<!doctype html><html lang="en"><head><meta charset="utf-8"></head><body style="font-family:Arial;margin:0;background:#f4f4f4"><div style="max-width:600px;margin:0 auto;background:#fff;padding:24px"><h1>News for ',
  { kind: "field", field: "first", template: '{{ value | default: "you" }}', place: "html" },
  '</h1><p>The conference begins in May: <a href="',
  link(0),
  '">see the programme</a>.</p><p><a style="display:inline-block;background:#c33;color:#fff;padding:12px 24px" href="',
  link(1),
  '">Register now</a></p><p>Hotels near the venue, with rates for members until the end of March: <a href="',
  link(2),
  '">hotels</a></p><p><a href="',
  link(3),
  '">Renew</a></p><p><a href="',
  { kind: "unsubscribe" },
  '">Unsubscribe</a></p>',
  { kind: "pixel" },
  "<script>document.title='run'</script></div></body></html>",
];

/** A mailing that went to 200 people, with clicks on its four links. */
async function createClickedWorld() {
  const world = await createWorld();
  await world.own.listSync();
  await world.own.sync("Everybody");
  const people = await world.query(
    sql<{ id: number }>`select id from subscriber where standing = 'sendable' limit 200`,
  );
  const to = people.map(({ id }) => id);
  const [id = ""] = await sendMailings(world, { names: ["News of February"], to, groups: [] });
  await world.query(
    sql`update mailing_instance set content = jsonb_set(content, '{html}', ${JSON.stringify(html)}::jsonb)`,
  );
  return { world, id };
}

describe.skipIf(!hasBrowser)("the link map, in a browser", () => {
  test("4.6 a report lays the clicks on the mail as it was sent: the numbers of the list, and nothing in it runs", async () => {
    const { world, id } = await createClickedWorld();
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("author"));
    await page.goto(`/instances/${id}/report`);
    await page.getByRole("button", { name: "Show on the mail" }).click();
    const mail = page.frameLocator('iframe[title="The mail, with the clicks of each link"]');
    await mail.getByRole("heading", { name: "News for you" }).waitFor();
    const frame = page.frames().find((one) => one.url().endsWith("/link-map.html"));
    const behind = (href: string) =>
      frame?.evaluate<string>(`getComputedStyle(document.querySelector('a[href="${href}"]'), "::after").content`);
    const table = page.getByRole("table", { name: "Links" });
    for (const [href, listed] of [
      ["#link-0", "See the programme"],
      ["#link-1", "Register now"],
      ["#link-2", "Hotels near"],
    ] as const) {
      const row = table.getByRole("row").filter({ hasText: listed });
      const [people = ""] = (await row.getByRole("cell").allTextContents()).slice(-2);
      if (href === "#link-0") expect(Number(people)).toBeGreaterThan(0);
      expect(await behind(href)).toMatch(new RegExp(`^"${people} · \\d+%"$`));
    }
    expect(await behind("#unsubscribe")).toBe("none");
    expect(await mail.locator("img").count(), "looking at it counts as no open").toBe(0);
    await expectAccessible(page);
  });
});
