import type { Page } from "playwright-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { newId } from "../../src/platform/ids.ts";
import { WebhookLane } from "../../src/worker/webhook-lane.ts";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { startReceiver } from "../harness/receiver.ts";
import { createWorld, type World } from "../harness/world.ts";

const phone = { viewport: { width: 390, height: 844 } };
/** Where pictures of the pages go, if anywhere. */
const pictures = process.env.LOCKSTEP_TEST_SHOTS;

async function shoot(page: Page, name: string): Promise<void> {
  if (pictures) await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
}

/** The page is no wider than its window. */
async function expectFits(page: Page): Promise<void> {
  expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
}

async function startLane({ ctx }: World): Promise<() => Promise<void>> {
  const processId = newId();
  const liveness = await ctx.db.holdLiveness();
  await liveness.hold(processId);
  onTestFinished(() => liveness[Symbol.asyncDispose]());
  const lane = new WebhookLane(ctx, { processId, signal: new AbortController().signal });
  return async () => {
    await lane.look();
    await lane.settle();
  };
}

describe.skipIf(!hasBrowser)("webhooks and notices, in a browser", () => {
  test("an administrator adds a webhook, sees its secret once, sends a test, looks at the answer and sends it again", async () => {
    const world = await createWorld();
    const deliver = await startLane(world);
    const receiver = await startReceiver();
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    await page.goto("/admin/webhooks");
    await page.getByText("No webhooks").waitFor();
    await expectAccessible(page);
    await shoot(page, "webhooks-empty");
    await page.getByRole("button", { name: "Add a webhook" }).click();
    await page.getByRole("textbox", { name: "Address", exact: true }).fill("not an address");
    await page.getByRole("checkbox", { name: "A sync failed" }).check();
    await page.getByRole("button", { name: "Add it" }).click();
    await page.getByText(/it is no web address/i).waitFor();
    await expectAccessible(page);
    await shoot(page, "webhook-form");
    await page.getByRole("textbox", { name: "Address", exact: true }).fill(receiver.url);
    await page.getByRole("button", { name: "Add it" }).click();
    const secret = (await page.getByText(/^whsec_/).textContent()) ?? "";
    await expectAccessible(page);
    await shoot(page, "webhook-secret");
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByRole("link", { name: receiver.url }).click();
    await page.getByText("Nothing was sent yet").waitFor();
    expect(await page.getByText(secret).count()).toBe(0);
    await expectAccessible(page);
    await shoot(page, "webhook-new");
    receiver.answer = (response) => response.writeHead(500).end("<h1>We are closed</h1>".repeat(20));
    await page.getByRole("button", { name: "Send a test" }).click();
    await page.getByRole("button", { name: "Test", exact: true }).waitFor();
    await deliver();
    await page.getByRole("button", { name: "Look again" }).click();
    await page.getByText("Tried again").waitFor();
    await page.getByText("The last call failed").waitFor();
    receiver.answer = (response) => response.writeHead(200).end("thank you");
    world.clock.advance({ minutes: 1 });
    await deliver();
    await page.getByRole("button", { name: "Look again" }).click();
    await page.getByRole("table", { name: "What was sent" }).getByText("Delivered").waitFor();
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await page.getByText("thank you").waitFor();
    await page.getByText("status 500").waitFor();
    await expectAccessible(page);
    await shoot(page, "webhook-event");
    await page.getByRole("button", { name: "Send it again" }).click();
    await page.getByText("It is sent again").waitFor();
    await page.keyboard.press("Escape");
    await deliver();
    expect(receiver.received).toHaveLength(3);
    expect(new Set(receiver.received.map(({ event }) => event.id)).size).toBe(1);
    await page.getByRole("button", { name: "Switch off" }).click();
    await page.getByRole("button", { name: "Switch on" }).waitFor();
    expect(await page.getByRole("button", { name: "Send a test" }).count()).toBe(0);
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Delete it with its log" }).click();
    await page.getByText("No webhooks").waitFor();
  });

  test("webhooks on a phone: long addresses fit, one that was switched off says why; others than administrators see none", async () => {
    const world = await createWorld();
    const deliver = await startLane(world);
    const receiver = await startReceiver();
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"), phone);
    await page.goto("/admin/webhooks");
    const address = `${receiver.url}/${"a-very-long-path-without-an-end/".repeat(6)}`;
    await page.getByRole("button", { name: "Add a webhook" }).click();
    await page.getByRole("textbox", { name: "Address", exact: true }).fill(address);
    for (const name of ["A sync failed", "A sync is held", "People unsubscribed", "A mailing is on hold"])
      await page.getByRole("checkbox", { name }).check();
    await expectFits(page);
    await shoot(page, "webhook-form-phone");
    await page.getByRole("button", { name: "Add it" }).click();
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByRole("link", { name: address }).waitFor();
    await expectFits(page);
    await expectAccessible(page);
    await shoot(page, "webhooks-phone");
    await page.getByRole("link", { name: address }).click();
    receiver.answer = (response) => response.writeHead(410).end();
    await page.getByRole("button", { name: "Send a test" }).click();
    await page.getByRole("button", { name: "Test", exact: true }).waitFor();
    await deliver();
    await page.reload();
    await page.getByText("Lockstep switched this webhook off").waitFor();
    await expectFits(page);
    await expectAccessible(page);
    await shoot(page, "webhook-phone");
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await page.getByText("status 410").last().waitFor();
    await expectAccessible(page);
    await shoot(page, "webhook-event-phone");
    const viewer = await pages.openAs(await pages.web.person("viewer"));
    await viewer.goto("/admin/webhooks");
    await viewer.getByRole("heading", { name: "Your role may not use this page" }).waitFor();
    expect(await viewer.getByRole("button", { name: "Add a webhook" }).count()).toBe(0);
    expect(await viewer.getByRole("link", { name: "Webhooks" }).count()).toBe(0);
    await expectAccessible(viewer);
    await shoot(viewer, "webhooks-error");
  });

  test("a user chooses what they are told, by keyboard too; an administrator chooses for others; staff are told why not", async () => {
    const world = await createWorld();
    const pages = await openPages(world);
    const viewer = await pages.web.person("viewer");
    const page = await pages.openAs(viewer);
    await page.goto("/me/notices");
    await page.getByText("This installation sends no mail").waitFor();
    await expectAccessible(page);
    const choice = page.getByRole("combobox", { name: "A sync failed" });
    expect(await choice.inputValue()).toBe("Not at all");
    await choice.focus();
    await page.keyboard.press("ArrowDown");
    // The list marks what is chosen a moment after it opens: an arrow that comes earlier goes from nowhere.
    await page.locator("[data-combobox-selected]").getByText("Not at all").waitFor();
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await expect.poll(() => choice.inputValue()).not.toBe("Not at all");
    const chosen = await choice.inputValue();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    await page.reload();
    expect(await page.getByRole("combobox", { name: "A sync failed" }).inputValue()).toBe(chosen);
    await shoot(page, "notices");
    const admin = await pages.openAs(await pages.web.person("administrator"), phone);
    await admin.goto("/admin/users");
    await admin.getByRole("button", { name: `${viewer.user.name}: menu` }).click();
    await admin.getByRole("menuitem", { name: "Choose their notices" }).click();
    await admin.getByRole("heading", { name: `Notices of ${viewer.user.name}` }).waitFor();
    expect(await admin.getByRole("combobox", { name: "A sync failed" }).inputValue()).toBe(chosen);
    await admin.getByRole("combobox", { name: "A mailing was sent" }).click();
    await admin.getByRole("option", { name: "In the daily digest" }).click();
    await admin.getByRole("button", { name: "Save" }).click();
    await admin.getByText("Saved", { exact: true }).waitFor();
    await expectFits(admin);
    await expectAccessible(admin);
    await shoot(admin, "notices-phone");
    await page.reload();
    expect(await page.getByRole("combobox", { name: "A mailing was sent" }).inputValue()).toBe("In the daily digest");
    const staff = await pages.openAs(await pages.web.person(null));
    await staff.goto("/me/notices");
    await staff.getByText("Staff get no notices").waitFor();
    await expectAccessible(staff);
  });
});
