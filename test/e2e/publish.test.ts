import { sql } from "kysely";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { findInstance } from "../../src/domain/mailings/publish/find-instances.ts";
import { goOnWithInstance } from "../../src/domain/mailings/publish/go-on.ts";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { addMailing, goOn, publishAndGoOn } from "../harness/mailings.ts";
import { createWorld, type World } from "../harness/world.ts";

/** Where pictures for looking at go; nowhere without it. */
const folder = process.env.LOCKSTEP_LOOK;
async function look(page: Page, name: string): Promise<void> {
  if (!folder) return;
  for (const [suffix, width, scheme] of [
    ["", 1440, "light"],
    ["-dark", 1440, "dark"],
    ["-phone", 390, "light"],
  ] as const) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: scheme });
    await page.screenshot({ path: `${folder}/${name}${suffix}.png`, fullPage: true });
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
}

async function openIn(world: World, role: "publisher" | "author" = "publisher", options = {}) {
  const pages = await openPages(world);
  return pages.openAs(await pages.web.person(role), options);
}

const idIn = (page: Page) => page.url().split("/").at(-1)?.split("?")[0] as never;

describe.skipIf(!hasBrowser)("publishing, in a browser", () => {
  test("4.2 a mailing is published with its number in sight, watched step by step, and undone in the last minute", {
    timeout: 120_000,
  }, async () => {
    const world = await createWorld();
    const { own } = world;
    await own.listSync();
    await own.sync("Everybody");
    await own.sync("Board");
    const { id: everybody } = await own.group("Everybody");
    const { id: board } = await own.group("Board");
    const mailing = await addMailing(own, { to: [everybody], notTo: [board], name: "Spring news" });
    const page = await openIn(world);
    await page.goto(`/mailings/${mailing}/publish`);
    await page.getByRole("heading", { name: "Publish: Spring news" }).waitFor();
    await page.getByText("In a group not to send to").waitFor();
    await expectAccessible(page);
    await look(page, "publish");
    await page.getByRole("button", { name: /Publish to 2\d\d people/ }).click();
    await page.getByRole("heading", { name: "Spring news", level: 1, exact: true }).waitFor();
    const id = idIn(page);
    await goOnWithInstance(own.ctx, id);
    await page.getByRole("list").getByText("Waits for its turn").first().waitFor();
    await expectAccessible(page);
    await look(page, "syncing");
    await page.goto("/");
    await page.getByText("syncing groups").waitFor();
    await page.goto(`/instances/${id}`);
    await goOn(own, id);
    await page.getByText(/Sending starts in \d+ s/).waitFor();
    await expectAccessible(page);
    await look(page, "countdown");
    await page.getByRole("tab", { name: /Left out/ }).click();
    await page.getByRole("table", { name: "Left out" }).waitFor();
    await look(page, "left-out");
    await page.getByRole("button", { name: "Undo: send nothing" }).click();
    await page.getByText("Cancelled", { exact: true }).first().waitFor();
    await expectAccessible(page);
    expect((await findInstance(own.ctx, id)).instance).toMatchObject({ state: "cancelled" });
    await goOn(own, id);
    expect(await world.jobs("deliver-mailing")).toEqual([]);
  });

  test("4.3 what is on hold stands on Home with what to do, and goes to the last good audience by an explicit choice", async () => {
    const world = await createWorld();
    const { own, clock } = world;
    await own.listSync();
    await own.sync("Board");
    own.strike("fault", { operation: "GetQuery" });
    let instance = await publishAndGoOn(own, { to: [(await own.group("Board")).id], name: "To the board" });
    const page = await openIn(world);
    await page.goto(`/instances/${instance.id}`);
    await page.getByText("What failed is tried again").waitFor();
    await look(page, "retry");
    for (let turn = 0; turn < 2; turn += 1) {
      clock.set(instance.retryAt ?? "");
      instance = await goOn(own, instance.id);
    }
    await page.goto("/");
    await page.getByRole("link", { name: "Decide about the mailing" }).click();
    await page.getByText("On hold: a group could not be brought in step").waitFor();
    await page.getByText("The last good audience:").waitFor();
    await expectAccessible(page);
    await look(page, "hold");
    await page.getByRole("button", { name: "Send to the last good audience" }).click();
    await page.getByText("Building audience", { exact: true }).first().waitFor();
    await goOn(own, instance.id);
    clock.advance({ seconds: 61 });
    await goOn(own, instance.id);
    await own.ctx.db.transaction(own.ctx.accountId, (tx) =>
      sql`update recipient set state = 'sent', sent_at = ${clock.now()}, tries = 1 where place <= 20`.execute(tx),
    );
    await page
      .getByText(/20 of 59/)
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Go on" }).waitFor();
    await page.getByRole("combobox", { name: "State" }).click();
    await page.getByRole("option", { name: /Sent \(20\)/ }).click();
    await page.waitForURL(/state=sent/);
    await expectAccessible(page);
    await look(page, "sending");
  });

  test("1.5 a growth is asked about with both numbers, above 10,000 the number is typed, and a time by the account's clock is chosen", async () => {
    const world = await createWorld({
      timeZone: "Europe/Berlin",
      simulator: { members: 14_000, jobs: [{ name: "Everybody", size: 4000 }] },
    });
    const { own, clock } = world;
    await own.listSync();
    await own.sync("Everybody");
    clock.advance({ hours: 1 });
    const [job] = own.simulator.state.jobs;
    if (job) job.size = 13_000;
    await own.sync("Everybody");
    clock.advance({ hours: 1 });
    // The middle of two reads is the smaller.
    const mailing = await addMailing(own, { to: [(await own.group("Everybody")).id], name: "Grown" });
    const page = await openIn(world);
    await page.goto(`/mailings/${mailing}/publish`);
    await page.getByText("The audience has grown").waitFor();
    const button = page.getByRole("button", { name: /Publish to 1\d,\d{3} people/ });
    expect(await button.isDisabled()).toBe(true);
    await page.getByRole("checkbox", { name: /Yes, it shall go to/ }).check();
    expect(await button.isDisabled()).toBe(true);
    const number = /([\d,]+)/.exec((await button.textContent()) ?? "")?.[1] ?? "";
    await page.getByRole("textbox", { name: /Type the number/ }).fill(number);
    await page.getByRole("radio", { name: "At a time" }).check();
    await look(page, "growth");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Time", exact: false }).first().click();
    await page.getByRole("button", { name: /20 March 2030/ }).click();
    await page.keyboard.press("Escape");
    await page.getByText(/Begins .*in 2 weeks|Begins/).waitFor();
    await look(page, "schedule");
    await page.getByRole("button", { name: /Schedule for/ }).click();
    await page.getByRole("heading", { name: "Grown", level: 1, exact: true }).waitFor();
    await page.getByText("Scheduled", { exact: true }).first().waitFor();
    await look(page, "scheduled");
  });

  test("4.2 an author sees the checklist and the numbers, but no button", async () => {
    const world = await createWorld();
    const { own } = world;
    await own.listSync();
    const mailing = await addMailing(own, { to: [(await own.group("Board")).id], subject: "" });
    const page = await openIn(world, "author");
    await page.goto(`/mailings/${mailing}/publish`);
    await page.getByText("A publisher sends it").waitFor();
    await page.getByText("It can't go out before what is marked red is mended.").waitFor();
    expect(await page.getByRole("button", { name: /Publish to/ }).count()).toBe(0);
    await expectAccessible(page);
  });
});
