import { describe, expect, test } from "vitest";
import type { FrozenContent } from "../../src/domain/mailings/frozen-content.ts";
import { addDomain } from "../../src/domain/mailings/senders/change-domains.ts";
import { expectAccessible, hasBrowser, openWindow } from "../harness/browser.ts";
import { relayTo, startTestCatcher } from "../harness/relay.ts";
import { createSending, many, plainContent } from "../harness/sending.ts";
import { createWorld } from "../harness/world.ts";

/** Where the pictures of the docs go: only `npm run pictures` names it. */
const pictures = process.env.LOCKSTEP_PICTURES;

const content: FrozenContent = {
  ...plainContent,
  fromName: "Association of Applied Sciences",
  subject: ["The spring programme, ", { kind: "field", field: "first", template: "{{ value }}", place: "subject" }],
  html: [
    '<!doctype html><html lang="en"><head><title>News</title></head><body style="margin:0;background:#f4f5f7;font-family:Helvetica,Arial,sans-serif;color:#1d242a"><div style="max-width:600px;margin:24px auto;padding:32px;background:#fff"><h1 style="margin:0 0 16px;font-size:26px">The spring programme</h1><p>Dear ',
    { kind: "field", field: "first", template: "{{ value }}", place: "html" },
    ',</p><p>Twelve workshops, three excursions and the annual dinner: registration opens on Monday.</p><p><a style="display:inline-block;padding:12px 20px;background:#1c6c6a;color:#fff;text-decoration:none;border-radius:6px" href="',
    { kind: "link", link: 0 },
    '">See the programme</a></p><p style="margin:32px 0 0;font-size:13px;color:#5d6a70">Association of Applied Sciences, 1 Example Street, Springfield<br><a style="color:#1c6c6a" href="',
    { kind: "unsubscribe" },
    '">Unsubscribe</a> · <a style="color:#1c6c6a" href="',
    { kind: "preferences" },
    '">Preferences</a></p></div></body></html>',
  ],
  links: [{ url: "https://example.org/programme", label: "See the programme" }],
};

describe.skipIf(!hasBrowser)("the catcher's pages in a browser", () => {
  test.each([
    ["", { viewport: { width: 1280, height: 860 } }],
    ["-phone", { viewport: { width: 390, height: 844 }, colorScheme: "dark" as const }],
  ])("1.6 what Lockstep sent is found, opened and read%s", { timeout: 120_000 }, async (look, options) => {
    const catcher = await startTestCatcher();
    const world = await createWorld({ relay: relayTo(catcher.smtpUrl) });
    await addDomain(world.own.ctx, "example.org");
    await (await createSending(world, many(60), { content, values: { first: "Zoë" } })).deliver();
    const page = await openWindow(catcher.url, world.clock.now(), options);
    const shoot = async (name: string) => {
      if (pictures) await page.screenshot({ path: `${pictures}/${name}${look}.png` });
    };
    await page.goto("/");
    expect(await page.getByRole("row").count()).toBe(51);
    await expectAccessible(page);
    await shoot("caught-mails");
    await page.getByRole("searchbox").fill("person.7@");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("link", { name: "The spring programme, Zoë" }).click();
    const mail = page.frameLocator("iframe");
    await mail.getByRole("heading", { name: "The spring programme" }).waitFor();
    expect(await mail.getByRole("link", { name: "Unsubscribe" }).getAttribute("href")).toMatch(/\/u\/[\w-]{52}$/);
    await expectAccessible(page);
    await shoot("caught-mail");
    for (const view of ["Text part", "Headers", "Source"]) {
      await page.getByRole("link", { name: view, exact: true }).click();
      await page.locator(`[aria-current="page"]:text("${view}")`).waitFor();
      await expectAccessible(page);
    }
    await shoot("caught-mail-source");
  });
});
