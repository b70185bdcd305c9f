import { describe, expect, test } from "vitest";
import { expectAccessible, hasBrowser, openWindow } from "../harness/browser.ts";
import { relayTo, startTestCatcher } from "../harness/relay.ts";
import { createSending, many, plainContent } from "../harness/sending.ts";
import { createWorld } from "../harness/world.ts";

const pictures = process.env.LOCKSTEP_TEST_PICTURES;

describe.skipIf(!hasBrowser)("the catcher's pages in a browser", () => {
  test.each([
    ["wide", { viewport: { width: 1440, height: 900 } }],
    ["phone-dark", { viewport: { width: 390, height: 844 }, colorScheme: "dark" as const }],
  ])("1.6 what Lockstep sent is found, opened and read (%s)", { timeout: 120_000 }, async (name, options) => {
    const catcher = await startTestCatcher();
    const world = await createWorld({ relay: relayTo(catcher.smtpUrl) });
    const { html, ...rest } = plainContent;
    const content = {
      ...rest,
      html: [
        "<h1>The spring programme</h1>",
        ...html,
        '<p><a href="',
        { kind: "unsubscribe" as const },
        '">Unsubscribe</a></p>',
      ],
    };
    await (await createSending(world, many(60), { content, values: { first: "Zoë" } })).deliver();
    const page = await openWindow(catcher.url, world.clock.now(), options);
    await page.goto("/");
    await expect.poll(() => page.getByRole("row").count()).toBe(51);
    await expectAccessible(page);
    if (pictures) await page.screenshot({ path: `${pictures}/catcher-list-${name}.png` });
    await page.getByRole("searchbox").fill("person.7@");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("link", { name: "News for Zoë" }).click();
    const mail = page.frameLocator("iframe");
    await mail.getByRole("heading", { name: "The spring programme" }).waitFor();
    expect(await mail.getByRole("link", { name: "Unsubscribe" }).getAttribute("href")).toMatch(/\/u\/[\w-]{52}$/);
    await expectAccessible(page);
    if (pictures) await page.screenshot({ path: `${pictures}/catcher-mail-${name}.png` });
    for (const view of ["Text part", "Headers", "Source"]) {
      await page.getByRole("link", { name: view, exact: true }).click();
      await page.locator(`[aria-current="page"]:text("${view}")`).waitFor();
      await expectAccessible(page);
    }
    if (pictures) await page.screenshot({ path: `${pictures}/catcher-source-${name}.png` });
  });
});
