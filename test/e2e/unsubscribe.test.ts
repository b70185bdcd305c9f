import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { findSubscriber } from "../../src/domain/subscribers/find-subscribers.ts";
import { must } from "../../src/platform/errors.ts";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { createInstance } from "../harness/mailing.ts";
import { createWorld } from "../harness/world.ts";

const looks = [
  { colorScheme: "light", viewport: { width: 1440, height: 900 } },
  { colorScheme: "dark", viewport: { width: 390, height: 844 } },
] as const;

describe.skipIf(!hasBrowser)("unsubscribing, in a browser", () => {
  test.for(looks)(
    "4.5 a link in a mail opens a page with one button, which works and is undone, $colorScheme",
    async (look) => {
      const world = await createWorld();
      const { own } = world;
      await own.listSync();
      await own.sync("Everybody");
      const instance = await createInstance(own.ctx);
      const { subscriberId } = must(instance.recipients[0], "there is one");
      const standing = async () => (await findSubscriber(own.ctx, subscriberId)).standing;
      const pages = await openPages(world);
      // Without scripts: nothing of it needs any.
      const page = await pages.open(look);
      const open = (link: string) => page.goto(new URL(link).pathname);
      await open(instance.links(1).unsubscribe);
      await page.getByRole("heading", { name: "Unsubscribe?" }).waitFor();
      await expectAccessible(page);
      expect(await standing()).toBe("sendable");
      await page.getByRole("button", { name: "Unsubscribe" }).click();
      await page.getByRole("heading", { name: "You are unsubscribed" }).waitFor();
      await expectAccessible(page);
      expect(await standing()).toBe("unsubscribed");
      await page.getByRole("button", { name: /by mistake/ }).click();
      await page.getByRole("heading", { name: "Nothing has changed" }).waitFor();
      await expectAccessible(page);
      expect(await standing()).toBe("sendable");
      await open(instance.links(1).preferences);
      await page.getByRole("button", { name: "Unsubscribe from all mailings" }).click();
      await page.getByRole("button", { name: "Get mailings again" }).waitFor();
      await expectAccessible(page);
      await page.goto("/u/altered");
      await page.getByRole("heading", { name: "This link isn't valid" }).waitFor();
      await expectAccessible(page);
      const overflow = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
      expect(overflow, "nothing sticks out").toBe(false);
      expect(await page.context().cookies()).toEqual([]);
    },
  );

  test("2.4 an administrator takes a person's no back with a reason, and the history tells it", async () => {
    const world = await createWorld();
    const { own } = world;
    await own.listSync();
    await own.sync("Everybody");
    const [somebody] = await world.query(
      sql<{ id: number }>`select id from subscriber where standing = 'sendable' order by id limit 1`,
    );
    const { id } = must(somebody, "somebody is sendable");
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    await page.goto(`/subscribers/${id}`);
    await page.getByRole("button", { name: "Unsubscribe…" }).click();
    await page.getByRole("dialog", { name: "Unsubscribe this person" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Unsubscribe", exact: true }).click();
    await page.getByText("Unsubscribed here").first().waitFor();
    await page.getByRole("button", { name: "Resubscribe…" }).click();
    await page.getByRole("button", { name: "Resubscribe", exact: true }).click();
    await page.getByText("Is needed: who asked for it, and how").waitFor();
    await page.getByRole("textbox", { name: "How the person agreed" }).fill("asked by phone");
    await page.getByRole("button", { name: "Resubscribe", exact: true }).click();
    await page.getByText("May be written to: nobody said no.").waitFor();
    await page.getByText("asked by phone").first().waitFor();
    await expectAccessible(page);
    const viewer = await pages.openAs(await pages.web.person("viewer"));
    await viewer.goto(`/subscribers/${id}`);
    await viewer.getByText("May be written to: nobody said no.").waitFor();
    expect(await viewer.getByRole("button", { name: "Unsubscribe…" }).count()).toBe(0);
  });

  test("4.5 an administrator sets the postal address, how opens are counted, and how long values are kept", async () => {
    const world = await createWorld();
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    await page.goto("/admin/account");
    await page.getByRole("textbox", { name: "Postal address" }).fill("1 Main Street\nSpringfield");
    await page.getByRole("radio", { name: "Counted together" }).check();
    await page.getByRole("textbox", { name: "Days that personal values are kept" }).fill("60");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Save the settings" }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    const [account] = await world.query(sql`select postal_address, open_tracking, values_kept_days from account`);
    expect(account).toEqual({
      postal_address: "1 Main Street\nSpringfield",
      open_tracking: "aggregate",
      values_kept_days: 60,
    });
  });
});
