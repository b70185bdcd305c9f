import { describe, expect, test } from "vitest";
import { findBridge } from "../../src/domain/bridges/get-bridge.ts";
import { createMailing } from "../../src/domain/mailings/content/create-mailing.ts";
import { findMailing } from "../../src/domain/mailings/content/get-mailing.ts";
import { publishMailing } from "../../src/domain/mailings/publish/publish-mailing.ts";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { addMailing, publishAndGoOn } from "../harness/mailings.ts";
import { createWorld } from "../harness/world.ts";

describe.skipIf(!hasBrowser)("opt-outs in netFORUM Pro, in a browser", () => {
  test("4.1 a mailing is given a category, which the page says leaves nobody out, and its publishing shows it", async () => {
    const world = await createWorld();
    const { own } = world;
    await own.listSync();
    const to = [(await own.group("Board")).id];
    const id = await addMailing(own, { to });
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("author"));
    await page.goto(`/mailings/${id}`);
    await page.getByText("it leaves nobody out").waitFor();
    await page.getByRole("combobox", { name: "Opt-out category" }).click();
    await page.getByRole("option", { name: "Newsletters" }).click();
    await expect.poll(async () => (await findMailing(own.ctx, id)).optOutCategoryId).not.toBeNull();
    await expectAccessible(page);
    own.simulator.state.optOutCategories = [{ key: "jobs", name: "Vacancies" }];
    await own.listSync();
    await page.reload();
    await expect
      .poll(() => page.getByRole("combobox", { name: "Opt-out category" }).inputValue())
      .toBe("Newsletters (missing in netFORUM Pro)");
    const { version } = await findMailing(own.ctx, id);
    const { instance } = await publishMailing(own.ctx, id, { version });
    await page.goto(`/instances/${instance.id}`);
    await page.getByText("Opt-out category: Newsletters").waitFor();
    await expectAccessible(page);
  });

  test("4.1 where the site offers no categories nothing of them is shown", async () => {
    const world = await createWorld({ simulator: { optOutCategories: null } });
    const { own } = world;
    await own.listSync();
    const to = [(await own.group("Board")).id];
    const { id, mailingId } = await publishAndGoOn(own, { to });
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    for (const path of [`/mailings/${mailingId}`, `/instances/${id}`, "/admin/bridge"]) {
      await page.goto(path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.waitForLoadState("networkidle");
      expect(await page.getByText(/opt-out categor/i).count()).toBe(0);
    }
  });

  test("4.1 the preference link is set on the bridge's page, refused with its reason, and put into a footer", async () => {
    const world = await createWorld();
    const { own } = world;
    await own.listSync();
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    await page.goto("/admin/bridge");
    const section = page.getByRole("region", { name: "Opt-outs in netFORUM Pro" });
    await section.getByText("Events and conferences").waitFor();
    const link = section.getByRole("textbox", { name: "Preference link" });
    await link.fill("https://members.example.org/preferences");
    await section.getByRole("button", { name: "Save the preference link" }).click();
    await section.getByText("Holds {customer_key} once: the person's key stands there").waitFor();
    await expectAccessible(page);
    await link.fill("https://members.example.org/preferences?key={customer_key}");
    await section.getByRole("button", { name: "Save the preference link" }).click();
    await section.getByText("Saved", { exact: true }).waitFor();
    // The page's other forms go on from there: nobody else changed anything.
    const guard = page.getByRole("region", { name: "Guard and Nightly Sync" });
    await guard.getByRole("button", { name: "Save guard and night" }).click();
    await guard.getByText("Saved", { exact: true }).waitFor();
    expect((await findBridge(own.ctx))?.settings.preferenceLink).toBe(
      "https://members.example.org/preferences?key={customer_key}",
    );
    const { id } = await createMailing(own.ctx, { name: "With a link" });
    await page.goto(`/mailings/${id}`);
    await page.getByRole("textbox", { name: /^Footer/ }).click();
    await page.getByRole("button", { name: "Add a link to preferences in netFORUM Pro" }).click();
    await page.getByRole("link", { name: "Preferences in netFORUM Pro" }).waitFor();
    await expect
      .poll(async () => (await findMailing(own.ctx, id)).body)
      .toContain('href=\\"{{ ams_preferences_url }}\\"');
    await expectAccessible(page);
  });
});
