import { describe, expect, test } from "vitest";
import { changeMailing } from "../../src/domain/mailings/content/change-mailing.ts";
import { createMailing } from "../../src/domain/mailings/content/create-mailing.ts";
import { listImages } from "../../src/domain/mailings/content/find-images.ts";
import { receiveImage } from "../../src/domain/mailings/content/receive-image.ts";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { tinyImages } from "../harness/tiny-images.ts";
import { createWorld } from "../harness/world.ts";

const inOnePiece = async function* (bytes: Uint8Array) {
  yield bytes;
};

describe.skipIf(!hasBrowser)("the pictures of mailings, in a browser", () => {
  test("4.1 a picture's size and where it is used can be seen; only one that nothing shows can be deleted", async () => {
    const world = await createWorld();
    const { own } = world;
    const logo = await receiveImage(own.ctx, "logo.png", inOnePiece(tinyImages.png));
    await receiveImage(own.ctx, `${"a long name, ".repeat(8)}.gif`, inOnePiece(tinyImages.gif));
    const template = await createMailing(own.ctx, { name: "Monthly newsletter", isTemplate: true });
    const html = `<img src="https://example.org/images/${logo.id}/logo.png" alt="">`;
    await changeMailing(own.ctx, template.id, { bodyKind: "html", body: html });
    const { id } = await createMailing(own.ctx, { name: "Gala" });
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("author"));
    await page.goto(`/mailings/${id}`);
    await page.getByRole("button", { name: "Add: Picture" }).click();
    await page.getByRole("button", { name: "Choose", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Pictures" });
    await dialog.getByRole("button", { name: `logo.png ${logo.width} × ${logo.height} px, 1 kB` }).waitFor();
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "logo.png: details" }).click();
    await dialog.getByRole("list", { name: "Used in" }).getByText("Monthly newsletter").waitFor();
    await dialog.getByText("A picture in use can't be deleted").waitFor();
    expect(await dialog.getByRole("button", { name: "Delete" }).isDisabled()).toBe(true);
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "All pictures" }).click();
    await dialog.getByRole("button", { name: /^a long name.*details$/ }).click();
    await dialog.getByText("No mailing and no template shows it.").waitFor();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await page
      .getByRole("dialog", { name: /^Delete “a long name/ })
      .getByText("Delete it")
      .click();
    await dialog
      .getByRole("button", { name: /^a long name/ })
      .first()
      .waitFor({ state: "detached" });
    await expect.poll(async () => (await listImages(own.ctx, { limit: 10 })).map(({ id }) => id)).toEqual([logo.id]);
    await dialog.getByRole("button", { name: "logo.png: details" }).click();
    await dialog.getByRole("button", { name: "Use this picture" }).click();
    await dialog.waitFor({ state: "detached" });
    // In the block that one chooses for, it is in use before anything is saved.
    await page.getByRole("button", { name: "Choose", exact: true }).click();
    await dialog.getByRole("button", { name: "logo.png: details" }).click();
    expect(await dialog.getByRole("button", { name: "Delete" }).isDisabled()).toBe(true);
  });
});
