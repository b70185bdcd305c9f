import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { changeField } from "../../src/domain/bridges/change-field.ts";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { createWorld } from "../harness/world.ts";

describe.skipIf(!hasBrowser)("syncs and people, in a browser", () => {
  test("1.8 a sync that waits says behind what and when it starts; the link to it is copied by keyboard", async () => {
    const world = await createWorld();
    const { own } = world;
    await own.listSync();
    await own.request("Board");
    const { sync } = await own.request("Everybody");
    const startsAt = world.clock.now().add({ minutes: 4 });
    await world.query(sql`update bridge set failures_in_a_row = 5, probe_at = ${startsAt}`);
    const pages = await openPages(world);
    const person = await pages.web.person("publisher");
    const page = await pages.openAs(person, { permissions: ["clipboard-read", "clipboard-write"] });
    await page.goto(`/syncs/${sync.id}`);
    const line = /tarts at \d?\d:\d\d.*, when netFORUM Pro is tried again after it didn't answer; behind one other\b/;
    await page.getByText(line).filter({ visible: true }).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Copy link" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Copied" }).waitFor();
    await page.getByRole("status").getByText("The link is copied").waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(`${pages.web.url}/syncs/${sync.id}`);
    await page.goto("/syncs");
    await page.getByText(line).filter({ visible: true }).waitFor();
    await page.goto("/target-groups");
    const table = page.getByRole("table", { name: "Target groups" });
    const badge = table.getByRole("row", { name: /Everybody/ }).getByRole("link", { name: "Waiting" });
    await badge.waitFor();
    await expectAccessible(page);
    await badge.focus();
    await page
      .getByRole("tooltip")
      .getByText(/^Starts at/)
      .waitFor();
    const phone = await pages.openAs(person, { viewport: { width: 390, height: 844 }, colorScheme: "dark" });
    await phone.goto("/target-groups");
    await phone
      .getByText(/^Starts at/)
      .filter({ visible: true })
      .first()
      .waitFor();
    await expectAccessible(phone);
    await phone.goto(`/target-groups/${sync.groupId}`);
    await phone.getByText(line).filter({ visible: true }).waitFor();
    await expectAccessible(phone);
    await phone.goto(`/syncs/${sync.id}`);
    await phone.getByText(line).filter({ visible: true }).waitFor();
  });

  test("1.5 a sync says that another of its group comes first and leads to it; when that is held, it leads to the review", async () => {
    const world = await createWorld();
    const { own } = world;
    await own.listSync();
    await own.sync("Everybody");
    const job = own.simulator.state.jobs.find(({ name }) => name === "Everybody");
    for (let index = 0; index < 150; index += 1) job?.without?.add(index);
    const { sync: first } = await own.request("Everybody");
    await own.work(AbortSignal.abort()); // nobody has begun it
    await world.query(sql`update sync set state = 'reading', started_at = requested_at where id = ${first.id}`);
    const { sync } = await own.request("Everybody", { trigger: "publish" });
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"));
    await page.goto(`/syncs/${sync.id}`);
    await page.getByText("It waits until another sync of this group has ended.").waitFor();
    await expectAccessible(page);
    await page.getByRole("link", { name: "Look at the other sync" }).click();
    await page.getByText("It reads Everybody from netFORUM Pro.").waitFor();
    await page.goto(`/target-groups/${sync.groupId}`);
    await page.getByText("Waits until another sync of this group has ended. Then it begins by itself.").waitFor();
    await page.getByRole("link", { name: "details" }).first().click();
    await own.workAll();
    await page.getByText("Review the held one first.").waitFor();
    await expectAccessible(page);
    await page.getByRole("link", { name: "Go to the group" }).click();
    await page.getByRole("link", { name: "Review who would come and go" }).click();
    await page.getByRole("button", { name: "Discard" }).waitFor();
  });

  test("1.8 every sync can be looked back at: found by filters in the address, with who came and its story", async () => {
    const world = await createWorld();
    const { own } = world;
    await own.listSync();
    await own.sync("Everybody");
    own.strike("html");
    await own.sync("Board");
    own.heal();
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("publisher"));
    await page.goto("/syncs");
    const table = page.getByRole("table", { name: "Syncs" });
    await table.getByRole("link", { name: "Everybody" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("combobox", { name: "Outcome" }).click();
    await page.getByRole("option", { name: "Failed" }).click();
    await table.getByRole("link", { name: "Everybody" }).waitFor({ state: "detached" });
    expect(new URL(page.url()).searchParams.get("state")).toBe("failed");
    await table.getByRole("link", { name: "Board" }).click();
    await page.getByText("It failed; nothing was changed").waitFor();
    await page.getByText("The group still shows what its last good sync read.").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Run again" }).click();
    await page.getByText("It waits for its turn.").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText(/Cancelled by .* Nothing was changed/).waitFor();
    await page.goto("/syncs?state=succeeded&kind=subscriber");
    await table.getByRole("link", { name: "Everybody" }).click();
    await page.getByRole("tab", { name: "Added (288)" }).waitFor();
    const came = page.getByRole("table", { name: "Who was added" }).getByRole("row");
    await expect.poll(() => came.count()).toBe(51);
    await page.getByRole("button", { name: "Next page" }).click();
    await expect.poll(() => new URL(page.url()).searchParams.has("cursor")).toBe(true);
    await page.getByRole("tab", { name: /^Set aside/ }).click();
    await page.getByRole("table", { name: "Set aside, by reason" }).waitFor();
    await page.getByRole("table", { name: "Records that can't be used" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("tab", { name: "Log" }).click();
    await page.getByText("Waiting", { exact: true }).waitFor();
    await expectAccessible(page);
    await page.goto("/syncs?kind=list&state=failed");
    await page.getByText("No sync is like that").waitFor();
    await expectAccessible(page);
  });

  test("somebody is found by name from every page, and their page says groups, since when and by which sync", async () => {
    const world = await createWorld();
    const { own } = world;
    await own.listSync();
    await changeField(own.ctx, "ind_first_name", { isKept: true, displayName: "First name" });
    own.changePerson(0, { ind_first_name: "Xaviëra 🎉 שלום" });
    await own.sync("Everybody");
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("viewer"));
    await page.goto("/syncs");
    await page.getByRole("heading", { name: "Syncs" }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("xavi");
    await page.keyboard.press("Enter");
    const table = page.getByRole("table", { name: "Subscribers" });
    await table.getByText("Xaviëra 🎉 שלום").filter({ visible: true }).waitFor();
    expect(await table.getByRole("row").count()).toBe(2);
    await expectAccessible(page);
    await table.getByRole("link").first().click();
    await page.getByRole("heading", { name: "Target groups" }).waitFor();
    await page.getByText("First name").waitFor();
    await page.getByText("Came into").waitFor();
    await expectAccessible(page);
    await page.goto(`/target-groups/${(await own.group("Everybody")).id}?search=xavi`);
    await page.getByRole("table", { name: "Members" }).getByText("Xaviëra 🎉 שלום").filter({ visible: true }).waitFor();
    await page.route("**/api/v1/subscribers/*", (route) => route.fulfill({ status: 500, json: { title: "Broken" } }));
    await page.goto("/subscribers/1");
    await page.getByRole("heading", { name: "Subscriber", level: 1 }).waitFor();
    await page.getByRole("button", { name: "Try again" }).waitFor();
    await expectAccessible(page);
    await page.goto("/subscribers?search=nobody-is-called-so");
    await page.getByText("Nobody matches “nobody-is-called-so”").waitFor();
    await expectAccessible(page);
  });

  test("the pages go along at 390 px, in the dark, and by keyboard alone", async () => {
    const world = await createWorld();
    const { own } = world;
    await own.listSync();
    await own.sync("Everybody");
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("administrator"), {
      viewport: { width: 390, height: 844 },
      colorScheme: "dark",
    });
    const { id } = await own.group("Everybody");
    for (const path of ["/", "/target-groups", `/target-groups/${id}`, "/syncs", "/subscribers", "/admin/bridge"]) {
      await page.goto(path);
      await page.locator("main h1").waitFor();
      await page.waitForLoadState("networkidle").catch(() => {});
      expect(await page.evaluate("document.documentElement.scrollWidth"), path).toBeLessThanOrEqual(390);
      await expectAccessible(page);
    }
    await page.goto("/");
    await page.locator("main h1").waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("t");
    await page.getByRole("heading", { name: "Target Groups", level: 1 }).waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await expectAccessible(page);
  });
});
