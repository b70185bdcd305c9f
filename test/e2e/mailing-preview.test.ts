import { describe, expect, test } from "vitest";
import { changeMailing } from "../../src/domain/mailings/content/change-mailing.ts";
import { createMailing } from "../../src/domain/mailings/content/create-mailing.ts";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { createWorld } from "../harness/world.ts";

describe.skipIf(!hasBrowser)("the preview of a mailing, in a browser", () => {
  test("4.1 what stands for a missing value is marked where it stands and told beside it, until the marks are off", async () => {
    const world = await createWorld();
    const { own } = world;
    const { id } = await createMailing(own.ctx, { name: "Gala" });
    await changeMailing(own.ctx, id, {
      subject: 'Hello {{ remote_id | default: "reader" }}',
      bodyKind: "html",
      body: "<p>Dear {{ remote_id }},</p>",
    });
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("viewer"));
    await page.goto(`/mailings/${id}`);
    await page.getByRole("button", { name: "Preview" }).click();
    const preview = page.getByRole("dialog", { name: "Preview" });
    const frame = preview.frameLocator("iframe");
    await preview.locator("mark").filter({ hasText: "reader" }).waitFor();
    await frame.locator("mark").filter({ hasText: "[Remote ID: nothing]" }).waitFor();
    await preview.getByText("“reader” stands there, the default in this mailing. In the subject.").waitFor();
    await preview.getByText("nothing stands there, and there is no default. In the body and the text part.").waitFor();
    await expectAccessible(page);
    await preview.getByRole("switch", { name: "Mark missing values" }).press("Space");
    await preview.locator("mark").waitFor({ state: "detached" });
    await preview.getByText("Hello reader", { exact: true }).waitFor();
    await frame.getByText("Dear ,").waitFor();
    expect(await frame.locator("mark").count()).toBe(0);
    await preview.getByText("Text", { exact: true }).click();
    await preview.getByRole("switch", { name: "Mark missing values" }).press("Space");
    await preview.locator("mark").filter({ hasText: "[Remote ID: nothing]" }).waitFor();
  });
});
