import { describe, expect, test } from "vitest";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { createWorld } from "../harness/world.ts";

describe.skipIf(!hasBrowser)("compound groups, in a browser", () => {
  test("3.1 one is composed with its number in sight, looked at, changed, and found in the list", async () => {
    const world = await createWorld();
    const { own } = world;
    await own.listSync();
    const everybody = await own.sync("Everybody");
    await own.sync("Board");
    await own.sync("Nobody");
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("author"));
    await page.goto("/target-groups");
    await page.getByRole("button", { name: "New group" }).click();
    await page.getByRole("menuitem", { name: /Compound group/ }).click();
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Members, not the board");
    const add = async (list: "Include" | "Exclude", name: string) => {
      await page.getByRole("combobox", { name: `Add a group to ${list}` }).fill(name.slice(0, 4));
      await page.getByRole("option", { name: new RegExp(name) }).click();
      await page
        .getByRole("list", { name: `Groups on ${list}` })
        .getByText(name)
        .waitFor();
    };
    await add("Include", "Everybody");
    await page.getByText(`of ${everybody.distinctValid} members`).waitFor();
    await add("Exclude", "Board");
    await page.getByText("Everybody who is in “Everybody”, but not who is in “Board”.").waitFor();
    await page
      .getByRole("row", { name: /Everybody, Board/ })
      .getByText("no")
      .waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Make the group" }).click();
    await page.getByRole("heading", { name: "Members, not the board", level: 1 }).waitFor();
    const size = Number(
      /of ([\d,]+) members/.exec((await page.getByText(/of [\d,]+ members/).textContent()) ?? "")?.[1],
    );
    expect(size).toBeGreaterThan(200);
    await page.getByRole("table", { name: "Members" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("link", { name: "Change it" }).click();
    await page.getByRole("button", { name: "Take Board off" }).click();
    await page.getByText(`of ${everybody.distinctValid} members`).waitFor();
    await page.getByText("In all of").first().click();
    await add("Include", "Nobody");
    await page.getByText("0 sendable").waitFor();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("link", { name: "Change it" }).waitFor();
    await page.goto("/target-groups");
    const row = page.getByRole("row", { name: /Members, not the board/ });
    await row.getByText("computed now").filter({ visible: true }).waitFor();
    await row.getByText("0 / 0").waitFor();
    await expectAccessible(page);
  });

  test("3.1 what can't be is said at the list, and nothing typed is lost; a viewer composes nothing", async () => {
    const world = await createWorld();
    const { own } = world;
    await own.listSync();
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("author"));
    await page.goto("/target-groups/new-compound");
    await page.getByRole("combobox", { name: "Add a group to Include" }).fill("Board");
    await page.getByRole("option", { name: /Board/ }).click();
    await page.getByRole("button", { name: "Make the group" }).click();
    await page.getByRole("textbox", { name: "Name", exact: true }).and(page.locator("[aria-invalid=true]")).waitFor();
    await page.getByRole("list", { name: "Groups on Include" }).getByText("Board").waitFor();
    const viewer = await pages.openAs(await pages.web.person("viewer"));
    await viewer.goto("/target-groups");
    await viewer.getByRole("link", { name: "Board" }).waitFor();
    expect(await viewer.getByRole("button", { name: "New group" }).count()).toBe(0);
  });
});
