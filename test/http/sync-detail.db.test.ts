import { request } from "undici";
import { expect, test } from "vitest";
import { createApiKey } from "../../src/domain/accounts/api-keys.ts";
import { roles } from "../../src/domain/accounts/permissions.rules.ts";
import { type Browser, openWeb } from "../harness/web.ts";
import { createWorld } from "../harness/world.ts";

test("1.2 what the AMS said word by word is shown to administrators and staff alone; the sentence to everybody", async () => {
  const world = await createWorld({ connector: { retries: 0 } });
  const { own } = world;
  await own.listSync();
  own.strike("html", { operation: "GetQuery" });
  const failed = await own.sync("Board");
  own.heal();
  expect(failed.errorDetail).toContain("Down for maintenance");
  const web = await openWeb(world);
  const shownTo = async (browser: Browser) => {
    const paths = [`/syncs/${failed.id}`, "/syncs"];
    const bodies = await Promise.all(paths.map((path) => browser.get(`/api/v1${path}`)));
    bodies.push(await browser.stream(`/api/v1/syncs/${failed.id}/events`));
    const texts = bodies.map(
      ({ status, body }) => `${status} ${typeof body === "string" ? body : JSON.stringify(body)}`,
    );
    for (const text of texts) expect(text).toMatch(/^200.*Something answered in netFORUM Pro's place/s);
    return new Set(texts.map((text) => text.includes("Down for maintenance")));
  };
  for (const role of roles) {
    const browser = await web.signIn(await web.person(role));
    expect(await shownTo(browser), role).toEqual(new Set([role === "administrator"]));
    const { token } = await createApiKey(own.ctx, "program", role);
    const answer = await request(`${web.url}/api/v1/syncs`, { headers: { authorization: `Bearer ${token}` } });
    expect((await answer.body.text()).includes("Down for maintenance"), role).toBe(role === "administrator");
  }
  const staff = await web.signIn(await web.person(null));
  await staff.post(`/api/v1/accounts/${own.ctx.accountId}/enter`);
  expect(await shownTo(staff)).toEqual(new Set([true]));
});
