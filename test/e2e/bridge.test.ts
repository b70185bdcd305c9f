import { describe, expect, onTestFinished, test } from "vitest";
import { startSimulator } from "../../simulator/simulator.ts";
import { createAccount } from "../../src/domain/accounts/create-account.ts";
import { configureBridge } from "../../src/domain/bridges/configure-bridge.ts";
import { findBridge } from "../../src/domain/bridges/get-bridge.ts";
import { inAccount } from "../../src/domain/context.ts";
import { startNightly } from "../../src/domain/syncs/nightly.ts";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { createWorld } from "../harness/world.ts";

describe.skipIf(!hasBrowser)("the bridge, in a browser", () => {
  test("an empty account is led from Home through connect and test to its first list", async () => {
    const world = await createWorld();
    const account = await createAccount(world.ctx, "A very new association", "Europe/Berlin", "test");
    const ctx = inAccount(world.ctx, account.id, "test");
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator", ctx.accountId));
    await page.goto("/");
    await page.getByRole("link", { name: "Connect netFORUM Pro" }).click();
    await page.getByRole("heading", { name: "Bridge Configuration" }).waitFor();
    await expectAccessible(page);
    await page.getByLabel("Address of xWeb").fill("not an address");
    await page.getByLabel("User name").fill("lockstep");
    await page.getByLabel("Password").first().fill("not the one");
    await page.getByRole("button", { name: "Connect" }).click();
    await page.locator("[aria-invalid=true]").first().waitFor();
    await expectAccessible(page);
    expect(await page.getByLabel("User name").inputValue()).toBe("lockstep");
    await page.getByLabel("Address of xWeb").fill(world.own.simulator.url);
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByRole("button", { name: "Test connection" }).click();
    await page.getByText("The connection does not work yet.").waitFor();
    await expectAccessible(page);
    await page.getByLabel("Password").first().fill("demo");
    await page.getByRole("button", { name: "Save the connection" }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Test connection" }).click();
    await page.getByText("The connection works.").waitFor();
    await page.getByRole("button", { name: "Refresh Target Group List" }).click();
    await page.getByText("Waits for its turn").waitFor();
  });

  test("an empty account tries it with sample data, from Home to people in a group", async () => {
    const sample = await startSimulator({ members: 300, jobs: [{ name: "Everybody", size: 300 }] });
    onTestFinished(() => sample.close());
    const world = await createWorld({ connector: { sampleUrl: sample.url } });
    const account = await createAccount(world.ctx, "A curious association", "Europe/Berlin", "test");
    const ctx = inAccount(world.ctx, account.id, "test");
    const pages = await openPages(world);
    const viewer = await pages.openAs(await pages.web.person("viewer", ctx.accountId));
    await viewer.goto("/");
    await viewer.getByText("An administrator of your account does this.").waitFor();
    expect(await viewer.getByRole("button", { name: "Try it with sample data" }).count()).toBe(0);
    const page = await pages.openAs(await pages.web.person("administrator", ctx.accountId));
    await page.goto("/");
    await page.getByRole("button", { name: "Try it with sample data" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Try it with sample data" }).click();
    await page.getByRole("button", { name: "Test connection" }).click();
    await page.getByText("The connection works.").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Refresh Target Group List" }).click();
    await expect.poll(async () => (await findBridge(ctx))?.baseUrl).toBe(sample.url);
  });

  test("Home says under Requires attention what keeps groups from being refreshed, with the way out, from the first steps on", async () => {
    const world = await createWorld();
    const { own } = world;
    own.strike("html");
    await own.listSync();
    own.heal();
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    const attention = page.getByRole("region", { name: "Requires attention" });
    await page.goto("/");
    await attention.getByText("Target group list").waitFor();
    await page.getByRole("heading", { name: "Your first target group" }).waitFor();
    await expectAccessible(page);
    await own.listSync();
    await own.sync("Everybody");
    await page.getByText("Nothing requires attention").waitFor();
    await configureBridge(own.ctx, { password: "not the one" });
    await own.listSync();
    await attention.getByText("No target group can be refreshed until it is corrected").waitFor();
    await expectAccessible(page);
    await attention.getByRole("link", { name: "Enter new credentials" }).click();
    await page.getByRole("heading", { name: "Bridge Configuration" }).waitFor();
  });

  test("two administrators: the second is told, and nothing typed is lost", async () => {
    const world = await createWorld();
    await world.own.listSync();
    const pages = await openPages(world);
    const [first, second] = [
      await pages.openAs(await pages.web.person("administrator")),
      await pages.openAs(await pages.web.person("administrator")),
    ];
    for (const page of [first, second]) {
      await page.goto("/admin/bridge");
      await page.getByLabel("Hold when more than this share would go").waitFor();
    }
    await first.getByLabel("Hold when more than this share would go").fill("20");
    await first.getByRole("button", { name: "Save guard and night" }).click();
    await expect.poll(async () => (await world.own.bridge()).settings.guardPercent).toBe(20);
    await second.getByLabel("Hold when more than this share would go").fill("40");
    await second.getByRole("button", { name: "Save guard and night" }).click();
    await second.getByRole("alert").waitFor();
    expect(await second.getByLabel("Hold when more than this share would go").inputValue()).toBe("40%");
    expect((await world.own.bridge()).settings.guardPercent).toBe(20);
    await expectAccessible(second);
  });

  test("two administrators at one field, one mapping and one group's guard: the second is told each time", async () => {
    const world = await createWorld();
    const { own } = world;
    await own.listSync();
    const { id } = await own.group("Board");
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    const other = await pages.web.signIn(await pages.web.person("administrator"));
    const isTold = async (label: string, typed: string) => {
      await page.getByRole("alert").getByText("Somebody else changed").waitFor();
      expect(await page.getByLabel(label).inputValue()).toBe(typed);
      await page.getByRole("button", { name: "Load the newer settings" }).click();
    };
    await page.goto("/admin/bridge");
    await page.getByRole("button", { name: "Change ind_first_name" }).click();
    await page.getByLabel("Comment").fill("Half typed");
    await other.send("PATCH", "/api/v1/personalization-fields/ind_first_name", { comment: "Theirs" });
    await page.getByRole("button", { name: "Save the field" }).click();
    await isTold("Comment", "Half typed");
    await expect.poll(() => page.getByLabel("Comment").inputValue()).toBe("Theirs");
    await page.getByLabel("Comment").fill("Ours, on top");
    await page.getByRole("button", { name: "Save the field" }).click();
    await page.getByRole("cell", { name: "Ours, on top" }).waitFor();
    await page.getByRole("button", { name: "Operation mapping" }).click();
    const mapping = `${await page.getByLabel("Mapping (the default)").inputValue()}\n`;
    await page.getByLabel("Mapping (the default)").fill(mapping);
    await other.send("PUT", "/api/v1/bridge", { guardPercent: 20 });
    await page.getByRole("button", { name: "Save the mapping" }).click();
    await isTold("Mapping (the default)", mapping);
    await page.goto(`/target-groups/${id}?tab=settings`);
    await page.getByLabel("Hold when more than this share would go").fill("10");
    await other.send("PUT", `/api/v1/target-groups/${id}/guard`, { percent: 25, minimum: null, absolute: null });
    await page.getByRole("button", { name: "Save the guard" }).click();
    await isTold("Hold when more than this share would go", "10%");
    await expect.poll(() => page.getByLabel("Hold when more than this share would go").inputValue()).toBe("25%");
  });

  test("2.5 a field is kept by its dialog; a viewer sees the page and can change nothing", async () => {
    const world = await createWorld();
    await world.own.listSync();
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    await page.goto("/admin/bridge");
    await page.getByRole("button", { name: "Change ind_first_name" }).click();
    await page.getByLabel("Display name").fill("First name");
    await page.getByLabel("Keep its values here").check();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Save the field" }).click();
    await page.getByRole("cell", { name: "kept here" }).waitFor();
    const viewer = await pages.openAs(await pages.web.person("viewer"));
    await viewer.goto("/admin/bridge");
    await viewer.getByLabel("User name").waitFor();
    expect(await viewer.getByLabel("User name").isDisabled()).toBe(true);
    expect(await viewer.getByRole("button", { name: /Save|Test|Change/ }).count()).toBe(0);
    await expectAccessible(viewer);
  });

  test("1.3 nightly: run now, watched to its end, with a reason for each group; Home says how it went", async () => {
    const world = await createWorld();
    const { own } = world;
    await own.listSync();
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    await page.goto("/admin/nightly");
    await page.getByText("No night so far").waitFor();
    await expectAccessible(page);
    await page.getByRole("link", { name: "Which groups it would take, and why" }).click();
    await page.getByRole("cell", { name: "created in the past 7 days" }).first().waitFor();
    await expectAccessible(page);
    await page.goto("/admin/nightly");
    await page.getByRole("button", { name: "Run it now" }).click();
    await page.getByText("Reading the list").waitFor();
    expect(await startNightly(own.ctx)).toBeDefined();
    await page.getByRole("link", { name: "Mar 4, 2030" }).first().click();
    await page.getByRole("heading", { name: "Night of Mar 4, 2030" }).waitFor();
    await expectAccessible(page);
    await page.goto("/");
    await page.getByRole("heading", { name: "Your first target group" }).waitFor();
    await own.sync("Everybody");
    await page.goto("/");
    await page.getByRole("heading", { name: "Requires attention" }).waitFor();
    await page.getByRole("heading", { name: "Last Nightly Sync" }).waitFor();
    await expectAccessible(page);
  });
});
